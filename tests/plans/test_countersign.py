"""Our side signs at the desk: in its turn, by whom it was asked of, in the same two requests."""

from sqlalchemy import select

from portal import db
from portal.jobs import Job
from portal.plans.models import Signature
from portal.plans.rules import PlanState
from tests.plans.browsing import code_of, kept


def address(made, ending: str = "") -> str:
    return f"/staff/accounts/{made.account.ref}/plan/countersign{ending}?o={made.onboarding.ref}"


def test_priya_countersigns_and_the_plan_is_in_force(people, sent, visitor):
    version = sent(people.ana)
    priya = visitor(people.priya)
    page = priya.get(address(people))
    assert "Signed by Ana Moreira. Priya signs next." in page.text
    priya.submit("?o=" + people.onboarding.ref, {"typed_name": "Priya Rao", "read": "y", "consent": "y"})
    page = priya.follow()
    assert page.one("h1").text() == "Is it you, Priya?"
    form = next(one for one in page.all("form") if one.all("input", name="code"))
    fields = {one.get("name"): one.get("value") for one in form.all("input")}
    priya.post(form["action"], {**fields, "code": "000000"}, status=422)
    priya.post(form["action"], {**fields, "code": code_of(priya, people.priya)})
    page = priya.follow()
    assert "Signed by Ana Moreira and Priya Rao." in page.text
    assert kept(version).state is PlanState.SIGNED
    assert len(db.session.scalars(select(Job).where(Job.kind == "plans.seal")).all()) == 1


def test_E05_nobody_of_ours_signs_before_the_customer_or_for_another(people, sent, visitor):
    sent()
    priya = visitor(people.priya)
    page = priya.get(address(people))
    assert not page.all("input", name="typed_name")
    visitor(people.june).get(address(people), status=403)
    priya.get(address(people, "/confirm"), status=303)
    assert not db.session.scalars(select(Signature)).all()


def test_no_plan_was_sent(people, visitor):
    visitor(people.priya).get(address(people), status=404)
