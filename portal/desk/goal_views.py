"""Routes of what staff do about the results that both sides agree to."""

from collections.abc import Callable
from typing import Any

from flask import request
from flask_babel import gettext as _

from portal.access import Can, allow, find_or_404, viewer
from portal.criteria.forms import AnswerForm, MeasureForm, MissedForm, WithdrawForm
from portal.criteria.models import SuccessCriterion
from portal.criteria.views import kept_value, reworded
from portal.desk import account as pages
from portal.desk import bp, queries
from portal.desk.goals import wording_form
from portal.forms import Form
from portal.onboardings.models import Onboarding

GOALS = "/staff/accounts/<ref>/goals"


def _road(ref: str) -> Onboarding:
    return queries.onboarding_of(ref, request.args.get("o"), lock=True)


def _result(ref: str, cid: str) -> tuple[Onboarding, SuccessCriterion]:
    onboarding = _road(ref)
    return onboarding, find_or_404(SuccessCriterion, cid, onboarding_id=onboarding.id)


def _try(onboarding: Onboarding, act: Callable[[], str], **sent: Form) -> Any:
    return pages.attempt(onboarding, "goals", act, **sent)


def _sent(onboarding: Onboarding) -> str:
    return _("Sent to %(company)s. Their admins and sponsors can agree.", company=onboarding.account.name)


@bp.post(f"{GOALS}/new")
@allow(Can.PROPOSE_CRITERIA)
def add_result(ref: str) -> Any:
    onboarding = _road(ref)
    form = wording_form(onboarding, sent=True)

    def act() -> str:
        one = SuccessCriterion.add(onboarding, form.wanted, form.note.data or None, by=viewer())
        one.own(form.owner("their_owner", None), form.owner("our_owner", one.our_owner), by=viewer())
        return _sent(onboarding)

    return _try(onboarding, act, wording_form=form)


@bp.post(f"{GOALS}/<cid>/suggest")
@allow(Can.PROPOSE_CRITERIA)
def suggest_result(ref: str, cid: str) -> Any:
    onboarding, one = _result(ref, cid)
    form = wording_form(onboarding, sent=True)
    return _try(
        onboarding,
        lambda: _sent(onboarding) if reworded(one, form) else _("Kept."),
        wording_form=form,
    )


@bp.post(f"{GOALS}/<cid>/agree")
@allow(Can.PROPOSE_CRITERIA)
def agree_result(ref: str, cid: str) -> Any:
    onboarding, one = _result(ref, cid)
    form = AnswerForm()

    def act() -> str:
        new = one.agree(seen=form.seen.data or "", by=viewer())
        return _("Agreed. Both sides are judged by it now.") if new else _("It is agreed already.")

    return _try(onboarding, act, button=form)


@bp.post(f"{GOALS}/<cid>/propose")
@allow(Can.PROPOSE_CRITERIA)
def keep_result(ref: str, cid: str) -> Any:
    onboarding, one = _result(ref, cid)
    form = AnswerForm()

    def act() -> str:
        one.keep(None, seen=form.seen.data or "", by=viewer())
        return _sent(onboarding)

    return _try(onboarding, act, button=form)


@bp.post(f"{GOALS}/<cid>/withdraw")
@allow(Can.PROPOSE_CRITERIA)
def withdraw_result(ref: str, cid: str) -> Any:
    onboarding, one = _result(ref, cid)
    form = WithdrawForm().called(f"gone-{cid}")

    def act() -> str:
        one.withdraw(form.why.data or None, seen=form.seen.data or "", by=viewer())
        return _("Withdrawn.")

    return _try(onboarding, act, button=form)


@bp.post(f"{GOALS}/<cid>/measurement")
@allow(Can.PROPOSE_CRITERIA)
def measure_result(ref: str, cid: str) -> Any:
    onboarding, one = _result(ref, cid)
    form = MeasureForm().called(f"value-{cid}")
    return _try(onboarding, lambda: kept_value(one, form), value_form=form)


@bp.post(f"{GOALS}/<cid>/not-met")
@allow(Can.PROPOSE_CRITERIA)
def miss_result(ref: str, cid: str) -> Any:
    onboarding, one = _result(ref, cid)
    form = MissedForm().called(f"missed-{cid}")

    def act() -> str:
        one.miss(form.why.data or "", by=viewer())
        return _("Noted. Suggest what would be right now; both sides agree to it.")

    return _try(onboarding, act, miss_form=form)
