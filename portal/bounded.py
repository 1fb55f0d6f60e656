"""Work on what others wrote, done in a child process of which memory, time and processor are bounded.

`child = Child(seconds=…)`, then `child.run("portal.pdf:draw", payload)`: the function of that dotted name is called in
the child with the payload as keywords, and its answer comes back. Payload and answer are what JSON has, and bytes. The
child stays for the next call, with whatever the function keeps loaded; it is started anew after it was killed and
after so many calls, and ends with its parent. It knows none of the parent's settings: no secret, no database.

A function says why it can't do its work by raising `Failed` with a sentence; of any other error only the kind is told.
"""

import atexit
import json
import os
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from base64 import b64decode, b64encode
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from portal import config

MEGABYTE: Final = 1024 * 1024
LONGEST_ANSWER: Final = 128 * MEGABYTE
TAKES_ALONG: Final = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TZ",
    "XDG_CACHE_HOME",
    "LD_LIBRARY_PATH",
    "FONTCONFIG_FILE",
)
HEAD: Final = struct.Struct(">Q")
NICE: Final = 10


class Failed(Exception):
    """The work could not be done; the sentence says why."""


class TooMuch(Failed):
    """The child was ended because it took too long or too much memory."""


class Child:
    """A process for one kind of work, started with the first call. One call at a time; others wait for their turn.

    `seconds` of wall clock and `cpu` seconds bound one call, `memory` in bytes the process, `calls` its life.
    """

    def __init__(
        self, *, seconds: float = 90, cpu: int = 40, memory: int = 1024 * MEGABYTE, calls: int = 50
    ) -> None:
        self.seconds, self.cpu, self.memory, self.calls = seconds, cpu, memory, calls
        self._turn = threading.Lock()
        self._running: _Running | None = None
        atexit.register(self.close)

    def run(self, task: str, payload: dict[str, Any]) -> Any:
        """What `task` ("package.module:function") answers to `payload`. Raises TooMuch and Failed."""
        with self._turn:
            running = self._ready()
            running.calls += 1
            try:
                return running.ask(task, payload, self.seconds)
            except BaseException as error:
                if isinstance(error, TooMuch) or not isinstance(error, Failed):
                    self._end()
                raise
            finally:
                if self._running and self._running.calls >= self.calls:
                    self._end()

    def close(self) -> None:
        """End the process, if there is one; the next call starts another."""
        with self._turn:
            self._end()

    @property
    def pid(self) -> int | None:
        """The process that waits for the next call."""
        return self._running.process.pid if self._running else None

    def _ready(self) -> "_Running":
        running = self._running
        if running and (running.parent != os.getpid() or running.process.poll() is not None):
            self._end()
        self._running = self._running or _Running(self.memory, self.cpu)
        return self._running

    def _end(self) -> None:
        running, self._running = self._running, None
        if running and running.parent == os.getpid():
            running.end()


class _Running:
    """A process that was started, and the parent's end of the line to it."""

    def __init__(self, memory: int, cpu: int) -> None:
        self.parent, self.calls = os.getpid(), 0
        self.folder = tempfile.mkdtemp(prefix="portal-bounded-")
        self.line, theirs = socket.socketpair()
        root = str(Path(__file__).parent.parent)
        own = {name: value for name, value in config.environment().items() if name in TAKES_ALONG}
        with theirs:
            # Its standard input says when the parent is gone; Ctrl-C reaches the parent alone.
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "portal.bounded", str(theirs.fileno()), str(memory), str(cpu)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env={**own, "PYTHONPATH": root, "TMPDIR": self.folder},
                start_new_session=True,
            )

    def ask(self, task: str, payload: dict[str, Any], seconds: float) -> Any:
        """One call. Raises TooMuch and Failed."""
        until = time.monotonic() + seconds
        try:
            _send(self.line, {"task": task, "payload": payload}, until)
            answer = _receive(self.line, until)
        except TimeoutError:
            raise TooMuch(f"It took longer than {seconds:g} seconds and was stopped.") from None
        except OSError:
            answer = None
        if answer is None:
            raise self._gone()
        if answer.get("memory"):
            raise TooMuch("It needed more memory than it may have and was stopped.")
        if "failed" in answer:
            raise Failed(answer["failed"])
        return answer["answer"]

    def _gone(self) -> Failed:
        """Why it ended in the midst of a call."""
        try:
            ended = self.process.wait(5)
        except subprocess.TimeoutExpired:
            ended = -signal.SIGKILL
        if ended == -signal.SIGXCPU:
            return TooMuch("It took more of the processor's time than it may and was stopped.")
        if ended < 0:
            return TooMuch("It needed more memory than it may have and was stopped.")
        return Failed("It ended without an answer.")

    def end(self) -> None:
        """Kill it, and take away what it left on the disk."""
        self.process.kill()
        self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()
        self.line.close()
        shutil.rmtree(self.folder, ignore_errors=True)


# --- The line: a length, then JSON -----------------------------------------------------------------


def _send(line: socket.socket, message: dict[str, Any], until: float | None = None) -> None:
    text = json.dumps(message, default=_packed).encode()
    line.settimeout(_left(until))
    line.sendall(HEAD.pack(len(text)) + text)


def _receive(line: socket.socket, until: float | None = None) -> dict[str, Any] | None:
    """The next message; None when the other end is gone. Raises TimeoutError."""
    head = _read(line, HEAD.size, until)
    if head is None:
        return None
    (length,) = HEAD.unpack(head)
    text = _read(line, length, until) if length <= LONGEST_ANSWER else None
    return None if text is None else json.loads(text, object_hook=_unpacked)


def _read(line: socket.socket, length: int, until: float | None) -> bytes | None:
    parts = bytearray()
    while len(parts) < length:
        line.settimeout(_left(until))
        part = line.recv(min(length - len(parts), MEGABYTE))
        if not part:
            return None
        parts += part
    return bytes(parts)


def _left(until: float | None) -> float | None:
    if until is None:
        return None
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _packed(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"base64": b64encode(value).decode()}
    raise TypeError(type(value).__name__)


def _unpacked(value: dict[str, Any]) -> Any:
    return b64decode(value["base64"]) if value.keys() == {"base64"} else value


# --- In the child --------------------------------------------------------------------------------


def serve(fd: int, memory: int, cpu: int) -> None:
    """Answer calls until the parent is gone."""
    os.nice(NICE)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    line = socket.socket(fileno=fd)
    while (call := _receive(line)) is not None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        spent = int(used.ru_utime + used.ru_stime)
        resource.setrlimit(resource.RLIMIT_CPU, (spent + cpu, resource.RLIM_INFINITY))
        answer = _answer(call)
        _send(line, answer)
        if answer.get("memory"):
            return


def _answer(call: dict[str, Any]) -> dict[str, Any]:
    try:
        module, _colon, name = call["task"].partition(":")
        return {"answer": getattr(import_module(module), name)(**call["payload"])}
    except MemoryError:
        return {"memory": True}
    except Failed as failed:
        return {"failed": str(failed)}
    except Exception as error:  # noqa: BLE001 — whatever it is, the parent hears of it
        return {"failed": f"It failed with {type(error).__name__}."}


def _end_with_parent() -> None:
    while os.read(0, 1):
        pass
    shutil.rmtree(tempfile.gettempdir(), ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    # Under its own name, so that what tasks raise is what is caught here.
    import_module("portal.bounded").serve(*map(int, sys.argv[1:]))
