"""The brake on those who guess, which never locks out the person they guess for."""

from datetime import UTC, datetime

import pytest

from portal.auth import jobs, passwords, rules
from portal.auth.models import Session, SignInLink, Throttle
from tests.auth.conftest import link_in, viewer_of
from tests.infra.visit import Visitor

ATTACKER = {"REMOTE_ADDR": "203.0.113.9"}
VICTIM = {"REMOTE_ADDR": "198.51.100.4"}


def guess(browser, way, address, from_=ATTACKER, headers=None):
    """One wrong attempt; returns the answer."""
    fields = {"link": {}, "code": {"code": "111111"}, "password": {"password": "open sesame now"}}[way]
    path = "/login" if way == "link" else f"/login/{way}"
    token = browser.token()
    data = {"email": address, "next": "/", "csrf_token": token, **fields}
    return browser.client.post(path, data=data, environ_base=from_, headers=headers or {})


@pytest.mark.parametrize(
    ("way", "limit"), [("link", rules.LINKS), ("code", rules.CODES), ("password", rules.PASSWORDS)]
)
def test_A09_too_many_tries_get_429_with_retry_after_known_or_not(people, visitor, clock, way, limit):
    for address in (people.ana.email, "eve@northwind.example"):
        browser = visitor()
        for _time in range(limit.by_pair):
            assert guess(browser, way, address).status_code in (200, 422)
        answer = guess(browser, way, address)
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) == 900  # The window began at nine sharp.
        assert (
            "Try again in 15 minutes. A link that was mailed to you less than 10 minutes ago" in answer.text
        )
        assert address in answer.text
    clock.forward(minutes=15)
    assert guess(visitor(), way, people.ana.email).status_code in (200, 422)


def test_A09_another_spelling_of_the_address_is_not_another_address(people, visitor):
    browser, spellings = (
        visitor(),
        [people.ana.email, "ANA@northwind。example", "ana@ＮＯＲＴＨＷＩＮＤ.example"],
    )
    answers = [guess(browser, "link", spellings[n % 3]).status_code for n in range(rules.LINKS.by_pair + 1)]
    assert answers == [200] * rules.LINKS.by_pair + [429]


@pytest.mark.parametrize("way", ["link", "code", "password"])
def test_A09_one_attacker_does_not_lock_the_person_out(people, visitor, post, way):
    attacker = visitor()
    while guess(attacker, way, people.ana.email).status_code != 429:
        pass
    assert guess(visitor(), way, people.ana.email, VICTIM).status_code in (200, 422)


def test_A09_a_mailed_link_works_whatever_the_attackers_do(people, ask, visitor, monkeypatch):
    monkeypatch.setattr(
        passwords, "_verify", lambda kept, text: False
    )  # Its slowness is not what counts here.
    _browser, letter = ask(people.ana.email)
    for number in range(31):
        for way in ("code", "password"):
            guess(visitor(), way, people.ana.email, {"REMOTE_ADDR": f"203.0.113.{number}"})
    assert guess(visitor(), "password", people.ana.email, VICTIM).status_code == 429
    ana = visitor()
    ana.get(link_in(letter))
    ana.submit(link_in(letter), environ_base=VICTIM)
    assert viewer_of(ana)


def test_A09_letters_to_one_address_stay_few_however_many_ask(people, visitor, post):
    for number in range(30):
        guess(visitor(), "link", people.ana.email, {"REMOTE_ADDR": f"203.0.113.{number}"})
        post.deliver()
    assert len(post.letters) == rules.LINKS_AT_ONCE


def test_A09_two_networks_do_not_keep_the_letter_from_the_person(people, visitor):
    for number in range(5):
        browser = visitor()
        while (
            guess(browser, "link", people.ana.email, {"REMOTE_ADDR": f"203.0.113.{number}"}).status_code
            != 429
        ):
            pass
    assert guess(visitor(), "link", people.ana.email, VICTIM).status_code == 200


def test_A09_one_network_does_not_try_address_after_address(people, visitor):
    browser = visitor()
    answers = [guess(browser, "link", f"eve{n}@northwind.example").status_code for n in range(101)]
    assert answers == [200] * 100 + [429]


def test_A09_a_claimed_forwarding_address_resets_nothing(people, visitor):
    browser = visitor()
    for number in range(5):
        guess(browser, "link", people.ana.email, headers={"X-Forwarded-For": f"192.0.2.{number}"})
    answer = guess(browser, "link", people.ana.email, headers={"X-Forwarded-For": "192.0.2.99"})
    assert answer.status_code == 429


def test_A09_a_trusted_proxy_names_the_client_and_only_its_last_word_counts(proxied_app, people):
    def from_(claim):
        return guess(
            Visitor(proxied_app.test_client()), "link", people.ana.email, headers={"X-Forwarded-For": claim}
        )

    for number in range(5):
        assert from_(f"192.0.2.{number}, 203.0.113.9").status_code == 200
    assert from_("192.0.2.77, 203.0.113.9").status_code == 429
    assert from_("203.0.113.9, 198.51.100.4").status_code == 200


def test_A08_the_buckets_name_nobody(people, visitor, session):
    guess(visitor(), "link", people.ana.email)
    rows = session.query(Throttle).all()
    assert len(rows) == 3
    assert all(len(row.bucket) == 64 and "ana" not in row.bucket for row in rows)


def test_tidying_forgets_what_nobody_needs_and_does_it_once(people, visitor, enter, clock, session):
    guess(visitor(), "link", people.ana.email)
    enter(people.ana)
    session.commit()
    jobs.tidy()
    assert (session.query(Throttle).count(), session.query(SignInLink).count()) == (3, 1)
    clock.forward(minutes=16)
    jobs.tidy()
    assert (session.query(Throttle).count(), session.query(SignInLink).count()) == (0, 1)
    clock.forward(days=121)
    for _time in range(2):
        jobs.tidy()
        assert (session.query(SignInLink).count(), session.query(Session).count()) == (0, 0)


def test_networks_are_counted_as_one_visitor_each():
    assert rules.network("203.0.113.9") == "203.0.113.9"
    assert rules.network("2001:db8:1:2:3::4") == rules.network("2001:db8:1:2:ffff::1") == "2001:db8:1:2::/64"
    assert rules.network("::ffff:203.0.113.9") == "203.0.113.9"
    assert rules.network("garbage") == rules.network(None) == "unknown"


def test_windows_end_on_the_quarter():
    assert rules.LINKS.ends_at(datetime(2026, 3, 3, 9, 14, 59, tzinfo=UTC)) == datetime(
        2026, 3, 3, 9, 15, tzinfo=UTC
    )
    assert rules.LINKS.ends_at(datetime(2026, 3, 3, 9, 15, tzinfo=UTC)) == datetime(
        2026, 3, 3, 9, 30, tzinfo=UTC
    )
