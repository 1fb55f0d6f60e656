"""FT04: a worker hangs in the middle of sending until its lease has passed, and wakes up while another is at work."""

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import String, cast, func, literal, select

from portal import clock, db, mail
from portal.jobs import Job
from tests.faults.journal import Journal
from tests.faults.test_mail_killed import environ as environ
from tests.faults.test_mail_killed import open_letters, wait_for, write_letters

pytestmark = pytest.mark.fault

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "tests.faults.worker"]


class Hanging:
    """Stops a worker while the mail server has its letter and has not answered yet: after the job was claimed, outside
    any transaction, at letters of its choice."""

    def __init__(self, letterbox, pid, at):
        self.asleep, self._pid, self._at, self._n = False, pid, set(at), 0
        self._accept, self._letterbox = letterbox.handle_DATA, letterbox
        letterbox.handle_DATA = self.receive

    async def receive(self, server, session, envelope):
        self._n += 1
        if self._n in self._at and not self.asleep:
            self.asleep = True
            os.kill(self._pid, signal.SIGSTOP)
        return await self._accept(server, session, envelope)

    def wake(self):
        self._letterbox.handle_DATA = self._accept
        os.kill(self._pid, signal.SIGCONT)


def lapsed():
    """How many claims have run out while their job is open."""
    with db.transaction():
        out = select(func.count()).where(Job.done_at.is_(None), Job.lease_until < clock.now())
        return db.session.scalar(out)


def marks():
    """What stands there of each letter and its job."""
    with db.transaction():
        rows = select(mail.Letter.sent_at, mail.Letter.dropped_at, Job.done_at, Job.error, Job.fence)
        by_key = Job.key == literal("letter:") + cast(mail.Letter.id, String)
        return db.session.execute(rows.join(Job, by_key).order_by(Job.id)).all()


def test_FT04_a_worker_that_wakes_up_late_undoes_and_repeats_nothing(environ, letterbox, tmp_path, sized):
    hangs, letters = max(2, sized(20)), 20
    chance = random.Random(4)
    for n in range(hangs):
        journal = Journal(tmp_path / f"journal-{n}")
        letterbox.received.clear()
        with subprocess.Popen(COMMAND, cwd=ROOT, env=environ) as sleeper:
            hanging = Hanging(letterbox, sleeper.pid, [chance.randint(2, 12)])
            write_letters(journal, letters)
            wait_for(lambda: hanging.asleep, sleeper)  # noqa: B023
            wait_for(lambda: lapsed() == 1, sleeper, every=0.05)
            with subprocess.Popen(COMMAND, cwd=ROOT, env=environ) as other:
                wait_for(lambda: open_letters() == 0, other, every=0.05)
                before = marks()
                hanging.wake()
                sleeper.terminate()
                assert sleeper.wait(timeout=10) == 0
                other.terminate()
                assert other.wait(timeout=10) == 0
        copies = Counter(letter["Message-ID"] for letter in letterbox.received)
        sums = journal.sum(
            {letter["Message-ID"]: letter["Subject"] for letter in letterbox.received}.values()
        )
        assert (sums.lost, sums.twice, sums.unasked) == (0, 0, 0)
        assert sorted(copies.values())[-2:] == [1, 2], "only the letter it hung at is repeated, once"
        assert marks() == before, "what woke up late wrote nothing"
        assert all(sent and not dropped for sent, dropped, *_job in before)
        assert Counter(fence for *_marks, fence in before)[2] == n + 1, "each hang cost one claim more"
    print(f"FT04: {hangs} workers hung past their lease of {timedelta(seconds=1)}, 0 lost, {hangs} repeated")
