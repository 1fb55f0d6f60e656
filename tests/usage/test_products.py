"""The settings page that says what the use of a product means."""

import pytest
from sqlalchemy import select

from portal import db
from portal.accounts.models import Product
from portal.activity.models import Activity, Verb
from portal.usage.products import SHIPPED, new_product
from portal.usage.queries import names_seen
from tests.usage.seen import JOINED, PAID, REFERRED, SET_UP, SIGNED_IN, saw


@pytest.fixture
def path(cast) -> str:
    return f"/staff/settings/products/{cast.onboarding.product.key}"


def test_a_known_product_begins_with_what_its_use_means() -> None:
    made = new_product("partner_programme", "Partner programme", core=True)
    assert made.value_loop == list(SHIPPED["partner_programme"].value_loop)
    assert set(made.value_events) <= set(made.value_loop)
    assert not new_product("something_else", "Something", core=False).value_loop


def test_the_lists_are_kept_in_their_order(cast, visitor, otto, path) -> None:
    browser = visitor(otto)
    browser.get("/staff/settings/products")
    browser.submit(path, {"value_loop": f"  {PAID}\n\n{JOINED}\n{PAID}\n", "more_value_loop": REFERRED})
    page = browser.follow()
    assert "Kept: what the use of Partner Programme means." in page.text
    product = db.session.scalars(select(Product).where(Product.key == cast.onboarding.product.key)).one()
    assert product.value_loop == [PAID, JOINED, REFERRED]
    row = db.session.scalars(select(Activity).where(Activity.verb == Verb.PROVIDER_CHANGED)).one()
    assert row.data["before"]["value_loop"] == [JOINED, REFERRED, PAID]
    assert row.data["after"]["value_loop"] == [PAID, JOINED, REFERRED]


def test_it_says_which_names_never_came_in(cast, visitor, otto, path, road) -> None:
    saw(cast.account, PAID, road.account.today)
    page = visitor(otto).get("/staff/settings/products")
    assert names_seen() == {PAID: road.account.today}
    told = page.one("p", class_="is-warn").text()
    assert told == (
        f"Never seen so far: {SIGNED_IN}, {SET_UP}, {JOINED}, {REFERRED}, Report Exported. "
        "Is that how the product spells them?"
    )
    assert [one["value"] for one in page.one("datalist").all("option")] == [PAID]


def test_too_many_or_too_long_names_are_refused_with_what_was_typed(visitor, otto, path) -> None:
    browser = visitor(otto)
    browser.get("/staff/settings/products")
    many = "\n".join(f"Event {n}" for n in range(31))
    page = browser.submit(path, {"value_events": many}, status=422)
    assert "Keep it to 30 names" in page.text
    assert "Event 30" in page.text
    page = browser.submit(path, {"value_events": "x" * 201}, status=422)
    assert "longer than a name can be" in page.text


def test_nothing_changed_is_nothing_to_remember(visitor, otto, path) -> None:
    browser = visitor(otto)
    browser.get("/staff/settings/products")
    browser.submit(path)
    assert db.session.scalar(select(Activity).where(Activity.verb == Verb.PROVIDER_CHANGED)) is None


def test_an_unknown_product_is_not_there(visitor, otto, path) -> None:
    browser = visitor(otto)
    browser.get("/staff/settings/products")
    assert browser.post("/staff/settings/products/nothing", status=404)
