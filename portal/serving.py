"""The web server: one process, a pool of threads, and slow clients that can't hold them up.

Waitress reads a request whole before it takes a thread, so half-open connections cost memory only;
docs/decisions has the comparison.
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

from portal.errors import Refused

THREADS = 8
CONNECTIONS = 1000
FINISH_WITHIN = 3  # Seconds that requests get once the server was told to stop.
M_ARENA_MAX, ARENAS = -8, 2  # mallopt(3)


def serve(app: Flask, host: str, port: int) -> None:
    """Answer requests until SIGTERM or Ctrl-C. Raises Refused when nothing can listen there."""
    try:
        server: Any = waitress.create_server(
            app,
            host=host,
            port=port,
            threads=THREADS,
            connection_limit=CONNECTIONS,
            channel_timeout=60,
            max_request_body_size=64 * 1024 * 1024,
            ident=None,
            clear_untrusted_proxy_headers=False,
        )
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no such host"
        raise Refused(f"Nothing can listen on {host}:{port} ({why}). Choose another HOST or PORT.") from None
    _share_memory()
    dispatcher = server.task_dispatcher
    dispatcher.shutdown = partial(dispatcher.shutdown, timeout=FINISH_WITHIN)
    signal.signal(signal.SIGTERM, lambda *_args: sys.exit(0))
    try:
        server.run()
    finally:
        server.close()


def _share_memory() -> None:
    """Have all threads use two of glibc's memory arenas; one for each thread keeps a third more than is in use."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS)
    gc.collect()
    gc.freeze()
