"""FT02 (mail) and FT03: a worker killed while it sends loses no letter; a repeat carries the same Message-ID."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from portal import db, mail
from portal.jobs import Job
from portal.mail import Letter
from tests.faults.journal import Answer, Journal

pytestmark = pytest.mark.fault

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def environ(real_database, letterbox, tmp_path):
    """The settings of the processes this test starts; this process is connected too."""
    db.connect(real_database)
    return {
        "PATH": os.environ["PATH"],
        "PORTAL_DATABASE_URL": real_database,
        "PORTAL_SECRET_KEY": "only-for-tests-" * 3,
        "PORTAL_SEAL_PASSPHRASE": "only-for-tests",
        "PORTAL_DATA_DIR": str(tmp_path),
        "PORTAL_SMTP_URL": letterbox.url,
    }


def write_letters(journal, count):
    """Puts letters one by one; every tenth request is refused in the end and must not mail."""
    for n in range(count):
        key = f"n-{n}"
        journal.ask(key)
        db.start()
        mail.put(address="ana@northwind.example", subject=key, text=f"Letter {n}\n", kind="welcome")
        if n % 10 == 9:
            db.session.rollback()
            journal.answer(key, Answer.NO)
        else:
            db.session.commit()
            journal.answer(key, Answer.ACK)
        db.session.remove()


def wait_for(happened, worker, *, every=0.002, seconds=60.0):
    """Wait until `happened()` while the worker lives, asked so often; fail when it takes too long."""
    until = time.monotonic() + seconds
    while not happened():
        assert worker.poll() is None, "the worker ended by itself"
        assert time.monotonic() < until, "the letters did not leave"
        time.sleep(every)


def open_letters():
    with db.transaction():
        waiting = db.session.query(Letter).filter(Letter.sent_at.is_(None)).count()
        return waiting + db.session.query(Job).filter(Job.done_at.is_(None)).count()


def check(letterbox, journal, kills):
    """Nothing lost, nothing twice but for repeats that a kill explains, nothing that was refused."""
    copies = Counter(letter["Message-ID"] for letter in letterbox.received)
    by_id = {letter["Message-ID"]: letter["Subject"] for letter in letterbox.received}
    found = journal.sum(by_id.values())
    assert (found.lost, found.twice, found.unasked) == (0, 0, 0)
    assert sum(copies.values()) - len(copies) <= kills, "more repeats than kills"
    with db.transaction():
        assert {letter.subject for letter in db.session.query(Letter)} == set(by_id.values())
        assert db.session.query(Letter).filter(Letter.dropped_at.is_not(None)).count() == 0
    return sum(copies.values()) - len(copies)


def test_ft02_kill_9_in_the_middle_of_sending(environ, letterbox, tmp_path, sized):
    letters, kills = sized(1000), max(3, sized(25))
    journal, chance = Journal(tmp_path / "journal"), random.Random(2)
    command = [sys.executable, "-m", "tests.faults.worker"]
    writer = threading.Thread(target=write_letters, args=(journal, letters))
    writer.start()
    for n in range(kills):
        with subprocess.Popen(command, cwd=ROOT, env=environ) as worker:
            goal = (n + 1) * letters * 9 // 10 // (kills + 1)
            wait_for(lambda: len(letterbox.received) >= goal, worker)  # noqa: B023
            time.sleep(chance.random() * 0.01)  # Anywhere between this letter and the next.
            worker.send_signal(signal.SIGKILL)
            worker.wait()
    writer.join()
    with subprocess.Popen(command, cwd=ROOT, env=environ) as worker:
        wait_for(lambda: open_letters() == 0, worker, every=0.05)
        worker.terminate()
        assert worker.wait(timeout=5) == 0
    repeats = check(letterbox, journal, kills)
    print(
        f"FT02 mail: {letters} requests, {kills} kills, {len(letterbox.received)} arrived, {repeats} repeated, 0 lost"
    )


def test_ft03_a_kill_at_every_step_of_a_send(environ, letterbox, tmp_path, request):
    stride = 1 if request.config.getoption("--faults") == "full" else 10
    command = [sys.executable, "-m", "tests.faults.kill_points", str(stride), str(tmp_path / "killed")]
    subprocess.run(command, cwd=ROOT, env=environ, check=True, timeout=600)
    killed = int((tmp_path / "killed").read_text())
    assert killed > 100 / stride, "a send runs through more lines than that"
    assert open_letters() == 0
    journal = Journal(tmp_path / "journal")
    journal.answer("Warm", Answer.ACK)
    for n in range(killed + 1):
        journal.answer(f"Line {1 + n * stride}", Answer.ACK)
    repeats = check(letterbox, journal, killed)
    if stride == 1:
        assert repeats, "some kill fell between the server's yes and our mark"
    print(f"FT03: {killed} kill points, {repeats} letters repeated with the same Message-ID, 0 lost")
