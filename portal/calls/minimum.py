"""The calls that every programme has at least (product.md 2.4): held, booked or missing, and the way to each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal import web
from portal.calls.models import Call
from portal.calls.rules import CallState
from portal.onboardings.models import Onboarding
from portal.onboardings.modules import offered
from portal.onboardings.steps import Step

TITLES = {
    "kickoff": _l("Kickoff"),
    "integration_scope": _l("Integration scope"),
    "module_discussion": _l("Module discussion"),
}
MINIMUM = tuple(TITLES)


@dataclass(frozen=True)
class Needed:
    """One of these calls: `url` leads to it, or to where it is arranged; empty where nothing is to be done."""

    title: str
    said: str
    url: str
    is_missing: bool


def minimum_of(onboarding: Onboarding, calls: Sequence[Call]) -> list[Needed]:
    """The minimum of this road, also where its playbook has no item for a call; one about an integration only when
    the road has one."""
    found = []
    for kind in MINIMUM:
        steps = [step for step in onboarding.steps if step.spec.call and step.spec.call.kind == kind]
        if steps:
            found.append(_needed(steps[-1], [call for call in calls if call.kind == kind]))
        elif kind != "integration_scope" or _has_integration(onboarding):
            found.append(_without_item(onboarding, kind))
    return found


def _has_integration(onboarding: Onboarding) -> bool:
    return any(module.is_technical for stage in onboarding.stages for module in stage.modules)


def _without_item(onboarding: Onboarding, kind: str) -> Needed:
    """No item of the road asks for this call; a module that is still to be added may bring one."""
    brings = any(step.call and step.call.kind == kind for spec in offered(onboarding) for step in spec.steps)
    if brings and onboarding.is_running:
        url = url_for("desk.new_module", ref=onboarding.account.ref, o=onboarding.ref)
        return Needed(str(TITLES[kind]), _("missing; a module brings it"), url, True)
    return Needed(str(TITLES[kind]), _("missing; no item asks for it"), "", True)


def _needed(step: Step, calls: Iterable[Call]) -> Needed:
    by_state = {call.state: call for call in sorted(calls, key=lambda one: one.start)}
    if call := by_state.get(CallState.HELD):
        return Needed(step.title, _("held on %(date)s", date=web.short_day(call.start)), _to(call), False)
    if call := by_state.get(CallState.SCHEDULED):
        booked = _("booked for %(date)s", date=web.short_day(call.start))
        said = _("not logged") if call.waits_for_its_log else booked
        return Needed(step.title, said, _to(call), False)
    if step.is_closed:
        said = _("done without a call here") if step.is_done else _("left out")
        return Needed(step.title, said, "", not step.is_done)
    account = step.onboarding.account
    url = url_for("calls.arrange", ref=account.ref, sid=step.ref) if step.onboarding.is_running else ""
    return Needed(step.title, _("missing"), url, True)


def _to(call: Call) -> str:
    return url_for("calls.desk", ref=call.ref)
