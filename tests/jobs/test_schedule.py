"""The timetable."""

import signal
from datetime import timedelta

from portal import db, schedule, worker
from portal.schedule import TIMETABLE, Entry, run_due


def test_an_entry_runs_when_due_and_not_before(session, clock):
    ran = []
    entry = Entry("test.entry", timedelta(minutes=5), lambda: ran.append(clock.now))
    assert run_due([entry]) == 1
    clock.forward(minutes=4)
    assert run_due([entry]) == 0
    clock.forward(minutes=1)
    assert run_due([entry]) == 1
    assert len(ran) == 2


def test_an_entry_that_fails_keeps_no_other_from_running(session, clock):
    ran = []

    def fail():
        raise RuntimeError

    assert (
        run_due(
            [Entry("test.bad", timedelta(1), fail), Entry("test.good", timedelta(1), lambda: ran.append(1))]
        )
        == 2
    )
    assert ran == [1]


def test_each_entry_has_a_name_of_its_own_and_twice_is_once(app):
    assert len({entry.name for entry in TIMETABLE}) == len(TIMETABLE)
    with app.test_request_context():
        for entry in TIMETABLE:
            entry.function()
            before = contents()
            entry.function()
            assert contents() == before, entry.name


def test_with_once_the_worker_does_what_is_due_and_returns(app, session, clock):
    worker.work(once=True, schedule=run_due, around=app.test_request_context)
    rows = session.query(schedule.ScheduledRun).all()
    assert {row.name for row in rows} == {entry.name for entry in TIMETABLE}
    assert all(row.next_run > clock.now for row in rows)


def contents():
    return {table.name: db.session.execute(table.select()).all() for table in db.Base.metadata.sorted_tables}


def test_a_stop_ends_the_round_between_two_entries(session, clock):
    ran = []
    entries = [Entry(f"test.{n}", timedelta(1), lambda: ran.append(1)) for n in range(3)]
    assert run_due(entries, stop=lambda: len(ran) == 2) == 2
    assert len(ran) == 2


def test_a_signal_that_comes_while_the_same_thread_waits_ends_the_wait():
    before = signal.getsignal(signal.SIGUSR1)
    stop = worker.Stop(signal.SIGUSR1)
    try:
        assert not stop.wait(0)
        signal.raise_signal(signal.SIGUSR1)
        signal.raise_signal(signal.SIGUSR1)
        assert stop.wait(3600)
        assert stop.wait(3600)
    finally:
        signal.signal(signal.SIGUSR1, before)
