"""FT01: the web process is killed in the middle of batches of usage events, and the client sends again what had no
answer. What was acknowledged is there, a batch is there whole or not at all, and nothing counts twice."""

import http.client
import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from portal import config, db
from portal.app import create_app
from portal.auth import keys
from portal.auth.keys import USAGE_WRITE
from portal.usage.models import UsageDay, UsageEvent, UsagePersonDay
from tests import make
from tests.bench import roads, servers
from tests.faults.journal import Answer, Journal
from tests.usage.sending import basic

pytestmark = pytest.mark.fault

EVENTS, KILLS, A_BATCH = 40_000, 30, 40
ACCOUNTS = 5


def batch_of(number: int) -> dict[str, Any]:
    """A batch like no other: its events name it."""
    return {
        "batch": [
            {
                "type": "track",
                "event": f"Event {n % 4}",
                "userId": f"u-{(number + n) % 50}",
                "context": {"groupId": f"acct-{(number + n) % ACCOUNTS}"},
                "messageId": f"{number}-{n}",
            }
            for n in range(A_BATCH)
        ]
    }


@pytest.fixture
def install(real_database: str, tmp_path: Path) -> tuple[dict[str, str], str]:
    """The environment of a portal with five accounts, and the secret of a key."""
    environ = roads.settings(tmp_path, real_database)
    app = create_app(config.read(environ))
    with app.test_request_context(), db.transaction():
        make.provider()
        for n in range(ACCOUNTS):
            make.account(f"Customer {n}", external_id=f"acct-{n}")
        secret = keys.make("Product", [USAGE_WRITE], by=None)[1]
    db.disconnect()
    return environ, secret


def post(port: int, number: int, secret: str) -> http.client.HTTPConnection:
    """Send this batch; its answer has not been read."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    body, headers = json.dumps(batch_of(number)), {"Authorization": basic(secret)}
    connection.request("POST", "/v1/batch", body, headers)
    return connection


def acknowledged(port: int, number: int, secret: str, journal: Journal) -> float:
    """Send this batch and hear that it is stored; how many seconds the server took."""
    journal.ask(str(number))
    connection = post(port, number, secret)
    began = time.perf_counter()
    assert connection.getresponse().status == 200
    took = time.perf_counter() - began
    connection.close()
    journal.answer(str(number), Answer.ACK)
    return took


def has_answer(connection: http.client.HTTPConnection) -> bool:
    """Whether the server, which is dead now, had answered this."""
    try:
        connection.getresponse()
    except (http.client.HTTPException, OSError):
        return False
    return True


def found() -> Counter[str]:
    """How many events of each batch are there."""
    ids = db.session.scalars(select(UsageEvent.message_id))
    return Counter(message_id.partition("-")[0] for message_id in ids)


def one_life(
    port: int, numbers: Iterator[int], each: int, secret: str, journal: Journal, pid: int
) -> tuple[int, bool]:
    """Some batches are acknowledged; during one more the server is killed. Its number, and whether it had no answer
    yet."""
    took = min(acknowledged(port, next(numbers), secret, journal) for _n in range(each - 1))
    last = next(numbers)
    journal.ask(str(last))
    connection = post(port, last, secret)
    time.sleep(random.uniform(0, 0.9 * took))  # Anywhere in the middle of it.
    os.kill(pid, signal.SIGKILL)
    met = not has_answer(connection)
    connection.close()
    return last, met


def test_FT01_a_killed_web_process_loses_no_event_and_counts_none_twice(
    install: tuple[dict[str, str], str], tmp_path: Path, sized: Callable[[int], int]
) -> None:
    environ, secret = install
    kills = sized(KILLS)
    each = sized(EVENTS) // A_BATCH // kills
    journal, numbers = Journal(tmp_path / "journal"), iter(range(10**6))
    unknown: list[int] = []
    in_flight = 0
    for _life in range(kills):
        port = servers.free_port()
        with servers.running(["portal", "serve", "--port", str(port)], environ, port) as (process, _took):
            for number in unknown[-1:]:  # As an SDK does: what had no answer is sent once more.
                acknowledged(port, number, secret, journal)
            last, met = one_life(port, numbers, each, secret, journal, process.pid)
            unknown.append(last)
            in_flight += met
    assert in_flight >= kills // 2, "the kills came after the answers"
    db.connect(environ["PORTAL_DATABASE_URL"])
    with db.transaction():
        there = found()
        counted = dict(
            map(
                tuple,
                db.session.execute(
                    select(UsageDay.metric, func.sum(UsageDay.count)).group_by(UsageDay.metric)
                ),
            )
        )
        own = db.session.scalar(select(func.sum(UsagePersonDay.count)))
    assert set(there.values()) == {A_BATCH}
    told = journal.sum(list(there))
    assert (told.lost, told.twice, told.unasked) == (0, 0, 0)
    assert told.unknown <= 1
    assert counted == {f"Event {n}": len(there) * A_BATCH // 4 for n in range(4)}
    assert own == len(there) * A_BATCH
