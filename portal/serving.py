"""The web server: one process, a pool of threads, and slow clients that can't hold them up.

Waitress reads a request whole before it takes a thread, so half-open connections cost memory only
(docs/decisions/0003). What is too large is read to its end as well, though not kept: a browser shows an answer only
once it has sent everything.
"""

import ctypes
import gc
import signal
import sys
from contextlib import suppress
from functools import partial
from typing import Any

import waitress
from flask import Flask
from waitress.buffers import OverflowableBuffer
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer

from portal.errors import Refused

THREADS = 8
CONNECTIONS = 1000
FINISH_WITHIN = 3  # Seconds that requests get once the server was told to stop.
# Bytes of a request. The application refuses more than the first by its declared length; at the second the connection
# is closed without waiting for the rest.
MOST_KEPT = 64 * 1024 * 1024
MOST_READ = 1024 * 1024 * 1024
M_ARENA_MAX, ARENAS = -8, 2  # mallopt(3)


def serve(app: Flask, host: str, port: int) -> None:
    """Answer requests until SIGTERM or Ctrl-C. Raises Refused when nothing can listen there."""
    listening: dict[int, Any] = {}
    try:
        server: Any = waitress.create_server(
            app,
            listening,
            host=host,
            port=port,
            threads=THREADS,
            connection_limit=CONNECTIONS,
            channel_timeout=60,
            max_request_body_size=MOST_READ,
            ident=None,
            clear_untrusted_proxy_headers=False,
        )
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no such host"
        raise Refused(f"Nothing can listen on {host}:{port} ({why}). Choose another HOST or PORT.") from None
    _share_memory()
    for door in listening.values():
        if isinstance(door, TcpWSGIServer):
            door.channel_class = _Channel
    dispatcher = server.task_dispatcher
    dispatcher.shutdown = partial(dispatcher.shutdown, timeout=FINISH_WITHIN)
    signal.signal(signal.SIGTERM, lambda *_args: sys.exit(0))
    try:
        server.run()
    finally:
        server.close()


class _Body(OverflowableBuffer):
    """A request's body: as long as what was sent, though it keeps no more than MOST_KEPT of it."""

    dropped = 0

    def append(self, part: bytes) -> None:
        if len(self) + len(part) > MOST_KEPT:
            self.dropped += len(part)
        else:
            super().append(part)

    def __len__(self) -> int:
        return int(super().__len__()) + self.dropped


class _Request(HTTPRequestParser):
    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if self.body_rcv is not None:
            self.body_rcv.buf = _Body(self.adj.inbuf_overflow)


class _Channel(HTTPChannel):
    parser_class = _Request


def _share_memory() -> None:
    """Have all threads use two of glibc's memory arenas; one for each thread keeps a third more than is in use."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS)
    gc.collect()
    gc.freeze()
