"""Sends letters, each in a process of its own that kills itself a line further on than the one before.

`python -m tests.faults.kill_points STRIDE FILE`: settings from the environment, kills at every STRIDE-th line of
our own code that a send runs through, then lets a healthy worker finish. FILE gets how many processes were killed.
"""

import itertools
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import portal.mail
from portal import clock, config, db, jobs, worker

import portal.accounts.models  # isort: skip

WATCHED = {
    str(Path(module.__file__ or "").resolve()) for module in (portal.mail, portal.mime, jobs, worker, db)
}
AN_HOUR = timedelta(hours=1)


def main(stride: int, report: Path) -> None:
    settings = config.read()
    db.connect(settings.database_url)
    portal.mail.configure(settings)
    _put("Warm")
    worker.work(once=True)  # So that SQLAlchemy has compiled all statements, and the children start quickly.
    killed = 0
    for line in itertools.count(1, stride):
        _put(f"Line {line}")
        if not _killed_at(line):
            break
        killed += 1
    with clock.frozen(clock.now() + 2 * AN_HOUR):
        worker.work(once=True)
    report.write_text(str(killed))


def _put(subject: str) -> None:
    with db.transaction():
        portal.mail.put(address="ana@northwind.example", subject=subject, text="Hello\n", kind="welcome")


def _killed_at(line: int) -> bool:
    """Whether a worker that dies at its nth line died before it was through."""
    db.writing_engine().dispose()  # No connection may be shared with the child.
    child = os.fork()
    if child == 0:
        sys.settrace(_killer(line))
        worker.work(once=True, lease=AN_HOUR)
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status) and os.WEXITSTATUS(status) != 0:
        raise RuntimeError(f"the worker failed by itself, status {status}")
    return os.WIFSIGNALED(status)


def _killer(wanted: int) -> Any:
    seen = 0

    def lines(frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal seen
        if event == "line":
            seen += 1
            if seen == wanted:
                os.kill(os.getpid(), signal.SIGKILL)
        return lines

    def calls(frame: FrameType, _event: str, _argument: object) -> Any:
        return lines if frame.f_code.co_filename in WATCHED else None

    return calls


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
