"""Signing a stale version, out of order, as somebody else, twice; and what is left of a signer who is erased."""

import pytest
from sqlalchemy import select

from portal import db
from portal.accounts.kinds import PortalRole
from portal.accounts.models import Person, Staff, User
from portal.activity.models import Activity
from portal.auth import reauth, seeing
from portal.auth.models import Purpose, Session, SignInLink
from portal.jobs import Job
from portal.onboardings.models import Onboarding
from portal.plans import reading
from portal.plans.certificate import certificate
from portal.plans.models import Plan, PlanSigner, PlanVersion, Signature
from portal.plans.rules import PlanState
from portal.plans.sealing import About
from tests import make
from tests.infra.visit import Visitor
from tests.plans import making
from tests.plans.browsing import address, code_of, filled, kept

TABLES = (PlanVersion, PlanSigner, Signature, Activity, Job)


def state() -> list[str]:
    """All that signing could change."""
    db.session.expire_all()
    rows = []
    for model in TABLES:
        table = model.__table__
        rows += [repr((table.name, *row)) for row in db.session.execute(table.select().order_by(table.c.id))]
    db.session.commit()
    return rows


def open_page(browser: Visitor, made) -> dict[str, str]:
    """What the form on the page would send, filled in."""
    page = browser.get(address(made))
    form = page.form("/plan/sign")
    return {"shown": form.one("input", name="shown")["value"], **filled(made)}


# --- E03: a stale version -----------------------------------------------------------------------


def test_E03_a_version_that_was_replaced_while_it_was_read_is_409_with_what_differs(
    app, people, sent, visitor
):  # fmt: skip
    sent()
    ana = visitor(people.ana)
    stale = open_page(ana, people)
    with app.test_request_context():
        made = making.anew(people)
        making.move(made, 7)
        making.sent(made)
        db.session.commit()
    before = state()
    page = ana.post(f"{address(people)}/sign", stale, status=409)
    assert "Version 2 arrived on 10 Mar at" in page.text
    assert "Graduation" in page.one("ul", class_="plan-changes").text()
    assert state() == before
    form = page.form("/plan/sign")
    assert not [box for box in form.all("input", type="checkbox") if "checked" in box.attrs]
    ana.submit("/plan/sign", filled(people))  # What is shown now can be signed.
    assert kept_of(2, people).signer(people.ana).consented_at is not None
    assert kept_of(1, people).signer(people.ana).consented_at is None


def kept_of(n: int, made) -> PlanVersion:
    db.session.expire_all()
    version = Plan.of(db.session.get_one(Onboarding, made.onboarding.id)).version(n)
    assert version is not None
    return version


def test_E03_a_code_that_is_typed_after_a_new_version_came_signs_neither(app, people, sent, visitor):
    sent()
    ana = visitor(people.ana)
    ana.get(address(people))
    ana.submit("/plan/sign", filled(people))
    page = ana.follow()
    fields = {"version": page.all("input", name="version")[0]["value"], "way": "code"}
    code = code_of(ana, people.ana)
    with app.test_request_context():
        made = making.anew(people)
        making.move(made, 7)
        making.sent(made)
        db.session.commit()
    before = state()
    page = ana.post(f"{address(people)}/sign/confirm", {**fields, "code": code}, status=409)
    assert "Version 2 arrived" in page.text
    assert state() == before


@pytest.mark.parametrize("then", [PlanState.VOIDED, PlanState.DECLINED, PlanState.EXPIRED])
def test_E03_what_can_no_longer_be_signed_is_409(people, sent, visitor, then):
    version = sent()
    ana = visitor(people.ana)
    stale = open_page(ana, people)
    version = kept(version)
    version.state, version.declined_by_id = then, people.ana.id
    version.declined_at = version.voided_at = version.sent_at
    version.declined_why = "No"
    db.session.commit()
    before = state()
    ana.post(f"{address(people)}/sign", stale, status=409)
    assert state() == before


# --- E04: nothing can be left out ---------------------------------------------------------------


def test_E04_not_without_opening_it(people, sent, visitor):
    sent()
    ana, rui = visitor(people.ana), visitor(people.rui)
    ana.get(address(people))
    before = state()
    for shown in (
        "",
        "x",
        "a.b",
        ana.page.form("/plan/sign").one("input", name="shown")["value"][:-2] + "zz",
    ):
        ana.post(f"{address(people)}/sign", {"shown": shown, **filled(people)}, status=422)
    assert "shown" not in {node.get("name") for node in rui.get(address(people)).all("input")}
    assert state() == before


@pytest.mark.parametrize("missing", ["read", "consent", "typed_name", "shown"])
def test_E04_not_without_any_of_its_parts(people, sent, visitor, missing):
    sent()
    ana = visitor(people.ana)
    fields = open_page(ana, people)
    del fields[missing]
    before = state()
    ana.post(f"{address(people)}/sign", fields, status=422)
    assert state() == before
    ana.get(f"{address(people)}/sign/confirm", status=303)


@pytest.mark.parametrize("box", ["read", "consent"])
def test_E04_a_box_that_says_no_is_not_ticked(people, sent, visitor, box):
    sent()
    ana = visitor(people.ana)
    fields = open_page(ana, people)
    before = state()
    for no in ("false", ""):
        ana.post(f"{address(people)}/sign", {**fields, box: no}, status=422)
    assert state() == before


def test_E04_not_without_saying_who_one_is(people, sent, visitor):
    version = sent()
    ana = visitor(people.ana)
    ana.get(address(people))
    confirm = f"{address(people)}/sign/confirm"
    plain = {"version": version.ref, "way": "code"}
    ana.post(confirm, {**plain, "code": "123456"}, status=422)  # Before anything was agreed to.
    ana.get(address(people))
    ana.submit("/plan/sign", filled(people))
    ana.follow()
    for more in ({"code": ""}, {"code": "12345"}, {}, {"way": "password", "password": ""},
                 {"way": "password", "password": "onboarding-demo"}, {"way": "standing"}):  # fmt: skip
        ana.post(confirm, {**plain, **more}, status=422)
    wrong = f"{(int(code_of(ana, people.ana)) + 1) % 1_000_000:06d}"
    page = ana.post(confirm, {**plain, "code": wrong}, status=422)
    assert "doesn’t fit" in page.one("div", id="problems").text()
    assert not db.session.scalars(select(Signature)).all()
    assert kept(version).state is PlanState.SENT
    db.session.commit()
    ana.post(confirm, {**plain, "code": code_of(ana, people.ana)})
    assert len(db.session.scalars(select(Signature)).all()) == 1


def test_E04_a_code_for_signing_in_does_not_sign(people, sent, visitor):
    version = sent()
    ana = visitor(people.ana)
    ana.get(address(people))
    ana.submit("/plan/sign", filled(people))
    ana.follow()
    with ana.client.application.app_context():
        code = SignInLink.issue(db.session.get_one(User, people.ana.id), Purpose.SIGN_IN).mint()[1]
        db.session.commit()
    ana.post(
        f"{address(people)}/sign/confirm", {"version": version.ref, "way": "code", "code": code}, status=422
    )
    assert not db.session.scalars(select(Signature)).all()


# --- E05: the wrong person ----------------------------------------------------------------------


def test_E05_a_teammate_another_admin_and_a_stranger(app, people, sent, visitor):
    version = sent()
    with app.test_request_context():
        home = db.session.get_one(Person, people.ana.id).account
        nia = make.person(home, "Nia Costa", PortalRole.ADMIN)
        fay = make.person(make.account("Fabrikam"), "Fay Lind", PortalRole.ADMIN)
        db.session.commit()
    ana = visitor(people.ana)
    forwarded = open_page(ana, people)  # The whole page, as Ana's own browser would send it.
    ana.submit("/plan/sign", filled(people))
    code = code_of(ana, people.ana)
    confirm = {"version": version.ref, "way": "code", "code": code}
    before = state()
    for user, at_sign, at_confirm in (
        (people.ben, 403, 403),
        (nia, 422, 422),
        (people.rui, 422, 422),
        (fay, 404, 404),
        (people.priya, 403, 403),
    ):
        browser = visitor(user)
        browser.get("/preferences")
        browser.post(f"{address(people)}/sign", forwarded, status=at_sign)
        browser.get("/preferences")
        browser.post(f"{address(people)}/sign/confirm", confirm, status=at_confirm)
    nobody = visitor()
    nobody.get("/login")
    nobody.post(f"{address(people)}/sign", forwarded)
    assert nobody.page.location.startswith("/login")
    assert state() == before


def test_E05_another_admin_with_a_page_of_their_own_is_told_who_signs(app, people, sent, visitor):
    version = sent()
    rui = visitor(people.rui)
    with app.app_context():
        shown = reading.shown(kept(version), db.session.get_one(User, people.rui.id))
        db.session.commit()
    rui.get(address(people))
    page = rui.post(f"{address(people)}/sign", {"shown": shown, **filled(people)}, status=403)
    assert "Only Ana can sign here." in page.text


def test_E05_staff_who_see_as_the_customer_sign_nothing(app, people, sent, visitor):
    sent()
    priya = visitor(people.priya)
    with app.test_request_context():
        made = making.anew(people)
        session = db.session.scalars(select(Session).where(Session.user_id == people.priya.id)).one()
        seeing.begin(
            made.ana, made.onboarding.id, by=db.session.get_one(Staff, people.priya.id), session_id=session.id
        )
        db.session.commit()
    before = state()
    fields = open_page(priya, people)
    for ending in ("sign", "sign/confirm", "decline", "other", "fresh", "comment"):
        priya.post(f"{address(people)}/{ending}", fields, status=403)
    assert state() == before


def test_E05_our_side_never_signs_first(people, sent, visitor):
    sent()
    with visitor(people.priya).client.application.app_context():
        version = kept_of(1, people)
        shown = reading.shown(version, db.session.get_one(User, people.priya.id))
        db.session.commit()
    priya = visitor(people.priya)
    desk = f"/staff/accounts/{people.account.ref}/plan/countersign?o={people.onboarding.ref}"
    priya.get(desk)
    before = state()
    page = priya.post(desk, {"shown": shown, **filled(people)}, status=422)
    assert "Ana signs first" in page.text
    assert state() == before


# --- Twice --------------------------------------------------------------------------------------


def test_a_double_click_and_two_browsers_are_one_signature(people, sent, visitor):
    version = sent()
    one, two = visitor(people.ana), visitor(people.ana)
    for browser in (one, two):
        browser.get(address(people))
        browser.submit("/plan/sign", filled(people))
        browser.follow()
    fields = {"version": version.ref, "way": "code", "code": code_of(one, people.ana)}
    confirm = f"{address(people)}/sign/confirm"
    one.post(confirm, fields)
    for browser in (one, two):
        browser.get(address(people))
        browser.post(confirm, fields)
        assert "You have signed this version already." in browser.follow().text
    two.post(f"{address(people)}/sign", {"shown": "", **filled(people)})
    assert len(db.session.scalars(select(Signature)).all()) == 1


def test_a_click_that_comes_while_the_first_one_signs_is_told_so(people, sent, visitor, monkeypatch):
    version = sent()
    one, two = visitor(people.ana), visitor(people.ana)
    for browser in (one, two):
        browser.get(address(people))
        browser.submit("/plan/sign", filled(people))
        browser.follow()
    fields = {"version": version.ref, "way": "code", "code": code_of(one, people.ana)}
    confirm = f"{address(people)}/sign/confirm"
    identify = reauth.confirm

    def late(*args, **said):
        monkeypatch.setattr(reauth, "confirm", identify)
        one.post(confirm, fields)
        return identify(*args, **said)

    monkeypatch.setattr(reauth, "confirm", late)
    two.post(confirm, fields)  # Not that the code doesn't fit: it was used up by signing.
    assert "You have signed this version already." in two.follow().text
    assert len(db.session.scalars(select(Signature)).all()) == 1


# --- E10: erased --------------------------------------------------------------------------------


def test_E10_an_erased_signer_leaves_plan_and_certificate_standing(app, people, sent, visitor):
    version = sent(people.ana, people.priya)
    page = visitor(people.rui).get(address(people)).one("section", id="sign").text()

    about = About(certificate="ab" * 32, time_source=None, audit_head="cd" * 32)

    def shown() -> object:
        with app.test_request_context():
            return certificate(kept(version), about, "https://onboarding.partnerly.example/verify")

    before = shown()
    ana = db.session.get_one(Person, people.ana.id)
    ana.name, ana.called, ana.email, ana.job_title = "Erased", "Erased", "erased@nobody.invalid", None
    ana.left_at = version.sent_at
    for signer in db.session.scalars(select(PlanSigner).where(PlanSigner.user_id == people.ana.id)):
        signer.typed_name = None
    db.session.execute(Activity.__table__.update().values(personal=None))
    db.session.commit()
    assert visitor(people.rui).get(address(people)).one("section", id="sign").text() == page
    row = db.session.scalars(select(Signature).where(Signature.user_id == people.ana.id)).one()
    assert (row.name, row.email, row.typed_name) == (people.ana.name, people.ana.email, people.ana.name)
    assert shown() == before
