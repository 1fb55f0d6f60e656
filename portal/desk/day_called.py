"""Who needs a person, on My day: the reader's cases, follow-ups that leave once they say so, and who has stalled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import format_datetime, ngettext
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, case, exists, or_, select, union
from sqlalchemy.orm import aliased, contains_eager, defer, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from portal import clock, db, web
from portal.access import Can, viewer, visible
from portal.accounts.kinds import TeamRole
from portal.accounts.models import Staff, TeamMember, User
from portal.desk import queries
from portal.desk.day_entries import Entry
from portal.desk.nav import to
from portal.escalations import words
from portal.escalations.models import Escalation, EscalationState
from portal.escalations.queue_page import clock_of
from portal.nudges.ladder import LOW_TOUCH
from portal.nudges.models import WAITING, Nudge, NudgeState
from portal.onboardings.models import Onboarding
from portal.onboardings.standings import Health, Quiet
from portal.onboardings.states import OnboardingState
from portal.onboardings.steps import Step

SHOWN = 8  # Stalled customers; the others are a filter of the list.

Stalled = tuple[Onboarding, Nudge | None]


@dataclass(frozen=True)
class Called:
    """The cases by their clocks, the follow-ups by when they leave, and those who have stalled, the longest first, each
    with the follow-up that leaves by itself."""

    cases: list[Escalation]
    letters: list[Nudge]
    quiet: list[Stalled]


def called_of(whose: Sequence[Staff]) -> Called:
    """What these people have of it. A case is whoever's it asks; follow-ups and who has stalled are the CSM's where
    customers run by themselves, the consultant's else. One statement."""
    ids = [one.id for one in whose]
    theirs, open_now = queries.of_teams(*whose), Escalation.resolved_at.is_(None)
    asked = and_(Escalation.owner_id.in_(ids), open_now)
    asks = Nudge.state == NudgeState.NEEDS_APPROVAL
    stalled = and_(Onboarding.health == Health.STALLED, Onboarding.state == OnboardingState.ACTIVE)
    # Each from an index of its own; everything else is joined to these few.
    mine = union(
        select(Escalation.onboarding_id).where(asked),
        select(Nudge.onboarding_id).where(asks, Nudge.onboarding_id.in_(theirs)),
        select(Onboarding.id).where(stalled, Onboarding.id.in_(theirs)),
    )
    rows = (
        visible(Onboarding)
        .add_columns(Escalation, Nudge, _plays_the_part(ids), stalled)
        .join(Onboarding.account)
        .outerjoin(Escalation, and_(Escalation.onboarding_id == Onboarding.id, open_now))
        .outerjoin(Nudge, and_(Nudge.onboarding_id == Onboarding.id, Nudge.state.in_(WAITING)))
        .where(Onboarding.id.in_(mine))
        .options(
            contains_eager(Onboarding.account),
            joinedload(Onboarding.next_step).options(joinedload(Step.assignee), defer(Step.data)),
            joinedload(Escalation.reasons),
            joinedload(Nudge.person),
            defer(Onboarding.meter),
        )
        .order_by(Onboarding.health_since, Onboarding.id)
    )
    return _told_apart(db.session.execute(rows).unique().all(), ids)


def _plays_the_part(ids: list[int]) -> ColumnElement[bool]:
    """Whether one of these people is whose matter it is when a customer goes quiet (`routing.role_for`)."""
    other = aliased(TeamMember)
    no_csm = ~exists().where(other.onboarding_id == Onboarding.id, other.role == TeamRole.CSM)
    low = case((LOW_TOUCH, 1), else_=0)  # Of an account without an override the bare condition is neither.
    part = or_(
        and_(low == 1, TeamMember.role == TeamRole.CSM),
        and_(or_(low == 0, no_csm), TeamMember.role == TeamRole.CONSULTANT),
    )
    return exists().where(TeamMember.onboarding_id == Onboarding.id, TeamMember.staff_id.in_(ids), part)


def _told_apart(rows: Sequence[Any], ids: list[int]) -> Called:
    cases, letters, quiet, called = {}, {}, {}, set()
    for road, found, nudge, plays, stalled in rows:
        for one in filter(None, (found, nudge)):
            set_committed_value(one, "onboarding", road)
        if found is not None:
            called.add(road.id)
            if found.owner_id in ids:
                cases[found.id] = found
        if nudge is not None and nudge.state is NudgeState.NEEDS_APPROVAL and plays:
            letters[nudge.id] = nudge
        elif stalled and plays:
            quiet[road.id] = (road, nudge)
    return Called(
        sorted(cases.values(), key=_by_clock),
        sorted(letters.values(), key=lambda one: (one.planned_for, one.id)),
        # Whoever has the case has the customer.
        [one for key, one in quiet.items() if key not in called],
    )


def _by_clock(found: Escalation) -> tuple[bool, Any, int]:
    """What waits for the customer, or stands still, comes after what runs."""
    until = _until(found)
    return until is None, until or clock.now(), found.id


def _until(found: Escalation) -> Any:
    if (
        found.onboarding.state is OnboardingState.ON_HOLD
        or found.state is EscalationState.WAITING_ON_CUSTOMER
    ):
        return None
    return found.acknowledge_by if found.state is EscalationState.OPEN else found.act_by


# --- As lines -----------------------------------------------------------------------------------


def lines_of(called: Called) -> tuple[list[Entry], list[Entry], tuple[str, str] | None]:
    """The cases; the follow-ups and who has stalled; and where those of them are that don't stand here."""
    quiet, more = _quiet_entries(called.quiet)
    return [_case_entry(one) for one in called.cases], [*map(_letter_entry, called.letters), *quiet], more


def _case_entry(found: Escalation) -> Entry:
    """A case is taken with one press; what is done about it is done on its page."""
    text, is_late = clock_of(found)
    until, url = _until(found), url_for("escalations.show", ref=found.ref)
    take = found.state is EscalationState.OPEN and found.workable_by(viewer())
    return Entry(
        "cases",
        None,
        found.onboarding.account.name,
        to(found.onboarding),
        text=words.short(found),
        small=_about(found),
        when="" if is_late else text,
        late=text if is_late else "",
        url=url,
        word=_("I'm on it") if take else _("Open the case"),
        way="take" if take else "",
        posts={"take": url_for("escalations.ack", ref=found.ref, back="today")} if take else {},
        on=until.astimezone(viewer().zone).date() if until else None,
        is_urgent=until is not None,
    )


def _about(found: Escalation) -> str:
    """What it rests on, from level 2 on the level, and that it waits for the customer."""
    holding = found.holding
    said = [words.evidence(holding[0])] if holding else []
    if len(holding) > 1:
        said.append(ngettext("%(num)s more reason", "%(num)s more reasons", len(holding) - 1))
    if found.level > 1:
        said.append(_("level %(n)s", n=found.level))
    if found.clear_since is not None:
        said.append(_("it holds no more"))
    if found.state is EscalationState.WAITING_ON_CUSTOMER:
        said.append(_("waits on the customer"))
    return ", ".join(filter(None, said))


def _letter_entry(nudge: Nudge) -> Entry:
    """A follow-up is read here, and sent or left out."""
    when = nudge.planned_for.astimezone(viewer().zone)
    return Entry(
        "letters",
        None,
        nudge.onboarding.account.name,
        to(nudge.onboarding),
        text=nudge.subject,
        small=_("to %(name)s", name=nudge.person.called),
        when=_moment(when.date(), format_datetime(when, "HH:mm", rebase=False)),
        late="",
        url=url_for("nudges.show", ref=nudge.ref),
        word=_("Read, send"),
        way="letter",
        posts={
            "send": url_for("nudges.send", ref=nudge.ref, back="today"),
            "skip": url_for("nudges.skip", ref=nudge.ref, back="today"),
        },
        letter=nudge,
    )


def _moment(day: date, time: str) -> str:
    """When it leaves, or since when it could have."""
    said = _("today %(time)s", time=time) if day == web.local_today() else web.day(day, "EEEdMMM")
    return _("waits since %(when)s", when=said) if day < web.local_today() else said


def _quiet_entries(found: Sequence[Stalled]) -> tuple[list[Entry], tuple[str, str] | None]:
    """The lines of who has stalled, and where the others are that don't stand here."""
    rest = len(found) - SHOWN
    more = None
    if rest > 0:
        text = ngettext("%(num)s more has stalled", "%(num)s more have stalled", rest)
        more = text, url_for("desk.accounts", health=Health.STALLED.value)
    return [_quiet_entry(road, nudge) for road, nudge in found[:SHOWN]], more


def _quiet_entry(road: Onboarding, nudge: Nudge | None) -> Entry:
    evidence = road.health_evidence or {}
    days = evidence.get("silent")
    if nudge is not None:
        url, word = url_for("nudges.show", ref=nudge.ref), _("Read it")
    elif viewer().may(Can.SEND_NUDGE):
        ask: dict[str, Any] = {"ask": 1} if road.quiet is Quiet.ENGAGED else {}
        url, word = url_for("nudges.by_hand", ref=road.account.ref, o=road.ref, **ask), _("Write")
    else:
        url, word = url_for("desk.accounts", peek=road.ref, _anchor="peek-h"), _("Look")
    return Entry(
        "quiet",
        None,
        road.account.name,
        to(road),
        text=_stuck_at(road.next_step),
        small=_what_happens(road, nudge),
        when=ngettext("%(num)s day", "%(num)s days", days) if days else "",
        late="",
        url=url,
        word=word,
    )


def _stuck_at(step: Step | None) -> str:
    if step is None:
        return _("Nothing moves")
    who: User | None = step.assignee
    return _("%(who)s has “%(title)s”", who=who.called, title=step.title) if who else step.title


def _what_happens(road: Onboarding, nudge: Nudge | None) -> str:
    """Whether they give signs of life, and when the next follow-up leaves by itself."""
    said = [_("signs in, finishes nothing") if road.quiet is Quiet.ENGAGED else _("no sign of life")]
    if nudge is not None:
        said.append(_("a follow-up leaves %(when)s", when=web.day(nudge.planned_for, "EEEdMMM")))
    return ", ".join(said)
