"""S07: every route that changes something refuses what another site could send; no GET changes anything."""

import pytest

from portal import db
from portal.app import create_app
from tests.security.asking import Caller, activities, changed, hashes, is_ours, told, undone
from tests.security.routes import ROUTES, address, everybody, fields, rules
from tests.security.world import OWN, SEES

# Reading leaves traces in these three only (a page read, a search, that a session was used).
TRACES = {"visit", "search", "session"}

# Routes without a session, which prove by another secret who sends.
WITHOUT_SESSION = {("POST", "/v1/<any(track, identify, group, page, screen, alias, batch):call>/")}

# Changes that leave no activity, each with its reason: none.
UNREMEMBERED = {"/staff/notices/read": "what one has read of one's own news changes nothing for anybody"}

ACTS = [key for key in ROUTES if key[0] != "GET"]


FEW = {
    "mangled",
    "null origin",
    "plain text",
}  # Looked at on a few routes: they all pass the same two checks.


@pytest.mark.parametrize("how", ["missing", "foreign", "origin", *sorted(FEW)])
def test_S07_a_forged_request_is_refused_and_changes_nothing(shared_app, world, caller, how):
    known, wrong = rules(shared_app), []
    before = hashes(world.connection)
    for key in ACTS[:: 9 if how in FEW else 1]:
        sample = ROUTES[key]
        if key in WITHOUT_SESSION:
            continue
        me, stranger = caller(sample.actor), caller("ada" if sample.actor == "otto" else "otto").token
        path, data = address(known[key], sample, world.sides[OWN].refs), fields(world, sample, OWN)
        forged = {
            "missing": {"token": ""},
            "foreign": {"token": stranger},
            "mangled": {"token": me.token[:-2]},
            "origin": {"headers": {"Origin": "https://evil.example"}},
            "null origin": {"headers": {"Origin": "null"}},
            "plain text": {"headers": {"Content-Type": "text/plain"}},
        }[how]
        answer = me.send("POST", path, b"csrf_token=x" if how == "plain text" else data, **forged)
        expected = 403 if "origin" in how else 400
        if answer.status_code != expected:
            wrong.append(f"{path}: {answer.status_code}, not {expected}")
        if expected == 400 and "Open it again and send it" not in answer.text:
            wrong.append(f"{path}: no sentence")
    assert not wrong, "\n".join(wrong)
    assert changed(before, hashes(world.connection)) == set()


def test_S07_L01_I05_a_change_that_is_meant_is_taken_remembered_and_leads_on(shared_app, world, caller):
    """With the right token and our own Origin each route does its work, leaves an activity where it is to be read,
    and leads to a page of this server whatever next, Referer and Host it was given."""
    known, wrong = rules(shared_app), []
    for key in ACTS:
        sample = ROUTES[key]
        path = address(known[key], sample, world.sides[OWN].refs)
        given = {
            "Origin": "http://localhost",
            "Referer": "https://evil.example/",
            "X-Forwarded-Host": "evil.example",
        }
        with undone(world):
            if sample.before:
                sample.before(world.sides[OWN])
            before = activities()
            answer = caller(sample.actor).send(
                "POST", f"{path}?next=//evil.example", fields(world, sample, OWN), headers=given
            )
            silent = sample.done == 303 and activities() == before and key[1] not in UNREMEMBERED
        if answer.status_code != sample.done:
            wrong.append(f"{path}: {answer.status_code}, not {sample.done}: {told(answer)}")
        elif silent:
            wrong.append(f"{path}: leaves no activity")
        elif not is_ours(answer.headers.get("Location", "/")):
            wrong.append(f"{path}: leads to {answer.location}")
    assert not wrong, "\n".join(wrong)
    assert set(UNREMEMBERED) <= {rule for _method, rule in ROUTES}


def test_S07_no_address_that_changes_something_answers_get(shared_app):
    """Every route is for reading or for changing, and every change is a POST."""
    for method, rule in rules(shared_app):
        assert method in ("GET", "POST"), f"{method} {rule}"


def test_S07_reading_changes_nothing_but_traces(world_copy, settings, clock):
    """Every GET as every member, on connections of its own, of which the reading ones refuse to write."""
    url, world = world_copy
    app = create_app(settings(PORTAL_DATABASE_URL=url))
    clock.forward(minutes=6)
    known, wrong = rules(app), []
    with db.writing_engine().connect() as connection:
        before = hashes(connection)
    for name in everybody():
        me = Caller(app, world.cookies.get(name, ""))
        for (method, rule), sample in ROUTES.items():
            if method != "GET" or (sample.scoped and name not in sample.who):
                continue
            side = next(iter(sorted(SEES[name], reverse=True)), OWN)
            path = address(known[method, rule], sample, world.sides[side].refs)
            status = me.send("GET", path).status_code
            if status >= 500 and path != "/readyz":
                wrong.append(f"{name}: {path}: {status}")
    with db.writing_engine().connect() as connection:
        differing = changed(before, hashes(connection))
    db.disconnect()
    assert not wrong, "\n".join(wrong)
    assert differing <= TRACES
    # The clock went on, so that traces are due: the sweep sees what is written.
    assert differing == {"session", "visit"}


def test_S07_a_sweep_that_writes_is_seen(world):
    before = hashes(world.connection)
    with undone(world):
        world.connection.exec_driver_sql("UPDATE account SET name = 'changed'")
        assert changed(before, hashes(world.connection)) == {"account"}
    assert changed(before, hashes(world.connection)) == set()
