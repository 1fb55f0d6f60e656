"""One line for each event, with the request's reference, and nothing that lets somebody in."""

import json
import logging

import pytest
import structlog
from flask import Flask, g

from portal import logs

TOKEN = "Zk3vN8qP1rT6wY0bC5dF9hJ2mL7sX4aE_uG-iK"
SENTENCE = f"opened https://onboarding.example/login/{TOKEN}?next=/"


@pytest.fixture(autouse=True)
def as_before():
    yield
    logs.configure("text")


@pytest.fixture
def told(capsys):
    """What was logged since: lines of text, or objects."""

    def read(style: str) -> list:
        lines = capsys.readouterr().err.splitlines()
        return [json.loads(line) for line in lines] if style == "json" else lines

    return read


def fail(secret: str) -> None:
    try:
        raise KeyError(secret)
    except KeyError as cause:
        raise ValueError(f"wrong: {secret}") from cause


def test_json_is_one_object_for_each_line(told, clock):
    logs.configure("json")
    structlog.get_logger("portal.jobs").warning("job put off", job=4, kind="mail.send")
    assert told("json") == [
        {
            "event": "job put off", "job": 4, "kind": "mail.send", "level": "warning", "logger": "portal.jobs",
            "at": "2026-03-03T09:00:00.000+00:00",
        }
    ]  # fmt: skip


def test_text_is_one_line_to_be_read(told, clock):
    logs.configure("text")
    structlog.get_logger("portal.jobs").warning("job put off", job=4, kind="mail.send")
    assert told("text") == ["2026-03-03T09:00:00.000+00:00 warning  job put off  job=4 kind=mail.send"]


def test_a_library_speaks_in_the_same_shape_and_only_of_what_matters(told, clock):
    logs.configure("json")
    logging.getLogger("some.library").info("a detail")
    logging.getLogger("waitress.queue").warning("Task queue depth is %d", 1)
    logging.getLogger("some.library").warning("low on %s", "memory")
    (line,) = told("json")
    assert (line["event"], line["level"], line["logger"]) == ("low on memory", "warning", "some.library")


def test_configuring_twice_says_things_once(told):
    logs.configure("json")
    logs.configure("text")
    structlog.get_logger("portal").info("here")
    assert len(told("text")) == 1


@pytest.mark.parametrize("style", ["text", "json"])
def test_the_requests_reference_is_in_each_of_its_lines(told, style):
    logs.configure(style)
    app = Flask("portal")
    with app.test_request_context("/"):
        g.request_id = "ab12cd34ef56"
        structlog.get_logger("portal.web").info("one")
        logging.getLogger("library").warning("two")
    structlog.get_logger("portal.web").info("outside")
    one, two, outside = (str(line) for line in told(style))
    assert "ab12cd34ef56" in one
    assert "ab12cd34ef56" in two
    assert "ab12cd34ef56" not in outside


@pytest.mark.parametrize("style", ["text", "json"])
@pytest.mark.parametrize(
    "write",
    [
        lambda log: log.info("opened", token=TOKEN),
        lambda log: log.info("opened", csrf_token=TOKEN, code="hunter2", password="hunter2"),
        lambda log: log.info(
            "opened", cookies={"session": "hunter2"}, headers={"Cookie": "hunter2", "a": "b"}
        ),
        lambda log: log.info("opened", path=f"/login/{TOKEN}"),
        lambda log: log.info(SENTENCE),
        lambda log: log.info("opened", seen=[{"url": f"/login/{TOKEN}"}]),
        lambda log: logging.getLogger("waitress").error("Exception while serving %s", f"/login/{TOKEN}"),
    ],
    ids=["token", "fields", "nested", "path", "sentence", "list", "library"],
)
def test_L04_no_secret_reaches_a_line(told, style, write):
    logs.configure(style)
    write(structlog.get_logger("portal.auth"))
    (line,) = told(style)
    assert TOKEN not in str(line)
    assert "hunter2" not in str(line)
    assert logs.HIDDEN in str(line)


@pytest.mark.parametrize("style", ["text", "json"])
@pytest.mark.parametrize("who", ["portal.web", "a.library"])
def test_L04_an_error_tells_where_and_not_with_what(told, style, who):
    logs.configure(style)
    writer = structlog.get_logger(who) if who.startswith("portal") else logging.getLogger(who)
    try:
        fail("hunter2")
    except ValueError:
        writer.exception("it failed")
    text = "\n".join(map(str, told(style)))
    assert "hunter2" not in text
    assert "ValueError" in text
    assert "KeyError" in text
    assert "test_logs.py" in text
    assert " fail" in text


def test_an_error_is_one_line_of_json(told):
    logs.configure("json")
    try:
        fail("hunter2")
    except ValueError:
        structlog.get_logger("portal").exception("it failed")
    (line,) = told("json")
    assert line["error"] == "ValueError"
    assert [place.rpartition(" ")[2] for place in line["places"]][-1] == "fail"


def test_text_from_outside_cannot_pass_for_a_line(told):
    logs.configure("text")
    structlog.get_logger("portal").info("asked", name="Ana\n2026-03-03T09:00:00 error  forged\x1b[31m")
    (line,) = told("text")
    assert "Ana\\n2026" in line
    assert "\x1b" not in line
