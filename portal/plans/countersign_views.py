"""Our side signs at the desk, in the same two requests as the customer (W6)."""

from typing import Any

from flask import render_template, request, url_for

from portal.access import Can, allow, viewer
from portal.errors import Refused
from portal.onboardings.queries import onboarding_of
from portal.plans import ceremony
from portal.plans.ceremony import SigningPlace, last_sent
from portal.plans.forms import SignForm
from portal.plans.page import Tried, countersign_page
from portal.plans.views import bp

HERE = "/staff/accounts/<ref>/plan/countersign"


@bp.get(HERE)
@allow(Can.COUNTERSIGN_PLAN)
def countersign(ref: str) -> Any:
    return _page(ref, Tried())


def _page(ref: str, tried: Tried, status: int = 200) -> Any:
    version = last_sent(onboarding_of(ref, request.args.get("o")))
    return render_template("plans/countersign.html", **countersign_page(version, viewer(), tried)), status


def _place(ref: str) -> SigningPlace:
    oid = request.args.get("o")

    def page(
        status: int, *, form: SignForm | None = None, refusal: Refused | None = None, read: str = ""
    ) -> Any:
        return _page(ref, Tried.to_sign(form, refusal, read), status)

    return SigningPlace(
        find=lambda lock: onboarding_of(ref, oid, lock=lock),
        page=page,
        template="plans/countersign_confirm.html",
        plan_url=url_for("plans.countersign", ref=ref, o=oid),
        confirm_url=url_for("plans.countersign_confirm", ref=ref, o=oid),
    )


@bp.post(HERE)
@allow(Can.COUNTERSIGN_PLAN)
def agree_to_countersign(ref: str) -> Any:
    return ceremony.agree(_place(ref))


@bp.get(f"{HERE}/confirm")
@allow(Can.COUNTERSIGN_PLAN)
def countersign_confirm(ref: str) -> Any:
    return ceremony.ask_again(_place(ref))


@bp.post(f"{HERE}/confirm")
@allow(Can.COUNTERSIGN_PLAN)
def countersigned(ref: str) -> Any:
    return ceremony.confirm(_place(ref))
