"""What the tests let a bounded child do."""

import os
import time
from typing import Any

from portal.bounded import Failed


def echo(**payload: Any) -> dict[str, Any]:
    return payload


def environment() -> list[str]:
    return sorted(os.environ)


def pid() -> int:
    return os.getpid()


def niceness() -> int:
    return os.nice(0)


def dawdle(seconds: float) -> None:
    time.sleep(seconds)


def spin() -> None:
    while True:
        pass


def swell() -> int:
    return len(bytearray(64 << 30))


def refuse() -> None:
    raise Failed("There is nothing to do here.")


def stumble() -> None:
    raise KeyError("a secret word")


def end() -> None:
    os._exit(3)


def started_by(seconds: float) -> None:
    """In a process of its own: start a child, say who it is, and wait."""
    from portal.bounded import Child

    child = Child()
    print(child.run("tests.plans.probing:pid", {}), flush=True)
    time.sleep(seconds)


def print_openly(html: str) -> bytes:
    """A printer that opens whatever the page names."""
    import weasyprint

    return weasyprint.HTML(string=html).write_pdf()
