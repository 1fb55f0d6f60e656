"""The queue: a table in the portal's own database, so that a job exists if and only if its transaction commits.

A worker leases a job, does slow work outside any transaction, and marks it afterwards. Each lease carries a
fence, a number that rises with every claim: a worker that slept past its lease finds the fence changed and
can write nothing. So a handler may run twice, but only one run of it counts.
"""

import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import structlog
from sqlalchemy import ForeignKey, Index, String, Text, and_, delete, or_, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock, db
from portal.db import Base, BigId

LEASE = timedelta(minutes=2)
MAX_ATTEMPTS = 20  # With the pauses below: about half a day until a job is given up.
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
KEEP_DONE = timedelta(days=30)

log = structlog.get_logger(__name__)


class Job(Base):
    """One thing to do at or after `run_at`. Neither done nor failed: still open."""

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_open", "run_at", postgresql_where=text("done_at IS NULL AND failed_at IS NULL"),
              sqlite_where=text("done_at IS NULL AND failed_at IS NULL")),
    )  # fmt: skip

    kind: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]]
    account_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"), index=True)
    key: Mapped[str | None] = mapped_column(unique=True)
    run_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class Later(Exception):
    """Raised by a handler that could not do its work now. The sentence is kept and logged: no contents in it.

    `at` says when to try again; left out, the pause doubles with each attempt.
    """

    def __init__(self, sentence: str, *, at: datetime | None = None) -> None:
        super().__init__(sentence)
        self.at = at


class Hopeless(Exception):
    """Raised by a handler when no later attempt could do better: the job is given up with this sentence, which is kept
    and logged as that of `Later` is."""


class LeaseLost(Exception):
    """Somebody else holds this job by now; whatever was about to be written is not."""


@dataclass(slots=True)
class Claim:
    """One worker's hold on one job, for the length of its lease."""

    job_id: int
    kind: str
    payload: dict[str, Any]
    account_id: int | None
    attempts: int
    fence: int
    lease: timedelta
    finished: bool = False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction in which this claim is known to hold; it renews the lease. Raises LeaseLost."""
        with self._holding(lease_until=clock.now() + self.lease):
            yield

    @contextmanager
    def finish(self) -> Iterator[None]:
        """The last transaction: what is written inside and "this job is done" happen together or not at all."""
        with self._holding(done_at=clock.now(), lease_until=None, error=None):
            yield
        self.finished = True

    @contextmanager
    def _holding(self, **values: Any) -> Iterator[None]:
        with db.transaction():
            mine = update(Job).where(Job.id == self.job_id, Job.fence == self.fence, Job.done_at.is_(None))
            if not _changed(mine.where(Job.failed_at.is_(None)).values(**values)):
                raise LeaseLost(f"job {self.job_id}")
            yield


Handler = Callable[[Claim], None]
GaveUp = Callable[[dict[str, Any], str], None]

_handlers: dict[str, tuple[Handler, GaveUp | None]] = {}


def handles(kind: str, *, gave_up: GaveUp | None = None) -> Callable[[Handler], Handler]:
    """Register the function that does the jobs of this kind.

    It gets a Claim and may run more than once for one job. Short work goes into `with claim.finish():`;
    a handler that ends without it is marked done for it. `gave_up(payload, reason)` is called in the
    transaction that gives a job up after MAX_ATTEMPTS.
    """

    def register(handler: Handler) -> Handler:
        _handlers[kind] = (handler, gave_up)
        return handler

    return register


def put(
    kind: str,
    payload: dict[str, Any],
    *,
    at: datetime | None = None,
    key: str | None = None,
    account_id: int | None = None,
) -> bool:
    """Queue a job in the caller's transaction, for `at` (now when left out). The payload is plain JSON.

    Of several jobs with one `key` only the first is kept, done or not, for as long as its row is (30 days
    after it was done). Returns whether this one was.
    """
    values = {
        "kind": kind,
        "payload": payload,
        "account_id": account_id,
        "key": key,
        "run_at": at or clock.now(),
    }
    if key is None:
        db.session.add(Job(**values))
        return True
    return insert_if_new(Job, **values)


def again(kind: str, payload: dict[str, Any], *, key: str, account_id: int | None = None) -> None:
    """Have the job of this key done now, whatever became of it before; put it if there is none. One that is being done
    this moment is left alone, and not waited for."""
    now = clock.now()
    idle = or_(Job.lease_until.is_(None), Job.lease_until <= now)
    fresh = {
        "run_at": now,
        "attempts": 0,
        "done_at": None,
        "failed_at": None,
        "error": None,
        "lease_until": None,
    }
    free = select(Job.id).where(Job.key == key, idle).with_for_update(skip_locked=True).scalar_subquery()
    is_there = db.session.scalar(select(Job.id).where(Job.key == key)) is not None
    if is_there:  # Put once more, it would wait for whoever holds it.
        _changed(update(Job).where(Job.id == free).values(**fresh))
    else:
        put(kind, payload, key=key, account_id=account_id)


def has_failed(key: str) -> bool:
    """Whether the job of this key was given up."""
    return db.session.scalar(select(Job.failed_at).where(Job.key == key)) is not None


def insert_if_new(model: type[Base], **values: Any) -> bool:
    """Insert this row unless a unique constraint says it is there already. Returns whether it was inserted."""
    # Only the dialect in use is loaded: PostgreSQL's brings several megabytes along.
    dialect: Any = import_module(f"sqlalchemy.dialects.{'sqlite' if db.is_sqlite() else 'postgresql'}")
    row = dialect.insert(model).values(**values).on_conflict_do_nothing().returning(model.id)
    return db.session.execute(row).first() is not None


def insert_new(model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert those of these rows that no unique constraint says are there already, in one statement."""
    dialect: Any = import_module(f"sqlalchemy.dialects.{'sqlite' if db.is_sqlite() else 'postgresql'}")
    db.session.execute(dialect.insert(model).on_conflict_do_nothing(), list(rows))


def claim(lease: timedelta = LEASE) -> Claim | None:
    """Lease the job that has been due longest, and commit that; None when nothing is due."""
    now = clock.now()
    due = (
        select(Job.id)
        .where(
            Job.done_at.is_(None),
            Job.failed_at.is_(None),
            Job.run_at <= now,
            or_(Job.lease_until.is_(None), and_(Job.lease_until <= now, Job.attempts < MAX_ATTEMPTS)),
        )
        .order_by(Job.run_at, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    take = (
        update(Job)
        .where(Job.id == due.scalar_subquery())
        .values(lease_until=now + lease, fence=Job.fence + 1, attempts=Job.attempts + 1)
        .returning(Job.id, Job.kind, Job.payload, Job.account_id, Job.attempts, Job.fence)
        .execution_options(synchronize_session=False)
    )
    with db.transaction():
        row = db.session.execute(take).first()
    if row is None:
        return None
    job_id, kind, payload, account_id, attempts, fence = row
    return Claim(job_id, kind, payload, account_id, attempts, fence, lease)


def run(claim: Claim) -> None:
    """Do one claimed job; a failure is written down, with a later attempt or as given up."""
    handler, _gave_up = _handlers.get(claim.kind, (_unknown, None))
    try:
        handler(claim)
        if not claim.finished:
            with claim.finish():
                pass
    except LeaseLost:
        log.info("job taken over", job=claim.job_id, kind=claim.kind)
    except Later as later:
        _put_off(claim, str(later), later.at)
    except Hopeless as hopeless:
        _put_off(claim, str(hopeless), None, for_good=True)
    except Exception as error:  # noqa: BLE001 — a job of any kind must not take the worker down
        _put_off(claim, place_of(error), None)


def sweep() -> int:
    """Give up the jobs whose workers died in every attempt; returns how many. Expired leases need no sweeping
    otherwise: `claim` takes them like any job that is due."""
    with db.transaction():
        dead = db.session.scalars(
            select(Job)
            .where(
                Job.done_at.is_(None),
                Job.failed_at.is_(None),
                Job.lease_until <= clock.now(),
                Job.attempts >= MAX_ATTEMPTS,
            )
            .with_for_update(skip_locked=True)
        ).all()
        for job in dead:
            _give_up(job, f"The worker ended in the middle of each of {job.attempts} attempts.")
    return len(dead)


def prune() -> None:
    """Forget jobs done 30 days ago. Failed jobs stay until somebody looks."""
    with db.transaction():
        db.session.execute(delete(Job).where(Job.done_at < clock.now() - KEEP_DONE))


def _put_off(claim: Claim, reason: str, at: datetime | None, *, for_good: bool = False) -> None:
    tell = log.warning if at is None else log.info
    tell("job put off", job=claim.job_id, kind=claim.kind, attempt=claim.attempts, reason=reason)
    with db.transaction():
        mine = select(Job).where(Job.id == claim.job_id, Job.fence == claim.fence, Job.done_at.is_(None))
        job = db.session.scalar(mine.with_for_update())
        if job is None:
            return
        if at is not None:
            job.attempts -= 1  # A date that moved is no failure.
            job.run_at, job.lease_until, job.error = at, None, reason
        elif for_good or claim.attempts >= MAX_ATTEMPTS:
            _give_up(job, reason)
        else:
            job.run_at, job.lease_until, job.error = clock.now() + pause(claim.attempts), None, reason


def _give_up(job: Job, reason: str) -> None:
    log.error("job given up", job=job.id, kind=job.kind, reason=reason)
    job.failed_at, job.lease_until, job.error = clock.now(), None, reason
    _handler, gave_up = _handlers.get(job.kind, (_unknown, None))
    if gave_up:
        gave_up(job.payload, reason)


def pause(attempts: int) -> timedelta:
    """How long to wait after this many attempts: doubling from five seconds, an hour at most."""
    return min(FIRST_PAUSE * 2 ** min(attempts - 1, 20), LONGEST_PAUSE)


def place_of(error: Exception) -> str:
    """What went wrong without what it went wrong with: an error's own words may quote a letter or a token."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "portal" in f.filename]
    place = f" at {frames[-1].filename.rpartition('portal/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


def _unknown(claim: Claim) -> None:
    raise Later(f"No handler is registered for {claim.kind}.")


def _changed(statement: Any) -> bool:
    """Whether this UPDATE met a row."""
    result: Any = db.session.execute(statement.execution_options(synchronize_session=False))
    return bool(result.rowcount)
