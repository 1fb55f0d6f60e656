"""Routes of editing one road: its steps and its modules."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request
from flask_babel import gettext as _

from portal.access import Can, allow, viewer
from portal.desk import bp, edit_modules, queries
from portal.desk import edit_page as pages
from portal.desk.edit_forms import OURS, AddModuleForm, EditStepForm, ModuleForm
from portal.desk.forms import ReasonForm
from portal.errors import Conflict, Refused
from portal.onboardings import modules
from portal.onboardings.models import Onboarding
from portal.onboardings.scope import NewStep, add_step
from portal.onboardings.stages import Module
from portal.onboardings.steps import Step


def _road(ref: str, *, lock: bool = False) -> Onboarding:
    return queries.onboarding_of(ref, request.args.get("o"), lock=lock)


def _step(ref: str, sid: str, *, lock: bool = False) -> Step:
    """A step that this viewer may edit."""
    step = next((one for one in _road(ref, lock=lock).steps if one.ref == sid), None) or abort(404)
    if not step.module.editable_by(viewer()):
        abort(403)
    return step


def _module(ref: str, which: str, *, lock: bool = False) -> Module:
    """A module that this viewer may edit."""
    road = _road(ref, lock=lock)
    found = (one for stage in road.stages for one in stage.modules if one.key == which)
    module = next(found, None) or abort(404)
    if not module.editable_by(viewer()):
        abort(403)
    return module


def _back(onboarding: Onboarding, said: str) -> Any:
    flash(said, "done")
    return redirect(pages.where(onboarding, "edit_road"), 303)


@bp.get("/staff/accounts/<ref>/road/edit")
@allow(Can.EDIT_ROAD)
def edit_road(ref: str) -> Any:
    return pages.road_page(_road(ref))


# --- One step -----------------------------------------------------------------------------------


@bp.get("/staff/accounts/<ref>/road/add")
@allow(Can.EDIT_ROAD)
def new_step(ref: str) -> Any:
    onboarding = _road(ref)
    return _new_step(onboarding, pages.add_form(onboarding, fresh=True))


def _new_step(onboarding: Onboarding, form: Any, status: int = 200) -> Any:
    return render_template(
        "desk/add_step.html", **pages.frame(onboarding), form=form, problems=form.problems
    ), status


@bp.post("/staff/accounts/<ref>/road/add")
@allow(Can.EDIT_ROAD)
def add(ref: str) -> Any:
    onboarding = _road(ref, lock=True)
    form = pages.add_form(onboarding)
    if not form.validate():
        return _new_step(onboarding, form, 422)
    place = pages.place_of(onboarding, form.place.data) or abort(404)
    person = form.chosen(onboarding)
    new = NewStep(
        title=form.title.data,
        why=form.reason.data,
        assignee=person,
        due_on=form.due_on.data,
        side="us" if form.person.data == OURS or (person and person.is_staff) else "customer",
        kind=form.kind.data,
        minutes=form.minutes.data or 0,
        required=form.required.data == "yes",
        visible=form.visible.data == "yes",
        done_when=form.done_when.data,
        items=form.lines if form.kind.data == "checklist" else (),
        body=form.text.data if form.kind.data == "read" else None,
    )
    try:
        step = add_step(onboarding, new, by=viewer(), behind=place.behind, module=place.module)
    except Refused as refusal:
        status = form.refuse(refusal)
        return _new_step(_road(ref), form, status)
    return _back(onboarding, _("Added: “%(title)s”.", title=step.title))


@bp.get("/staff/accounts/<ref>/steps/<sid>/edit")
@allow(Can.EDIT_ROAD)
def edit_step(ref: str, sid: str) -> Any:
    step = _step(ref, sid)
    return _edit_step(step, pages.edit_form(step, fresh=True))


def _edit_step(step: Step, form: EditStepForm, status: int = 200, both: Any = None) -> Any:
    return render_template(
        "desk/edit_step.html",
        **pages.frame(step.onboarding),
        step=step,
        form=form,
        both=both,
        problems=form.problems,
    ), status


@bp.post("/staff/accounts/<ref>/steps/<sid>/edit")
@allow(Can.EDIT_ROAD)
def change_step(ref: str, sid: str) -> Any:
    step = _step(ref, sid, lock=True)
    form = pages.edit_form(step)
    if not form.validate():
        return _edit_step(step, form, 422)
    onboarding, place = step.onboarding, pages.place_of(step.onboarding, form.place.data)
    if place is not None and not place.module.editable_by(viewer()):
        abort(403)
    try:
        step.change(
            pages.wanted(form, step),
            form.reason.data,
            seen=form.seen.data or "",
            assignee=form.chosen(onboarding),
            place=place,
            by=viewer(),
        )
    except Refused as refusal:
        status, fresh = form.refuse(refusal), _step(ref, sid)
        both = None
        if isinstance(refusal, Conflict):
            form.seen.data = fresh.terms.seal  # Sent again, theirs has been seen.
            both = pages.both(fresh, refusal)
        return _edit_step(fresh, form, status, both)
    return _back(onboarding, _("Changed: “%(title)s”.", title=step.title))


# --- Modules ------------------------------------------------------------------------------------


def _module_choice(onboarding: Onboarding, *, fresh: bool = False) -> AddModuleForm:
    form = AddModuleForm(formdata=None) if fresh else AddModuleForm()
    form.module.choices = [(spec.key, spec.title) for spec in edit_modules.addable(onboarding)]
    return form


@bp.get("/staff/accounts/<ref>/road/modules")
@allow(Can.EDIT_ROAD)
def new_module(ref: str) -> Any:
    onboarding = _road(ref)
    return edit_modules.modules_page(onboarding, _module_choice(onboarding, fresh=True))


@bp.post("/staff/accounts/<ref>/road/modules")
@allow(Can.EDIT_ROAD)
def add_module(ref: str) -> Any:
    onboarding = _road(ref, lock=True)
    form = _module_choice(onboarding)
    if not form.validate():
        return edit_modules.modules_page(onboarding, form, 422)
    spec = next(one for one in edit_modules.addable(onboarding) if one.key == form.module.data)
    try:
        modules.add_module(onboarding, spec, form.reason.data, by=viewer())
    except Refused as refusal:
        status = form.refuse(refusal)
        return edit_modules.modules_page(_road(ref), form, status)
    return _back(onboarding, _("Added: “%(title)s”, with its items.", title=spec.title))


@bp.get("/staff/accounts/<ref>/modules/<which>/<any(leave_out, bring_back):verb>")
@allow(Can.EDIT_ROAD)
def module(ref: str, which: str, verb: str) -> Any:
    return edit_modules.module_page(_module(ref, which), ModuleForm(formdata=None), verb)


@bp.post("/staff/accounts/<ref>/modules/<which>/<any(leave_out, bring_back):verb>")
@allow(Can.EDIT_ROAD)
def decide_module(ref: str, which: str, verb: str) -> Any:
    module, form = _module(ref, which, lock=True), ModuleForm()
    if not form.validate():
        return edit_modules.module_page(module, form, verb, 422)
    acts: dict[str, Callable[..., None]] = {
        "leave_out": modules.leave_out,
        "bring_back": modules.bring_back,
    }
    try:
        acts[verb](module, form.reason.data, seen=form.seen.data or "", by=viewer())
    except Refused as refusal:
        status = form.refuse(refusal)
        return edit_modules.module_page(_module(ref, which), form, verb, status)
    said = _("“%(title)s” is left out.") if verb == "leave_out" else _("“%(title)s” is back on the road.")
    return _back(module.stage.onboarding, said % {"title": module.title})


# --- A stage ------------------------------------------------------------------------------------


@bp.post("/staff/accounts/<ref>/stages/<any(expectations, training, graduation):key>/open")
@allow(Can.EDIT_WHOLE_ROAD)
def open_stage(ref: str, key: str) -> Any:
    onboarding, form = _road(ref, lock=True), ReasonForm().called("open")
    if not form.validate():
        return pages.road_page(onboarding, 422, open_form=form)
    try:
        onboarding.stage_called(key).open_early(form.reason.data, by=viewer())
    except Refused as refusal:
        status = form.refuse(refusal)
        return pages.road_page(_road(ref), status, open_form=form)
    return _back(onboarding, _("It is open. It stands on their home with the reason."))
