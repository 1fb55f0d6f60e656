"""A program that sends events, and what is there afterwards."""

import gzip
import json
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from portal import db
from portal.auth import keys
from portal.auth.keys import USAGE_WRITE
from portal.usage.models import UsageDay, UsageEvent, UsagePersonDay, UsageReject, UsageUser

MOMENT = "2026-03-03T08:00:00.000Z"  # An hour before the moment at which the tests' clock stands.


@dataclass
class Sender:
    """Sends requests with one key, as an SDK would."""

    app: Flask
    secret: str

    def send(
        self, body: Any, call: str = "batch", *, status: int = 200, packed: bool = False, **headers: str
    ) -> TestResponse:
        """`body` is sent as JSON, or as it is when it is bytes. A header's name is written with underscores."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        if packed:
            data, more["Content-Encoding"] = gzip.compress(data), "gzip"
        more.setdefault("Authorization", basic(self.secret))
        more.setdefault("Content-Type", "application/json")
        answer = self.app.test_client().post(f"/v1/{call}", data=data, headers=more)
        assert answer.status_code == status, f"{answer.status_code}: {answer.text[:200]}"
        return answer

    def batch(self, *events: dict[str, Any], status: int = 200) -> TestResponse:
        """These events, in one request."""
        return self.send({"batch": list(events)}, status=status)


def basic(user: str) -> str:
    return f"Basic {b64encode(f'{user}:'.encode()).decode()}"


def key(app: Flask, name: str = "Product", **more: Any) -> str:
    """The secret of a new key; committed."""
    with app.test_request_context():
        secret = keys.make(name, [USAGE_WRITE], by=None, **more)[1]
        db.session.commit()
    return secret


def track(
    event: str = "Report Exported", user: str | None = "u-1", group: str | None = "nw-7", **more: Any
) -> dict:
    """A track event of Northwind's, unless told otherwise; without an id of its own unless one is given."""
    own = {"userId": user} if user else {}
    where = {"context": {"groupId": group}} if group else {}
    return {"type": "track", "event": event, "timestamp": MOMENT, **own, **where, **more}


def group_call(user: str = "u-1", group: str = "nw-7", **more: Any) -> dict:
    return {"type": "group", "userId": user, "groupId": group, "timestamp": MOMENT, **more}


def identify(user: str = "u-1", group: str = "nw-7", stamp: str = MOMENT, **traits: Any) -> dict:
    return {"type": "identify", "userId": user, "groupId": group, "timestamp": stamp, "traits": traits}


def state() -> dict[str, list[tuple]]:
    """All that events add up to, without what numbers the rows happened to get."""
    db.session.rollback()
    owner = select(
        UsagePersonDay.account_id,
        UsageUser.key,
        UsagePersonDay.metric,
        UsagePersonDay.day,
        UsagePersonDay.count,
    )
    tables: dict[str, Any] = {
        "events": select(UsageEvent.message_id, UsageEvent.account_id),
        "days": select(UsageDay.account_id, UsageDay.metric, UsageDay.day, UsageDay.count),
        "users": select(
            UsageUser.account_id, UsageUser.key, UsageUser.email, UsageUser.name, UsageUser.person_id,
            UsageUser.first_seen_at, UsageUser.last_seen_at,
        ),
        "own": owner.join(UsageUser, UsageUser.id == UsagePersonDay.user_id),
    }  # fmt: skip
    return {name: sorted(map(tuple, db.session.execute(rows)), key=repr) for name, rows in tables.items()}


def counts() -> dict[str, int]:
    """How often each thing happened, over all days."""
    db.session.rollback()
    rows = select(UsageDay.metric, func.sum(UsageDay.count)).group_by(UsageDay.metric)
    return {metric: int(times) for metric, times in db.session.execute(rows)}


def reasons() -> list[str]:
    """Why events could not be used, in their order."""
    db.session.rollback()
    return [
        reason.value for reason in db.session.scalars(select(UsageReject.reason).order_by(UsageReject.id))
    ]
