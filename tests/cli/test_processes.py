"""What only processes show: they answer, they end when asked, and they fail without a traceback."""

import json
import signal

import pytest

from portal import clock
from tests.cli.conftest import ask

WITHIN = 5


@pytest.fixture
def migrated(portal, install):
    """The commands' own database, ready to be served."""
    portal("provider", "--name", "Partnerly").worked()
    return install


def test_serve_answers_and_ends_when_asked(start, migrated, port):
    process = start("serve", PORT=str(port))
    process.wait_for(lambda: ask(port, "/healthz")[0] == 200)
    status, headers, text = ask(port, "/healthz")
    assert (status, text) == (200, "ok\n")
    assert "Server" not in headers
    status, _headers, text = ask(port, "/readyz")
    assert status == 503
    assert text == "worker: never seen; start one with: portal worker\n"
    status, headers, text = ask(port, "/login")
    assert status == 200
    assert "portal staff add" in text, "the first start says how to get in"
    code, took = process.stop()
    assert code == 0
    assert took < WITHIN
    assert ask(port, "/healthz")[0] == 0


def test_serve_and_worker_together_are_ready(start, migrated, port):
    worker = start("worker")
    web = start("serve", "--port", str(port), "--host", "127.0.0.1")
    worker_is_there = lambda: ask(port, "/readyz")[0] == 200  # noqa: E731
    web.wait_for(worker_is_there)
    assert ask(port, "/readyz")[2] == "ready\n"
    for process, number in ((worker, signal.SIGTERM), (web, signal.SIGINT)):
        code, took = process.stop(number)
        assert code == 0, process.err
        assert took < WITHIN
        assert "Traceback" not in process.err


def test_a_request_in_the_making_does_not_hold_up_the_end(start, migrated, port):
    import socket

    process = start("serve", PORT=str(port))
    process.wait_for(lambda: ask(port, "/healthz")[0] == 200)
    with socket.create_connection(("127.0.0.1", port)) as half_open:
        half_open.sendall(b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nemail=")
        code, took = process.stop()
    assert code == 0
    assert took < WITHIN


def test_a_port_that_is_taken_is_said_in_a_sentence(start, migrated, port):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        process = start("serve", PORT=str(port))
        code = process.popen.wait(60)
    process.end()
    assert code == 1
    assert f"Nothing can listen on 127.0.0.1:{port}" in process.err
    assert "Traceback" not in process.err


def test_a_setting_that_is_wrong_stops_the_start(start):
    process = start("serve", PORTAL_SECRET_KEY="short")
    assert process.popen.wait(60) == 1
    process.end()
    assert process.err.startswith("PORTAL_SECRET_KEY must be a random text of at least 32 characters")
    assert process.err.count("\n") == 1


def test_json_lines_on_stderr(start, migrated, port, sql):
    """A worker's line about a job that fails is one JSON object, and says nothing of its contents."""
    sql(
        "INSERT INTO job (kind, payload, run_at, attempts, fence, created_at) "
        "VALUES ('nobody.knows', '{\"secret\": \"hunter2\"}', :now, 0, 0, :now)",
        now=str(clock.now()),
    )
    process = start("worker", PORTAL_LOG="json")
    process.wait_for(lambda: "nobody.knows" in process.err)
    code, _took = process.stop()
    assert code == 0
    lines = [json.loads(line) for line in process.err.splitlines()]
    (line,) = [line for line in lines if line.get("kind") == "nobody.knows"]
    assert line["event"] == "job put off"
    assert line["level"] == "warning"
    assert line["logger"] == "portal.jobs"
    assert "hunter2" not in process.err
