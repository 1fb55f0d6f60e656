"""Saying once more who one is: the code in the letter, the password, and what either is good for."""

import pytest
from sqlalchemy import select

from portal import db
from portal.accounts.models import User
from portal.activity.models import Activity, Verb
from portal.auth import passwords, reauth, rules
from portal.auth.models import Purpose, Session, SignInLink
from portal.errors import Refused
from tests.auth.conftest import code_in, viewer_of, words
from tests.auth.test_links import tables

PLAN, OTHER = "/o/abc/plan/v2", "/o/abc/plan/v3"


@pytest.fixture
def request_of(app):
    """A request from somewhere, as views have one."""
    with app.test_request_context(environ_base={"REMOTE_ADDR": "192.0.2.7"}):
        yield


@pytest.fixture
def mailed(app, post):
    """Ask for a code, and read it in the letter."""

    def read(user: User, about: str = PLAN) -> str:
        with app.app_context(), db.transaction():
            assert reauth.ask(db.session.get_one(User, user.id), about, "Plan, version 2")
        return code_in(post.one(user.email)).replace(" ", "")

    return read


def refused(user: User, about: str = PLAN, **said: str) -> Refused:
    with pytest.raises(Refused) as why:
        reauth.confirm(user, about, **said)
    db.session.rollback()
    return why.value


def test_a_code_says_who_it_is_once(people, mailed, request_of):
    code = mailed(people.ana)
    proof = reauth.confirm(people.ana, PLAN, code=code)
    assert (proof.user_id, proof.about, proof.way) == (people.ana.id, PLAN, "code")
    db.session.commit()
    assert refused(people.ana, code=code).field == "code"


def test_a_code_is_not_used_up_by_what_was_refused_after_it(people, mailed, request_of):
    code = mailed(people.ana)
    reauth.confirm(people.ana, PLAN, code=code)
    db.session.rollback()
    assert reauth.confirm(people.ana, PLAN, code=code)


def test_the_letter_says_what_for_and_holds_no_link_that_signs_in(people, app, post, mailed):
    with app.app_context(), db.transaction():
        reauth.ask(db.session.get_one(User, people.ana.id), PLAN, "Plan, version 2")
    letter = post.one(people.ana.email)
    for kind in ("plain", "html"):
        assert "Plan, version 2" in words(letter, kind)
        assert "/login/" not in words(letter, kind)
        assert code_in(letter) in words(letter, kind)


def test_A10_a_code_counts_for_its_person_and_its_thing_alone(people, mailed, request_of):
    code = mailed(people.ana)
    for user in (people.ben, people.fay, people.priya):
        refused(user, code=code)
    refused(people.ana, OTHER, code=code)
    assert reauth.confirm(people.ana, PLAN, code=code)


def test_A10_it_opens_no_door_and_a_code_for_the_door_signs_nothing(people, mailed, ask, visitor, app):
    code = mailed(people.ana)
    browser = visitor()
    browser.get("/login?with=code")
    browser.submit("/login/code", {"email": people.ana.email, "code": code}, status=422)
    with app.app_context():
        token, _code = db.session.scalars(select(SignInLink)).one().mint()
        db.session.commit()
    browser.get(f"/login/{token}", status=410)
    browser.post(f"/login/{token}", status=410)
    assert not viewer_of(browser)
    _browser, letter = ask(people.ana.email)
    with app.test_request_context():
        refused(people.ana, code=code_in(letter).replace(" ", ""))
    assert not db.session.scalars(select(Session)).all()


def test_A06_it_lives_ten_minutes_from_the_moment_its_letter_leaves(people, mailed, clock, request_of):
    code = mailed(people.ana)
    clock.forward(minutes=9, seconds=59)
    assert reauth.confirm(people.ana, PLAN, code=code).way == "code"
    db.session.rollback()
    clock.forward(seconds=1)
    assert "code" in str(refused(people.ana, code=code))


def test_A06_five_wrong_tries_end_it(people, mailed, request_of, monkeypatch):
    monkeypatch.setattr(rules, "CODES", rules.Limit("code", rules.CODES.window, 99, 99, 99))
    code = mailed(people.ana)
    for number in range(5):
        refused(people.ana, code=f"{(int(code) + number + 1) % 1_000_000:06d}")
    refused(people.ana, code=code)
    failed = select(Activity).where(Activity.verb == Verb.SIGN_IN_FAILED)
    assert not db.session.scalars(failed).all()  # The worker writes them down.


def test_A08_only_hashes_are_kept(people, mailed, request_of):
    code = mailed(people.ana)
    row = db.session.scalars(select(SignInLink)).one()
    assert row.purpose is Purpose.AGAIN
    assert row.token_hash is None
    assert code not in tables().replace(f"{row.id}", "")
    assert f"{code[:3]} {code[3:]}" not in tables()


def test_A09_too_many_tries_are_told_to_wait(people, mailed, request_of):
    code = mailed(people.ana)
    for _number in range(rules.CODES.by_pair):
        refused(people.ana, code="000000")
    why = refused(people.ana, code=code)
    assert isinstance(why, reauth.TooOften)
    assert 0 < why.seconds <= 900


def test_asking_again_sends_no_second_letter_while_one_is_on_its_way(people, app, post):
    with app.app_context():
        with db.transaction():
            ana = db.session.get_one(User, people.ana.id)
            assert reauth.ask(ana, PLAN, "Plan")
            assert not reauth.ask(ana, PLAN, "Plan")
            assert reauth.ask(ana, OTHER, "Another plan")
        assert len(post.deliver()) == 2
        with db.transaction():
            assert reauth.ask(db.session.get_one(User, people.ana.id), PLAN, "Plan")
        assert len(post.deliver()) == 1


def test_a_password_says_it_too(people, app, request_of):
    assert not reauth.has_password(people.ana)
    refused(people.ana, password="heron lantern gravel outing")
    priya = db.session.get_one(User, people.priya.id)
    passwords.set_password(priya, "heron lantern gravel outing")
    db.session.commit()
    assert reauth.has_password(priya)
    assert reauth.confirm(priya, PLAN, password="heron lantern gravel outing").way == "password"
    assert refused(priya, password="heron lantern gravel").field == "password"
    assert refused(priya, password="onboarding-demo").field == "password"
    assert refused(priya, password="").field == "password"
