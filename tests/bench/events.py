"""B5: usage events in over HTTP, in batches of a hundred, against the bare insert of the same rows in this process: one
INSERT of the events that passes over what is there, and one for the counts of each table that has some, in a
transaction for each batch. And the cost of an event when nothing is stored against that when many are."""

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import func, select

from portal import clock, config, db, migrating
from portal.accounts.kinds import Segment
from portal.accounts.models import Account, Provider
from portal.app import create_app
from portal.auth import keys
from portal.auth.keys import USAGE_WRITE
from portal.usage.intake import upsert
from portal.usage.models import EventKind, UsageDay, UsageEvent, UsagePersonDay, UsageUser
from portal.usage.storing import source_called
from tests.bench import load, roads, servers
from tests.bench.load import Request
from tests.usage.sending import basic

STORED = 5_000_000 if os.environ.get("SIZE") == "full" else 500_000
A_BATCH, CLIENTS = 100, 2
A_LOOK = 20_000  # Events of one measurement.
LOOKS = 10  # Measured at the beginning, and as many at the end.
ACCOUNTS, USERS, METRICS, DAYS = 50, 2_000, 12, 30


@dataclass(frozen=True)
class Known:
    """Numbers of rows that the bare insert refers to."""

    source: int
    accounts: list[int]
    users: list[int]


def measure(kind: str, folder: Path, url: str, say: Callable[..., None]) -> None:
    """Both figures of B5 for one database."""
    folder.mkdir(parents=True)
    environ = roads.settings(folder, url)
    secret, accounts, source = _install(environ)
    port = servers.free_port()
    numbers = iter(range(0, 100 * STORED, A_LOOK))
    with servers.running(["portal", "serve", "--port", str(port)], environ, port):
        for _warming in range(
            2
        ):  # What is compiled and cached once is no event's cost; and then all users are there.
            _sent(port, secret, next(numbers))
        known = Known(source, accounts, _users())
        bare, first = _alternating(port, secret, known, numbers)
        while (start := next(numbers)) < STORED:
            _sent(port, secret, start)
        late, last = _alternating(port, secret, known, numbers)
    with db.reading():
        stored = db.session.scalar(select(func.count()).select_from(UsageEvent))
    db.disconnect()
    both, all_bare = first + last, bare + late
    say(
        "B5 events in, batches of 100",
        database=kind,
        per_second=round(median(both)),
        bare_per_second=round(median(all_bare)),
        share=round(median(both) / median(all_bare), 2),
        bar=">= 0.6",
    )
    say(
        "B5 cost of an event, many stored against none",
        database=kind,
        stored=stored,
        at_first=round(median(first)),
        at_last=round(median(last)),
        ratio=round(median(first) / median(last), 2),
        bare_ratio=round(median(bare) / median(late), 2),
        bar="<= 1.3",
    )


def _alternating(
    port: int, secret: str, known: Known, numbers: Iterator[int]
) -> tuple[list[float], list[float]]:
    """Events a second, bare and sent, in turns."""
    bare, sent = [], []
    for _look in range(LOOKS // 2):
        bare.append(_bare(known, next(numbers)))
        sent.append(_sent(port, secret, next(numbers)))
    return bare, sent


def _users() -> list[int]:
    """Everybody's row, once everybody has been seen."""
    with db.reading():
        found = list(db.session.scalars(select(UsageUser.id).order_by(UsageUser.id)))
    assert len(found) == USERS
    return found


def _install(environ: dict[str, str]) -> tuple[str, list[int], int]:
    app = create_app(config.read(environ))
    migrating.upgrade()
    with app.test_request_context(), db.transaction():
        db.session.add(Provider(id=1, name="Partnerly"))
        made = [
            Account(name=f"Customer {n}", slug=f"customer-{n}", external_id=f"acct-{n}", segment=Segment.SMB)
            for n in range(ACCOUNTS)
        ]
        db.session.add_all(made)
        db.session.flush()
        secret = keys.make("Product", [USAGE_WRITE], by=None)[1]
        return secret, [account.id for account in made], source_called("Bare")


# --- What happens: twenty people in each batch, who do five things one after another ---------------


def _user(n: int) -> int:
    return n // 5 % USERS


def _metric(n: int) -> int:
    return n // 2 % METRICS


def _moment(now: datetime, n: int) -> datetime:
    return now - timedelta(days=n // A_BATCH % DAYS, seconds=A_BATCH - n % A_BATCH)


# --- Over HTTP --------------------------------------------------------------------------------------


def _sent(port: int, secret: str, start: int) -> float:
    """Send so many new events; how many a second were stored."""
    bodies = [_body(at) for at in range(start, start + A_LOOK, A_BATCH)]
    headers = {"Authorization": basic(secret), "Content-Type": "application/json"}

    def requests(client: int) -> Iterator[Request]:
        for body in bodies[client::CLIENTS]:
            yield "POST", "/v1/batch", body, headers

    result = load.run(port, CLIENTS, requests)
    assert result.statuses == {200: len(bodies)}, result.statuses
    return result.rate * A_BATCH


def _body(start: int) -> bytes:
    """A hundred events as an SDK writes them."""
    moment = clock.now()
    events = [
        {
            "type": "track",
            "event": f"Event {_metric(n)}",
            "userId": f"u-{_user(n)}",
            "properties": {"rows": n, "format": "csv"},
            "context": {
                "groupId": f"acct-{_user(n) % ACCOUNTS}",
                "library": {"name": "analytics-python", "version": "2.4.0"},
            },
            "integrations": {},
            "anonymousId": None,
            "messageId": f"3314a935-629e-4049-a694-{n:012}",
            "timestamp": _moment(moment, n).isoformat(),
        }
        for n in range(start, start + A_BATCH)
    ]
    return json.dumps({"batch": events, "sentAt": moment.isoformat()}).encode()


# --- Bare -------------------------------------------------------------------------------------------


def _bare(known: Known, start: int) -> float:
    """Insert so many rows like those; how many a second."""
    batches = [_rows(known, at) for at in range(start, start + A_LOOK, A_BATCH)]
    began = time.perf_counter()
    for events, users, days, own in batches:
        with db.transaction():
            db.session.execute(upsert(UsageEvent.__table__).on_conflict_do_nothing(), events)
            seen = upsert(UsageUser.__table__)
            last = {"last_seen_at": seen.excluded.last_seen_at}
            db.session.execute(
                seen.on_conflict_do_update(index_elements=["account_id", "key"], set_=last), users
            )
            _counted(UsageDay.__table__, ["account_id", "metric", "day"], days)
            _counted(UsagePersonDay.__table__, ["user_id", "metric", "day"], own)
    return A_LOOK / (time.perf_counter() - began)


def _counted(table: Any, key: list[str], rows: list[dict[str, Any]]) -> None:
    new = upsert(table)
    added = {"count": table.c.count + new.excluded.count}
    db.session.execute(new.on_conflict_do_update(index_elements=key, set_=added), rows)


def _rows(known: Known, start: int) -> tuple[list[dict[str, Any]], ...]:
    """What a batch comes to: its events, who was seen, the accounts' counts and their users'. Which row of users is
    whose doesn't matter here."""
    moment = clock.now()
    events: list[dict[str, Any]] = [
        {
            "source_id": known.source,
            "message_id": f"3314a935-629e-4049-a694-{n:012}",
            "account_id": known.accounts[_user(n) % ACCOUNTS],
            "kind": EventKind.TRACK,
            "name": f"Event {_metric(n)}",
            "user_key": f"u-{_user(n)}",
            "group_key": f"acct-{_user(n) % ACCOUNTS}",
            "at": _moment(moment, n),
            "received_at": moment,
            "props": {"rows": n, "format": "csv"},
        }
        for n in range(start, start + A_BATCH)
    ]
    users = {
        one["user_key"]: {
            "account_id": one["account_id"],
            "key": one["user_key"],
            "first_seen_at": one["at"],
            "last_seen_at": one["at"],
        }
        for one in events
    }
    days = Counter((one["account_id"], one["name"], one["at"].date()) for one in events)
    own = Counter(
        (known.users[_user(start + at)], one["name"], one["at"].date(), one["account_id"])
        for at, one in enumerate(events)
    )
    of_account, of_user = (
        ("account_id", "metric", "day", "count"),
        ("user_id", "metric", "day", "account_id", "count"),
    )
    return (
        events,
        list(users.values()),
        [dict(zip(of_account, (*day, times), strict=True)) for day, times in sorted(days.items())],
        [dict(zip(of_user, (*day, times), strict=True)) for day, times in sorted(own.items())],
    )
