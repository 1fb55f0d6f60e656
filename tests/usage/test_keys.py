"""Keys of other programs: made, shown once, bound, revoked; whose they are to see."""

from datetime import datetime

import pytest
from sqlalchemy import func, select

from portal import db
from portal.accounts.models import Account
from portal.activity.models import Activity, Verb
from portal.auth import keys, tokens
from portal.auth.keys import USAGE_WRITE, ApiKey
from tests import make

PAGE = "/staff/settings/keys"


def shown(page) -> str:
    return page.one("input", id="secret")["value"]


@pytest.fixture
def looked_up(app):
    """What a secret finds, as a request would."""

    def find(secret: str, scope: str = USAGE_WRITE) -> ApiKey | None:
        with app.test_request_context():
            return keys.find(secret, scope)

    return find


def test_a_key_is_shown_once_and_stored_as_its_digest(visitor, otto, looked_up) -> None:
    browser = visitor(otto)
    browser.get(PAGE)
    page = browser.submit(PAGE, {"name": "Product back end"}, status=200)
    secret = shown(page)
    assert secret.startswith("fm_")
    found = looked_up(secret)
    assert (found.name, found.digest, found.bound_to_id) == ("Product back end", tokens.digest(secret), None)
    page = browser.get(PAGE)
    assert secret not in page.source
    assert f"{secret[:9]}…" in page.text
    assert "Otto Brandt" in page.text
    told = db.session.scalars(select(Activity).where(Activity.verb == Verb.KEY_MADE)).one()
    assert secret not in f"{told.data}{told.personal}"


def test_the_second_click_gets_what_the_first_got_and_a_later_one_nothing(visitor, otto, clock) -> None:
    browser = visitor(otto)
    browser.get(PAGE)
    form = {"name": "Product back end", "account": "", "asked": "the same"}
    first = browser.post(PAGE, form, status=200)
    assert shown(browser.post(PAGE, form, status=200)) == shown(first)
    clock.forward(minutes=1)
    assert "its secret was shown" in browser.post(PAGE, form, status=409).text
    assert db.session.scalar(select(func.count()).select_from(ApiKey)) == 1


@pytest.mark.parametrize("called", ["northwind", "Northwind", " NW-7 "])
def test_a_key_may_be_bound_to_one_account_by_whatever_it_is_called(
    visitor, otto, cast, app, looked_up, called
) -> None:
    with app.test_request_context():
        db.session.get_one(Account, cast.account.id).external_id = "nw-7"
        db.session.commit()
    browser = visitor(otto)
    browser.get(PAGE)
    page = browser.submit(PAGE, {"name": "Their own", "account": called}, status=200)
    assert looked_up(shown(page)).bound_to_id == cast.account.id
    assert "of Northwind and of nobody else" in page.text


def test_what_cant_be_a_key_is_said_and_nothing_is_made(visitor, otto, app) -> None:
    with app.test_request_context():
        make.account("Contoso", slug="contoso-1")
        make.account("Contoso", slug="contoso-2")
        db.session.commit()
    browser = visitor(otto)
    browser.get(PAGE)
    page = browser.submit(PAGE, {"name": ""}, status=422)
    assert "Name the program that will use it" in page.text
    page = browser.submit(PAGE, {"name": "Product", "account": "nobody"}, status=422)
    assert "No account is called “nobody”" in page.text
    assert page.one("input", id="name")["value"] == "Product"
    page = browser.submit(PAGE, {"name": "Product", "account": "contoso"}, status=422)
    assert "More than one account is called “contoso”" in page.text
    assert db.session.scalar(select(func.count()).select_from(ApiKey)) == 0


def test_a_revoked_key_opens_nothing_and_stays_so(visitor, otto, looked_up) -> None:
    browser = visitor(otto)
    browser.get(PAGE)
    secret = shown(browser.submit(PAGE, {"name": "Product"}, status=200))
    page = browser.get(PAGE)
    assert "This can't be undone" in page.text
    browser.submit("/revoke")
    assert "opens nothing any more" in browser.follow().text
    assert looked_up(secret) is None
    assert not browser.get(PAGE).all(
        "form", action=f"{PAGE}/{db.session.scalars(select(ApiKey.ref)).one()}/revoke"
    )
    browser.post(f"{PAGE}/{db.session.scalars(select(ApiKey.ref)).one()}/revoke")
    verbs = db.session.scalars(select(Activity.verb).where(Activity.verb == Verb.KEY_REVOKED)).all()
    assert len(verbs) == 1


def test_a_key_opens_what_it_was_made_for_alone(app, session, looked_up) -> None:
    with app.test_request_context():
        _key, secret = keys.make("Other", ["other:read"], by=None)
        db.session.commit()
    assert looked_up(secret) is None
    assert looked_up(secret, "other:read") is not None
    assert looked_up(secret[:-1], "other:read") is None
    assert looked_up("\ud800", "other:read") is None


def test_that_it_was_used_is_noted_once_an_hour(app, session, clock) -> None:
    with app.test_request_context():
        key, _secret = keys.make("Product", [USAGE_WRITE], by=None)
        noted = [_used(key)]
        for minutes in (59, 1):
            clock.forward(minutes=minutes)
            noted.append(_used(key))
    assert noted[0] == noted[1] < noted[2]


def _used(key: ApiKey) -> datetime:
    """When it was used last, once it has been used now."""
    key.used()
    db.session.commit()
    db.session.refresh(key)
    return key.last_used_at


def test_T04_only_who_looks_after_the_install_sees_keys(visitor, otto, cast) -> None:
    assert visitor(otto).get("/preferences").all("a", href=PAGE)
    visitor(cast.priya).get(PAGE, status=403)
    visitor(cast.ana).get(PAGE, status=404)
    assert not visitor(cast.priya).get("/staff").all("a", href=PAGE)
