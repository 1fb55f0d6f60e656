"""Several workers and writers at once, on a real database."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from portal import clock, db, jobs, schedule, worker


@pytest.fixture
def connected(real_database):
    db.connect(real_database)
    return real_database


def at_once(count, function):
    with ThreadPoolExecutor(count) as pool:
        return [done.result() for done in [pool.submit(function) for _ in range(count)]]


def test_four_workers_do_each_job_once(connected, monkeypatch):
    seen = []
    monkeypatch.setattr(jobs, "_handlers", {"test.n": (lambda claim: seen.append(claim.payload["n"]), None)})
    with db.transaction():
        for n in range(60):
            jobs.put("test.n", {"n": n})
    at_once(4, lambda: worker.work(once=True))
    assert Counter(seen) == Counter(range(60))
    assert (
        db.session.query(jobs.Job).filter(jobs.Job.attempts == 1, jobs.Job.done_at.is_not(None)).count() == 60
    )


def test_eight_writers_with_one_key_leave_one_job(connected):
    def put():
        with db.transaction():
            return jobs.put("test.n", {}, key="the-same")

    assert sorted(at_once(8, put)) == [False] * 7 + [True]


def test_an_entry_of_the_timetable_is_taken_by_one_worker(connected):
    ran = []
    entry = schedule.Entry("test.entry", timedelta(hours=1), lambda: ran.append(1))
    now = clock.now()
    for round_ in range(3):
        with clock.frozen(now + round_ * timedelta(hours=1)):
            at_once(6, lambda: schedule.run_due([entry]))
        assert len(ran) == round_ + 1
