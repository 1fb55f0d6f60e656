"""A child process that can take neither more time nor more memory than it may, and knows no secret."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.bounded import NICE, Child, Failed, TooMuch

HERE = "tests.plans.probing"


@pytest.fixture
def child() -> Iterator[Callable[..., Child]]:
    made: list[Child] = []

    def make(**bounds: float) -> Child:
        made.append(Child(**bounds))
        return made[-1]

    yield make
    for one in made:
        one.close()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2][:3]


def test_what_goes_in_comes_back_and_the_process_stays(child):
    one = child()
    told = {"text": "Łódź", "bytes": bytes(range(256)), "deep": [{"n": 1, "more": b""}]}
    assert one.run(f"{HERE}:echo", told) == told
    pid = one.run(f"{HERE}:pid", {})
    assert pid == one.pid != os.getpid()
    assert one.run(f"{HERE}:pid", {}) == pid


def test_it_knows_none_of_our_settings_and_steps_back_for_others(child, monkeypatch):
    monkeypatch.setenv("PORTAL_SECRET_KEY", "s" * 40)
    one = child()
    assert not [name for name in one.run(f"{HERE}:environment", {}) if name.startswith("PORTAL_")]
    assert one.run(f"{HERE}:niceness", {}) == min(19, os.nice(0) + NICE)


def test_after_so_many_calls_another_one_takes_over(child):
    one = child(calls=2)
    pids = [one.run(f"{HERE}:pid", {}) for _call in range(4)]
    assert len(set(pids)) == 2
    assert not any(map(is_alive, pids))


@pytest.mark.parametrize(
    ("task", "payload", "bounds", "says"),
    [
        ("dawdle", {"seconds": 60}, {"seconds": 0.5}, "longer than 0.5 seconds"),
        ("spin", {}, {"cpu": 1}, "processor"),
        ("swell", {}, {}, "memory"),
    ],
)
def test_too_much_is_stopped_and_the_next_call_is_done(child, task, payload, bounds, says):
    one = child(**{"seconds": 20, **bounds})
    with pytest.raises(TooMuch, match=says):
        one.run(f"{HERE}:{task}", payload)
    one.seconds = 20
    assert one.run(f"{HERE}:echo", {"n": 1}) == {"n": 1}


def test_why_not_is_said_and_no_more_than_that(child):
    one = child()
    with pytest.raises(Failed, match=r"^There is nothing to do here\.$"):
        one.run(f"{HERE}:refuse", {})
    with pytest.raises(Failed, match=r"^It failed with KeyError\.$"):
        one.run(f"{HERE}:stumble", {})
    with pytest.raises(Failed, match="without an answer"):
        one.run(f"{HERE}:end", {})
    assert one.run(f"{HERE}:echo", {}) == {}


def test_it_ends_with_its_parent_even_when_that_is_killed():
    code = f"from {HERE} import started_by; started_by(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        pid = int(parent.stdout.readline())
        assert is_alive(pid)
        parent.kill()
    until = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < until:
        time.sleep(0.02)
    assert not is_alive(pid)
