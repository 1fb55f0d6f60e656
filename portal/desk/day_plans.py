"""The plans on My day: to countersign, declined, run out, not sealed, to be amended."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from flask import url_for
from flask_babel import gettext as _

from portal import web
from portal.desk.day_entries import Entry
from portal.desk.day_handoffs import Row
from portal.desk.nav import to
from portal.plans.models import PlanVersion
from portal.plans.queries import Waiting
from portal.plans.rules import PlanState

SHOWN = 100  # Letters of why one was declined.


@dataclass(frozen=True)
class News:
    """What one plan waits for: the sentence, since when, and the one thing to do about it."""

    version: PlanVersion
    text: str
    since: datetime | date | None
    word: str
    url: str


def news_of(plans: Sequence[tuple[Waiting, bool]]) -> dict[int, News]:
    """By onboarding, what is to be done about its plan; beside signing it only whoever owns the road does anything."""
    found: dict[int, News] = {}
    for one, is_owned in plans:
        if news := _news(one, is_owned=is_owned):
            found.setdefault(one.version.onboarding_id, news)
    return found


def _news(one: Waiting, *, is_owned: bool) -> News | None:
    version, road = one.version, one.version.onboarding
    plan = url_for("plans.desk", ref=road.account.ref, o=road.ref)
    if one.is_turn:
        text = _("%(who)s signed version %(n)s", who=one.signed_by or road.account.name, n=version.n)
        sign = url_for("plans.countersign", ref=road.account.ref, o=road.ref)
        return News(version, text, one.signed_at, _("Countersign"), sign)
    if not is_owned:
        return None
    if version.state is PlanState.DECLINED:
        why = (version.declined_why or "")[:SHOWN]
        text = _("declined version %(n)s: %(why)s", n=version.n, why=why)
        return News(version, text, version.declined_at, _("Talk to them"), plan)
    if version.is_overdue:
        text = _("nobody signed version %(n)s in time", n=version.n)
        if version.fresh_asked_at:
            text = _("a fresh copy of version %(n)s is asked for", n=version.n)
        return News(version, text, version.fresh_asked_at or version.expires_on, _("Send it again"), plan)
    if version.is_complete and version.seal_failed_at:
        text = _("version %(n)s could not be sealed", n=version.n)
        return News(version, text, version.seal_failed_at, _("Seal it again"), plan)
    if one.moved:
        text = _("has changed since version %(n)s was signed", n=version.n)
        return News(version, text, version.signed_at, _("Open the plan"), plan)
    return None


def worded(entry: Entry, news: dict[int, News]) -> Entry:
    """The item in which a plan is signed says what the plan waits for."""
    step = entry.step
    if step is None or step.kind != "sign" or step.onboarding_id not in news:
        return entry
    one = news[step.onboarding_id]
    return replace(entry, small=one.text, word=one.word, url=one.url)


def rows_of(news: dict[int, News], entries: Sequence[Entry]) -> list[Row]:
    """A line for each plan that no item of the road stands for."""
    told = {one.step.onboarding_id for one in entries if one.step and one.step.kind == "sign"}
    return [_row(one) for road, one in news.items() if road not in told]


def _row(one: News) -> Row:
    road = one.version.onboarding
    when = web.day(one.since, "EEEdMMM")
    return Row(road.account.name, to(road), one.text, when, one.word, one.url)
