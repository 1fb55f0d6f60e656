"""Signed plans among the documents of the road, once their sealed file is there."""

from portal import db
from portal.plans.models import Plan
from tests.plans import making
from tests.plans.seals import seal_now
from tests.plans.signed import sign


def test_the_sealed_plan_is_among_the_documents(app, clock, visitor, monkeypatch) -> None:
    with app.test_request_context():
        made = making.road(clock)
        sign(making.sent(made), made.ana, made.priya)
        db.session.commit()
    at = f"/o/{made.onboarding.ref}"
    ben = visitor(made.ben)
    assert "Nothing here yet." in ben.get(f"{at}/documents").text
    with app.test_request_context():
        seal_now(Plan.of(making.anew(made).onboarding).in_force, monkeypatch)
    page = ben.get(f"{at}/documents")
    link = next(link for link in page.all("a") if link.text() == "Onboarding plan, version 1")
    assert "signed by both sides" in page.text
    assert link["href"] == f"{at}/plan/v1.pdf"
    assert ben.client.get(link["href"]).data.startswith(b"%PDF")
