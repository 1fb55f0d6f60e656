"""What the customer home lists: the one thing to do, what waits on us, what was left behind, and the people."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from flask_babel import gettext as _

from portal import web
from portal.accounts.kinds import TeamRole
from portal.accounts.models import Staff, User, provider
from portal.accounts.words import TEAM_LINES, TEAM_LINES_AFTERWARDS
from portal.onboardings import planning
from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step
from portal.onboardings.timetable import Item, Meetings, item_of
from portal.onboardings.whose import by_when, holder_of, name_for, promised_by
from portal.onboardings.words import STAGE_TITLES

SHOWN = 20  # Of a stage that is too long to be listed whole.


@dataclass(frozen=True)
class NextCard:
    """The one thing to do: what the marigold mark points at."""

    title: str
    button: str
    minutes: int
    who: str
    when_text: str
    note: str
    step: Step


def card(step: Step, reader: User, meetings: Meetings) -> NextCard:
    """The card of `step`; of one whose call is booked, with its time."""
    meeting = meetings.get(step.id)
    today = step.onboarding.account.today
    at = (
        _("%(day)s, %(time)s", day=web.day(meeting.start), time=web.clock_time(meeting.start))
        if meeting
        else ""
    )
    return NextCard(
        title=step.title,
        button=step.spec.leads_to,
        minutes=step.minutes,
        who=name_for(step.assignee, reader) or _("anyone at your company"),
        when_text=at or by_when(step.due_on, today),
        note=step.return_reason or step.spec.why,
        step=step,
    )


def ours(step: Step, reader: User) -> Item:
    """A line of what they wait for from us: who has it and what was promised; its stage, unless it is the current."""
    line = item_of(step, reader, None)
    promised = promised_by(step)
    who = name_for(holder_of(step), reader) or provider().name
    if step.kind == "sign" and step.waits_for:
        who = _("%(who)s sends it", who=who)
    return replace(
        line,
        title=_("%(what)s, for %(stage)s", what=step.title, stage=STAGE_TITLES[step.stage.key])
        if step.stage.key != step.onboarding.current_stage
        else step.title,
        date_text=web.short_day(promised),
        who_text=_("%(who)s · %(promise)s", who=who, promise=_promise(step, promised)) if promised else who,
    )


def _promise(step: Step, promised: date) -> str:
    """What became of the day that we named."""
    days = (promised - step.onboarding.account.today).days
    if days < 0:
        return _("late, promised %(date)s", date=web.short_day(promised))
    if step.first_due_on and step.first_due_on < promised and not step.is_customers:
        return _("new date, first promised %(date)s", date=web.short_day(step.first_due_on))
    if days < 2:
        return _("promised for tomorrow") if days else _("promised for today")
    return _("promised %(date)s", date=web.short_day(promised))


def cut_to(steps: Sequence[Step]) -> list[Step]:
    """As many lines of a long stage as a home shows: what is open, and before it what was done last."""
    done, to_do = [s for s in steps if s.is_done], [s for s in steps if not s.is_done][:SHOWN]
    room = SHOWN - len(to_do)
    return [*(done[-room:] if room else []), *to_do]


def earlier_of(onboarding: Onboarding, steps: Sequence[Step]) -> list[Step]:
    """The customer's items that an opened later stage has overtaken."""
    place = planning.STAGES.index(onboarding.current_stage)
    return [s for s in steps if s.stage.position < place and s.counts and s.is_customers and not s.is_closed]


def ahead_of(onboarding: Onboarding, steps: Sequence[Step]) -> list[Step]:
    """The customer's items of a stage that isn't open yet which may be done already."""
    place = planning.STAGES.index(onboarding.current_stage)
    return [s for s in steps if s.stage.position > place and s.counts and s.with_them]


def faces(onboarding: Onboarding) -> list[dict[str, object]]:
    """The people of the provider whom this customer meets, in the order they meet them; who stays comes first once
    they have graduated."""
    order = [TeamRole.CONSULTANT, TeamRole.INTEGRATION_SPECIALIST, TeamRole.CSM]
    lines = TEAM_LINES
    if onboarding.graduated:
        order, lines = [order[-1], *order[:-1]], TEAM_LINES_AFTERWARDS
    found: list[tuple[TeamRole, Staff | None]] = [(role, onboarding.on_team(role)) for role in order]
    return [
        {"name": staff.name, "line": str(lines[role]), "photo": staff.photo_url}
        for role, staff in found
        if staff
    ]
