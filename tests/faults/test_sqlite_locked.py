"""FT06: a stranger locks the SQLite file. Writers are refused whole, readers go on, the worker catches up."""

import http.client
import sqlite3
import threading
import time
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from sqlalchemy.exc import OperationalError

from portal import config, db, mail, sqlite, worker
from portal.mail import Letter
from tests.bench import roads, servers
from tests.faults.journal import Answer, Journal

pytestmark = pytest.mark.fault


@pytest.fixture
def locked_quickly(databases, tmp_path, monkeypatch):
    """A SQLite file of its own, on which a writer waits a tenth of a second instead of ten."""
    url = databases.copy("sqlite")
    monkeypatch.setattr(sqlite, "PATIENCE", 100)
    db.connect(url)
    plain = {
        "PORTAL_DATABASE_URL": url,
        "PORTAL_SECRET_KEY": "x" * 32,
        "PORTAL_SEAL_PASSPHRASE": "only-for-tests",
        "PORTAL_DATA_DIR": str(tmp_path / "data"),
    }
    mail.configure(config.read(plain))
    yield url.removeprefix("sqlite:///")
    db.disconnect()
    databases.drop(url)


def ask(journal, key):
    """One request that puts a letter; says in the journal what it came to."""
    journal.ask(key)
    try:
        with db.transaction():
            mail.put(address="ana@northwind.example", subject=key, text="Hello\n", kind="welcome")
    except OperationalError:
        journal.answer(key, Answer.NO)
    else:
        journal.answer(key, Answer.ACK)


@pytest.fixture
def stuck(monkeypatch):
    """Rises each time the worker says that the database does not answer."""
    met = threading.Semaphore(0)
    monkeypatch.setattr(worker.log, "warning", lambda *_words, **_more: met.release(), raising=False)
    return met


@pytest.fixture
def loop(locked_quickly, stuck):
    """The portal's worker loop in a thread, with a short lease; it ends with the test."""
    stop = threading.Event()
    options = {"stop": stop.is_set, "wait": lambda _seconds: stop.wait(0.01), "lease": timedelta(seconds=0.5)}
    thread = threading.Thread(target=worker.work, kwargs=options)
    thread.start()
    yield thread
    stop.set()
    thread.join()


def test_ft06_a_stranger_locks_the_file(locked_quickly, loop, stuck, tmp_path, sized):
    rounds, journal = sized(40), Journal(tmp_path / "journal")
    stranger = sqlite3.connect(locked_quickly, isolation_level=None)
    stranger.execute("PRAGMA busy_timeout = 10000")
    for n in range(rounds):
        ask(journal, f"{n}-before")
        stranger.execute("BEGIN EXCLUSIVE")
        ask(journal, f"{n}-during")
        db.start(reading=True)
        stored = list(journal.read().values()).count(Answer.ACK)
        assert db.session.query(Letter).count() == stored, "reading goes on, and sees nothing half done"
        db.session.remove()
        assert stuck.acquire(timeout=20), "the worker met the lock"
        stranger.execute("ROLLBACK")
        ask(journal, f"{n}-after")
    stranger.close()
    for _ in range(1000):
        if not open_letters():
            break
        loop.join(0.02)
    assert loop.is_alive()
    check(journal, rounds, tmp_path)


def check(journal, rounds, tmp_path):
    told = journal.read()
    refused = {key for key, answer in told.items() if answer is Answer.NO}
    assert refused >= {f"{n}-during" for n in range(rounds)}, "a locked file is a refusal"
    with db.transaction():
        stored = [letter.subject for letter in db.session.query(Letter)]
    found = journal.sum(stored)
    assert (found.lost, found.twice, found.unasked, found.unknown) == (0, 0, 0, 0)
    assert len(list((tmp_path / "data" / "mail").glob("*.eml"))) == len(stored) == len(told) - len(refused)
    print(f"FT06: {rounds} locks, {len(told)} requests, {len(refused)} refused whole, 0 lost")


def open_letters():
    try:
        with db.transaction():
            return db.session.query(Letter).filter(Letter.sent_at.is_(None)).count()
    except OperationalError:
        return 1


# --- The web server, meanwhile ----------------------------------------------------------------------

WRITERS = 12  # More than the server has threads.


@pytest.fixture
def served(tmp_path):
    """A server on a road of its own: how to ask it as Ana, and the file."""
    file = tmp_path / "locked.sqlite3"
    environ = roads.settings(tmp_path, f"sqlite:///{file}")
    road = roads.build(environ, [50])[0]
    db.disconnect()
    port = servers.free_port()

    def ask(method: str, path: str, body: str = "") -> tuple[int, float]:
        """The status, and after how many seconds it came."""
        began = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        headers = {
            "Cookie": f"session={road.session}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, time.perf_counter() - began

    with servers.running(["portal", "serve", "--host", "127.0.0.1", "--port", str(port)], environ, port):
        yield ask, road.home, file


def test_ft06_reading_waits_for_no_lock(served):
    """Not for the stranger's, though the time of this visit is due to be noted; nor behind all who wait to write."""
    ask, home, file = served
    with sqlite3.connect(file, isolation_level=None) as stranger:
        warm = max(ask("GET", home)[1] for _time in range(3))
        stranger.execute("UPDATE session SET seen_at = datetime(seen_at, '-1 hour')")
        stranger.execute("BEGIN EXCLUSIVE")
        status, alone = ask("GET", home)
        assert (status, alone < 1 + warm) == (200, True), f"a page took {alone:.1f} s of a locked file"

        answers: list[tuple[int, float]] = []
        login = urlencode({"email": "ana@customer-0.example", "next": "/"})
        writers = [
            threading.Thread(target=lambda: answers.append(ask("POST", "/logout", login)))
            for _number in range(WRITERS)
        ]
        for writer in writers:
            writer.start()
        time.sleep(0.2)  # So that they have the threads.
        status, crowded = ask("GET", home)
        assert (status, crowded < 4) == (200, True), f"behind writers a page took {crowded:.1f} s"
        stranger.execute("ROLLBACK")
        for writer in writers:
            writer.join()
    stranger.close()
    assert {status for status, _took in answers} <= {303, 400, 503}
    assert [status for status, _took in answers].count(503) >= 1
