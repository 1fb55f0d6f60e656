"""The queue: jobs are put with their transaction, leased, done, tried again and given up."""

from datetime import timedelta

import pytest

from portal import db, jobs, worker
from portal.jobs import Job


@pytest.fixture
def did(monkeypatch):
    """A kind of job, `test.note`, that writes down its payload, and `test.bad`, which fails with a secret."""
    seen = []
    monkeypatch.setattr(jobs, "_handlers", {})
    jobs.handles("test.note")(lambda claim: seen.append(claim.payload["n"]))

    @jobs.handles("test.bad", gave_up=lambda payload, reason: seen.append((payload["n"], reason)))
    def bad(claim):
        raise RuntimeError("hunter2")

    return seen


def put(n=1, kind="test.note", **more):
    jobs.put(kind, {"n": n}, **more)
    db.session.commit()


def only():
    db.session.expire_all()
    return db.session.query(Job).one()


def test_a_job_lives_and_dies_with_its_transaction(session, did):
    jobs.put("test.note", {"n": 1})
    jobs.put("test.note", {"n": 2}, key="two")
    session.rollback()
    worker.work(once=True)
    assert did == []
    assert session.query(Job).count() == 0


def test_due_jobs_are_done_in_order_and_others_wait(session, did, clock):
    put(3, at=clock.now + timedelta(hours=1))
    put(2)
    put(1, at=clock.now - timedelta(hours=1))
    worker.work(once=True)
    assert did == [1, 2]
    clock.forward(hours=1)
    worker.work(once=True)
    assert did == [1, 2, 3]


def test_one_key_one_job_even_after_it_was_done(session, did):
    assert jobs.put("test.note", {"n": 1}, key="once")
    assert not jobs.put("test.note", {"n": 2}, key="once")
    session.commit()
    worker.work(once=True)
    put(3, key="once")
    worker.work(once=True)
    assert did == [1]


def test_a_leased_job_is_nobody_elses_until_the_lease_ends(session, did, clock):
    put()
    first = jobs.claim()
    assert jobs.claim() is None
    clock.forward(minutes=1)
    with first.transaction():
        pass
    clock.forward(minutes=1.5)
    assert jobs.claim() is None, "extending moves the end of the lease"
    clock.forward(minutes=1)
    second = jobs.claim()
    assert (first.fence, second.fence, second.attempts) == (1, 2, 2)


def test_a_worker_that_woke_up_while_another_works_writes_nothing(session, did, clock):
    put(kind="test.bad")
    late = jobs.claim()
    clock.forward(minutes=3)
    other = jobs.claim()
    with pytest.raises(jobs.LeaseLost), late.finish():
        jobs.put("test.note", {"n": 99})
    jobs.run(late)
    assert only().lease_until == clock.now + jobs.LEASE, "the late one's failure moved nothing"
    with other.finish():
        pass
    assert only().done_at == clock.now


def test_a_worker_that_woke_up_late_writes_nothing(session, did, clock):
    put()
    late = jobs.claim()
    clock.forward(minutes=3)
    jobs.run(jobs.claim())
    with pytest.raises(jobs.LeaseLost), late.finish():
        jobs.put("test.note", {"n": 99})
    with pytest.raises(jobs.LeaseLost), late.transaction():
        pass
    jobs.run(late)
    assert only().done_at is not None


def test_what_a_handler_writes_and_done_happen_together(session, did):
    @jobs.handles("test.half")
    def half(claim):
        with claim.finish():
            jobs.put("test.note", {"n": 5})
            db.session.flush()
            raise RuntimeError

    put(kind="test.half")
    jobs.run(jobs.claim())
    job = only()
    assert (job.done_at, job.lease_until) == (None, None)


def test_a_failure_waits_longer_each_time_and_says_where_but_not_with_what(session, did, clock):
    put(kind="test.bad")
    waits = []
    for _ in range(4):
        worker.work(once=True)
        job = only()
        waits.append(int((job.run_at - clock.now).total_seconds()))
        clock.at(job.run_at)
    assert waits == [5, 10, 20, 40]
    assert job.error.startswith("RuntimeError")
    assert "hunter2" not in job.error
    assert jobs.pause(19) == jobs.LONGEST_PAUSE


def test_a_job_that_never_works_is_given_up_and_stays_to_be_seen(session, did, clock):
    put(7, kind="test.bad")
    for _ in range(jobs.MAX_ATTEMPTS + 3):
        worker.work(once=True)
        clock.forward(hours=1)
    job = only()
    assert job.attempts == jobs.MAX_ATTEMPTS
    assert job.failed_at is not None
    assert did == [(7, job.error)]
    jobs.prune()
    assert only().id == job.id


def test_a_handler_may_choose_its_next_time_without_using_up_attempts(session, did, clock):
    @jobs.handles("test.later")
    def later(claim):
        raise jobs.Later("The office is closed.", at=clock.now + timedelta(days=1))

    put(kind="test.later")
    worker.work(once=True)
    job = only()
    assert (job.attempts, job.error, job.run_at) == (
        0,
        "The office is closed.",
        clock.now + timedelta(days=1),
    )


def test_a_job_of_an_unknown_kind_is_tried_again(session, did):
    put(kind="test.unheard")
    worker.work(once=True)
    assert "test.unheard" in only().error


def test_a_job_that_kills_its_workers_is_given_up_by_the_sweeper(session, did, clock):
    put(4, kind="test.bad")
    for _ in range(jobs.MAX_ATTEMPTS):
        assert jobs.claim() is not None
        clock.forward(minutes=3)
    assert jobs.claim() is None
    assert jobs.sweep() == 1
    assert jobs.sweep() == 0
    assert only().failed_at is not None
    assert did == [(4, only().error)]


def test_done_jobs_are_forgotten_after_a_month(session, did, clock):
    put()
    worker.work(once=True)
    clock.forward(days=29)
    jobs.prune()
    assert session.query(Job).count() == 1
    clock.forward(days=2)
    jobs.prune()
    assert session.query(Job).count() == 0


def test_the_loop_waits_when_idle_stops_when_told_and_shows_it_is_alive(session, did, clock):
    waited = []
    put(1)

    def wait(seconds):
        waited.append(seconds)
        put(2)

    worker.work(stop=lambda: len(did) == 2, wait=wait)
    assert (did, waited) == ([1, 2], [worker.IDLE_SECONDS])
    assert worker.last_heartbeat() == clock.now
    clock.forward(seconds=20)
    worker.beat()
    assert worker.last_heartbeat() == clock.now
    assert session.query(worker.Heartbeat).count() == 1


def test_each_job_runs_in_a_context_of_its_own(session, did):
    from contextlib import contextmanager

    entered = []

    @contextmanager
    def around():
        entered.append(len(did))
        yield

    put(1)
    put(2)
    worker.work(once=True, around=around)
    assert entered == [0, 0, 1, 2], "the timetable, each job, the timetable again"
