"""A worker process to be killed: `python -m tests.faults.worker`, settings from the environment.

It is the portal's own worker but for its lease, which lasts a second, so that a test need not wait for two minutes.
"""

import signal
import sys
import threading
from datetime import timedelta

import portal.mail
from portal import config, db, worker

# Letters name their account and reader: these tables have to be known.
import portal.accounts.models  # isort: skip


def main() -> None:
    settings = config.read()
    db.connect(settings.database_url)
    portal.mail.configure(settings)
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    once = sys.argv[1:] == ["--once"]
    lease = timedelta(seconds=1)
    worker.work(once=once, stop=stopping.is_set, wait=lambda _seconds: stopping.wait(0.05), lease=lease)


if __name__ == "__main__":
    main()
