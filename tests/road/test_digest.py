"""The digest of somebody whose company walks more than one road: one letter, each road under its name."""

from datetime import date

import pytest
from sqlalchemy import select

from portal import db
from portal.accounts.kinds import TeamRole
from portal.accounts.models import Product
from portal.mail import Letter
from portal.notifications.models import DigestItem
from portal.notifications.rules import Kind
from portal.onboardings.models import Onboarding
from portal.onboardings.news import is_news
from portal.road import digest
from tests import make
from tests.make import Cast


@pytest.fixture
def cast(app, session):
    with app.app_context():
        yield make.northwind()


def second_road(cast: Cast, product: str = "Referral Programme") -> Onboarding:
    cast.account.slug = "northwind-2"  # `make.onboarding` names a product after it.
    road = make.onboarding(
        cast.account,
        {TeamRole.CONSULTANT: cast.priya},
        start_date=date(2026, 3, 16),
        book=make.playbook("second"),
    )
    road.product.name = product
    road.prepare(by=cast.priya)
    return road


def waiting(cast: Cast, line: str, path: str) -> DigestItem:
    row = DigestItem(user_id=cast.ben.id, account_id=cast.account.id, kind=Kind.MESSAGE, line=line, path=path)
    db.session.add(row)
    db.session.flush()
    return row


def due(cast: Cast, road: Onboarding, day: int, key: str = "readiness_kit") -> str:
    """A step of Ben's with a date; returns its title."""
    step = road.step_called(key)
    assert step is not None
    step.state, step.assignee_id, step.due_on = "ready", cast.ben.id, date(2026, 3, day)
    step.title = f"{step.title} by the {day}th"
    db.session.flush()
    return step.title


def letter(cast: Cast, *items: DigestItem) -> Letter:
    assert digest.send(cast.ben, list(items))
    return db.session.scalars(select(Letter).where(Letter.kind == "digest")).one()


def order(text: str, *pieces: str) -> None:
    places = [text.index(piece) for piece in pieces]
    assert places == sorted(places), text


def test_two_roads_are_one_letter_with_a_heading_each_the_urgent_one_first(cast) -> None:
    older, newer = cast.onboarding, second_road(cast)
    soon, later = due(cast, older, 3), due(cast, newer, 4)
    items = [
        waiting(cast, "News of the newer", f"/o/{newer.ref}/messages"),
        waiting(cast, "News of the older", f"/o/{older.ref}"),
        waiting(cast, "News of neither", "/preferences"),
    ]
    sent = letter(cast, *items)
    assert sent.subject == "2 items wait for you"
    order(
        sent.text,
        *("Partner Programme\n", soon, "News of the older"),
        *("Referral Programme\n", later, "News of the newer"),
        *("News\n", "News of neither"),
    )
    assert "Due now and next" not in sent.text
    assert f"{soon}:\nhttp://127.0.0.1/o/{older.ref}/steps/" in sent.text, "the button is the first thing due"
    assert "Where you are:" not in sent.text, "the meter of one road would pass for that of both"


def test_roads_of_one_product_are_told_apart_by_their_first_day(cast) -> None:
    newer = second_road(cast)
    newer.product = db.session.scalars(select(Product).order_by(Product.id)).first()
    db.session.flush()
    due(cast, newer, 4)
    sent = letter(cast, waiting(cast, "News of the older", f"/o/{cast.onboarding.ref}"))
    order(sent.text, "Partner Programme, from 16 March\n", "Partner Programme, from 9 March\n", "News of the")
    assert sent.text.count("Partner Programme, from") == 2


def test_a_road_that_does_not_run_is_left_out(cast) -> None:
    newer = second_road(cast)
    title = due(cast, newer, 4)
    newer.pause("Year end", date(2026, 4, 1), by=cast.priya)
    sent = letter(cast, waiting(cast, "News of the older", f"/o/{cast.onboarding.ref}"))
    assert title not in sent.text
    assert "Where you are:" in sent.text, "one road, with its meter"
    assert "News\n" in sent.text


def test_what_waits_for_us_is_not_due_to_them(cast) -> None:
    title = due(cast, cast.onboarding, 4)
    step = next(step for step in cast.onboarding.steps if step.title == title)
    assert step in digest.due_for(cast.ben, [cast.onboarding])
    step.waiting = True
    db.session.flush()
    assert step not in digest.due_for(cast.ben, [cast.onboarding])


@pytest.mark.parametrize("name", ["before", "after", "returned"])
def test_a_reminder_of_what_waits_for_us_is_no_news(cast, name: str) -> None:
    step = cast.onboarding.next_step
    row = about(cast, step, name)
    assert is_news(row, cast.ben)
    step.waiting = True
    assert not is_news(row, cast.ben)


def test_a_review_that_came_is_late_no_more(cast) -> None:
    step = cast.step("readiness_kit")
    row = about(cast, step, "late")
    step.submit(by=cast.ana)
    assert is_news(row, cast.ana)
    step.send_back("One answer is missing.", by=cast.priya)
    assert not is_news(row, cast.ana)


def test_what_an_absent_colleague_has_is_news_to_the_stand_in(cast) -> None:
    step = cast.step("sandbox_access")
    step.assignee, step.assignee_id = cast.tomas, cast.tomas.id
    row = about(cast, step, "assigned")
    assert not is_news(row, cast.june)
    cast.tomas.away_until, cast.tomas.stand_in = date(2026, 3, 20), cast.june
    assert is_news(row, cast.june)
    assert is_news(row, cast.tomas)


def about(cast: Cast, step, name: str) -> DigestItem:
    row = waiting(cast, "A line", f"/o/{cast.onboarding.ref}")
    row.about = f"step:{step.id}:{name}"
    return row
