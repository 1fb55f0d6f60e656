"""One worker of the benchmarks: `python -m tests.bench.working`. It does all jobs that are due, says `idle`, and does
the same again at each line that it reads, until there are no more. It is the portal's own loop, without the timetable.
"""

import sys
from contextlib import AbstractContextManager
from typing import Any

from portal import worker
from portal.app import create_app


def main() -> None:
    app = create_app()

    def around() -> AbstractContextManager[Any]:
        return app.test_request_context(base_url=app.config["PORTAL"].base_url)

    while True:
        worker.work(once=True, around=around)
        print("idle", flush=True)
        if not sys.stdin.readline():
            return


if __name__ == "__main__":
    main()
