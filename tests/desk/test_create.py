"""A new onboarding from the plain form: a new customer or one that is here, and what is refused. T03."""

from datetime import date

import pytest
from sqlalchemy import select

from portal import db
from portal.accounts.kinds import PortalRole, Segment, TeamRole
from portal.accounts.models import Account, Person, User
from portal.clock import now
from portal.desk import create_choices
from portal.mail import Letter
from portal.onboardings.models import Onboarding
from portal.playbooks.models import publish
from portal.playbooks.reader import read_checked, shipped
from tests import make

FORM = "/staff/onboardings/new"
KNOWN = f"{FORM}?customer=known"


@pytest.fixture
def filled(cast) -> dict[str, str]:
    """What a consultant types for a new customer."""
    return {
        "name": "Wide World",
        "segment": "mid_market",
        "country": "PT",
        "time_zone": "Atlantic/Azores",
        "admin_name": "Wanda Wolf",
        "admin_email": "Wanda@WideWorld.example",
        "playbook": db.session.get_one(Onboarding, cast.onboarding.id).playbook_version.playbook.key,
        "programme": "60",
        "start_date": "2026-03-16",
        "consultant": cast.priya.ref,
        "csm": cast.june.ref,
        "quote": "Partners wait for their money",
        "go": "create",
    }


@pytest.fixture
def second(filled) -> dict[str, str]:
    """What a consultant chooses for a customer who is here; everything else is as proposed."""
    return {name: filled[name] for name in ("playbook", "consultant", "go")}


def made(name: str = "Wide World") -> Onboarding | None:
    rows = select(Onboarding).join(Account).where(Account.name == name).order_by(Onboarding.id.desc())
    return db.session.scalars(rows).first()


def over(cast) -> None:
    """Northwind's road ends, so that another can begin."""
    first = db.session.get_one(Onboarding, cast.onboarding.id)
    first.cancel("They start again in spring.", by=db.session.merge(cast.priya))


def test_a_new_customer_is_created_opened_and_invited(visitor, cast, filled) -> None:
    priya = visitor(cast.priya)
    page = priya.get(FORM)
    assert page.one("select", id="consultant").one("option", selected="")["value"] == cast.priya.ref
    priya.submit(FORM, filled)
    page = priya.follow()
    assert "The invitation is on its way to wanda@wideworld.example." in page.text
    assert "time zone of" not in page.text, "it was typed, so nothing was filled in"
    assert page.one("h1").text() == "Wide World"
    road = made()
    assert (road.state, road.programme, road.account.country) == ("preparing", 60, "PT")
    assert road.account.time_zone == "Atlantic/Azores"
    assert road.on_team(TeamRole.CSM).id == cast.june.id
    assert road.quote == "Partners wait for their money"
    wanda = db.session.scalar(select(Person).where(Person.email == "wanda@wideworld.example"))
    assert (wanda.account_id, wanda.portal_role) == (road.account_id, PortalRole.ADMIN)
    assert wanda.stakeholder_roles == ["champion"]
    letters = [row.kind for row in db.session.scalars(select(Letter).where(Letter.user_id == wanda.id))]
    assert (letters.count("invitation"), letters.count("welcome")) == (1, 1)


def test_the_form_proposes_what_is_usual(visitor, cast, filled) -> None:
    """Tuesday 3 March: three working days ahead is Friday the 6th. The rest follows size and country."""
    priya = visitor(cast.priya)
    page = priya.get(FORM)
    assert page.one("input", id="start_date")["value"] == "2026-03-06"
    assert page.one("input", name="programme", checked="")["value"] == "usual"
    assert page.one("select", id="country").one("option", value="DE").text() == "Germany"
    assert not page.all("input", name="segment", checked="")
    typed = {**filled, "time_zone": "", "country": "US", "programme": "usual", "start_date": "2026-03-06"}
    priya.submit(FORM, typed)
    assert "Dates follow America/New_York, the main time zone of United States." in priya.follow().text
    assert "Created: 90 days from Fri 6 March." in priya.page.text
    road = made()
    assert (road.programme, road.start_date) == (90, date(2026, 3, 6))
    assert road.account.time_zone == "America/New_York"


@pytest.mark.parametrize(
    ("offered", "days"),
    [((30, 45, 60, 90, 120), (45, 90, 120)), ((30, 60), (30, 60, 60)), ((90,), (90, 90, 90))],
)
def test_the_usual_programme_is_one_that_the_playbook_runs(offered, days) -> None:
    class Book:
        programmes = offered

    assert tuple(create_choices.usual_programme(size, Book()) for size in Segment) == days


def test_needed_fields_are_not_called_optional(visitor, cast) -> None:
    page = visitor(cast.priya).get(FORM)
    labels = {label.get("for"): label.text() for label in page.all("label") if label.get("for")}
    optional = {name for name, text in labels.items() if "(optional)" in text}
    assert optional == {"time_zone", "quote", "integration_specialist", "csm", "account_executive"}
    required = {node["id"] for node in page.all("input") if "required" in node.attrs}
    assert required >= {"name", "admin_name", "admin_email", "start_date"}


def test_an_empty_form_says_everything_that_is_missing_at_once(visitor, cast) -> None:
    june = visitor(cast.june)
    june.get(FORM)
    page = june.submit(FORM, {"start_date": ""}, status=422)
    problems = {link["href"][1:] for link in page.one("div", id="problems").all("a")}
    wanted = {"name", "segment", "country", "admin_name", "admin_email", "start_date", "consultant"}
    assert problems == wanted
    for name in problems:
        assert page.one("span", id=f"{name}-error").text()


def test_only_who_can_play_a_part_is_offered_with_their_load(app, visitor, cast) -> None:
    with app.app_context():
        away = make.staff("Owen Clarke", "consultant", away_until=date(2026, 3, 20), capacity=14)
        gone = make.staff("Gail Gone", "consultant", left_at=cast.onboarding.account.created_at)
        db.session.commit()
    page = visitor(cast.priya).get(FORM)
    listed = {o["value"]: o.text() for o in page.one("select", id="consultant").all("option")}
    assert listed == {
        "": "Choose the consultant",
        away.ref: "Owen Clarke, 0 of 14 onboardings, away until 20 Mar",
        cast.priya.ref: "Priya Rao, 1 of 20 onboardings",
    }
    assert gone.ref not in page.source


def test_a_customer_who_is_here_gets_a_second_one(visitor, cast, second) -> None:
    priya = visitor(cast.priya)
    page = priya.get(KNOWN)
    option = page.one("select", id="account").one("option", value=cast.account.ref)
    assert option.text() == f"Northwind, runs {cast.onboarding.playbook_version.document.name} now"
    assert not page.all("input", name="name"), "a new customer's fields are not in the way"
    chosen = {**second, "account": cast.account.ref}
    twice = priya.submit(KNOWN, chosen, status=422)
    assert "Northwind is on this road already. Open their page instead." in twice.text
    assert twice.one("span", id="account-error")
    (there,) = [a for a in twice.all("a") if a.text() == "Open their page"]
    assert there["href"] == f"/staff/accounts/{cast.account.ref}"
    over(cast)
    priya.get(KNOWN)
    priya.submit(KNOWN, chosen)
    page = priya.follow()
    assert page.one("h1").text() == "Northwind"
    assert "The welcome letter is on its way to Ana." in page.text
    assert "invitation" not in page.one("div", class_="flash").text()
    assert "Other onboardings" in page.text
    assert made("Northwind").programme == 90
    assert db.session.query(Onboarding).filter_by(account_id=cast.account.id).count() == 2


def test_a_customer_who_is_known_already_leads_to_the_other_way(visitor, cast, filled) -> None:
    priya = visitor(cast.priya)
    priya.get(FORM)
    page = priya.submit(FORM, {**filled, "name": "Northwind"}, status=422)
    ways = [a["href"] for a in page.all("a") if a.text() == "A customer we already have"]
    assert ways == [KNOWN, KNOWN], "as a tab and below what was said"


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("2026-05-01", "1 May is a holiday in Portugal; the first working day is Mon 4 May."),
        ("2026-05-02", "Sat 2 May is a day off there; the first working day is Mon 4 May."),
        ("2026-05-04", ""),
    ],
)
def test_a_start_on_a_day_off_is_made_and_said(visitor, cast, filled, start, said) -> None:
    priya = visitor(cast.priya)
    priya.get(FORM)
    priya.submit(FORM, {**filled, "start_date": start})
    text = priya.follow().text
    assert said in text
    assert ("first working day" in text) is bool(said)


@pytest.mark.parametrize(
    "typed", ['"Paid late"', "“Paid late”", "»Paid late«", "„Paid late“", " 'Paid late' "]
)
def test_a_quote_is_kept_without_its_marks(visitor, cast, filled, typed) -> None:
    priya = visitor(cast.priya)
    priya.get(FORM)
    priya.submit(FORM, {**filled, "quote": typed})
    found = made()
    assert found is not None
    assert found.quote == "Paid late"


def test_one_more_admin_of_a_customer_who_is_here(visitor, cast, second) -> None:
    over(cast)
    priya = visitor(cast.priya)
    priya.get(KNOWN)
    eva = {"admin_name": "Eva Reis", "admin_email": "eva@northwind.example"}
    chosen = {**second, "account": cast.account.ref}
    page = priya.submit(KNOWN, {**chosen, "admin_name": "Eva Reis"}, status=422)
    assert "Enter the e-mail of Eva Reis too" in page.one("span", id="admin_name-error").text()
    page = priya.submit(KNOWN, {**chosen, **eva, "admin_email": "ana@northwind.example"}, status=422)
    assert "Ana Moreira is on the list already" in page.one("span", id="admin_email-error").text()
    priya.submit(KNOWN, {**chosen, **eva})
    assert "The invitation is on its way to eva@northwind.example." in priya.follow().text


def test_somebody_has_to_be_there_to_be_told(app, visitor, cast, second) -> None:
    with app.app_context():
        empty = make.account("Emptiness")
        make.person(empty, "Ted Teammate", PortalRole.TEAMMATE)
        db.session.commit()
    priya = visitor(cast.priya)
    priya.get(KNOWN)
    page = priya.submit(KNOWN, {**second, "account": empty.ref}, status=422)
    assert "Nobody at Emptiness is an admin yet" in page.one("span", id="admin_name-error").text()
    assert made("Emptiness") is None


@pytest.mark.parametrize(
    ("change", "status", "field", "sentence"),
    [
        ({"name": ""}, 422, "name", "Enter the customer's name"),
        ({"name": "x" * 201}, 422, "name", "Keep this under 200 characters"),
        ({"name": "Northwind"}, 422, "name", "Northwind is a customer already. Use “A customer we already have”."),
        ({"country": ""}, 422, "country", "Choose their country"),
        ({"country": "zz"}, 422, "country", "Choose one of the answers shown"),
        ({"time_zone": "Lisbon"}, 422, "time_zone", "That time zone isn't known. Choose one like Europe/Lisbon"),
        ({"start_date": "2026-03-02"}, 422, "start_date", "The start date has passed. Choose today or later"),
        ({"start_date": "soon"}, 422, "start_date", "Enter a date like 2026-03-31"),
        ({"start_date": "2036-03-02"}, 422, "start_date", "Choose a date within the next two years"),
        ({"programme": "7"}, 422, "programme", "Choose one of the answers shown"),
        ({"segment": "huge"}, 422, "segment", "Choose one of the answers shown"),
        ({"consultant": "sam"}, 422, "consultant", "Choose one of the answers shown"),
        ({"consultant": ""}, 422, "consultant", "Choose the consultant"),
        ({"admin_name": ""}, 422, "admin_name", "somebody has to be invited"),
        ({"admin_email": ""}, 422, "admin_email", "the invitation goes there"),
        ({"admin_email": "wanda"}, 422, "admin_email", "Enter an e-mail address like"),
        ({"admin_email": "ana@northwind.example"}, 422, "admin_email", "already belongs to someone here; ask them to"),
        ({"admin_email": "june@partnerly.example"}, 422, "admin_email", "belongs to June Park, who works here"),
        ({"quote": "x" * 401}, 422, "quote", "Keep this under 400 characters"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    app, visitor, cast, filled, change, status, field, sentence
) -> None:
    with app.app_context():
        db.session.get_one(Person, cast.ana.id).joined_at = now()
        db.session.commit()
    priya = visitor(cast.priya)
    priya.get(FORM)
    typed = {**filled, **change}
    page = priya.submit(FORM, typed, status=status)
    link = page.one("div", id="problems").one("a", href=f"#{field}")
    assert sentence in link.text()
    assert sentence in page.one("span", id=f"{field}-error").text()
    for name in set(typed) - {"segment", "country", "playbook", "programme", "consultant", "csm", "go"}:
        shown = typed[name].lower() if name == "admin_email" else typed[name]
        assert page.one("input", id=name)["value"] == shown
    for name in {"country", "playbook", "consultant", "csm"} - set(change):
        assert page.one("select", id=name).one("option", selected="")["value"] == typed[name]
    for name in {"segment", "programme"} - set(change):
        assert page.one("input", name=name, checked="")["value"] == typed[name]
    assert made() is None


def test_a_size_that_the_playbook_is_not_made_for_is_refused(visitor, cast, filled, monkeypatch) -> None:
    version = cast.onboarding.playbook_version
    for_smb = version.document.model_copy(update={"segments": ("smb",)})
    monkeypatch.setattr(type(version), "document", for_smb)
    priya = visitor(cast.priya)
    priya.get(FORM)
    page = priya.submit(FORM, filled, status=422)
    assert "isn't made for customers of this size" in page.one("span", id="playbook-error").text()
    assert made() is None
    assert db.session.query(Account).filter_by(name="Wide World").count() == 0


def test_a_field_that_the_form_does_not_have_changes_nothing(visitor, cast, filled) -> None:
    priya = visitor(cast.priya)
    priya.get(FORM)
    page = priya.post(FORM, {**filled, "state": "graduated"}, status=422)
    assert "no field called state" in page.one("div", id="problems").text()
    assert made() is None


def test_who_sold_it_keeps_seeing_it(app, visitor, cast, filled) -> None:
    with app.app_context():
        ada = make.staff("Ada Byron", "account_executive")
        db.session.commit()
    sam = visitor(cast.sam)
    page = sam.get(FORM)
    offered = [o["value"] for o in page.one("select", id="account_executive").all("option")]
    assert offered == ["", cast.sam.ref], "another seller's customer would be out of their sight"
    sam.post(FORM, {**filled, "account_executive": ada.ref}, status=422)
    sam.get(FORM)
    sam.submit(FORM, {**filled, "account_executive": ""})
    assert sam.follow().one("h1").text() == "Wide World"
    assert made().on_team(TeamRole.ACCOUNT_EXECUTIVE).id == cast.sam.id


def test_i01_a_seller_starts_nothing_for_anothers_customer(app, visitor, cast, second) -> None:
    with app.app_context():
        ada = make.staff("Ada Byron", "account_executive")
        db.session.commit()
    browser = visitor(ada)
    page = browser.get(KNOWN)
    assert cast.account.ref not in page.source
    browser.post(KNOWN, {**second, "account": cast.account.ref, "start_date": "2026-03-16"}, status=422)
    assert db.session.query(Onboarding).count() == 1


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


# --- After what they are on now -----------------------------------------------------------------


@pytest.fixture
def another(app, cast, second) -> dict[str, str]:
    """A second product for Northwind, after the first value of the first."""
    with app.test_request_context():
        book = publish(read_checked(next(path for path in shipped() if path.stem == "payout-automation")))
        db.session.commit()
        key = book.playbook.key
    return {**second, "playbook": key, "account": cast.account.ref, "begins": "after_first"}


def test_another_product_waits_for_the_first_value_of_the_first(visitor, cast, another, clock) -> None:
    priya = visitor(cast.priya)
    priya.get(KNOWN)
    priya.submit(KNOWN, another)
    page = priya.follow()
    assert "waits for the first value of Partner Programme and moves with it" in page.text
    assert "Draft: waits for the first value of Partner Programme" in page.one("div", class_="name").text()
    road = made("Northwind")
    assert (road.state, road.starts_after_id, road.product.key) == (
        "draft",
        cast.onboarding.id,
        "payout_automation",
    )
    to = f"/staff/accounts/{cast.account.ref}/restart?o={road.ref}"
    page = priya.submit(to, {"start_date": "2026-03-01"}, status=422)
    assert "The start date has passed" in page.text
    priya.submit(to, {"start_date": "2026-03-05"})
    assert "It starts on Thu 5 March; every date is worked out anew." in priya.follow().text
    assert made("Northwind").starts_after_id is None
    assert "Payout automation, 60 days" in priya.get("/staff").one("table", class_="day-table").text()


def test_who_is_on_no_road_waits_for_nothing(app, visitor, cast, another) -> None:
    over_account = make.account("Fabrikam")
    make.person(over_account, "Fay Ellis")
    db.session.commit()
    priya = visitor(cast.priya)
    priya.get(KNOWN)
    page = priya.submit(KNOWN, {**another, "account": over_account.ref}, status=422)
    assert "Fabrikam is on no road now. Let this one begin on a date." in page.text
