"""The customer admin's people page: invite, change, invite again, remove, decide on suggestions. T02, T03, A-series."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from portal import db
from portal.accounts.kinds import PortalRole
from portal.accounts.models import Person
from portal.auth.models import Session
from portal.mail import Letter
from portal.notifications.models import DigestItem
from portal.onboardings.people import add_person, suggest_person
from tests import make

JOINED = datetime(2026, 3, 2, tzinfo=UTC)
NEW = {"name": "Marta Reis", "email": "Marta@Northwind.example", "portal_role": "teammate"}


def people(road) -> str:
    return f"{road.home}/people"


def letters(email: str, kind: str | None = None) -> list[Letter]:
    rows = select(Letter).where(Letter.address == email)
    return list(db.session.scalars(rows.where(Letter.kind == kind) if kind else rows))


def found(email: str) -> Person | None:
    db.session.expire_all()
    return db.session.scalar(select(Person).where(Person.email == email))


def test_ana_invites_a_colleague(visitor, road) -> None:
    ana = visitor(road.cast.ana)
    ana.get(people(road))
    ana.submit(
        "/people/invite", {**NEW, "stakeholder_roles": ["it_contact"] * 2, "job_title": "Partner manager"}
    )
    page = ana.follow()
    assert "the invitation is on its way to marta@northwind.example" in page.text
    assert "Teammate, Partner manager, IT contact" in page.text
    assert "invited 3 March, not here yet" in page.text
    marta = found("marta@northwind.example")
    assert marta.stakeholder_roles == ["it_contact"]
    assert (marta.account_id, marta.portal_role) == (road.cast.account.id, PortalRole.TEAMMATE)
    assert len(letters("marta@northwind.example", "invitation")) == 1


@pytest.mark.parametrize("address", ["ü@northwind.example", "ｂen@northwind.example", "😀@northwind.example"])
def test_an_address_that_no_letter_reaches_is_refused_in_words(visitor, road, address) -> None:
    ana = visitor(road.cast.ana)
    ana.get(people(road))
    page = ana.submit("/people/invite", {**NEW, "email": address}, status=422)
    assert "Before the @, write only letters without accents" in page.one("div", id="problems").text()
    assert page.one("input", id="email")["value"] == address


def test_a_colleague_in_another_spelling_is_on_the_list_already(visitor, road) -> None:
    ana = visitor(road.cast.ana)
    ana.get(people(road))
    page = ana.submit("/people/invite", {**NEW, "email": "BEN@ｎorthwind。example"}, status=422)
    assert "Ben Ortiz is on the list already." in page.one("div", id="problems").text()


def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(visitor, road) -> None:
    ana = visitor(road.cast.ana)
    ana.get(people(road))
    page = ana.submit(
        "/people/invite", {"name": "", "email": "not an address", "job_title": "x" * 121}, status=422
    )
    told = page.one("div", id="problems").text()
    for sentence in ("Enter their name", "Enter an e-mail address like", "Keep this under 120 characters"):
        assert sentence in told
    assert page.one("input", id="email")["value"] == "not an address"
    page = ana.submit("/people/invite", {**NEW, "portal_role": "owner"}, status=422)
    assert "Choose one of the answers shown" in page.one("div", id="problems").text()
    page = ana.submit("/people/invite", {**NEW, "job_title": "", "email": road.cast.ben.email}, status=422)
    assert "Ben Ortiz is on the list already" in page.one("div", id="problems").text()
    assert page.one("input", id="name")["value"] == "Marta Reis"
    page = ana.post(f"{people(road)}/invite", {**NEW, "account_id": "1"}, status=422)
    assert "no field called account_id" in page.text
    assert found("marta@northwind.example") is None


def test_an_address_of_another_company_gets_the_same_answer_and_its_owner_a_letter(
    app, visitor, road
) -> None:
    with app.app_context():
        fay = make.person(make.account("Fabrikam"), "Fay Lind", joined_at=JOINED)
        db.session.commit()
    ana = visitor(road.cast.ana)
    answers = []
    for email in (fay.email, "free@northwind.example", road.cast.priya.email):
        ana.get(people(road))
        ana.submit("/people/invite", {**NEW, "email": email})
        answers.append(ana.follow().one("div", class_="flash").text().replace(email, "…"))
    assert len(set(answers)) == 1
    (letter,) = letters(fay.email)
    assert letter.kind == "security"
    assert "already" in letter.text
    for secret in ("Northwind", "Ana", "Marta"):
        assert secret not in letter.subject + letter.text + (letter.html or "")
    assert found(fay.email).account_id == fay.account_id
    assert len(letters(road.cast.priya.email, "security")) == 1


def came(road, *names: str) -> None:
    """They followed their invitation before today."""
    with road.changing():
        for name in names:
            road.user(name).joined_at = JOINED


def test_a_role_is_changed_and_the_last_admin_stays_one(visitor, road) -> None:
    came(road, "ana", "ben")
    ben, ana = road.cast.ben, visitor(road.cast.ana)
    ana.get(people(road))
    ana.submit(
        f"/people/{ben.ref}", {"portal_role": "admin", "stakeholder_roles": ["champion", "it_contact"]}
    )
    assert "Saved: Ben Ortiz." in ana.follow().text
    assert found(ben.email).portal_role is PortalRole.ADMIN
    second = visitor(ben)
    second.get(people(road))
    second.submit(f"/people/{road.cast.ana.ref}", {"portal_role": "sponsor"})
    page = second.post(f"{people(road)}/{ben.ref}", {"portal_role": "teammate"}, status=422)
    assert (
        "Ben Ortiz is the only admin who has signed in here. Make someone else an admin first."
        in page.one("div", id="problems").text()
    )
    assert found(ben.email).portal_role is PortalRole.ADMIN
    ana.get(people(road), status=403)


def test_a_mangled_role_is_refused_where_it_was_chosen(visitor, road) -> None:
    ben, ana = road.cast.ben, visitor(road.cast.ana)
    ana.get(people(road))
    page = ana.post(f"{people(road)}/{ben.ref}", {"portal_role": "king"}, status=422)
    row = page.one("li", id=f"person-{ben.ref}")
    assert "open" in row.one("details").attrs
    assert "Choose one of the answers shown" in row.text()
    assert found(ben.email).portal_role is PortalRole.TEAMMATE


def test_removing_ends_sessions_at_once_and_frees_the_items(visitor, road) -> None:
    ben, ana = road.cast.ben, visitor(road.cast.ana)
    step = next(s for s in road.cast.onboarding.steps if s.is_customers and s.visible and s.state == "ready")
    road.do(step.key, lambda now: now.hand_to(road.user("ben"), by=road.user("ana")))
    browser = visitor(ben)
    browser.get(road.home)
    ana.get(people(road))
    ana.submit(f"/people/{ben.ref}/remove")
    said = ana.follow().one("div", class_="flash").text()
    assert said.startswith("Ben Ortiz can't sign in any more.")
    assert f"“{step.title}”" in said
    browser.get(road.home, status=303)
    assert "/login" in browser.page.location
    assert not db.session.query(Session).filter_by(user_id=ben.id, ended_at=None).count()
    with road.changing() as now:
        assert not [s.key for s in now.steps if s.assignee_id == ben.id and not s.is_closed]
    assert "No longer here" in ana.get(people(road)).text
    for what in ("/remove", "/again", ""):
        ana.get(people(road))
        ana.post(f"{people(road)}/{ben.ref}{what}", {"portal_role": "admin"} if not what else {}, status=404)


def test_the_last_admin_is_not_removed(visitor, road) -> None:
    came(road, "ana")
    ana = visitor(road.cast.ana)
    ana.get(people(road))
    page = ana.post(f"{people(road)}/{road.cast.ana.ref}/remove", status=422)
    assert "Ana Moreira is the only admin" in page.one("div", id="problems").text()
    assert found(road.cast.ana.email).is_active
    ana.get(people(road))


def test_somebody_who_left_can_be_invited_again_by_their_address(visitor, road) -> None:
    came(road, "ben")
    ben, ana = road.cast.ben, visitor(road.cast.ana)
    ana.get(people(road))
    ana.submit(f"/people/{ben.ref}/remove")
    ana.follow()
    ana.submit("/people/invite", {**NEW, "name": "Ben Ortiz", "email": ben.email})
    back = found(ben.email)
    assert back.is_active
    assert back.id == ben.id


def test_an_invitation_is_sent_again_until_they_are_here(visitor, road, clock) -> None:
    ana = visitor(road.cast.ana)
    with road.changing() as now:
        add_person(
            now,
            name="Marta Reis",
            email="marta@northwind.example",
            job_title=None,
            role=PortalRole.TEAMMATE,
            stakeholder_roles=[],
            by=road.user("ana"),
        )
    marta = found("marta@northwind.example")
    ana.get(people(road))
    page = ana.submit(f"/people/{marta.ref}/again", status=422)
    assert (
        "The last invitation to Marta Reis left on Tue 3 March, 09:00."
        in page.one("div", id="problems").text()
    )
    assert len(letters(marta.email, "invitation")) == 1
    clock.forward(hours=1)
    ana.submit(f"/people/{marta.ref}/again")
    assert "A new invitation is on its way to Marta." in ana.follow().text
    with road.changing():
        db.session.get_one(Person, marta.id).joined_at = marta.invited_at
    page = ana.post(f"{people(road)}/{marta.ref}/again", status=422)
    assert "Marta Reis is here already" in page.one("div", id="problems").text()


def test_a_teammates_suggestion_is_decided_by_an_admin(visitor, road) -> None:
    ben = visitor(road.cast.ben)
    ben.get(f"{road.home}/team")
    ben.submit("/people/suggest", {"name": "Duarte Alves", "email": "duarte@northwind.example"})
    assert "Your admins decide whether to invite Duarte Alves" in ben.follow().text
    assert "Duarte" not in ben.get(f"{road.home}/team").one("div", class_="cols-side").text()
    duarte = found("duarte@northwind.example")
    assert not duarte.roles
    assert letters(duarte.email) == []
    # She has had her letter of the day already, so this one waits for the digest.
    told = select(DigestItem).where(DigestItem.user_id == road.cast.ana.id)
    assert [line.about for line in db.session.scalars(told)] == [f"suggested:{duarte.id}"]
    ana = visitor(road.cast.ana)
    assert "Suggested by your teammates" in ana.get(people(road)).text
    ana.submit(f"/people/{duarte.ref}/again")
    ana.follow()
    assert found(duarte.email).invited_at is not None
    assert len(letters(duarte.email, "invitation")) == 1


def test_a_suggestion_that_is_left_out_is_gone(visitor, road) -> None:
    with road.changing() as now:
        suggest_person(now, "Duarte Alves", "duarte@northwind.example", by=road.user("ben"))
    ana = visitor(road.cast.ana)
    ana.get(people(road))
    ana.submit(f"/people/{found('duarte@northwind.example').ref}/remove")
    page = ana.follow()
    assert "Duarte Alves is not invited." in page.text
    assert "No longer here" not in page.text


def test_suggesting_somebody_who_is_here_or_elsewhere(app, visitor, road) -> None:
    with app.app_context():
        fay = make.person(make.account("Fabrikam"), "Fay Lind", joined_at=JOINED)
        db.session.commit()
    ben = visitor(road.cast.ben)
    ben.get(f"{road.home}/team")
    page = ben.submit("/people/suggest", {"name": "Ana", "email": road.cast.ana.email}, status=422)
    assert "Ana Moreira is on the list already." in page.one("div", id="problems").text()
    ben.submit("/people/suggest", {"name": "Fay", "email": fay.email})
    assert "Your admins decide whether to invite Fay" in ben.follow().text
    assert letters(fay.email) == []
    ana = visitor(road.cast.ana)
    row = next(li for li in ana.get(people(road)).all("li") if fay.email in li.text())
    ana.submit(f"{row['id'].removeprefix('person-')}/again")
    assert len(letters(fay.email, "security")) == 1
    assert letters(fay.email, "invitation") == []
    assert found(fay.email).account_id == fay.account_id


def test_whose_address_is_taken_elsewhere_is_told_apart_on_no_page(
    app, visitor, road, session, clock
) -> None:
    """Ana does with Fabrikam's Fay all that she does with Marta, whom nobody knows, and reads the same each time."""
    with app.app_context():
        fay = make.person(make.account("Fabrikam"), "Fay Lind", joined_at=JOINED).email
        db.session.commit()
    seen = []
    told = {fay: {"security"}, "marta@northwind.example": {"invitation", "step_assigned"}}
    for email, kinds in told.items():
        world = session.get_bind().begin_nested()
        began = clock.now
        seen.append(as_seen(app, visitor, road, email, clock))
        clock.at(began)
        assert {letter.kind for letter in letters(email)} == kinds
        nobodys = select(Letter).where(Letter.address.contains("nobody.invalid"))
        assert db.session.scalars(nobodys).all() == []
        db.session.remove()
        world.rollback()
    assert seen[0] == seen[1]
    assert "invited 3 March, not here yet" in seen[0][1]
    assert "Marta Reis is on the list already" in seen[0][2]


def as_seen(app, visitor, road, email: str, clock) -> list[str]:
    """What Ana reads as she invites this address, invites it again, hands it work, changes and removes it."""
    ana, kit = visitor(road.cast.ana), road.at("readiness_kit")
    ana.get(people(road))
    ana.submit("/people/invite", {**NEW, "email": email})
    said = [ana.follow().one("div", class_="flash").text(), ana.page.one("main").text()]
    with app.app_context():
        (marta,) = db.session.scalars(select(Person).where(Person.name == "Marta Reis"))
        ref = marta.ref
    said.append(ana.submit("/people/invite", {**NEW, "email": email}, status=422).text)
    ana.get(kit)
    ana.post(f"{kit}/assign", {"person": ref})
    said.append(ana.follow().one("main").text())
    said += [ana.get(f"{road.home}/{page}").one("main").text() for page in ("team", "calls", "people")]
    said.append(ana.post(f"{people(road)}/{ref}/again", status=422).one("main").text())
    clock.forward(hours=1)
    ana.get(people(road))
    for verb, fields in (("/again", {}), ("", {"portal_role": "sponsor"}), ("/remove", {})):
        ana.post(f"{people(road)}/{ref}{verb}", fields)
        said.append(ana.follow().one("main").text())
    return [text.replace(email, "…") for text in said]


def test_t03_only_admins_manage_people_and_strangers_find_nothing(app, visitor, road) -> None:
    with app.app_context():
        fay = make.person(make.account("Fabrikam"), "Fay Lind", joined_at=JOINED)
        db.session.commit()
    for who, status in ((road.cast.ben, 403), (road.cast.rui, 403), (fay, 404)):
        browser = visitor(who)
        browser.get(people(road), status=status)
        for what in ("/invite", f"/{road.cast.ben.ref}", f"/{road.cast.ben.ref}/remove"):
            browser.get("/preferences")
            browser.post(people(road) + what, NEW, status=status)
    ana = visitor(road.cast.ana)
    ana.get(people(road))
    ana.post(f"{people(road)}/{fay.ref}/remove", status=404)
    assert found(fay.email).is_active
