"""P05: the same events once more, in another order, at the same moment: what they add up to is the same."""

import random
import threading
from typing import Any

import pytest
from sqlalchemy import select

from portal import db
from portal.accounts.models import Account
from portal.app import create_app
from portal.auth import keys
from portal.auth.keys import USAGE_WRITE
from portal.usage import jobs
from portal.usage.models import UsageEvent
from tests import make
from tests.usage.sending import Sender, group_call, identify, state, track


def everything() -> list[dict[str, Any]]:
    """Events of twelve users of two accounts, most of whom say so in a `group` call alone."""
    events: list[dict[str, Any]] = []
    for n in range(12):
        account = ("nw-7", "fa-1")[n % 2]
        stamps = [f"2026-03-0{day}T{hour:02}:15:00.000Z" for day in (1, 2) for hour in range(9)]
        events += [
            group_call(f"u-{n}", account, messageId=f"g-{n}-{at}", timestamp=stamps[at]) for at in (3, 7)
        ]
        events += [
            track(f"Event {at % 3}", f"u-{n}", None, messageId=f"t-{n}-{at}", timestamp=stamps[at])
            for at in range(18)
        ]
        events.append(
            {**identify(f"u-{n}", account, stamps[4], email=f"new{n}@x.example"), "messageId": f"i-{n}"}
        )
        events.append(
            {**identify(f"u-{n}", account, stamps[9], email=f"u{n}@x.example"), "messageId": f"j-{n}"}
        )
        without = track("Nameless", f"u-{n}", account, timestamp=stamps[2])
        events.append(without)
    events.append(track("", messageId="rubbish"))
    return events


def test_P05_the_same_batch_five_times_counts_once(product) -> None:
    events = everything()
    product.batch(*events)
    once = state()
    assert len(once["events"]) == len(events) - 1
    for _again in range(4):
        random.Random(7).shuffle(events)
        product.batch(*events)
    assert state() == once


def test_P05_an_id_twice_in_one_batch_is_one_event_the_first(product) -> None:
    product.batch(track("First", messageId="a"), track("Second", messageId="a"))
    assert [(metric, times) for _account, metric, _day, times in state()["days"]] == [("First", 1)]


def test_P05_without_an_id_the_content_is_the_id_whatever_is_around_it(product) -> None:
    one = track()
    product.batch(one)
    product.send({"batch": [{**dict(reversed(one.items())), "sentAt": "2026-03-03T08:00:00Z"}]})
    product.send({name: value for name, value in one.items() if name != "type"}, "track")
    product.batch({**one, "properties": {"rows": 1}})
    assert [times for *_more, times in state()["days"]] == [2]


@pytest.mark.parametrize("seed", range(3))
def test_P05_in_any_order_and_in_pieces_it_adds_up_to_the_same(app, product, fabrikam, seed) -> None:
    events, chance = everything(), random.Random(seed)
    product.batch(*events)
    once = state()
    for table in reversed(db.Base.metadata.sorted_tables):
        if table.name.startswith("usage_"):
            db.session.execute(table.delete())
    db.session.commit()
    pieces = [*events, *events]
    chance.shuffle(pieces)
    while pieces:
        size = chance.randint(1, 40)
        product.batch(*pieces[:size])
        del pieces[:size]
    assert state() == once


@pytest.fixture
def fabrikam(app, northwind) -> Account:
    with app.test_request_context():
        made = make.account("Fabrikam", external_id="fa-1")
        db.session.commit()
    return made


@pytest.fixture
def served(real_database, settings, clock):
    """The portal on a database of its own, with a key."""
    app = create_app(settings(PORTAL_DATABASE_URL=real_database))
    with app.test_request_context(), db.transaction():
        make.provider()
        make.account(external_id="nw-7")
        make.account("Fabrikam", external_id="fa-1")
        secret = keys.make("Product", [USAGE_WRITE], by=None)[1]
    return Sender(app, secret)


def at_once(sender: Sender, batches: list[list[dict[str, Any]]]) -> list[int]:
    """Send all of these at the same moment; how they were answered."""
    answers: list[int] = []
    start = threading.Barrier(len(batches))

    def send(events: list[dict[str, Any]]) -> None:
        start.wait()
        pieces = (events[at : at + 50] for at in range(0, len(events), 50))
        answers.extend(sender.batch(*piece).status_code for piece in pieces)

    threads = [threading.Thread(target=send, args=(batch,)) for batch in batches]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return answers


def settled(app) -> dict[str, list[tuple]]:
    with app.test_request_context():
        jobs.resolve()
        with db.reading():
            return state()


def test_P05_five_times_at_once_each_in_another_order(served) -> None:
    batches = []
    for seed in range(5):
        events = everything()
        random.Random(seed).shuffle(events)
        batches.append(events)
    answers = at_once(served, batches)
    assert set(answers) == {200}
    parallel = settled(served.app)
    served.batch(*everything())
    assert settled(served.app) == parallel
    with served.app.test_request_context(), db.reading():
        assert db.session.scalars(select(UsageEvent.id).where(UsageEvent.account_id.is_(None))).all() == []
    counted = {metric: 0 for _account, metric, *_more in parallel["days"]}
    for _account, metric, _day, times in parallel["days"]:
        counted[metric] += times
    assert counted == {"Event 0": 72, "Event 1": 72, "Event 2": 72, "Nameless": 12}
