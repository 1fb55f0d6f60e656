"""Passwords: for staff, twelve characters, nothing that is guessed first."""

import pytest
from sqlalchemy import select

from portal import db
from portal.accounts.models import User
from portal.auth import passwords, rules
from portal.auth.rules import Weakness
from tests.auth.conftest import viewer_of
from tests.infra.visit import Visitor

GOOD = "heron lantern gravel outing"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("short pass1", Weakness.SHORT),
        ("x" * 201, Weakness.LONG),
        ("passwordpassword", Weakness.COMMON),
        ("P@ssw0rd1234!", Weakness.COMMON),
        ("iloveyou2026!!", Weakness.COMMON),
        ("123456789012", Weakness.COMMON),
        ("098765432109", Weakness.COMMON),
        ("aaaaaaaaaaaaaa", Weakness.COMMON),
        ("qwertyuiop123", Weakness.COMMON),
        ("abcdefghijklmn", Weakness.COMMON),
        ("onboarding-demo", Weakness.COMMON),
        ("31.12.2025 08:00", Weakness.COMMON),
        ("priyanair1990!", Weakness.OWN_NAME),
        ("priya@partnerly.example", Weakness.OWN_NAME),
        ("Partnerly-2026", Weakness.OWN_NAME),
        (GOOD, None),
        ("tiger orange summer mustang", None),
        ("kX9$mQ2vLp7w", None),
        ("Priya likes walking to the harbour", None),
        ("пароль из четырёх слов", None),
    ],
)
def test_what_is_guessed_first_is_refused(text, why):
    assert rules.weakness(text, ["Priya Nair", "Priya", "priya@partnerly.example", "Partnerly"]) is why


@pytest.fixture
def priya(people, enter) -> Visitor:
    browser = enter(people.priya)
    browser.get("/password")
    return browser


def sign_in(browser: Visitor, address: str, password: str, status: int = 303) -> Visitor:
    browser.get("/login?with=password")
    browser.submit("/login/password", {"email": address, "password": password}, status=status)
    return browser


def test_staff_set_a_password_and_get_in_with_it(people, priya, enter, visitor):
    elsewhere = enter(people.priya)
    priya.submit("/password", {"password": GOOD})
    assert priya.page.location == "/preferences"
    assert viewer_of(priya)
    assert not viewer_of(elsewhere)
    kept = db.session.scalar(select(User.password_hash).where(User.id == people.priya.id))
    assert kept.startswith("$argon2id$")
    assert GOOD not in kept
    browser = sign_in(visitor(), people.priya.email, GOOD)
    assert browser.page.location == "/"
    assert viewer_of(browser)
    page = sign_in(visitor(), people.priya.email, GOOD + "s", status=422).page
    assert "Address and password don’t fit together." in page.text
    assert page.one("input", name="email")["value"] == people.priya.email
    assert page.one("input", name="password").get("value") == ""


def test_a_weak_password_is_refused_and_changes_nothing(people, priya):
    page = priya.submit("/password", {"password": "passwordpassword"}, status=422)
    assert "Many people use this one" in page.text
    page = priya.submit("/password", {"password": ""}, status=422)
    assert "Enter a new password of 12 characters or more" in page.text
    assert db.session.scalar(select(User.password_hash).where(User.id == people.priya.id)) is None


def test_a_browser_left_open_needs_the_password_until_now(people, priya, clock):
    assert priya.page.all("input", name="current") == []
    priya.submit("/password", {"password": GOOD})
    clock.forward(minutes=11)
    priya.get("/password")
    page = priya.submit("/password", {"current": "not it at all", "password": GOOD + " two"}, status=422)
    assert "This is not your password until now." in page.text
    priya.submit("/password", {"current": GOOD, "password": GOOD + " two"})
    for _time in range(rules.PASSWORDS.by_pair - 2):
        priya.get("/password")
        priya.submit("/password", {"current": "not it at all", "password": GOOD}, status=422)
    priya.get("/password")
    answer = priya.submit("/password", {"current": "not it at all", "password": GOOD}, status=429)
    assert int(answer.headers["Retry-After"]) > 0


def test_customers_have_no_passwords(people, enter, visitor):
    ana = enter(people.ana)
    token = ana.token()
    missing = ana.get("/password", status=404)
    assert missing.text == ana.get("/login/a/b/c", status=404).text
    assert ana.client.post("/password", data={"password": GOOD, "csrf_token": token}).status_code == 404
    assert not viewer_of(sign_in(visitor(), people.ana.email, GOOD, status=422))
    assert not viewer_of(sign_in(visitor(), people.ana.email, "onboarding-demo", status=422))


def test_the_demo_password_opens_the_demo_and_nothing_else(demo_app, people, visitor):
    ordinary = visitor().get("/login")
    assert "onboarding-demo" not in ordinary.text
    for user in (people.ana, people.priya):
        browser = Visitor(demo_app.test_client())
        assert "the password is onboarding-demo." in browser.get("/login").text
        assert viewer_of(sign_in(browser, user.email, "onboarding-demo"))
        sign_in(Visitor(demo_app.test_client()), user.email, "onboarding-demo2", status=422)
    sign_in(Visitor(demo_app.test_client()), "eve@northwind.example", "onboarding-demo", status=422)


def test_somebody_who_left_gets_in_with_no_password(people, priya, visitor, clock):
    priya.submit("/password", {"password": GOOD})
    db.session.get(User, people.priya.id).left_at = clock.now
    sign_in(visitor(), people.priya.email, GOOD, status=422)


def test_as_much_work_for_nobody(people, app, monkeypatch):
    checked = []
    monkeypatch.setattr(passwords, "_verify", lambda kept, text: checked.append(kept) or False)
    with app.app_context():
        for user in (None, people.ana, people.priya):
            assert passwords.check_password(user, GOOD) is False
    assert len(checked) == 3
    assert all(kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$") for kept in checked)
