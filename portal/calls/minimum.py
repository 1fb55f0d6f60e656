"""The calls that every programme has at least (product.md 2.4): held, booked or missing, and the way to each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from portal import web
from portal.calls.models import Call
from portal.calls.rules import CallState
from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step

MINIMUM = ("kickoff", "integration_scope", "module_discussion")


@dataclass(frozen=True)
class Needed:
    """One of these calls: `url` leads to it, or to where it is arranged; empty where nothing is to be done."""

    title: str
    said: str
    url: str
    is_missing: bool


def minimum_of(onboarding: Onboarding, calls: Sequence[Call]) -> list[Needed]:
    """The minimum of this road. Without a step for one the road has no such call, as without an integration."""
    found = []
    for kind in MINIMUM:
        steps = [step for step in onboarding.steps if step.spec.call and step.spec.call.kind == kind]
        if steps:
            found.append(_needed(steps[-1], [call for call in calls if call.kind == kind]))
    return found


def _needed(step: Step, calls: Iterable[Call]) -> Needed:
    by_state = {call.state: call for call in sorted(calls, key=lambda one: one.start)}
    if call := by_state.get(CallState.HELD):
        return Needed(step.title, _("held on %(date)s", date=web.short_day(call.start)), _to(call), False)
    if call := by_state.get(CallState.SCHEDULED):
        booked = _("booked for %(date)s", date=web.short_day(call.start))
        said = _("not logged") if call.waits_for_its_log else booked
        return Needed(step.title, said, _to(call), False)
    if step.is_closed:
        return Needed(step.title, _("done without a call here"), "", False)
    account = step.onboarding.account
    url = url_for("calls.arrange", ref=account.ref, sid=step.ref) if step.onboarding.is_running else ""
    return Needed(step.title, _("missing"), url, True)


def _to(call: Call) -> str:
    return url_for("calls.desk", ref=call.ref)
