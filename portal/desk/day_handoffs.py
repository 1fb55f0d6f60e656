"""The hand-offs on My day: those to accept, and those to write before a road begins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import url_for
from flask_babel import gettext as _

from portal import web
from portal.access import Can, viewer
from portal.accounts.models import Staff
from portal.desk.day_queries import Sold
from portal.desk.nav import to
from portal.handoffs.models import Handoff
from portal.handoffs.rules import HandoffState
from portal.onboardings.models import Onboarding

NEAR = timedelta(days=7)  # Before Welcome begins, a hand-off that nobody has submitted stands on My day.
SHOWN = 100  # Letters of why one was returned.


@dataclass(frozen=True)
class Row:
    """`url` is where it is written or decided; `begins` is the address of the form that begins one, or ""."""

    account: str
    account_url: str
    text: str
    when: str
    word: str
    url: str
    begins: str = ""


@dataclass(frozen=True)
class Handed:
    """The two tables, each with its oldest first."""

    to_accept: list[Row]
    to_write: list[Row]

    def __len__(self) -> int:
        return len(self.to_accept) + len(self.to_write)


def handed(sold: Sequence[Sold], whose: Sequence[Staff]) -> Handed:
    """Of these, what the reader has to do with a hand-off, or a colleague whom they stand in for."""
    if not viewer().may(Can.SEE_HANDOFF):
        return Handed([], [])
    return Handed(list(_to_accept(sold)), list(_to_write(sold, {one.id for one in whose})))


def _to_accept(sold: Sequence[Sold]) -> Iterator[Row]:
    waiting = [
        one.handoff
        for one in sold
        if one.is_owned and one.handoff is not None and one.handoff.state is HandoffState.SUBMITTED
    ]
    for handoff in sorted(waiting, key=lambda one: (one.submitted_at or one.created_at, one.id)):
        text = _("written by %(who)s", who=handoff.author.called)
        yield _row(handoff.onboarding, text, web.day(handoff.submitted_at, "EEEdMMM"), _("Read it"), handoff)


def _to_write(sold: Sequence[Sold], ids: set[int]) -> Iterator[Row]:
    """What came back first."""
    theirs = [one.handoff for one in sold if one.handoff is not None and one.handoff.author_id in ids]
    for handoff in theirs:
        if handoff.state is HandoffState.RETURNED:
            who = handoff.decided_by.called if handoff.decided_by else _("the team")
            text = _("%(who)s needs: %(what)s", who=who, what=(handoff.returned_why or "")[:SHOWN])
            yield _row(handoff.onboarding, text, _starts(handoff.onboarding), _("Complete it"), handoff)
    for one in sold:
        road, begun = one.onboarding, one.handoff
        if not _is_near(road):
            continue
        if begun is None and one.is_sold:
            yield _row(road, _("not begun"), _starts(road), _("Write the hand-off"), None)
        elif begun is not None and begun in theirs and begun.state is HandoffState.DRAFT:
            text = _("%(percent)s %% complete", percent=begun.percent)
            yield _row(road, text, _starts(road), _("Complete it"), begun)


def _starts(road: Onboarding) -> str:
    return _("starts %(date)s", date=web.day(road.start_date, "EEEdMMM"))


def _is_near(road: Onboarding) -> bool:
    return road.stored_plan["welcome"].starts - NEAR <= road.account.today


def _row(road: Onboarding, text: str, when: str, word: str, handoff: Handoff | None) -> Row:
    url = url_for("handoffs.show", ref=handoff.ref) if handoff else ""
    begins = "" if handoff else url_for("desk.begin_handoff", ref=road.account.ref, o=road.ref)
    return Row(road.account.name, to(road), text, when, word, url, begins)
