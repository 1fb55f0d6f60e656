"""The Usage tab of an account, and the overview's box."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal import db
from portal.accounts.models import Product
from portal.activity.models import Activity, Audience, Verb
from portal.auth import keys
from portal.usage.adoption import SHORT, in_short, loop_of, people_of, series
from portal.usage.rules import TICKET
from tests.usage.seen import JOINED, PAID, REFERRED, SET_UP, SIGNED_IN, saw

TODAY = date(2026, 3, 3)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.fixture
def at(cast):
    return lambda more="": f"/staff/accounts/{cast.account.ref}/usage?o={cast.onboarding.ref}{more}"


@pytest.fixture
def used(cast, road) -> None:
    """Ana is activated, Ben came once long ago, and somebody whom nobody knows."""
    for action in (SIGNED_IN, SET_UP):
        saw(cast.account, action, ago(3), person=cast.ana)
    saw(cast.account, REFERRED, ago(2), person=cast.ana, count=4)
    saw(cast.account, SIGNED_IN, ago(45), person=cast.ben)
    saw(cast.account, JOINED, ago(1), who="u-17")
    saw(cast.account, TICKET, ago(1), who="u-17")


def test_people_say_how_much_they_made_of_it(cast, road, used) -> None:
    unknown, ana, ben = people_of(road.account, road.product)
    assert (ana.name, ana.active_days, ana.activated, ana.features) == ("Ana Moreira", 2, 2, (REFERRED,))
    assert (ben.name, ben.active_days, ben.activated, ben.features) == ("Ben Ortiz", 0, 1, ())
    assert (unknown.name, unknown.person) == ("u-17", None)


def test_every_day_is_there_and_tickets_are_no_use(road, used) -> None:
    days = series(road.account, 30)
    assert [one.day for one in days] == [ago(29 - n) for n in range(30)]
    assert {one.day: (one.events, one.people) for one in days if one.events} == {
        ago(3): (2, 1), ago(2): (4, 1), ago(1): (1, 1),
    }  # fmt: skip


def test_in_short_there_are_bars_and_whoever_was_active(road, used) -> None:
    short = in_short(road)
    assert [day for day, _count in short.people] == [ago(SHORT - 1 - n) for n in range(SHORT)]
    assert (short.active, sum(count for _day, count in short.people)) == (2, 3)
    assert short.loop == loop_of(road) == [(JOINED, ago(1)), (REFERRED, ago(2)), (PAID, None)]


def test_the_tab_shows_it_all(cast, visitor, at, used) -> None:
    page = visitor(cast.priya).get(at())
    told = page.text
    assert "Active 2 of 4" in told
    assert "Activated 1 of 4 25 % of the seats" in told
    assert "2 of 3 seen" in told
    pairs = [
        tuple(part.text() for part in line.all("span")) for line in page.one("div", class_="aside").all("li")
    ]
    assert {
        ("Reward Paid", "not seen"),
        ("Referral Submitted", "1 person"),
        ("Report Exported", "nobody"),
    } <= set(pairs)
    assert "Rui Tavares" in page.text.split("Never in the product")[1]
    assert "1 seat has nobody yet." in told
    assert len(page.all("svg", role="img")) == 2
    assert len([bar for chart in page.all("figure") for bar in chart.all("rect")]) == 60


def test_ninety_days_are_one_link_away(cast, visitor, at, used) -> None:
    browser = visitor(cast.priya)
    way = next(link for link in browser.get(at()).all("a") if link.text() == "90 days")
    page = browser.get(way["href"])
    assert len([bar for chart in page.all("figure") for bar in chart.all("rect")]) == 180


def test_each_bar_is_a_line_of_a_table_too(cast, visitor, at, used) -> None:
    page = visitor(cast.priya).get(at())
    rows = [row.text() for row in page.all("tr")]
    assert "Sun 1 Mar 4 events" in rows
    assert "Sun 1 Mar 1 person" in rows


def test_what_is_missing_is_said_with_the_one_thing_to_do(cast, app, visitor, at, otto) -> None:
    browser = visitor(cast.priya)
    assert "No program sends usage events yet." in browser.get(at()).text
    with app.test_request_context():
        keys.make("Back end", [keys.USAGE_WRITE], by=None)
        db.session.commit()
    assert "Nothing was seen of them yet." in browser.get(at()).text
    with app.test_request_context():
        product = db.session.get_one(Product, cast.onboarding.product_id)
        product.value_events, product.value_loop, product.activation_actions = [], [], []
        db.session.commit()
    page = browser.get(at())
    assert "Nobody has said what the use of Partner Programme means." in page.text
    assert not [link for link in page.all("a") if "/settings/" in link.get("href", "")]


def test_a_site_admin_among_them_is_led_to_it(cast, app, visitor, at) -> None:
    with app.test_request_context():
        priya = db.session.merge(cast.priya)
        priya.staff_roles = ["consultant", "site_admin"]
        db.session.commit()
    page = visitor(cast.priya).get(at())
    assert [link["href"] for link in page.one("main").all("a") if "/settings/" in link.get("href", "")] == [
        "/staff/settings/keys"
    ]


def test_the_overview_has_it_in_short(cast, visitor, used, statements) -> None:
    browser = visitor(cast.priya)
    with statements() as seen:
        page = browser.get(f"/staff/accounts/{cast.account.ref}?o={cast.onboarding.ref}")
    assert len(seen) <= 12, "\n\n".join(seen)
    box = next(one for one in page.all("section") if one.text().startswith("Usage"))
    pairs = [tuple(part.text() for part in line.all("span")) for line in box.all("li")]
    assert pairs[:2] == [("Active in 30 days", "2 of 4"), ("Value loop", "2 of 3 seen")]
    assert len(box.all("rect")) == SHORT


def test_the_tab_takes_as_many_statements_for_many_people_as_for_few(
    cast, visitor, at, used, statements
) -> None:
    browser = visitor(cast.priya)
    with statements() as few:
        browser.get(at())
    for n in range(20):
        saw(cast.account, SIGNED_IN, ago(n), who=f"user {n}")
    db.session.commit()
    with statements() as many:
        browser.get(at())
    assert len(many) == len(few) <= 24


def test_the_number_of_seats_is_set_there(cast, visitor, at, used) -> None:
    browser = visitor(cast.priya)
    browser.get(at())
    page = browser.submit(f"/seats?o={cast.onboarding.ref}", {"seats": "none"}, status=422)
    assert "Enter a whole number" in page.text
    browser.submit(f"/seats?o={cast.onboarding.ref}", {"seats": "6"})
    assert "Northwind has 6 seats." in browser.follow().text
    assert "Active 2 of 6" in browser.get(at()).text
    row = db.session.scalars(select(Activity).where(Activity.verb == Verb.SEATS_SET)).one()
    assert (row.data["before"], row.data["after"], row.audience) == ({"n": 4}, {"n": 6}, Audience.STAFF)
    browser.submit(f"/seats?o={cast.onboarding.ref}", {"seats": "6"})
    assert len(db.session.scalars(select(Activity).where(Activity.verb == Verb.SEATS_SET)).all()) == 1
