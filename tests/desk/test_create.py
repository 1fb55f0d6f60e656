"""A new onboarding from the plain form: a new customer or one that is here, and what is refused. T03."""

import pytest
from sqlalchemy import select

from portal import db
from portal.accounts.kinds import TeamRole
from portal.accounts.models import Account, Person, User
from portal.mail import Letter
from portal.onboardings.models import Onboarding
from tests import make

FORM = "/staff/onboardings/new"


@pytest.fixture
def filled(cast) -> dict[str, str]:
    """What a consultant types for a new customer."""
    return {
        "account": "new",
        "name": "Wide World",
        "segment": "mid_market",
        "country": "pt",
        "time_zone": "Europe/Lisbon",
        "admin_name": "Wanda Wolf",
        "admin_email": "Wanda@WideWorld.example",
        "playbook": db.session.get_one(Onboarding, cast.onboarding.id).playbook_version.playbook.key,
        "programme": "60",
        "start_date": "2026-03-16",
        "consultant": cast.priya.ref,
        "csm": cast.june.ref,
        "quote": "Partners wait for their money",
    }


def made() -> Onboarding | None:
    rows = select(Onboarding).join(Account).where(Account.name == "Wide World")
    return db.session.scalar(rows)


def test_a_new_customer_is_created_opened_and_invited(visitor, cast, filled) -> None:
    priya = visitor(cast.priya)
    page = priya.get(FORM)
    assert page.one("select", id="consultant").one("option", selected="")["value"] == cast.priya.ref
    priya.submit(FORM, filled)
    page = priya.follow()
    assert "The invitation is on its way to Wanda." in page.text
    assert page.one("h1").text() == "Wide World"
    road = made()
    assert (road.state, road.programme, road.account.country) == ("preparing", 60, "PT")
    assert road.on_team(TeamRole.CSM).id == cast.june.id
    assert road.quote == "Partners wait for their money"
    wanda = db.session.scalar(select(Person).where(Person.email == "wanda@wideworld.example"))
    assert wanda.account_id == road.account_id
    letters = db.session.scalars(select(Letter).where(Letter.user_id == wanda.id))
    assert "invitation" in [letter.kind for letter in letters]


def test_a_customer_who_is_here_gets_a_second_one(visitor, cast, filled) -> None:
    priya = visitor(cast.priya)
    priya.get(FORM)
    plain = {"name": "", "country": "", "time_zone": "", "admin_name": "", "admin_email": ""}
    twice = priya.submit(FORM, {**filled, **plain, "account": cast.account.ref}, status=409)
    assert "Northwind is on this road already. Open their page instead." in twice.text
    first = db.session.get_one(Onboarding, cast.onboarding.id)
    first.cancel("They start again in spring.", by=db.session.merge(cast.priya))
    priya.get(FORM)
    priya.submit(FORM, {**filled, **plain, "account": cast.account.ref})
    page = priya.follow()
    assert page.one("h1").text() == "Northwind"
    assert "Other onboardings" in page.text
    assert db.session.query(Onboarding).filter_by(account_id=cast.account.id).count() == 2


@pytest.mark.parametrize(
    ("change", "status", "field", "sentence"),
    [
        ({"name": ""}, 422, "name", "Enter the customer's name"),
        ({"name": "x" * 201}, 422, "name", "Keep this under 200 characters"),
        ({"name": "Northwind"}, 409, "account", "Northwind is a customer already. Choose it from the list."),
        ({"country": "Portugal"}, 422, "country", "Keep this under 2 characters"),
        ({"country": "zz"}, 422, "country", "Enter a country as two letters, like PT"),
        ({"time_zone": "Lisbon"}, 422, "time_zone", "That time zone isn't known. Choose one like Europe/Lisbon"),
        ({"start_date": "2026-03-02"}, 422, "start_date", "The start date has passed. Choose today or later"),
        ({"start_date": "soon"}, 422, "start_date", "Enter a date like 2026-03-31"),
        ({"programme": "7"}, 422, "programme-0", "Choose one of the answers shown"),
        ({"consultant": "sam"}, 422, "consultant", "Choose one of the answers shown"),
        ({"admin_email": ""}, 422, "admin_name", "somebody has to receive the invitation"),
        ({"admin_email": "wanda"}, 422, "admin_email", "Enter an e-mail address like"),
        ({"admin_email": "ana@northwind.example"}, 409, "admin_email", "already belongs to someone here; ask them to"),
        ({"admin_email": "june@partnerly.example"}, 409, "admin_email", "already belongs to someone here; ask them to"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    visitor, cast, filled, change, status, field, sentence
) -> None:
    priya = visitor(cast.priya)
    priya.get(FORM)
    page = priya.submit(FORM, {**filled, **change}, status=status)
    assert sentence in page.one("div", id="problems").text()
    assert page.one("input", id="quote")["value"] == filled["quote"]
    assert (
        page.one("input", name="programme", checked="")["value"] == "60"
        if "programme" not in change
        else True
    )
    for name in set(change) - {"programme", "consultant"}:
        assert page.one("input", id=name)["value"] == change[name]
    assert made() is None


def test_a_field_that_the_form_does_not_have_changes_nothing(visitor, cast, filled) -> None:
    priya = visitor(cast.priya)
    priya.get(FORM)
    page = priya.post(FORM, {**filled, "state": "graduated"}, status=422)
    assert "no field called state" in page.one("div", id="problems").text()
    assert made() is None


def test_who_sold_it_keeps_seeing_it(visitor, cast, filled) -> None:
    sam = visitor(cast.sam)
    sam.get(FORM)
    sam.submit(FORM, {**filled, "account_executive": ""})
    assert sam.follow().one("h1").text() == "Wide World"
    assert made().on_team(TeamRole.ACCOUNT_EXECUTIVE).id == cast.sam.id


def test_t03_who_may_not_create_does_not_get_there(app, visitor, cast, filled) -> None:
    with app.app_context():
        root = make.staff("Root Admin", "site_admin")
        db.session.commit()
    for who, status in ((cast.tomas, 403), (root, 403), (cast.ana, 404)):
        browser = visitor(who)
        browser.get(FORM, status=status)
        browser.get("/preferences")
        browser.post(FORM, filled, status=status)
    assert not visitor(cast.tomas).get("/staff/accounts").all("a", href=FORM)
    assert made() is None
    assert db.session.query(User).filter_by(email="wanda@wideworld.example").count() == 0
