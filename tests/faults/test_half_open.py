"""FT15: clients that open a connection and never finish their request must not hold up those who do."""

import http.client
import socket
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest

from tests.bench import roads, servers

pytestmark = pytest.mark.fault

HALF_REQUEST = b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "


def _seconds(port: int) -> float:
    """How long one whole request takes, on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    began = time.perf_counter()
    connection.request("GET", "/login")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 200
    return time.perf_counter() - began


def test_FT15_half_open_connections_leave_normal_traffic_unharmed(
    tmp_path: Path, sized: Callable[[int], int]
) -> None:
    environ = roads.settings(tmp_path, f"sqlite:///{tmp_path}/half.sqlite3")
    roads.build(environ, [])
    port = servers.free_port()
    waiting: list[socket.socket] = []
    with servers.running(["portal", "serve", "--port", str(port)], environ, port):
        _seconds(port)
        alone = median(_seconds(port) for _ in range(10))
        try:
            for _ in range(sized(400)):
                half = socket.create_connection(("127.0.0.1", port), timeout=5)
                half.sendall(HALF_REQUEST)
                waiting.append(half)
            crowded = [_seconds(port) for _ in range(10)]
        finally:
            for half in waiting:
                half.close()
    # Ten times is far from what a served request needs, and far below what one behind a stuck thread takes.
    assert median(crowded) < max(10 * alone, 0.5)
    assert max(crowded) < 5
