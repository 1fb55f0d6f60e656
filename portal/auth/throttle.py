"""The brake on those who guess: counts kept in the database, so that every process sees the same."""

from datetime import datetime, timedelta

from flask import request
from sqlalchemy import bindparam, delete, select, text

from portal import clock, db
from portal.auth import rules, tokens
from portal.auth.models import Throttle
from portal.db import UtcDateTime

COUNT = text(
    "INSERT INTO throttle (bucket, count, ends_at) VALUES (:bucket, 1, :ends_at) "
    "ON CONFLICT (bucket) DO UPDATE SET count = throttle.count + 1 RETURNING count"
).bindparams(bindparam("ends_at", type_=UtcDateTime()))

TAKE = text(
    "INSERT INTO throttle (bucket, count, ends_at) VALUES (:bucket, 1, :ends_at) "
    "ON CONFLICT (bucket) DO UPDATE SET ends_at = excluded.ends_at WHERE throttle.ends_at <= :moment RETURNING 1"
).bindparams(bindparam("ends_at", type_=UtcDateTime()), bindparam("moment", type_=UtcDateTime()))


def take(window: timedelta, *what: str) -> datetime | None:
    """Do `what` at most once in any `window`: None, and it is counted, or the moment of the last time."""
    facts = {"bucket": tokens.peppered("throttle", "once", *what)}
    times = {"ends_at": clock.now() + window, "moment": clock.now()}
    if db.session.execute(TAKE, facts | times).first() is not None:
        return None
    ends_at = db.session.execute(
        select(Throttle.ends_at).where(Throttle.bucket == facts["bucket"])
    ).scalar_one()
    return ends_at - window


def forget(*what: str) -> None:
    """As if `what` had never been done."""
    bucket = tokens.peppered("throttle", "once", *what)
    db.session.execute(delete(Throttle).where(Throttle.bucket == bucket))


def spend(limit: rules.Limit, address: str) -> int:
    """Count one try for `address` from this request's network: 0, or the seconds to wait when it is one too many.

    The network is that of the client as seen through as many proxies as PORTAL_TRUSTED_PROXIES names.
    """
    near, far = rules.network(request.remote_addr), address.strip().lower()
    ends_at = limit.ends_at(clock.now())
    counts = [
        (_count(ends_at, limit.name, "pair", near, far), limit.by_pair),
        (_count(ends_at, limit.name, "address", far), limit.by_address),
        (_count(ends_at, limit.name, "network", near), limit.by_network),
    ]
    if all(count <= most for count, most in counts):
        return 0
    return max(1, int((ends_at - clock.now()).total_seconds()))


def _count(ends_at: datetime, *bucket: str) -> int:
    facts = {"bucket": tokens.peppered("throttle", ends_at.isoformat(), *bucket), "ends_at": ends_at}
    return int(db.session.execute(COUNT, facts).scalar_one())
