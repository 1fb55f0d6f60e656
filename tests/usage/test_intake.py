"""The tracking API: which requests are taken, what is stored of them, and what they add up to."""

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from portal import db
from portal.accounts.models import Account
from portal.auth.keys import ApiKey
from portal.usage.models import EventKind, UsageEvent, UsageSource, UsageUser
from tests.usage.sending import (
    MOMENT,
    Sender,
    basic,
    counts,
    group_call,
    identify,
    key,
    reasons,
    state,
    track,
)


def event(message_id: str) -> UsageEvent:
    db.session.rollback()
    return db.session.scalars(select(UsageEvent).where(UsageEvent.message_id == message_id)).one()


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("call", [kind.value for kind in EventKind])
def test_every_call_is_taken_with_and_without_a_slash(product, call, slash) -> None:
    one = {"userId": "u-1", "event": "Paid", "groupId": "nw-7", "previousId": "u-0", "messageId": "m"}
    answer = product.send(one, call + slash)
    assert (answer.mimetype, answer.json) == ("application/json", {"success": True})
    assert (event("m").kind.value, reasons()) == (call, [])


def test_a_batch_may_be_an_object_or_a_list(product) -> None:
    product.send({"batch": [track(messageId="a")], "sentAt": MOMENT})
    product.send([track(messageId="b")], "batch/")
    product.send([track(messageId="c")], "track")
    assert counts() == {"Report Exported": 3}


def test_the_key_is_a_basic_user_name_or_write_key_in_the_body(app, product) -> None:
    product.send({"batch": [track(messageId="a")]})
    product.send({"batch": [track(messageId="b")], "writeKey": product.secret}, Authorization="")
    product.send({"batch": [track(messageId="c")], "writeKey": product.secret}, Authorization=basic(""))
    product.send({**track(messageId="d"), "writeKey": product.secret}, "track", Authorization="")
    assert counts() == {"Report Exported": 4}


@pytest.mark.parametrize(
    "header", ["", basic("fm_wrong"), basic(""), "Basic !", "Bearer fm_wrong", "Basic", "Basic /w=="]
)
def test_a_wrong_key_is_401_and_nothing_is_kept(product, header) -> None:
    body = {"batch": [track()], "writeKey": "fm_other"}
    answer = product.send(body, Authorization=header, status=401)
    assert "not known here" in answer.json["message"]
    assert "WWW-Authenticate" not in answer.headers  # A browser would ask whoever looks for a password.
    assert state()["events"] == []
    db.session.rollback()
    assert db.session.scalars(select(UsageSource.id)).all() == []


def test_a_wrong_basic_key_isnt_saved_by_a_right_one_in_the_body(product) -> None:
    product.send(
        {"batch": [track()], "writeKey": product.secret}, Authorization=basic("fm_wrong"), status=401
    )
    assert counts() == {}


def test_a_revoked_key_is_401(app, product) -> None:
    product.batch(track(messageId="a"))
    with app.test_request_context():
        db.session.scalars(select(ApiKey)).one().revoke(by=None)
        db.session.commit()
    product.batch(track(messageId="b"), status=401)
    assert counts() == {"Report Exported": 1}


def test_that_a_key_was_used_is_noted(product, clock) -> None:
    product.batch(track(messageId="a"))
    db.session.rollback()
    assert db.session.scalars(select(ApiKey.last_used_at)).one() == datetime(2026, 3, 3, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "kind",
    ["application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "rubbish"],
)
def test_the_body_is_json_whatever_its_content_type(product, kind) -> None:
    product.send({"batch": [track()]}, Content_Type=kind)
    assert counts() == {"Report Exported": 1}


@pytest.mark.parametrize(("zone", "first"), [("America/Chicago", 2), ("Europe/Lisbon", 2), ("Asia/Tokyo", 3)])
def test_what_happened_is_counted_on_the_accounts_own_day(app, product, northwind, zone, first) -> None:
    with app.test_request_context():
        db.session.get_one(Account, northwind.id).time_zone = zone
        db.session.commit()
    product.batch(
        track("Before", timestamp="2026-03-02T23:50:00Z"), track("Later", timestamp="2026-03-03T08:50:00Z")
    )
    days = [(metric, day.day) for _account, metric, day, _times in state()["days"]]
    assert days == [("Before", first), ("Later", 3)]


def test_users_are_counted_apart_and_nobody_in_particular_for_the_account_alone(product) -> None:
    product.batch(
        track(messageId="a", user="u-1"), track(messageId="b", user="u-1"), track(messageId="c", user=2),
        track(messageId="d", user=None, anonymousId="someone"),
    )  # fmt: skip
    assert counts() == {"Report Exported": 4}
    assert [(who, times) for _account, who, _metric, _day, times in state()["own"]] == [("2", 1), ("u-1", 2)]


def test_pages_and_screens_count_under_one_name_each_and_the_rest_nowhere(product) -> None:
    calls = ("page", "page", "screen", "identify", "group", "alias")
    product.batch(
        *(
            {"type": call, "userId": "u-1", "groupId": "nw-7", "name": f"Nr {n}"}
            for n, call in enumerate(calls)
        )
    )
    assert counts() == {"Page viewed": 2, "Screen viewed": 1}
    assert {one.name for one in db.session.scalars(select(UsageEvent))} == {"Nr 0", "Nr 1", "Nr 2", ""}


@pytest.mark.parametrize("where", ["traits", "context"])
def test_identify_says_who_a_user_is_by_either_place_of_its_traits(product, cast, where) -> None:
    traits = {"email": "ANA@northwind.example ", "firstName": "Ana", "lastName": "Moreira"}
    told = {"traits": traits} if where == "traits" else {"context": {"traits": traits}}
    product.batch({"type": "identify", "userId": "u-1", "groupId": "nw-7", **told})
    (user,) = db.session.scalars(select(UsageUser)).all()
    assert (user.email, user.name, user.person_id) == ("ana@northwind.example", "Ana Moreira", cast.ana.id)


def test_an_address_of_nobody_here_stays_an_address_and_one_that_is_none_is_left_out(product) -> None:
    product.batch(
        identify("u-1", email="new@northwind.example", name="New"),
        identify("u-2", email="none", name=7),
    )  # fmt: skip
    users = db.session.execute(
        select(UsageUser.key, UsageUser.email, UsageUser.person_id).order_by(UsageUser.key)
    )
    assert list(map(tuple, users)) == [("u-1", "new@northwind.example", None), ("u-2", None, None)]


def test_what_a_group_is_called_changes_no_account(product, cast) -> None:
    product.batch(group_call(traits={"name": "Nordwind", "plan": "gold"}))
    db.session.rollback()
    assert db.session.get_one(type(cast.account), cast.account.id).name == "Northwind"


# --- When -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stamp", "sent", "at"),
    [
        ("2026-03-03T08:00:00Z", None, "2026-03-03T08:00:00+00:00"),
        ("2026-03-03T08:00:00.000+00:00", None, "2026-03-03T08:00:00+00:00"),
        ("2026-03-03T10:00:00+02:00", None, "2026-03-03T08:00:00+00:00"),
        ("2026-03-03T08:00:00.123456", None, "2026-03-03T08:00:00.123456+00:00"),
        # Their clock is two hours slow: what happened ten minutes before it was sent happened ten minutes ago.
        ("2026-03-03T06:50:00Z", "2026-03-03T07:00:00Z", "2026-03-03T08:50:00+00:00"),
        ("2026-03-04T06:50:00Z", "2026-03-04T07:00:00Z", "2026-03-03T08:50:00+00:00"),
        # From the future, by their own account or by ours.
        ("2026-03-05T06:50:00Z", None, "2026-03-03T09:00:00+00:00"),
        ("2026-03-03T08:00:00Z", "2026-03-03T07:00:00Z", "2026-03-03T09:00:00+00:00"),
        ("9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00", None),
        ("2026-03-03T08:00:00Z", "yesterday", "2026-03-03T08:00:00+00:00"),
    ],
)  # fmt: skip
def test_time_is_corrected_by_the_senders_clock_and_never_in_the_future(product, stamp, sent, at) -> None:
    around = {"sentAt": sent} if sent else {}
    product.send({"batch": [track(messageId="m", timestamp=stamp)], **around})
    if at is None:
        assert reasons() == ["bad_time"]
    else:
        assert event("m").at.isoformat() == at


def test_rudderstacks_own_name_of_the_time_and_its_senders_clock_count(product) -> None:
    one = {"type": "track", "event": "Paid", "userId": "u", "groupId": "nw-7", "messageId": "m",
           "originalTimestamp": "2026-03-03T07:00:00.000Z", "sentAt": "2026-03-03T07:30:00.000Z"}  # fmt: skip
    product.batch(one)
    assert event("m").at == datetime(2026, 3, 3, 8, 30, tzinfo=UTC)


def test_without_a_time_it_happened_when_it_came(product) -> None:
    one = track(messageId="m")
    del one["timestamp"]
    product.batch(one)
    assert event("m").at == datetime(2026, 3, 3, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stamp", "sent"),
    [
        ("2025-01-26T08:00:00Z", None),
        ("1970-01-01T00:00:00Z", None),
        # A recording that is sent once more: by the sender's clock it is old, whatever was sent along with it.
        ("2024-03-03T08:00:00Z", "2024-03-03T08:00:01Z"),
    ],
)
def test_what_is_older_than_events_are_kept_is_a_reject(product, stamp, sent) -> None:
    product.send({"batch": [track(timestamp=stamp), track(messageId="good")], "sentAt": sent})
    assert reasons() == ["too_old"]
    assert counts() == {"Report Exported": 1}


# --- One bad event among good ones ----------------------------------------------------------------


def deep(levels: int) -> dict:
    inner: dict = {}
    for _level in range(levels):
        inner = {"a": inner}
    return inner


BAD = {
    "not an object": ([], "not_an_event"),
    "nothing": (None, "not_an_event"),
    "a text": ("hello", "not_an_event"),
    "no type": ({"userId": "u", "event": "x"}, "unknown_type"),
    "another type": ({"type": "video", "userId": "u"}, "unknown_type"),
    "a type that is none": ({"type": ["track"], "userId": "u"}, "unknown_type"),
    "33 KB": (track(properties={"text": "x" * 33 * 1024}), "too_large"),
    "33 KB in the wire's own bytes": (track(properties={"text": "ü" * 17 * 1024}), "too_large"),
    "40 levels": (track(properties=deep(40)), "too_deep"),
    "a number of 400 digits": (track(properties={"n": int("9" * 400)}), "bad_number"),
    "NaN": (track(properties={"n": float("nan")}), "bad_number"),
    "infinity": (track(properties={"n": float("inf")}), "bad_number"),
    "half a character": (track(properties={"text": "\ud800"}), "bad_text"),
    "half a character in a key": (track(properties={"\udfff": 1}), "bad_text"),
    "an empty character in the name": (track("Paid\x00"), "bad_text"),
    "no name": (track(""), "no_name"),
    "a name of spaces": (track("  "), "no_name"),
    "a name that is none": (track(7), "no_name"),
    "a long name": (track("x" * 201), "too_long"),
    "a long user": (track(user="u" * 201), "too_long"),
    "a long group": (track(group="g" * 201), "too_long"),
    "nobody": (track(user=None, group=None), "nobody"),
    "somebody unknown": (track(user=None, group=None, anonymousId="a"), "nobody"),
    "a user that is none": (track(user={"id": 1}, group=None), "nobody"),
    "a group call without a group": ({"type": "group", "userId": "u"}, "no_group"),
    "a group call of nobody": ({"type": "group", "groupId": "nw-7"}, "no_group"),
    "a time that is none": (track(timestamp="yesterday"), "bad_time"),
    "a time as a number": (track(timestamp=1772524800), "bad_time"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_I08_one_bad_event_among_500_costs_only_itself(product, name) -> None:
    bad, reason = BAD[name]
    good = [track(messageId=f"m-{n}", user=f"u-{n % 7}") for n in range(499)]
    body = json.dumps({"batch": [*good[:250], bad, *good[250:]]}).encode()
    product.send(body)
    assert reasons() == [reason]
    assert counts() == {"Report Exported": 499}


def test_a_number_that_python_itself_refuses_costs_only_its_event(product) -> None:
    body = json.dumps({"batch": [track(messageId="good"), track(properties={"n": 0})]})
    product.send(body.replace('{"n": 0}', '{"n": ' + "9" * 5000 + "}").encode())
    assert (reasons(), counts()) == (["bad_number"], {"Report Exported": 1})


def test_what_is_unusual_and_can_be_kept_is_no_reject(product) -> None:
    product.batch(
        track("Größe geändert 🎉", messageId="a", properties={"large": 2**53, "text": "\x00", "list": [[1]]}),
        track(messageId="b", properties="none", context={"groupId": "nw-7", "traits": 7}, integrations=None),
        track(messageId="c" * 500, nonsense={"a": 1}),
        track(messageId=12, properties={"revenue": 12.5, "order": "12345678901234567890123"}),
        {"type": "page", "userId": "u-1", "groupId": "nw-7", "name": 12, "messageId": "d"},
    )  # fmt: skip
    assert reasons() == []
    assert counts() == {"Größe geändert 🎉": 1, "Report Exported": 3, "Page viewed": 1}
    assert event("a").props == {"large": 2**53, "text": "\x00", "list": [[1]]}
    assert event("b").props == {}


def test_revenue_and_tickets_are_events_like_others_with_what_they_say(product) -> None:
    product.batch(
        track("Order Completed", messageId="a", properties={"revenue": 49.9}),
        track("Support Ticket Created", messageId="b"),
    )
    assert event("a").props == {"revenue": 49.9}
    assert counts() == {"Order Completed": 1, "Support Ticket Created": 1}


def test_rejects_are_kept_once_and_the_last_thousand_of_a_source(app, product) -> None:
    product.batch(track("", messageId="a"))
    product.batch(track("", messageId="a"))
    assert reasons() == ["no_name"]
    for start in range(0, 1200, 400):
        product.batch(*(track("", messageId=f"r-{n}") for n in range(start, start + 400)))
    other = Sender(app, key(app, "Another"))
    other.batch(track("", messageId="a"))
    assert len(reasons()) == 1001
