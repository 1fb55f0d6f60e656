"""The results that both sides agree to, as staff see and word them."""

from typing import Any

from flask import request, url_for

from portal.access import Can, viewer
from portal.criteria.forms import WordingForm
from portal.criteria.models import SuccessCriterion
from portal.criteria.sheet import sheet_of, who_agrees
from portal.desk.waits import Open
from portal.onboardings.letters import everyone
from portal.onboardings.models import Onboarding

ENDPOINTS = {
    "suggest": "desk.suggest_result",
    "agree": "desk.agree_result",
    "keep": "desk.keep_result",
    "withdraw": "desk.withdraw_result",
    "measure": "desk.measure_result",
    "miss": "desk.miss_result",
}


def goals_of(now: Open) -> dict[str, Any]:
    """The tab. A form that was refused replaces the one here."""
    onboarding, acts = now.onboarding, viewer().may(Can.PROPOSE_CRITERIA)

    def address(one: SuccessCriterion, name: str) -> str:
        if name not in ENDPOINTS:
            return ""
        return url_for(ENDPOINTS[name], ref=onboarding.account.ref, cid=one.ref, o=onboarding.ref)

    shown = sheet_of(onboarding, viewer(), address, acts=acts)
    opened = _opened(acts)
    return {
        **shown,
        "opened": opened,
        "wording_form": _filled(onboarding, shown, opened),
        "who": who_agrees(onboarding, viewer()),
        "has_lists": any(step.kind in ("scope", "resources") for step in onboarding.steps),
    }


def _opened(acts: bool) -> str:
    """Which form is open: the ref of a result, “add”, or none."""
    if not acts:
        return ""
    if request.method == "POST":
        return (request.view_args or {}).get("cid", "add")
    return request.args.get("change") or ("add" if "add" in request.args else "")


def _filled(onboarding: Onboarding, shown: dict[str, Any], opened: str) -> WordingForm:
    form = wording_form(onboarding, sent=False)
    one = next((one for one in shown["found"] if one.ref == opened), None)
    if one is not None:
        form.fill(one.shown)
    elif start := next((s for s in shown["offered"] if s.key == request.args.get("add")), None):
        form.start_from(start)
    if one is None:
        form.target_on.data = onboarding.target_graduation
    theirs = one.their_owner if one else None
    ours = one.our_owner if one else onboarding.owner
    form.their_owner.data, form.our_owner.data = theirs.ref if theirs else "", ours.ref if ours else ""
    return form


def wording_form(onboarding: Onboarding, *, sent: bool) -> WordingForm:
    """The form of one wording, with everybody on either side who can look after it."""
    team = list({member.staff.id: member.staff for member in onboarding.team}.values())
    people = everyone(onboarding)
    return WordingForm(people, team) if sent else WordingForm(people, team, formdata=None)
