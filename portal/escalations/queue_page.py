"""What the queue shows: three groups by clock, and the sentence on top."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import clock, web
from portal.access import viewer
from portal.accounts.words import SEGMENTS
from portal.escalations import plays, queries, words
from portal.escalations.clocks import worked
from portal.escalations.models import Escalation, EscalationState
from portal.escalations.queries import Asked
from portal.escalations.routing import shift_of
from portal.escalations.rules import Group, group_of
from portal.onboardings.states import OnboardingState


@dataclass(frozen=True)
class Row:
    """One case as a line; `act` is the word of its button, `take` whether that takes it, `first` whether it is the
    first of the page to take."""

    ref: str
    clock: str
    late: bool
    name: str
    segment: str
    level: int
    why: str
    facts: str
    play: str
    owner: str
    act: str
    take: bool
    first: bool = False
    marked: bool = False


def clock_of(case: Escalation) -> tuple[str, bool]:
    """What stands on the clock of a case, and whether it has run out."""
    if case.onboarding.state is OnboardingState.ON_HOLD:
        return _("on hold"), False
    if case.state is EscalationState.WAITING_ON_CUSTOMER:
        return web.day(case.wait_until, "EEEdMMM"), False
    until = case.acknowledge_by if case.state is EscalationState.OPEN else case.act_by
    return (words.clock_text(until, left_of(case, until)), until <= clock.now()) if until else ("", False)


def left_of(case: Escalation, until: datetime) -> Any:
    """The working time of whoever has it until then, or since."""
    early, late = sorted((clock.now(), until))
    return worked(early, late, shift_of(case.owner))


def groups_of(cases: Sequence[Escalation]) -> list[dict[str, Any]]:
    """The rows in their groups, none empty."""
    heads = {
        Group.TO_TAKE: (_("To take"), _("say that you are on it by the clock")),
        Group.WORKING: (_("Working"), _("do something by the clock")),
        Group.WAITING: (_("Waiting on the customer"), _("comes back by itself")),
    }
    first = next((one for one in cases if one.state is EscalationState.OPEN and _may(one)), None)
    found = []
    for group, (title, rule) in heads.items():
        rows = [_row(one, first) for one in cases if group_of(one.state) is group]
        if rows:
            found.append({"title": title, "rule": rule, "rows": rows})
    return found


def _row(case: Escalation, first: Escalation | None) -> Row:
    text, late = clock_of(case)
    mine, untaken = case.owner is viewer(), case.state is EscalationState.OPEN
    take = untaken and _may(case)
    account = case.onboarding.account
    return Row(
        ref=case.ref,
        clock=text,
        late=late,
        name=account.name,
        segment=str(SEGMENTS[account.segment]),
        level=case.level,
        why=words.short(case),
        facts=_facts(case),
        play=plays.play_called(case.play).title,
        owner=case.owner.called if case.owner else "",
        act=(_("I'm on it") if mine else _("Take")) if take else _("Open"),
        take=take,
        first=case is first,
        marked=mine and untaken,
    )


def _facts(case: Escalation) -> str:
    """The numbers of the first reason that holds, and that there are more."""
    holding = case.holding
    more = len(holding) - 1
    found = [words.evidence(holding[0])] if holding else []
    if more > 0:
        found.append(ngettext("and %(num)s more reason", "and %(num)s more reasons", more))
    return ", ".join(filter(None, found))


def _may(case: Escalation) -> bool:
    return case.workable_by(viewer())


def headline(counts: dict[str, int], cases: Sequence[Escalation]) -> str:
    """What is most urgent, in a sentence or two."""
    if not counts["team"]:
        return _("Nothing needs rescuing today.")
    late = [one for one in cases if clock_of(one)[1]]
    found = []
    if len(late) == 1:
        found.append(_("The clock of %(name)s has run out.", name=late[0].onboarding.account.name))
    elif counts["overdue"]:
        number = counts["overdue"]
        found.append(ngettext("%(num)s clock has run out.", "%(num)s clocks have run out.", number))
    waiting = [one for one in cases if one.state is EscalationState.OPEN and one not in late]
    if waiting:
        name, until = waiting[0].onboarding.account.name, waiting[0].acknowledge_by
        if until is not None:
            left = words.span(left_of(waiting[0], until))
            found.append(_("%(name)s has %(time)s left.", name=name, time=left))
    return " ".join(found) or _("Everything has somebody who is on it.")


def views_of(asked: Asked, counts: dict[str, int]) -> list[dict[str, Any]]:
    """The counts that choose what is shown."""
    titles = {"team": _("Team"), "mine": _("Mine"), "overdue": _("Overdue"), "nobody": _("Nobody")}
    return [
        {
            "text": titles[view],
            "n": counts[view],
            "url": url_for("escalations.index", **asked.seen_as(view).args),
            "current": view == asked.view,
        }
        for view in queries.VIEWS
        if counts[view] or view in ("team", "mine") or view == asked.view
    ]


def selects_of(asked: Asked) -> list[dict[str, Any]]:
    """What narrows the queue."""
    levels = [(str(n), _("Level %(n)s", n=n)) for n in (1, 2, 3)]
    reasons = [(code, str(title)) for code, title in words.REASONS.items()]
    segments = [(key, str(title)) for key, title in SEGMENTS.items()]
    return [
        {
            "name": name,
            "label": label,
            "options": [("", every), *options],
            "chosen": chosen,
        }
        for name, label, every, options, chosen in (
            ("level", _("Level"), _("Any level"), levels, str(asked.level or "")),
            ("reason", _("Reason"), _("Any reason"), reasons, asked.reason),
            (
                "segment",
                _("Segment"),
                _("Any segment"),
                segments,
                asked.segment.value if asked.segment else "",
            ),
        )
    ]


def lately_of() -> list[tuple[str, str]]:
    """The last 30 days: a figure and what it is."""
    seen = queries.lately()
    lines = [
        (str(seen.opened), _("opened, %(n)s for every ten onboardings", n=f"{seen.per_ten:.1f}")),
    ]
    if seen.took is not None:
        lines.append((words.span(seen.took), _("of working time until somebody is on it, median")))
    if seen.resolved:
        lines.append(
            (
                _("%(n)s of %(total)s", n=seen.right, total=seen.resolved),
                _("where it was right to call somebody in"),
            )
        )
    return lines
