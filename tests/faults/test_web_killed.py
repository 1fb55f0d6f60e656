"""FT01, for steps: the web process is killed while people finish steps; what was acknowledged is there afterwards."""

import http.client
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from portal import db
from portal.activity.queries import verify
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step
from tests.bench import roads, servers

pytestmark = pytest.mark.fault

EACH = 8  # Steps asked for in one life of the server; the last answer may be lost with it.


def _ask(port: int, method: str, path: str, headers: dict[str, str], body: str = "") -> tuple[int, str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.headers.get("Set-Cookie", "")
    finally:
        connection.close()


def test_FT01_acknowledged_steps_survive_a_killed_web_process(
    tmp_path: Path, sized: Callable[[int], int]
) -> None:
    lives = max(2, sized(20))
    url = f"sqlite:///{tmp_path}/killed.sqlite3"
    environ = roads.settings(tmp_path, url)
    road = roads.build(environ, [50 + lives * EACH])[0]
    session = f"session={road.session}"
    steps = iter(road.steps)
    acknowledged: list[str] = []
    unknown: list[str] = []
    for _life in range(lives):
        port = servers.free_port()
        with servers.running(["portal", "serve", "--port", str(port)], environ, port) as (process, _took):
            status, page, cookie = _ask(
                port, "GET", f"{road.home}/steps/{road.steps[-1]}", {"Cookie": session}
            )
            assert status == 200
            token = re.search(r'name="csrf_token" value="([^"]+)"', page)
            form = re.search(r"form=([^;]+)", cookie)
            assert token is not None
            assert form is not None
            headers = {
                "Cookie": f"{session}; form={form[1]}",
                "Content-Type": "application/x-www-form-urlencoded",
            }
            body = urlencode({"csrf_token": token[1], "version": "0"})
            for _n in range(EACH - 1):
                step = next(steps)
                status, _page, _cookie = _ask(
                    port, "POST", f"{road.home}/steps/{step}/complete", headers, body
                )
                assert status == 303
                acknowledged.append(step)
            unknown.append(
                _killed_meanwhile(port, f"{road.home}/steps/", next(steps), headers, body, process.pid)
            )
    db.connect(url)
    with db.transaction():
        done = set(db.session.scalars(select(Step.ref).where(Step.state == StepState.DONE)))
        assert verify() == []
    db.disconnect()
    assert [step for step in acknowledged if step not in done] == []
    assert done & set(road.steps) <= set(acknowledged) | set(unknown)


def _killed_meanwhile(port: int, path: str, step: str, headers: dict[str, str], body: str, pid: int) -> str:
    """Send one more and kill the server without waiting for the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("POST", f"{path}{step}/complete", body, headers)
    os.kill(pid, signal.SIGKILL)
    connection.close()
    return step
