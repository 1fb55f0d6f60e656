"""B10: two workers against one on PostgreSQL, over letters that wait to leave: how many a second, and each once.

The workers are processes of their own (`tests.bench.working`) that live through all runs; each has sent letters before
the first, so that what is loaded once is nobody's cost.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import func, select

from portal import config, db, jobs, mail, migrating
from portal.accounts.models import Provider
from portal.app import create_app
from tests.bench import roads, servers

JOBS = 5_000 if os.environ.get("SIZE") == "full" else 500
ROUNDS, WARMING = 3, 20

Worker = subprocess.Popen[str]


def measure(folder: Path, url: str, say: Callable[..., None]) -> None:
    """The figure of B10."""
    folder.mkdir(parents=True)
    environ = roads.settings(folder, url)
    app = create_app(config.read(environ))
    migrating.upgrade()
    with app.app_context(), db.transaction():
        db.session.add(Provider(id=1, name="Partnerly"))
    with ExitStack() as stack:
        both = []
        for _worker in range(2):
            _write(WARMING)
            both.append(stack.enter_context(_running(environ)))
        rates: dict[int, list[float]] = {1: [], 2: []}
        for _round in range(ROUNDS):
            for size, seen in rates.items():
                _write(JOBS)
                seen.append(JOBS / _worked(both[:size]))
    put, done, attempts = _counted()
    db.disconnect()
    say(
        "B10 two workers against one",
        database="postgresql",
        jobs=JOBS,
        ratio=round(median(rates[2]) / median(rates[1]), 2),
        bar=">= 1.7",
        per_second={str(size): round(median(seen)) for size, seen in rates.items()},
        not_done=put - done,
        done_twice=attempts - done,
        letters_missing=put - len(list((folder / "data" / "mail").glob("*.eml"))),
    )


def _write(count: int) -> None:
    with db.transaction():
        for n in range(count):
            mail.put(
                address=f"ana-{n}@customer.example",
                subject="Your next step",
                text="Ana,\n\nThere is one more item in your first stage.\n",
                html="<p>Ana,</p><p>There is one more item in your first stage.</p>",
                kind="welcome",
            )


def _worked(workers: Sequence[Worker]) -> float:
    """Seconds until none of these finds anything due any more."""
    began = time.perf_counter()
    for one in workers:
        _pipe(one.stdin).write("go\n")
        _pipe(one.stdin).flush()
    for one in workers:
        _heard(one, "idle")
    return time.perf_counter() - began


@contextmanager
def _running(environ: dict[str, str]) -> Iterator[Worker]:
    """A worker that has done what was due, and waits for its word."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.working"],
        cwd=servers.ROOT,
        env={**own, **environ},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        _heard(process, "idle")
        yield process
    finally:
        _pipe(process.stdin).close()
        process.wait(servers.PATIENCE)
        _pipe(process.stdout).close()


def _heard(process: Worker, word: str) -> None:
    if (line := _pipe(process.stdout).readline().strip()) != word:
        raise RuntimeError(f"the worker said {line!r} instead of {word!r}")


def _pipe(pipe: Any) -> Any:
    if pipe is None:
        raise RuntimeError("the worker was started without pipes")
    return pipe


def _counted() -> tuple[int, int, int]:
    """How many jobs there were, how many are done, and how often a worker took one."""
    with db.reading():
        rows = select(
            func.count(), func.count(jobs.Job.done_at), func.coalesce(func.sum(jobs.Job.attempts), 0)
        )
        put, done, attempts = db.session.execute(rows).one()
    return int(put), int(done), int(attempts)
