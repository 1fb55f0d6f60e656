"""Staff invite a customer's people, invite them again and withdraw what nobody has used. T03, I01."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from portal import db
from portal.accounts.kinds import PortalRole
from portal.accounts.models import Person, User
from portal.activity.models import Activity, Verb
from portal.auth.models import SignInLink
from portal.mail import Letter
from tests import make

JOINED = datetime(2026, 3, 2, tzinfo=UTC)
EVA = {"name": "Eva Reis", "email": "Eva@Northwind.example", "portal_role": "teammate"}


@pytest.fixture
def at(cast):
    """The people of Northwind, or something done to them: `at("/invite")`."""
    return lambda what="": f"/staff/accounts/{cast.account.ref}/people{what}?o={cast.onboarding.ref}"


def eva() -> Person | None:
    return db.session.scalar(select(Person).where(Person.email == "eva@northwind.example"))


def invitations(person: Person) -> list[Letter]:
    rows = select(Letter).where(Letter.user_id == person.id, Letter.kind == "invitation")
    return list(db.session.scalars(rows))


def test_staff_invite_as_an_admin_of_theirs_does(visitor, cast, at) -> None:
    priya = visitor(cast.priya)
    priya.get(at())
    typed = {**EVA, "job_title": "Partner manager", "stakeholder_roles": "end_user"}
    priya.submit(at("/invite"), typed)
    page = priya.follow()
    assert "The invitation is on its way to eva@northwind.example." in page.text
    row = next(row for row in page.all("tr") if "Eva Reis" in row.text())
    assert "Send it again" in row.text()
    person = eva()
    assert (person.account_id, person.portal_role) == (cast.account.id, PortalRole.TEAMMATE)
    assert (person.job_title, person.stakeholder_roles) == ("Partner manager", ["end_user"])
    assert person.invited_by_id == cast.priya.id
    (letter,) = invitations(person)
    assert letter.from_name == "Priya at Partnerly"
    told = select(Activity).where(Activity.verb == Verb.PERSON_INVITED, Activity.subject_id == person.id)
    assert db.session.scalars(told).one().actor_id == cast.priya.id


@pytest.mark.parametrize(
    ("change", "status", "field", "sentence"),
    [
        ({"name": " "}, 422, "name", "Enter their name"),
        ({"email": "eva"}, 422, "email", "Enter an e-mail address like"),
        ({"email": ""}, 422, "email", "Enter their work e-mail"),
        ({"portal_role": "boss"}, 422, "portal_role", "Choose one of the answers shown"),
        ({"email": "fay@fabrikam.example"}, 422, "email", "already belongs to someone here; ask them to"),
        ({"email": "June@partnerly.example"}, 422, "email", "belongs to June Park, who works here"),
        ({"email": "ana@northwind.example"}, 422, "email", "Ana Moreira is on the list already"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_changes_nothing(
    app, visitor, cast, at, change, status, field, sentence
) -> None:
    with app.app_context():
        make.person(make.account("Fabrikam"), "Fay Lund", joined_at=JOINED)
        db.session.commit()
    before = db.session.query(Letter).count()
    priya = visitor(cast.priya)
    priya.get(at())
    page = priya.submit(at("/invite"), {**EVA, **change}, status=status)
    assert sentence in page.one("div", id="problems").one("a", href=f"#invite-{field}").text()
    assert sentence in page.one("span", id=f"invite-{field}-error").text()
    assert "open" in page.one("details", id="invite").attrs
    if "name" not in change:
        assert page.one("input", id="invite-name")["value"] == "Eva Reis"
    assert (eva(), db.session.query(Letter).count()) == (None, before)


def test_a_new_invitation_ends_the_one_before(visitor, cast, at, clock) -> None:
    priya = visitor(cast.priya)
    priya.get(at())
    priya.submit(at("/invite"), EVA)
    priya.follow()
    page = priya.submit(at(f"/{eva().ref}/again"), status=422)
    last, then = (
        "The last invitation to Eva Reis left on Tue 3 March, 03:00.",
        "the next one on Tue 3 March, 04:00.",
    )
    assert f"{last} You can send {then}" in page.one("div", id="problems").text()
    clock.forward(hours=1)
    priya.submit(at(f"/{eva().ref}/again"))
    assert "The invitation is on its way to eva@northwind.example." in priya.follow().text
    links = db.session.scalars(select(SignInLink).where(SignInLink.user_id == eva().id)).all()
    assert [bool(link.revoked_at) for link in sorted(links, key=lambda link: link.id)] == [True, False]


def test_a_withdrawn_invitation_opens_nothing(visitor, cast, at, acted) -> None:
    priya = visitor(cast.priya)
    priya.get(at())
    priya.submit(at("/invite"), EVA)
    acted(lambda now: now.onboarding.next_step.hand_to(eva(), by=now.ana))
    priya.follow()
    priya.submit(at(f"/{eva().ref}/withdraw"))
    page = priya.follow()
    assert "Withdrawn: the invitation of Eva Reis" in page.text
    assert "Send it again" not in next(row for row in page.all("tr") if "Eva Reis" in row.text()).text()
    gone = db.session.scalars(select(Person).where(Person.asked_email == "eva@northwind.example")).one()
    assert (eva(), gone.may_enter) == (None, False)
    assert all(step.assignee_id != gone.id for step in cast.onboarding.steps)
    assert "invitation withdrawn" in next(row for row in page.all("tr") if "Eva Reis" in row.text()).text()
    # Asked for again, they come back: at once, for it may have been a mistake, but not on and on.
    priya.submit(at("/invite"), {**EVA, "portal_role": "sponsor"})
    priya.follow()
    assert (eva().id, eva().may_enter, eva().portal_role) == (gone.id, True, PortalRole.SPONSOR)
    priya.submit(at(f"/{eva().ref}/withdraw"))
    priya.follow()
    page = priya.submit(at("/invite"), EVA, status=422)
    assert "The last invitation to Eva Reis left on" in page.one("div", id="problems").text()
    history = priya.get(f"/staff/accounts/{cast.account.ref}/history").text
    assert "Priya Rao invited Eva Reis again" in history
    assert "Priya Rao withdrew the invitation of Eva Reis" in history


def test_a_title_is_no_name_to_call_somebody_by(visitor, cast, at) -> None:
    priya = visitor(cast.priya)
    priya.get(at())
    priya.submit(at("/invite"), {**EVA, "name": "Prof. Dr. Petra Groß"})
    assert eva().called == "Petra"


@pytest.mark.parametrize("verb", ["again", "withdraw"])
def test_who_is_here_needs_no_invitation_and_keeps_their_place(visitor, cast, at, acted, verb) -> None:
    acted(lambda now: setattr(now.ben, "joined_at", JOINED))
    priya = visitor(cast.priya)
    page = priya.get(at())
    actions = [form.get("action") for form in page.all("form")]
    assert not [
        action for action in actions if action in (at(f"/{cast.ben.ref}/{v}") for v in ("again", "withdraw"))
    ]
    page = priya.post(at(f"/{cast.ben.ref}/{verb}"), status=422)
    assert "Ben Ortiz is here already" in page.one("div", id="problems").text()
    assert db.session.get_one(Person, cast.ben.id).may_enter


def test_even_the_only_admin_is_withdrawn_when_they_never_came(visitor, cast, at) -> None:
    priya = visitor(cast.priya)
    priya.get(at())
    priya.submit(at(f"/{cast.ana.ref}/withdraw"))
    assert not db.session.get_one(Person, cast.ana.id).is_active


def test_staff_invite_somebody_once_another_company_s_invitation_has_run_out(
    app, visitor, cast, at, clock
) -> None:
    with app.app_context():
        invited = {"email": "eva@northwind.example", "invited_at": JOINED}
        squatted = make.person(make.account("Fabrikam"), "Eva Reis", **invited).id
        db.session.commit()
    priya = visitor(cast.priya)
    priya.get(at())
    page = priya.submit(at("/invite"), EVA, status=422)
    assert "eva@northwind.example already belongs to someone here" in page.one("div", id="problems").text()
    assert eva().id == squatted
    clock.forward(days=7)
    priya = visitor(cast.priya)
    priya.get(at())
    priya.submit(at("/invite"), EVA)
    assert "The invitation is on its way to eva@northwind.example." in priya.follow().text
    assert eva().account_id == cast.account.id
    assert not db.session.get_one(Person, squatted).is_reachable


def test_addresses_that_belong_to_others_are_looked_up_at_once(visitor, cast, at, acted, statements) -> None:
    """However many of those who never came were asked with one."""
    seen = []
    for many in (1, 8):
        acted(
            lambda now, many=many: [
                make.person(
                    now.account,
                    f"Eva {many}{n}",
                    email=f"{many}{n}@nobody.invalid",
                    asked_email=f"e{many}{n}@fabrikam.example",
                )
                for n in range(many)
            ]
        )
        priya = visitor(cast.priya)
        with statements() as asked:
            priya.get(at())
        seen.append(len(asked))
    assert seen[0] == seen[1] <= 12


def test_staff_are_told_of_an_address_that_the_customer_may_not_know_about(
    app, visitor, cast, at, acted, clock
) -> None:
    with app.app_context():
        make.person(make.account("Fabrikam"), "Fay Lund", joined_at=JOINED)
        db.session.commit()
    ana = visitor(cast.ana)
    ana.get(f"/o/{cast.onboarding.ref}/people")
    ana.submit("/people/invite", {**EVA, "email": "fay@fabrikam.example"})
    asked = db.session.scalars(select(Person).where(Person.asked_email == "fay@fabrikam.example")).one()
    priya = visitor(cast.priya)
    row = next(row for row in priya.get(at()).all("tr") if "Eva Reis" in row.text())
    assert "the address is someone else's here" in row.text()
    page = priya.post(at(f"/{asked.ref}/again"), status=422)
    assert "fay@fabrikam.example already belongs to someone here" in page.one("div", id="problems").text()
    # Once it belongs to nobody, the invitation leaves.
    acted(lambda _now: setattr(User.by_email("fay@fabrikam.example"), "email", "fay@elsewhere.example"))
    clock.forward(hours=1)
    priya.get(at())
    priya.submit(at(f"/{asked.ref}/again"))
    db.session.expire_all()
    assert [letter.address for letter in invitations(asked)] == ["fay@fabrikam.example"]


def test_a_teammates_suggestion_is_accepted_or_left_out(visitor, cast, at, acted) -> None:
    from portal.onboardings.people import suggest_person

    acted(lambda now: suggest_person(now.onboarding, "Eva Reis", "eva@northwind.example", by=now.ben))
    priya = visitor(cast.priya)
    row = next(row for row in priya.get(at()).all("tr") if "Eva Reis" in row.text())
    assert "Invite · Leave out" in row.text()
    assert not eva().may_enter
    priya.submit(at(f"/{eva().ref}/again"))
    priya.follow()
    assert eva().may_enter


@pytest.mark.parametrize(
    ("who", "status"),
    [("priya", 303), ("tomas", 303), ("june", 303), ("lena", 303), ("sam", 403), ("ana", 404)],
)
def test_t03_only_who_may_invite_does(app, visitor, cast, at, who, status) -> None:
    with app.app_context():
        lena = make.staff("Lena Voss", "cs_leader")
        db.session.commit()
    browser = visitor(lena if who == "lena" else getattr(cast, who))
    browser.get("/preferences")
    if who != "ana":
        assert bool(browser.get(at()).all("details", id="invite")) is (status == 303)
    browser.post(at("/invite"), EVA, status=status)
    browser.get("/preferences")
    browser.post(at(f"/{cast.ben.ref}/again"), status=status)
    assert (eva() is not None) is (status == 303)


def test_i01_somebody_elsewhere_is_not_there(app, visitor, cast, at) -> None:
    with app.app_context():
        fay = make.person(make.account("Fabrikam"), "Fay Lund", joined_at=JOINED)
        db.session.commit()
    priya = visitor(cast.priya)
    priya.get(at())
    priya.post(at(f"/{fay.ref}/withdraw"), status=404)
    assert db.session.get_one(Person, fay.id).is_active
