"""FT01: the web process is killed while people work; what was acknowledged is there afterwards, and only once."""

import http.client
import itertools
import os
import re
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from portal import db
from portal.activity.queries import verify
from portal.messages.models import Message
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step
from portal.uploads import Document
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


# --- Answers, messages and uploads ----------------------------------------------------------------


@dataclass(frozen=True)
class Act:
    """One thing that a customer sends: what they will look for afterwards, and the request."""

    kind: str
    mark: str
    path: str
    body: str
    mime: str


def _acts(home: str, form_step: str, csrf: str, version: int, numbers: itertools.count) -> list[Act]:
    """A saved answer, a message and a file, none like any before."""
    answer, message, file = (f"Because of reason {next(numbers)}" for _n in range(3))
    plain, line = "application/x-www-form-urlencoded", "line-between-the-parts"
    saved = urlencode({"csrf_token": csrf, "version": str(version), "a_reason": answer})
    parts = [f'name="csrf_token"\r\n\r\n{csrf}', f'name="file"; filename="{file}.txt"\r\n\r\n{file}']
    sent = "".join(f"--{line}\r\nContent-Disposition: form-data; {part}\r\n" for part in parts)
    return [
        Act("answer", answer, f"{home}/steps/{form_step}/save", saved, plain),
        Act("message", message, f"{home}/messages", urlencode({"csrf_token": csrf, "body": message}), plain),
        Act(
            "upload", file, f"{home}/documents/upload", f"{sent}--{line}--\r\n",
            f"multipart/form-data; boundary={line}",
        ),
    ]  # fmt: skip


def test_FT01_acknowledged_answers_messages_and_uploads_survive_a_killed_web_process(
    tmp_path: Path, sized: Callable[[int], int]
) -> None:
    lives = max(3, sized(30))
    url = f"sqlite:///{tmp_path}/killed.sqlite3"
    environ = roads.settings(tmp_path, url)
    road = roads.build(environ, [50])[0]
    db.connect(url)
    with db.transaction():
        form_step = db.session.scalars(select(Step.ref).where(Step.key == "purchase_reason")).one()
    db.disconnect()
    session, numbers = f"session={road.session}", itertools.count()
    acknowledged: list[Act] = []
    unknown: list[Act] = []
    for life in range(lives):
        port = servers.free_port()
        with servers.running(["portal", "serve", "--port", str(port)], environ, port) as (process, _took):
            _status, page, cookie = _ask(port, "GET", f"{road.home}/steps/{form_step}", {"Cookie": session})
            csrf, version = (
                re.search(rf'name="{name}"[^>]* value="([^"]+)"', page) for name in ("csrf_token", "version")
            )
            form = re.search(r"form=([^;]+)", cookie)
            assert csrf is not None
            assert version is not None
            assert form is not None
            now, cookies = int(version[1]), {"Cookie": f"{session}; form={form[1]}"}
            first = _acts(road.home, form_step, csrf[1], now, numbers)
            last = _acts(road.home, form_step, csrf[1], now + 1, numbers)[life % 3]
            for act in first:
                status, _page, _cookie = _ask(
                    port, "POST", act.path, {**cookies, "Content-Type": act.mime}, act.body
                )
                assert status == 303, act.kind
                acknowledged.append(act)
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            connection.request("POST", last.path, last.body, {**cookies, "Content-Type": last.mime})
            os.kill(process.pid, signal.SIGKILL)
            connection.close()
            unknown.append(last)
    db.connect(url)
    with db.transaction():
        found = Counter(("message", body) for body in db.session.scalars(select(Message.body)))
        for document in db.session.scalars(select(Document)):
            mark = document.name.removesuffix(".txt")
            kept = (tmp_path / "data" / "uploads" / document.stored_as).read_bytes()
            assert sha256(kept).hexdigest() == document.sha256 == sha256(mark.encode()).hexdigest()
            found["upload", mark] += 1
        answer = db.session.scalars(select(Step.data).where(Step.ref == form_step)).one()["reason"]
        assert verify() == []
    db.disconnect()
    last_saved = [act.mark for act in acknowledged if act.kind == "answer"][-1]
    assert answer in {last_saved, *(act.mark for act in unknown[-1:] if act.kind == "answer")}
    sent = {(act.kind, act.mark) for act in acknowledged if act.kind != "answer"}
    assert sent - set(found) == set()
    assert set(found) <= sent | {(act.kind, act.mark) for act in unknown}
    assert set(found.values()) == {1}
