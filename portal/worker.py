"""The worker's loop: the timetable, then the jobs that are due, then a short wait; and its signs of life."""

import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from select import select
from typing import Any

import structlog
from sqlalchemy import delete, update
from sqlalchemy import select as rows
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock, db, jobs
from portal.db import Base

HEARTBEAT_EVERY = timedelta(seconds=10)
FORGOTTEN_AFTER = timedelta(days=1)
IDLE_SECONDS = 1.0

Around = Callable[[], AbstractContextManager[Any]]

log = structlog.get_logger(__name__)


class Stop:
    """Whether one of the signals has come. An Event would do, but for the moment in which it is set by a handler in the
    very thread that begins to wait for it: then both wait for ever."""

    def __init__(self, *signals: signal.Signals) -> None:
        self.told = False
        self._heard, self._told = os.pipe()
        for number in signals:
            signal.signal(number, self._hear)

    def _hear(self, *_args: Any) -> None:
        if not self.told:
            self.told = True
            os.write(self._told, b".")

    def wait(self, seconds: float) -> bool:
        """Wait so long at most, and not at all once a signal has come; whether it has."""
        select([self._heard], [], [], seconds)
        return self.told


class Heartbeat(Base):
    """When each worker was last seen alive."""

    __tablename__ = "heartbeat"

    worker: Mapped[str] = mapped_column(unique=True)
    seen_at: Mapped[datetime]


def last_heartbeat() -> datetime | None:
    """When any worker was last seen alive; None when none ever was."""
    return db.session.scalar(rows(Heartbeat.seen_at).order_by(Heartbeat.seen_at.desc()).limit(1))


def beat() -> None:
    """Leave a sign of life of this process; a new one clears away those not seen for a day."""
    worker = f"{socket.gethostname()}:{os.getpid()}"
    with db.transaction():
        here = update(Heartbeat).where(Heartbeat.worker == worker).values(seen_at=clock.now())
        if db.session.execute(here.returning(Heartbeat.id)).first() is None:
            db.session.execute(delete(Heartbeat).where(Heartbeat.seen_at < clock.now() - FORGOTTEN_AFTER))
            jobs.insert_if_new(Heartbeat, worker=worker, seen_at=clock.now())


def work(
    *,
    once: bool = False,
    stop: Callable[[], bool] = lambda: False,
    schedule: Callable[[], int] = lambda: 0,
    wait: Callable[[float], Any] = time.sleep,
    around: Around = nullcontext,
    lease: timedelta = jobs.LEASE,
) -> None:
    """Work until `stop()` says so; with `once`, until nothing is due any more.

    `schedule()` does the due entries of the timetable and returns how many it did. `around` makes the context
    each job runs in (the app's, so that one job sees nothing of another). `wait(seconds)` is called when idle;
    give the `wait` of the event that `stop` reads, and a stop is prompt.
    """
    beaten = None
    while not stop():
        try:
            if beaten is None or clock.now() - beaten >= HEARTBEAT_EVERY:
                beat()
                beaten = clock.now()
            busy = _round(schedule, stop, around, lease)
        except DBAPIError as error:
            if once:
                raise
            log.warning("the database does not answer; trying again", error=type(error).__name__)
            busy = False
        if once and not busy:
            return
        if not busy:
            wait(IDLE_SECONDS)


def _round(schedule: Callable[[], int], stop: Callable[[], bool], around: Around, lease: timedelta) -> bool:
    """The due entries of the timetable, then due jobs for at most a heartbeat's time; whether there were any."""
    with around():
        done = schedule()
    until = clock.now() + HEARTBEAT_EVERY
    while not stop() and clock.now() < until:
        claimed = jobs.claim(lease)
        if claimed is None:
            break
        with around():
            jobs.run(claimed)
        done += 1
    return done > 0
