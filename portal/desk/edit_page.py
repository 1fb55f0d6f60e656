"""What the pages show on which staff edit one road."""

from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from wtforms.fields import SelectChoice

from portal import web
from portal.access import Can, viewer
from portal.activity.queries import latest_of
from portal.desk import lines
from portal.desk.edit_forms import OURS, THEIRS, AddStepForm, EditStepForm
from portal.desk.forms import HoldForm, ReasonForm
from portal.desk.nav import desk_nav, to
from portal.errors import Conflict
from portal.onboardings import ruled
from portal.onboardings.editing import Place, StepTerms
from portal.onboardings.models import Onboarding
from portal.onboardings.modules import offered
from portal.onboardings.stages import Module, Stage, growing_stage
from portal.onboardings.states import EDITABLE, StepState
from portal.onboardings.steps import Step
from portal.onboardings.words import STAGE_TITLES, facts, minutes

FIRST, BEHIND = "first:", "behind:"


def where(onboarding: Onboarding, endpoint: str, **more: Any) -> str:
    """The address of one of the pages of this road."""
    return url_for(f"desk.{endpoint}", ref=onboarding.account.ref, o=onboarding.ref, **more)


def frame(onboarding: Onboarding) -> dict[str, Any]:
    """What all of these pages have."""
    return {
        "nav": desk_nav("accounts"),
        "onboarding": onboarding,
        "account": onboarding.account,
        "road_url": to(onboarding, "road"),
        "where": where,
        "can_change": onboarding.state in EDITABLE,
        "may_all": viewer().may(Can.EDIT_WHOLE_ROAD),
    }


# --- The road -----------------------------------------------------------------------------------


def road_page(onboarding: Onboarding, status: int = 200, **forms: Any) -> Any:
    """The whole road with what can be done to each part of it; `forms` are those that were refused."""
    asked = forms.get("open_form")
    return render_template(
        "desk/edit.html",
        **frame(onboarding),
        stages=[_stage(stage) for stage in onboarding.stages],
        to_open=_to_open(onboarding),
        open_form=asked or ReasonForm(formdata=None).called("open"),
        hold_form=HoldForm(formdata=None).called("hold"),
        more=len(offered(onboarding)),
        tried=set(forms),
        problems=asked.problems if asked else [],
    ), status


def _to_open(onboarding: Onboarding) -> tuple[str, str] | None:
    """Key and title of the stage that can be opened early."""
    locked = [stage for stage in onboarding.stages if not stage.is_open]
    if not locked or not onboarding.is_running:
        return None
    return locked[0].key, str(STAGE_TITLES[locked[0].key])


def _stage(stage: Stage) -> dict[str, Any]:
    return {
        "key": stage.key,
        "title": str(STAGE_TITLES[stage.key]),
        "fact": _("complete, nothing can be added") if stage.is_complete else _window(stage),
        "grows": not stage.is_complete,
        "modules": [_module(module) for module in stage.modules],
    }


def _window(stage: Stage) -> str:
    first, last = web.short_day(stage.planned_start), web.short_day(stage.planned_end)
    said = _("planned %(first)s to %(last)s", first=first, last=last)
    return said if stage.is_open else _("not open yet, %(said)s", said=said)


def _module(module: Module) -> dict[str, Any]:
    open_still = [step for step in module.steps if not step.is_closed]
    left_out = [step for step in module.steps if step.state is StepState.SKIPPED]
    return {
        "key": module.key,
        "title": module.title,
        "because": because(module),
        "editable": module.editable_by(viewer()),
        "technical": module.is_technical,
        "out": bool(open_still),
        "back": bool(left_out) and module.grows,
        "rows": [_row(step) for step in module.steps],
    }


def because(module: Module) -> str:
    """Why a module is here that the playbook alone wouldn't have brought."""
    if module.included_because == ruled.RULE:
        return _("added by an answer, because %(why)s", why=module.added_why or "")
    if module.added_by is None:
        return ""
    return _("added by %(who)s: %(why)s", who=module.added_by, why=module.added_why or "")


def _row(step: Step) -> dict[str, Any]:
    line = lines.line_of(step)
    marks = [*line.marks, _("added here")] if step.own else line.marks
    return {
        "line": line,
        "marks": facts(marks),
        "minutes": minutes(step.minutes) if step.minutes else "",
        "weight": step.weight if step.counts else "",
        "open": not step.is_closed,
        "sid": step.ref,
    }


# --- Places and people --------------------------------------------------------------------------


def places(onboarding: Onboarding, moved: Step | None = None) -> dict[str, list[SelectChoice]]:
    """Where a step can stand, by stage: first in a module, or behind a step. A gate stays in its stage."""
    found: dict[str, list[SelectChoice]] = {}
    for stage in onboarding.stages:
        if stage.is_complete or (moved is not None and moved.is_gate and moved.stage is not stage):
            continue
        choices = []
        for module in stage.modules:
            if module.grows and module.editable_by(viewer()):
                label = _("%(module)s: first", module=module.title)
                choices.append(SelectChoice(f"{FIRST}{module.key}", label))
                choices += [
                    SelectChoice(f"{BEHIND}{step.ref}", _("behind “%(title)s”", title=step.title))
                    for step in module.steps
                    if step is not moved
                ]
        if choices:
            found[str(STAGE_TITLES[stage.key])] = choices
    return found


def place_of(onboarding: Onboarding, chosen: str | None) -> Place | None:
    """The place that one of `places` names; None when the step is to stay."""
    kind, _colon, name = (chosen or "").partition(":")
    for stage in onboarding.stages:
        for module in stage.modules:
            if f"{kind}:" == FIRST and module.key == name:
                return Place(module)
            if f"{kind}:" == BEHIND and (step := next((s for s in module.steps if s.ref == name), None)):
                return Place(module, step)
    return None


# --- Forms --------------------------------------------------------------------------------------


def add_form(onboarding: Onboarding, *, fresh: bool = False) -> AddStepForm:
    """The form for a new step; `fresh` proposes the end of the module the address names, or of the current stage."""
    form = AddStepForm(formdata=None) if fresh else AddStepForm()
    form.offer_people(onboarding)
    offered_places = places(onboarding)
    form.place.choices = offered_places or {"": []}
    if fresh:
        form.minutes.data, form.person.data = 10, THEIRS
        form.place.data = _proposed(onboarding, request.args.get("module", ""))
    return form


def _proposed(onboarding: Onboarding, key: str) -> str:
    modules = [module for stage in onboarding.stages for module in stage.modules if module.grows]
    able = [module for module in modules if module.editable_by(viewer())]
    asked = [module for module in able if module.key == key]
    now = [module for module in able if module.stage is growing_stage(onboarding)]
    shared = [module for module in now if module.wave_n is None]
    chosen = (asked or shared or now or able)[-1:]
    return f"{BEHIND}{chosen[0].steps[-1].ref}" if chosen and chosen[0].steps else ""


def edit_form(step: Step, *, fresh: bool = False) -> EditStepForm:
    """The form of a step; `fresh` shows what it is now."""
    form = EditStepForm(formdata=None) if fresh else EditStepForm()
    form.offer_people(step.onboarding)
    stay = SelectChoice("", _("Where it stands now"))
    form.place.choices = {_("As it is"): [stay], **places(step.onboarding, step)}
    if fresh:
        nobody = THEIRS if step.is_customers else OURS
        form.title.data, form.minutes.data, form.due_on.data = step.title, step.minutes, step.due_on
        form.person.data = step.assignee.ref if step.assignee else nobody
        form.weight.data, form.place.data = str(step.weight), ""
        form.required.data = "yes" if step.required else "no"
        form.visible.data = "yes" if step.visible else "no"
        form.seen.data = step.terms.seal
    return form


def wanted(form: EditStepForm, step: Step) -> StepTerms:
    """What the form asks for. Only a step that was added here can be called otherwise."""
    person = form.chosen(step.onboarding)
    place = place_of(step.onboarding, form.place.data)
    return StepTerms(
        title=(form.title.data if step.own else None) or step.title,
        assignee_id=person.id if person else None,
        due_on=form.due_on.data,
        minutes=form.minutes.data or 0,
        weight=int(form.weight.data),
        required=form.required.data == "yes",
        visible=form.visible.data == "yes",
        module=place.module.key if place else step.module.key,
    )


def told(step: Step, terms: StepTerms) -> list[tuple[str, str]]:
    """Terms in words, for a page that shows two of them."""
    people = {user.id: user.name for user in [*step.onboarding.account.people]}
    people |= {member.staff.id: member.staff.name for member in step.onboarding.team}
    module = next(
        (one.title for stage in step.onboarding.stages for one in stage.modules if one.key == terms.module),
        "",
    )
    return [
        (_("Title"), terms.title),
        (_("Who does it?"), people.get(terms.assignee_id or 0, _("nobody in particular"))),
        (_("By when?"), web.day(terms.due_on) if terms.due_on else _("no date")),
        (_("Minutes"), str(terms.minutes)),
        (_("Weight"), str(terms.weight)),
        (_("Is it needed?"), _("Needed") if terms.required else _("Optional")),
        (_("Who sees it?"), _("The customer too") if terms.visible else _("Only your team")),
        (_("Module"), module),
    ]


def both(step: Step, refusal: Conflict) -> dict[str, Any]:
    """Theirs and yours, side by side, and who changed it last."""
    theirs, yours = told(step, refusal.theirs), told(step, refusal.yours)
    last = latest_of(step)
    who = (last.personal or {}).get("who") if last else None
    return {
        "line": _("%(who)s changed it at %(when)s", who=who, when=web.clock_time(last.at))
        if last and who
        else _("Somebody changed it meanwhile"),
        "rows": [
            (label, now, own, now != own) for (label, now), (_label, own) in zip(theirs, yours, strict=True)
        ],
    }
