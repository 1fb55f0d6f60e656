"""Who waits for SQLite's lock, and who makes room for those that read."""

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from portal import sqlite

ROUND, STUCK_AFTER, PATIENCE = 20, 400, 1500  # Milliseconds


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A file to write to, on which everybody waits a fraction of the usual time and one of them is patient."""
    for name, value in {"ROUND": ROUND, "STUCK_AFTER": STUCK_AFTER, "PATIENCE": PATIENCE}.items():
        monkeypatch.setattr(sqlite, name, value)
    monkeypatch.setattr(sqlite, "PATIENT_THREADS", 1)
    found = tmp_path / "turns.sqlite3"
    with sqlite3.connect(found) as made:
        made.execute("PRAGMA journal_mode = WAL")
        made.execute("CREATE TABLE turn (n integer)")
    made.close()
    return found


@pytest.fixture
def writing(file):
    made = sqlite.engine(f"sqlite:///{file}", reading=False)
    yield made
    made.dispose()


def write(engine, hold_for: float = 0) -> float | None:
    """Write once; after how many seconds, or None when it was refused."""
    began = time.monotonic()
    try:
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO turn VALUES (1)"))
            took = time.monotonic() - began
            Event().wait(hold_for)
    except OperationalError:
        return None
    return took


def holding(file, seconds: float) -> Thread:
    """Somebody else takes the lock and gives it back after so many seconds."""
    taken = Event()

    def hold() -> None:
        stranger = sqlite3.connect(file, isolation_level=None)
        stranger.execute("BEGIN IMMEDIATE")
        taken.set()
        Event().wait(seconds)
        stranger.execute("ROLLBACK")
        stranger.close()

    thread = Thread(target=hold)
    thread.start()
    assert taken.wait(5)
    return thread


def crowd(engine, size: int, hold_for: float = 0) -> list[float | None]:
    with ThreadPoolExecutor(size) as threads:
        return list(threads.map(lambda _n: write(engine, hold_for), range(size)))


def test_another_process_that_takes_a_while_costs_nobody_their_answer(file, writing) -> None:
    """Longer than a round and shorter than what counts as stuck, like a transaction of the worker's."""
    other = holding(file, STUCK_AFTER / 2000)
    assert None not in crowd(writing, 5)
    other.join()


def test_ours_wait_for_one_another_as_long_as_turns_are_taken(writing) -> None:
    answers = crowd(writing, 6, hold_for=STUCK_AFTER / 4000)
    assert None not in answers
    assert max(filter(None, answers)) > STUCK_AFTER / 1000, "the last one waited longer than for a stuck lock"


def test_when_the_lock_is_stuck_one_stays_and_the_others_make_room(file, writing) -> None:
    stranger = holding(file, PATIENCE / 1000 * 0.8)
    with ThreadPoolExecutor(4) as threads:
        first = [threads.submit(write, writing) for _n in range(3)]
        Event().wait(STUCK_AFTER / 1000 * 1.5)
        assert [one.done() for one in first].count(False) == 1
        began = time.monotonic()
        assert write(writing) is None
        assert time.monotonic() - began < STUCK_AFTER / 2000, "whoever comes later needn't find out again"
        answers = [one.result() for one in first]
    assert answers.count(None) == 2
    stranger.join()
    assert write(writing) is not None


def test_patience_ends(file, writing) -> None:
    stranger = holding(file, PATIENCE / 1000 * 1.5)
    began = time.monotonic()
    assert write(writing) is None
    assert PATIENCE / 1000 * 0.9 < time.monotonic() - began < PATIENCE / 1000 * 1.4
    stranger.join()


def test_what_waiting_cannot_mend_is_refused_at_once(file, tmp_path) -> None:
    engine = sqlite.engine(f"sqlite:///{tmp_path}", reading=False)  # A folder is no file.
    began = time.monotonic()
    assert write(engine) is None
    assert time.monotonic() - began < PATIENCE / 2000
    engine.dispose()
