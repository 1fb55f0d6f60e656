"""Routes of triggers: the list, and one with its numbers and its switch."""

from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from portal.access import Can, allow, viewer
from portal.escalations import bp, trigger_page
from portal.escalations.trigger_forms import TriggerForm, trigger_form
from portal.forms import EmptyForm, Form
from portal.health.facts import FACTS
from portal.playbooks import trigger_check
from portal.playbooks.models import TriggerSetting
from portal.playbooks.trigger_set import TriggerSpec
from portal.playbooks.triggers import Current, current


@bp.get("/staff/triggers")
@allow(Can.SEE_TRIGGERS)
def triggers() -> Any:
    return render_template("escalations/triggers.html", lines=trigger_page.lines())


@bp.get("/staff/triggers/<key>")
@allow(Can.SEE_TRIGGERS)
def trigger(key: str) -> Any:
    found = _found(key)
    return _page(found, found.spec, trigger_form(found.spec, formdata=None))


def _found(key: str) -> Current:
    try:
        return current(key)
    except KeyError:
        abort(404)


def _page(found: Current, spec: TriggerSpec, form: TriggerForm, *others: Form) -> str:
    problems = [problem for one in (form, *others) for problem in one.problems]
    shown = trigger_page.page_of(found, spec, form)
    return render_template("escalations/trigger.html", **shown, problems=problems)


# --- Numbers ------------------------------------------------------------------------------------


def _sent(found: Current) -> tuple[TriggerForm, TriggerSpec]:
    """The form as it was sent, with what makes no sense said at its fields, and the trigger that it would make."""
    form = trigger_form(found.shipped)
    if not form.validate():
        return form, found.spec
    wanted = found.shipped.with_numbers(form.numbers)
    for wrong in trigger_check.nonsense(wanted, FACTS):
        if wrong.name in form:
            form[wrong.name].errors = [*form[wrong.name].errors, wrong.why]
        else:
            form.form_errors.append(wrong.why)
    return form, wanted


@bp.post("/staff/triggers/<key>/try")
@allow(Can.SET_TRIGGERS)
def try_trigger(key: str) -> Any:
    """What it would match with other numbers; nothing is saved."""
    found = _found(key)
    form, wanted = _sent(found)
    return _page(found, found.spec if form.problems else wanted, form), 422 if form.problems else 200


@bp.post("/staff/triggers/<key>/save")
@allow(Can.SET_TRIGGERS)
def save_trigger(key: str) -> Any:
    found = _found(key)
    form, wanted = _sent(found)
    if form.problems:
        return _page(found, found.spec, form), 422
    numbers = {name: one.value for name, one in wanted.numbers.items()}
    shipped = {name: one.value for name, one in found.shipped.numbers.items()}
    changed = {name: value for name, value in numbers.items() if value != shipped[name]}
    if TriggerSetting.of(key).change(changed, found.spec.title, by=viewer()):
        flash(_("Saved. From tonight on it goes by these numbers."), "done")
    return redirect(url_for("escalations.trigger", key=key), 303)


@bp.post("/staff/triggers/<key>/reset")
@allow(Can.SET_TRIGGERS)
def reset_trigger(key: str) -> Any:
    """The playbook's numbers again."""
    found = _button(key)
    if TriggerSetting.of(key).change({}, found.spec.title, by=viewer()):
        flash(_("It has the playbook's numbers again."), "done")
    return redirect(url_for("escalations.trigger", key=key), 303)


# --- The switch ---------------------------------------------------------------------------------


@bp.post("/staff/triggers/<key>/enable")
@allow(Can.SET_TRIGGERS)
def enable_trigger(key: str) -> Any:
    found = _button(key)
    if TriggerSetting.of(key).switch(found.spec.title, on=True, by=viewer()):
        flash(_("It is on. What is true tonight counts as new."), "done")
    return redirect(url_for("escalations.trigger", key=key), 303)


@bp.post("/staff/triggers/<key>/disable")
@allow(Can.SET_TRIGGERS)
def disable_trigger(key: str) -> Any:
    found = _button(key)
    if TriggerSetting.of(key).switch(found.spec.title, on=False, by=viewer()):
        flash(_("It is off. Nothing new comes of it; the cases it opened stay open."), "done")
    return redirect(url_for("escalations.trigger", key=key), 303)


def _button(key: str) -> Current:
    """The trigger that a form of one button is about."""
    found = _found(key)
    EmptyForm().demand()
    return found
