"""FT10: events come twice and three times, shuffled, by several at once: what they add up to is as if each had come
once and in order."""

import random
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from portal import db
from portal.app import create_app
from portal.auth import keys
from portal.auth.keys import USAGE_WRITE
from portal.usage import jobs
from tests import make
from tests.usage.sending import Sender, identify, state

pytestmark = pytest.mark.fault

EVENTS, USERS, ACCOUNTS, A_BATCH, CLIENTS = 50_000, 200, 20, 100, 3


def written(number: int) -> list[dict[str, Any]]:
    """So many events in order: users say now and then whose they are and who, the rest names no account itself."""
    chance, events = random.Random(11), []
    for n in range(number):
        user = chance.randrange(USERS)
        at = f"2026-0{chance.randint(1, 2)}-{chance.randint(1, 28):02}T{chance.randrange(24):02}:{n % 60:02}:00.000Z"
        base = {"userId": f"u-{user}", "timestamp": at, "messageId": f"m-{n}"}
        kind = chance.random()
        if kind < 0.05 or n < USERS:
            user = n if n < USERS else user
            base["userId"] = f"u-{user}"
            events.append({**base, "type": "group", "groupId": f"acct-{user % ACCOUNTS}"})
        elif kind < 0.1:
            told = identify(
                f"u-{user}", f"acct-{user % ACCOUNTS}", at, email=f"u{user}x{n % 3}@x.example", name=f"U {n}"
            )
            events.append({**base, **told})
        elif kind < 0.2:
            events.append({**base, "type": "page", "name": "Reports"})
        else:
            events.append({**base, "type": "track", "event": f"Event {chance.randrange(8)}"})
    return events


@pytest.fixture
def sender(real_database: str, settings, clock) -> Sender:
    app = create_app(settings(PORTAL_DATABASE_URL=real_database))
    with app.test_request_context(), db.transaction():
        make.provider()
        for n in range(ACCOUNTS):
            make.account(
                f"Customer {n}", external_id=f"acct-{n}", time_zone=("Asia/Tokyo", "America/Chicago")[n % 2]
            )
        secret = keys.make("Product", [USAGE_WRITE], by=None)[1]
    return Sender(app, secret)


def pieces(events: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    return [events[at : at + A_BATCH] for at in range(0, len(events), A_BATCH)]


def settled(app: Flask) -> dict[str, list[tuple]]:
    with app.test_request_context():
        jobs.resolve()
        with db.reading():
            return state()


def forget_everything() -> None:
    with db.transaction():
        for table in reversed(db.Base.metadata.sorted_tables):
            if table.name.startswith("usage_"):
                db.session.execute(table.delete())


def test_FT10_duplicated_and_shuffled_events_give_the_same_state(
    sender: Sender, sized: Callable[[int], int]
) -> None:
    events = written(sized(EVENTS))
    for piece in pieces(events):
        sender.batch(*piece)
    once = settled(sender.app)
    assert len(once["events"]) == len(events)
    forget_everything()

    many = [*events, *events, *random.Random(5).sample(events, len(events) // 2)]
    random.Random(6).shuffle(many)
    waiting, lock, answers = pieces(many), threading.Lock(), []

    def client() -> None:
        while True:
            with lock:
                if not waiting:
                    return
                piece = waiting.pop()
            answers.append(sender.batch(*piece).status_code)

    threads = [threading.Thread(target=client) for _n in range(CLIENTS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert set(answers) == {200}
    assert len(answers) == len(pieces(many))
    assert settled(sender.app) == once
