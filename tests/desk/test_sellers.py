"""An account executive learns nothing of another seller's customers, not even their names."""

import pytest
from sqlalchemy import select

from portal import db
from portal.accounts.models import Account
from portal.onboardings.models import Onboarding
from tests import make

FORM = "/staff/onboardings/new"


@pytest.fixture
def filled(cast) -> dict[str, str]:
    road = db.session.get_one(Onboarding, cast.onboarding.id)
    return {
        "segment": "smb",
        "country": "PT",
        "admin_name": "Wanda Wolf",
        "playbook": road.playbook_version.playbook.key,
        "programme": "45",
        "start_date": "2026-03-16",
        "consultant": cast.priya.ref,
    }


def test_a_name_that_another_sellers_customer_has_is_free_to_them(app, visitor, cast, filled) -> None:
    with app.app_context():
        make.account("Fabrikam")
        selma = make.staff("Selma Hart", "account_executive")
        db.session.commit()
    seller, answers = visitor(selma), []
    for name, email in (("Fabrikam", "w@fabrikam.example"), ("Contoso", "w@contoso.example")):
        for status in (303, 422):  # The second time it is their own customer already.
            seller.get(FORM)
            seller.submit(FORM, {**filled, "name": name, "admin_email": email}, status=status)
            page = seller.follow() if status == 303 else seller.page
            shown = page.one("main") if status == 303 else page.one("div", id="problems")
            answers.append(shown.text().replace(name, "…").replace(email, "…"))
    assert answers[0] == answers[2]
    assert answers[1] == answers[3]
    assert "is a customer already" in answers[1]
    names = list(db.session.scalars(select(Account.name).order_by(Account.id)))
    assert names == ["Northwind", "Fabrikam", "Fabrikam", "Contoso"]
    priya = visitor(cast.priya)
    priya.get(FORM)
    page = priya.submit(FORM, {**filled, "name": "fabrikam", "admin_email": "x@fabrikam.example"}, status=422)
    assert "is a customer already" in page.text
