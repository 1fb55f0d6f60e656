"""Whose an event is: named by it, or by its user's `group` call, sooner or later. T08: what a bound key may name."""

import pytest
from sqlalchemy import func, select

from portal import db
from portal.accounts.models import Account
from portal.usage import jobs
from portal.usage.models import UsageEvent, UsageUser
from tests import make
from tests.usage.sending import Sender, counts, group_call, identify, key, reasons, state, track


@pytest.fixture
def fabrikam(app, northwind) -> Account:
    """Another account, which the product knows as `fa-1`."""
    with app.test_request_context():
        made = make.account("Fabrikam", external_id="fa-1", time_zone="America/New_York")
        db.session.commit()
    return made


@pytest.fixture
def resolve(app):
    """What the worker does each minute."""

    def run() -> None:
        with app.test_request_context():
            jobs.resolve()

    return run


def owners() -> list[int | None]:
    """The account of each event, in their order."""
    db.session.rollback()
    return list(db.session.scalars(select(UsageEvent.account_id).order_by(UsageEvent.message_id)))


@pytest.mark.parametrize("named", ["nw-7", "northwind"])
def test_an_account_goes_by_its_id_elsewhere_or_its_short_name(product, northwind, named) -> None:
    product.batch(track(messageId="a", group=named))
    assert owners() == [northwind.id]


def test_an_id_elsewhere_goes_before_a_short_name(app, product, fabrikam) -> None:
    with app.test_request_context():
        db.session.get_one(Account, fabrikam.id).external_id = "northwind"
        db.session.commit()
    product.batch(track(messageId="a", group="northwind"))
    assert owners() == [fabrikam.id]


def test_the_context_names_it_before_the_event_itself_and_both_before_the_group_call(
    product, northwind, fabrikam
) -> None:
    product.batch(group_call(group="fa-1", messageId="0"))
    product.batch(
        track(messageId="a", groupId="fa-1"),
        track(messageId="b", group=None, groupId="nw-7"),
        track(messageId="c", group=None),
    )
    assert owners() == [fabrikam.id, northwind.id, northwind.id, fabrikam.id]


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0), (1, 2, 0)])
def test_in_one_batch_a_group_call_may_stand_anywhere(product, northwind, order) -> None:
    events = [group_call(messageId="0"), track(messageId="1", group=None), track(messageId="2", group=None)]
    product.batch(*(events[n] for n in order))
    assert owners() == [northwind.id] * 3
    assert counts() == {"Report Exported": 2}


def test_what_came_before_the_group_call_waits_and_counts_with_it(product, northwind) -> None:
    product.batch(
        track(messageId="a", group=None), {**identify(email="x@northwind.example"), "groupId": None}
    )
    product.batch(track(messageId="z", group=None, user="u-2"))
    assert (counts(), state()["users"]) == ({}, [])
    product.batch(group_call())
    assert counts() == {"Report Exported": 1}
    assert [user[1:3] for user in state()["users"]] == [("u-1", "x@northwind.example")]
    assert None in owners()


def test_of_several_group_calls_the_last_by_its_own_time_counts(product, northwind, fabrikam) -> None:
    late = group_call(group="fa-1", messageId="0", timestamp="2026-03-03T08:30:00Z")
    early = group_call(group="nw-7", messageId="1", timestamp="2026-03-03T07:30:00Z")
    product.batch(late)
    product.batch(early)
    product.batch(track(messageId="2", group=None))
    assert owners()[2] == fabrikam.id


def test_an_account_that_nobody_has_yet_is_waited_for(app, product, resolve) -> None:
    product.batch(group_call("u-9", "new-1", messageId="0"), track(messageId="1", user="u-9", group=None))
    product.batch(track(messageId="2", group="new-1"), track(messageId="3", group="never"))
    resolve()
    assert (owners(), counts()) == ([None] * 4, {})
    with app.test_request_context():
        made = make.account("Contoso", external_id="new-1")
        db.session.commit()
    resolve()
    assert owners() == [made.id] * 3 + [None]
    assert counts() == {"Report Exported": 2}
    resolve()
    assert counts() == {"Report Exported": 2}


def test_what_was_stored_at_the_same_moment_as_its_group_call_is_found(
    app, product, northwind, resolve
) -> None:
    """Two processes that knew nothing of each other: the event's saw no call, the call's saw no event."""
    product.batch(track(messageId="1", group=None))
    other = Sender(app, key(app, "Product"))
    other.batch(group_call("u-2"))
    db.session.execute(
        UsageEvent.__table__.update().where(UsageEvent.message_id == "1").values(user_key="u-2")
    )
    db.session.commit()
    resolve()
    assert counts() == {"Report Exported": 1}


def test_more_than_one_round_of_waiting_events_is_resolved(product, resolve) -> None:
    for start in range(0, 1200, 400):
        product.batch(*(track(messageId=f"{n}", group=None) for n in range(start, start + 400)))
    product.batch(group_call())
    resolve()
    assert counts() == {"Report Exported": 1200}


def test_two_sources_know_a_user_apart(app, product) -> None:
    product.batch(group_call())
    Sender(app, key(app, "Another")).batch(track(group=None))
    assert counts() == {}


def test_two_keys_of_one_name_are_one_source(app, product) -> None:
    other = Sender(app, key(app))
    product.batch(group_call(messageId="0"), track(messageId="a"))
    other.batch(track(messageId="a"), track(messageId="b", group=None))
    assert counts() == {"Report Exported": 2}


# --- T08 ------------------------------------------------------------------------------------------


@pytest.fixture
def bound(app, northwind) -> Sender:
    """Northwind's own program."""
    return Sender(app, key(app, "Theirs", bound_to=db.session.get_one(Account, northwind.id)))


@pytest.mark.parametrize("named", ["fa-1", "fabrikam", "unheard-of"])
def test_T08_a_bound_key_speaks_of_no_other_account(bound, northwind, fabrikam, named) -> None:
    bound.batch(
        track(messageId="a", group=named), track(messageId="b", group=None, groupId=named),
        group_call(group=named, messageId="c"), identify(group=named, email="fay@fabrikam.example"),
        track(messageId="d"), track(messageId="e", group=None), track(messageId="f", group="northwind"),
    )  # fmt: skip
    assert reasons() == ["other_account"] * 4
    assert owners() == [northwind.id] * 3
    assert {user[0] for user in state()["users"]} == {northwind.id}
    assert counts() == {"Report Exported": 3}


def test_T08_not_through_what_an_unbound_key_of_its_name_has_linked(app, bound, northwind, fabrikam) -> None:
    Sender(app, key(app, "Theirs")).batch(group_call(group="fa-1", messageId="0"))
    bound.batch(track(messageId="1", group=None))
    assert owners() == [fabrikam.id, northwind.id]


def test_T08_an_unbound_key_may_name_any_account(product, northwind, fabrikam) -> None:
    product.batch(track(messageId="a"), track(messageId="b", group="fa-1"))
    assert owners() == [northwind.id, fabrikam.id]


# --- Who that is here -----------------------------------------------------------------------------


def test_who_joins_later_is_known_by_the_address_that_was_told(app, product, northwind, fabrikam) -> None:
    product.batch(
        identify("u-5", email="eva@northwind.example"), identify("u-6", email="nobody@northwind.example")
    )
    with app.test_request_context():
        eva = make.person(db.session.get_one(Account, northwind.id), "Eva Reis")
        make.person(db.session.get_one(Account, fabrikam.id), "Nobody Lind", email="nobody@northwind.example")
        db.session.commit()
        jobs.find_people()
    found = dict(map(tuple, db.session.execute(select(UsageUser.key, UsageUser.person_id))))
    assert found == {"u-5": eva.id, "u-6": None}


def test_of_what_was_told_of_a_user_the_latest_counts_whatever_came_first(product, cast) -> None:
    new = identify(stamp="2026-03-03T08:30:00Z", email="ben@northwind.example", name="Ben")
    old = identify(stamp="2026-03-03T07:30:00Z", email="ana@northwind.example")
    product.batch(new)
    product.batch(old)
    (user,) = db.session.scalars(select(UsageUser)).all()
    assert (user.email, user.name, user.person_id) == ("ben@northwind.example", "Ben", cast.ben.id)
    assert user.first_seen_at < user.last_seen_at
    assert db.session.scalar(select(func.count()).select_from(UsageUser)) == 1
