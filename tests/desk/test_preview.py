"""A new onboarding is looked at before it is created, saved as a draft, and opened later. T03."""

from datetime import date

import pytest
from sqlalchemy import func, select

from portal import db
from portal.accounts.models import Account, Person
from portal.activity.models import Activity
from portal.mail import Letter
from portal.onboardings.models import Onboarding
from portal.onboardings.words import minutes as span
from tests import make
from tests.desk.test_create import FORM, KNOWN, filled, made

__all__ = ["filled"]


def rows(*models) -> list[int]:
    return [db.session.scalar(select(func.count()).select_from(model)) for model in models]


def counted(text: str) -> int:
    """The minutes in “1 h 20 min”."""
    numbers = iter(text.split())
    return sum(int(number) * {"h": 60, "min": 1}[unit] for number, unit in zip(numbers, numbers, strict=True))


@pytest.fixture
def looked(visitor, cast, filled):
    """Priya at the preview of what she typed."""
    priya = visitor(cast.priya)
    priya.get(FORM)
    before = rows(Account, Person, Onboarding, Letter, Activity)
    page = priya.submit(FORM, {**filled, "go": "preview"}, status=200)
    assert rows(Account, Person, Onboarding, Letter, Activity) == before, "nothing is made by looking"
    return priya, page


def test_the_preview_says_dates_items_time_and_who_is_told(looked) -> None:
    _priya, page = looked
    assert page.one("h1").text().startswith("Wide World: 60 days, ")
    assert "starts Mon 16 March" in page.text
    stages = [row.all("td")[1].text() for row in page.all("tr", class_="stage")]
    assert page.one("h1").text() == f"Wide World: 60 days, {span(sum(map(counted, stages)))} of their time"
    told = page.all("section", class_="side-block")[0]
    assert "Wanda Wolf" in told.text()
    assert "invitation from you" in told.text()
    assert "Tue 3 Mar, " in told.text()
    assert "in Azores" in told.text()
    assert page.one("h2", id="next-h").text() == "Create and tell 1 person"
    watch = page.one("ul", class_="watch").text()
    assert "Nobody yet for: Integration specialist" in watch


def test_it_is_created_from_the_preview_with_what_was_typed(looked) -> None:
    priya, _page = looked
    priya.submit(FORM, {"go": "create"})
    assert "The invitation is on its way to wanda@wideworld.example." in priya.follow().text
    assert made().state == "preparing"


def test_the_answers_can_be_changed(looked, filled) -> None:
    priya, _page = looked
    page = priya.submit(FORM, {"go": "change"}, status=200)
    assert page.one("input", id="name")["value"] == "Wide World"
    assert page.one("input", id="admin_email")["value"] == filled["admin_email"].lower()
    assert made() is None


def test_a_draft_tells_nobody_until_it_is_opened(looked, visitor, cast) -> None:
    priya, _page = looked
    priya.submit(FORM, {"go": "draft"})
    assert "It is a draft: nobody is told anything until you open the portal to them." in priya.follow().text
    road = made()
    wanda = db.session.scalar(select(Person).where(Person.account_id == road.account_id))
    assert (road.state, wanda.invited_at, wanda.may_enter) == ("draft", None, False)
    assert db.session.scalar(select(func.count()).where(Letter.user_id == wanda.id)) == 0
    priya.submit(f"/staff/accounts/{road.account.ref}/start?o={road.ref}")
    assert "the invitation to Wanda is on its way" in priya.follow().text
    assert (made().state, db.session.get_one(Person, wanda.id).may_enter) == ("preparing", True)
    kinds = set(db.session.scalars(select(Letter.kind).where(Letter.user_id == wanda.id)))
    assert kinds == {"invitation", "welcome"}


def test_what_to_look_at_names_load_absence_and_days_off(visitor, cast, filled, clock) -> None:
    with_load = db.session.merge(cast.priya)
    with_load.capacity = 0
    june = db.session.merge(cast.june)
    june.away_until, june.stand_in_id = date(2026, 3, 20), cast.tomas.id
    priya = visitor(cast.priya)
    priya.get(FORM)
    page = priya.submit(
        FORM, {**filled, "go": "preview", "start_date": "2026-05-01", "quote": ""}, status=200
    )
    watch = page.one("ul", class_="watch").text()
    assert "Priya would hold 2, and can carry 0." in watch
    assert "June is away until Fri 20 Mar; Tomás stands in." in watch
    assert "1 May is a holiday in Portugal; the first working day is Mon 4 May." in watch
    assert "Nobody wrote down why they bought" in watch


def test_what_is_wrong_is_said_before_the_preview(visitor, cast, filled) -> None:
    priya = visitor(cast.priya)
    priya.get(FORM)
    page = priya.submit(FORM, {**filled, "go": "preview", "start_date": "2026-03-01"}, status=422)
    assert "The start date has passed" in page.text
    assert page.one("input", id="name")["value"] == "Wide World"


def test_a_rivals_customer_is_no_choice(visitor, cast, filled) -> None:
    """A seller sees what they sold; anybody else's customer can't be looked at."""
    sam = make.staff("Saul Field", "account_executive")
    fabrikam = make.account("Fabrikam")
    db.session.commit()
    seller = visitor(sam)
    seller.get(KNOWN)
    answers = {
        "playbook": filled["playbook"],
        "consultant": cast.priya.ref,
        "go": "preview",
        "account": fabrikam.ref,
    }
    page = seller.submit(KNOWN, answers, status=422)
    assert "Fabrikam" not in page.text
