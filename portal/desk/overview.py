"""The overview of one onboarding: what is next for us, what is open now, what happened lately."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import web
from portal.access import Can, viewer
from portal.calls.models import Call
from portal.desk import history, lines, meetings, queries, remarks, waits
from portal.desk.account_forms import HelpForm
from portal.desk.forms import HoldForm, ReasonForm, StartForm
from portal.desk.nav import to
from portal.desk.stakeholders import people_rows
from portal.desk.usage_tab import box_of
from portal.desk.waits import Open, Wait
from portal.desk.wave_rows import rows_of
from portal.escalations.page import open_on
from portal.handoffs.models import Handoff
from portal.handoffs.why import why_of
from portal.handoffs.words import STATES
from portal.messages.models import Message
from portal.onboardings.meter import expected_on, value_expected_on
from portal.onboardings.models import Onboarding
from portal.onboardings.progress import minutes_left
from portal.onboardings.states import LIVE, OnboardingState, StepState
from portal.onboardings.steps import Step
from portal.onboardings.wave_choice import chosen_wave, concerns
from portal.onboardings.waves import Wave
from portal.onboardings.words import STAGE_TITLES, facts
from portal.onboardings.words import minutes as span
from portal.plans.queries import InShort
from portal.plans.words import STATES as PLAN_STATES
from portal.readiness.prerequisite_desk import gaps_of

LATELY = 6


def overview_of(now: Open) -> dict[str, Any]:
    onboarding = now.onboarding
    calls, bars = now.calls, _bars(now)
    others, handoff, goals, plan, case = queries.others_of(onboarding)
    hold, cancel = HoldForm(formdata=None), ReasonForm(formdata=None)
    return {
        "hold_form": hold.called("hold"),
        "cancel_form": cancel.called("cancel"),
        "start_form": StartForm(formdata=None).called("start"),
        "now": _under_way(onboarding, calls, chosen_wave(onboarding, request.args.get("wave"))),
        "next": bars[0] if bars else None,
        "besides": [bar for bar in bars[1:] if bar["is_spoken"]],
        "gaps": gaps_of(onboarding),
        "goals": goals,
        "plan_says": _plan(plan),
        "calling": remarks.calling(onboarding),
        "case": open_on(case) if case else None,
        "help_form": HelpForm(formdata=None).called("help"),
        "may_call_in": onboarding.state in LIVE and onboarding.state is not OnboardingState.DRAFT,
        "lately": history.lately_of(onboarding, LATELY),
        **remarks.forms_of(onboarding),
        "ahead": [(call, "") for call in now.ahead],
        "behind": [(call, meetings.what_came(call)) for call in now.behind],
        "others": others,
        "people": people_rows(onboarding)[:6],
        "first_value": _first_value(onboarding),
        "use": box_of(onboarding),
        "graduation": _graduation(onboarding),
        **_handoff(onboarding, handoff),
        "why": why_of(onboarding, handoff, onboarding.steps),
        "waves": rows_of(onboarding),
    }


# --- What is next -------------------------------------------------------------------------------


def next_of(now: Open) -> dict[str, Any] | None:
    """The bar that stands first: what is next for the reader, else for whoever of us has it; None when nothing is."""
    return next(iter(_bars(now)), None)


def _bars(now: Open) -> list[dict[str, Any]]:
    waiting = sorted(now.waits, key=waits.readers_first)
    return [_next(now.onboarding, one, now.calls) for one in waiting]


def _next(onboarding: Onboarding, wait: Wait, calls: Mapping[int, Call]) -> dict[str, Any]:
    """What the bar says: whose it is, what it is, by when we promised it, and the way there. `is_spoken`: it is about
    a talk with the customer and not an item, so it stands on this page whatever stands before it."""
    if wait.question is not None:
        said = _answer(onboarding, wait, wait.question)
    elif wait.call is not None:
        said = _retime(wait.call) if wait.is_to_move else _log(wait.call)
    else:
        said = _do(wait, calls)
    return {
        **said,
        "label": waits.next_for(wait),
        "own": wait.is_viewers,
        "may": wait.open_to_viewer,
        "is_spoken": wait.step is None,
    }


def _log(call: Call) -> dict[str, str]:
    """A call that has begun and that nobody has logged: its host is asked what came of it."""
    whose = _("you") if call.owner_id == viewer().id else call.owner.called
    return {
        "title": _("Log the call: %(title)s", title=call.title),
        "text": _("%(when)s, with %(who)s", when=meetings.when(call), who=whose),
        "url": url_for("calls.desk", ref=call.ref) if viewer().may(Can.LOG_CALL) else "",
        "button": _("Log the call"),
    }


def _retime(call: Call) -> dict[str, str]:
    """A call that whoever takes it over can't hold then."""
    facts_ = {"when": meetings.when(call), "who": call.owner.called}
    return {
        "title": _("Find another time: %(title)s", title=call.title),
        "text": _("%(when)s, %(who)s is down for it", **facts_),
        "url": url_for("calls.desk", ref=call.ref, _anchor="move") if viewer().may(Can.LOG_CALL) else "",
        "button": _("Find a time"),
    }


def _answer(onboarding: Onboarding, wait: Wait, question: Message) -> dict[str, str]:
    about = _("on “%(title)s”", title=question.step.title) if question.step else ""
    asked = _("asked on %(date)s", date=web.day(wait.since))
    promised = _("answer promised for %(date)s", date=web.day(wait.by)) if wait.by else ""
    return {
        "title": _("%(asks)s: %(text)s", asks=waits.asks(wait), text=waits.excerpt(question)),
        "text": facts([about, asked, promised]),
        "url": to(onboarding, "messages", _anchor="write"),
        "button": _("Answer %(who)s", who=question.author.called),
    }


def _do(wait: Wait, calls: Mapping[int, Call]) -> dict[str, str]:
    step = wait.step
    assert step is not None
    day = web.day(wait.by)
    promised = _("promised for %(date)s", date=day) if wait.promised else _("due %(date)s", date=day)
    line = lines.line_of(step, calls.get(step.id))
    waits_for = "" if step.with_us and not wait.is_review else line.waiting_text
    return {
        "title": step.title,
        "text": facts([waits_for, day and promised]),
        "url": lines.place(step.onboarding, step),
        "button": _("Review it") if wait.is_review else _("Open it"),
    }


def _first_value(onboarding: Onboarding) -> str:
    """When first value was seen; else the day planned at the start beside the one that today's progress leads to."""
    if onboarding.first_value_on:
        return _("seen %(date)s", date=web.short_day(onboarding.first_value_on))
    return _ahead(onboarding, onboarding.first_value_due, value_expected_on(onboarding))


def _graduation(onboarding: Onboarding) -> str:
    """When they graduated; else the day planned beside the one that today's progress leads to."""
    if onboarding.graduated_at:
        return web.day(onboarding.graduated_at, "EEEdMMM")
    target = onboarding.target_graduation
    return _ahead(onboarding, target, expected_on(onboarding, target))


def _plan(plan: InShort | None) -> str:
    """How the last version stands."""
    if plan is None:
        return _("A draft that fills itself")
    return _("Version %(n)s: %(state)s", n=plan.n, state=PLAN_STATES[plan.state])


def _handoff(onboarding: Onboarding, handoff: Handoff | None) -> dict[str, Any]:
    """The hand-off from sales, for those who may read it, and whether one can be begun."""
    if not viewer().may(Can.SEE_HANDOFF):
        return {"handoff": None, "can_hand_off": False}
    can = handoff is None and onboarding.state is OnboardingState.DRAFT and viewer().may(Can.WRITE_HANDOFF)
    return {
        "handoff": handoff,
        "handoff_says": _(
            "%(state)s, %(percent)s%% complete", state=STATES[handoff.state], percent=handoff.percent
        )
        if handoff
        else "",
        "can_hand_off": can,
    }


def _ahead(onboarding: Onboarding, planned_on: date, expected: date) -> str:
    planned = _("planned %(date)s", date=web.short_day(planned_on))
    if not onboarding.is_running:
        return planned
    forecast = _("forecast %(date)s", date=web.short_day(expected))
    return f"{planned} · {forecast}"


# --- What is under way --------------------------------------------------------------------------


@dataclass(frozen=True)
class UnderWay:
    """What is going on now: the open lines of the current stage and of whatever else moves, and what is behind."""

    title: str
    small: str
    now: list[lines.Line]
    done: list[lines.Line]
    behind: str  # How many of `done` were done, and how many left out.


def _under_way(onboarding: Onboarding, calls: Mapping[int, Call], wave: Wave | None) -> UnderWay:
    """The current stage first, then what has begun early, stayed behind or waits on us in another stage; of what
    concerns `wave` alone, where one is chosen."""
    stage = onboarding.stage
    steps = [step for step in stage.steps if concerns(step, wave)]
    here = [step for step in steps if not step.is_closed]
    beside = (s for s in onboarding.steps if s.stage is not stage and concerns(s, wave))
    others = [step for step in beside if not step.is_closed and _moves(step)]
    closed = [step for step in steps if step.is_closed]
    items = [step for step in steps if step.counts]
    left = [step for step in items if not step.is_closed]
    minutes = minutes_left(step.facts for step in left)
    return UnderWay(
        title=str(STAGE_TITLES[stage.key]),
        small=_left(len(left), len(items), minutes),
        now=[
            *(lines.line_of(step, calls.get(step.id)) for step in here),
            *(lines.line_of(step, calls.get(step.id), elsewhere=True) for step in others),
        ],
        done=[lines.line_of(step, calls.get(step.id)) for step in closed],
        behind=_behind(sum(step.is_done for step in closed), len(closed)),
    )


def _moves(step: Step) -> bool:
    return step.stage.is_open or step.with_us or step.state not in (StepState.LOCKED, StepState.READY)


def _behind(done: int, closed: int) -> str:
    """“7 done, 1 left out”; the second only where there is one."""
    out = closed - done
    said = ngettext("%(num)s done", "%(num)s done", done)
    if not out:
        return said
    left_out = ngettext("%(num)s left out", "%(num)s left out", out)
    return _("%(done)s, %(left_out)s", done=said, left_out=left_out) if done else left_out


def _left(count: int, total: int, minutes: int) -> str:
    if not count:
        return _("all %(total)s done", total=total)
    said = _("%(count)s of %(total)s left", count=count, total=total)
    return _("%(said)s, about %(time)s of their time", said=said, time=span(minutes)) if minutes else said
