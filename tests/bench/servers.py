"""Starting and stopping the processes that are measured."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 120  # Seconds; other work may have the machine as well.
ROOT = Path(__file__).parent.parent.parent


def free_port() -> int:
    """A port of the loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def without_developers_packages(folder: Path) -> Path:
    """A folder for PYTHONPATH that hides what a production install doesn't have: libraries of ours load some of it
    where they find it, and would be measured with it."""
    folder.mkdir()
    runtime, developers = (
        set(re.findall(r"^([\w.-]+)==", (ROOT / name).read_text(), re.M))
        for name in ("requirements.lock", "requirements-dev.lock")
    )
    for name in developers - runtime:
        hidden = folder / f"{name.replace('-', '_')}.py"
        hidden.write_text(f"raise ModuleNotFoundError({name!r}, name={name!r})\n")
    return folder


@contextmanager
def running(
    command: list[str], environ: dict[str, str], port: int
) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """The process of `python -m …`, once it answers on `port`, and how many seconds that took."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env={**own, **environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _answers(port):
            if process.poll() is not None or time.perf_counter() - began > PATIENCE:
                raise RuntimeError(f"{command} did not come up")
            time.sleep(0.02)
        yield process, time.perf_counter() - began
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def memory(process: subprocess.Popen[bytes]) -> float:
    """Resident megabytes of the process now."""
    pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
