"""The steps of one onboarding as lines for staff, each with the call that it waits for, and its road in their words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import web
from portal.access import viewer
from portal.calls.models import Call
from portal.calls.rules import CallState
from portal.desk import meetings
from portal.onboardings import planning
from portal.onboardings.letters import reviewer
from portal.onboardings.meter import Leg, Road, road_of
from portal.onboardings.models import Onboarding
from portal.onboardings.snapshot import tick_word
from portal.onboardings.stages import Stage
from portal.onboardings.states import OnboardingState, StageState, StepState
from portal.onboardings.steps import Step
from portal.onboardings.wave_choice import concerns
from portal.onboardings.waves import Wave
from portal.onboardings.words import BLOCK_REASONS, STAGE_TITLES, STEP_STATES


@dataclass(frozen=True)
class Line:
    """One step for staff (components/staff.html, step_table)."""

    title: str
    url: str
    kind: str
    word: str
    whose: str
    due_text: str  # Our own promise where the step is with us, so a review has a date of ours.
    late: bool
    age_text: str
    waiting_text: str
    is_now: bool
    marks: list[str]
    inside: bool
    acts: str = ""


def address(onboarding: Onboarding, step: Step) -> str:
    """Where staff look at this step: a kit that was sent, where they confirm it."""
    if step.kind == "kit" and step.state is StepState.SUBMITTED:
        return url_for("desk.account", ref=onboarding.account.ref, tab="readiness", o=onboarding.ref)
    return url_for("desk.step", ref=onboarding.account.ref, sid=step.ref, o=onboarding.ref)


def place(onboarding: Onboarding, step: Step) -> str:
    """Where staff do what is ours in this step: on a tab of its own, or where they look at it."""
    if step.kind == "criteria":
        return url_for("desk.account", ref=onboarding.account.ref, tab="goals", o=onboarding.ref)
    if step.kind in ("plan", "sign"):
        return url_for("plans.desk", ref=onboarding.account.ref, o=onboarding.ref)
    return address(onboarding, step)


def line_of(step: Step, call: Call | None = None, *, elsewhere: bool = False) -> Line:
    """The line of one step and the call about it; `elsewhere` names the stage, as the line stands under another."""
    onboarding = step.onboarding
    today, promised = onboarding.account.today, step.promised_on
    kind = tick_word(step)
    marks = [str(STAGE_TITLES[step.stage.key])] if elsewhere else []
    if step.is_gate and not step.is_closed:
        marks.append(_("opens the next stage"))
    if not step.required:
        marks.append(_("optional"))
    return Line(
        title=step.title,
        url=address(onboarding, step),
        kind=kind,
        word=str(STEP_STATES[StepState.SUBMITTED if kind == "with_us" else step.state]),
        whose=_whose(step),
        due_text=_due(step),
        late=bool(promised and promised < today and not onboarding.hold),
        age_text=_age(step),
        waiting_text=_waiting(step, call),
        is_now=onboarding.is_running and step.id == onboarding.next_step_id,
        marks=marks,
        inside=not step.visible,
    )


def _due(step: Step) -> str:
    """When it was done or is due; while the onboarding is paused nothing is."""
    if step.onboarding.hold and not step.is_done:
        return ""
    return web.day(step.done_at if step.is_done else step.promised_on or step.due_on, "EEEdMMM")


def _whose(step: Step) -> str:
    """Whose turn it is: whoever of us reviews or does what is ours, else whoever has it."""
    who = reviewer(step) if step.with_us else step.assignee
    if who is not None:
        return _("you") if who.id == viewer().id else who.called
    return _("anyone there") if step.is_customers else _("anyone of us")


def _since(step: Step) -> datetime | None:
    """Since when it is where it is now; what nobody has begun counts only once it is due."""
    if step.state is StepState.BLOCKED:
        return step.blocked_at
    if step.is_closed or step.state is StepState.LOCKED:
        return None
    if step.state is StepState.READY and not _is_due(step):
        return None
    return step.ours_since if step.with_us else step.started_at or step.stage.opened_at


def _is_due(step: Step) -> bool:
    due = step.promised_on or step.due_on
    return due is not None and due <= step.onboarding.account.today


def _age(step: Step) -> str:
    since = _since(step)
    if since is None:
        return ""
    account = step.onboarding.account
    days = (account.today - since.astimezone(account.zone).date()).days
    return ngettext("%(num)s day", "%(num)s days", days) if days else _("today")


def _waiting(step: Step, call: Call | None) -> str:
    """What it waits for, in one sentence; of what is done, who did it."""
    if call is not None and call.state is CallState.SCHEDULED and not step.is_closed:
        return meetings.stands(call)
    if step.asked_to_skip:
        return _("asks to leave it out: “%(why)s”", why=step.asked_to_skip)
    if step.is_done:
        return _done(step, call)
    if step.with_us and step.state is not StepState.BLOCKED:
        return _on_us(step)
    match step.state:
        case StepState.BLOCKED:
            reason = BLOCK_REASONS.get(step.blocked_by or "", BLOCK_REASONS["other"])
            return _("%(reason)s: %(detail)s", reason=reason, detail=step.blocked_detail or "")
        case StepState.RETURNED:
            return _("their change: “%(why)s”", why=step.return_reason or "")
        case StepState.SKIPPED:
            return step.why_left_out
        case StepState.LOCKED:
            return "" if step.stage.is_open else _opens(step.stage.key)
        case StepState.READY | StepState.IN_PROGRESS:
            return _to_be_done(step)
    return ""


def _to_be_done(step: Step) -> str:
    if step.spec.call is None:
        begun = step.started_at if step.state is StepState.IN_PROGRESS else None
        return _("begun %(date)s", date=web.day(begun, "EEEdMMM")) if begun else _("not begun yet")
    asked = web.day(step.asked_on, "EEEdMMM")
    return _("their choice of a time, asked on %(date)s", date=asked) if asked else _("a time for the call")


def _on_us(step: Step) -> str:
    if step.state is StepState.SUBMITTED:
        who = step.submitted_by.called if step.submitted_by else _("the customer")
        return _("our review, %(who)s handed it in", who=who)
    on = web.day(step.promised_on, "EEEdMMM")
    return _("us, promised %(date)s", date=on) if on else _("us")


def _done(step: Step, call: Call | None) -> str:
    """Who did what is done; what a call finished was held by its host, whoever logged it."""
    if step.done_via == "call":
        return meetings.held(call, step)
    if step.done_via == "usage":
        return _("seen in their account")
    if step.done_by is None:
        return ""
    who = step.done_by.called
    said = _("done by %(who)s, for them") if step.done_for_you else _("done by %(who)s")
    return said % {"who": who}


# --- The whole road -----------------------------------------------------------------------------


def stages_of(
    onboarding: Onboarding, calls: Mapping[int, Call], wave: Wave | None = None
) -> list[tuple[Stage, str, str, list[Line]]]:
    """Every stage with its title, how far it is, and its lines, or those that concern `wave`; `calls` by the step they
    are about."""

    def rows(stage: Stage) -> list[Line]:
        return [line_of(step, calls.get(step.id)) for step in stage.steps if concerns(step, wave)]

    return [(one, str(STAGE_TITLES[one.key]), _fact(one), rows(one)) for one in onboarding.stages]


def _fact(stage: Stage) -> str:
    done = _("%(done)s of %(total)s", done=stage.items_done, total=len(stage.items))
    if stage.state is StageState.COMPLETE:
        return _("%(done)s, complete since %(date)s", done=done, date=web.short_day(stage.completed_at))
    first, last = web.short_day(stage.planned_start), web.short_day(stage.planned_end)
    return _("%(done)s, planned %(first)s to %(last)s", done=done, first=first, last=last)


def road_for_staff(onboarding: Onboarding, wave: Wave | None = None) -> Road:
    """The customer's meter, in words for staff, whose stages lead to the staff's own page."""
    road = road_of(onboarding, onboarding.next_step, wave=wave)
    kept: dict[str, Any] = {"wave": wave.n} if wave else {}
    to = url_for("desk.account", ref=onboarding.account.ref, tab="road", o=onboarding.ref, **kept)
    return replace(
        road,
        legs=[
            replace(
                leg,
                url=f"{to}#stage-{leg.key}",
                fact=leg.fact if wave and leg.key == "training" else _leg_fact(onboarding, leg),
            )
            for leg in road.legs
        ],
    )


def _leg_fact(onboarding: Onboarding, leg: Leg) -> str:
    """The customer's own words, unless they are promises to them or the playbook's address of them."""
    if leg.key == "graduation" or leg.state == StageState.COMPLETE:
        return leg.fact
    if leg.state == StageState.LOCKED:
        return _opens(leg.key)
    ends = next(stage.planned_end for stage in onboarding.stages if stage.key == leg.key)
    if onboarding.state is OnboardingState.ACTIVE and ends < onboarding.account.today:
        return _("planned %(date)s", date=web.day(ends, "dMMMM"))
    return leg.fact


def _opens(key: str) -> str:
    """What a stage that is locked waits for: the one before it, or the start."""
    place = planning.STAGES.index(key)
    if place == 0:
        return _("opens with the portal")
    return _("opens after %(stage)s", stage=STAGE_TITLES[planning.STAGES[place - 1]])
