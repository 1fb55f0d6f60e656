"""T05, I08, I05: fields that a form doesn't have, values that no page would send, and where one is led afterwards."""

import io
from contextlib import nullcontext
from urllib.parse import quote, urlencode

import pytest

from portal import db
from portal.accounts.models import User
from portal.auth.models import Purpose, SignInLink
from tests.infra.html import read
from tests.security.asking import changed, hashes, is_ours, told, undone
from tests.security.routes import ROUTES, address, fields, rules
from tests.security.world import OWN

ACTS = [key for key in ROUTES if key[0] == "POST"]

# Buttons that read no field at all, so that nothing can be set through them.
READS_NOTHING = {"/logout", "/login/<token>/again", "/sessions/<ref>/end", "/sessions/end-others"}

BEHIND_ITS_BACK = {
    "id": "1", "account_id": "1", "account": "1", "role": "admin", "portal_role": "admin", "kind": "staff",
    "staff_roles": "cs_leader", "is_admin": "1", "state": "done", "done_by_id": "1", "done_at": "2026-03-01",
    "visible": "0", "owner_side": "customer", "email": "evil@evil.example", "password_hash": "x",
    "by": "1", "author_id": "1", "audience": "staff", "suggested_by_id": "", "invited_at": "2026-03-01",
}  # fmt: skip


def test_T05_a_field_that_the_form_does_not_have_is_refused(shared_app, world, caller):
    known, wrong = rules(shared_app), []
    before = hashes(world.connection)
    for key in ACTS:
        sample = ROUTES[key]
        if key[1] in READS_NOTHING:
            continue
        path, data = address(known[key], sample, world.sides[OWN].refs), fields(world, sample, OWN)
        extra = {name: value for name, value in BEHIND_ITS_BACK.items() if name not in data}
        with undone(world) if sample.before else nullcontext():
            if sample.before:
                sample.before(world.sides[OWN])
            answer = caller(sample.actor).send("POST", path, {**extra, **data})
        if not 400 <= answer.status_code < 500:
            wrong.append(f"{path}: {answer.status_code}")
        elif "has no field called" not in answer.text and answer.status_code != 400:
            wrong.append(f"{path}: {answer.status_code} without a sentence: {told(answer)}")
    assert not wrong, "\n".join(wrong)
    assert changed(before, hashes(world.connection)) <= {"throttle", "job"}


@pytest.mark.parametrize(
    ("name", "path", "data"),
    [
        ("ben", "/o/{road}/people/suggest", {"name": "Eva", "email": "e@x.example", "portal_role": "admin"}),
        ("ana", "/o/{road}/people/{mate}", {"portal_role": "csm"}),
        ("ana", "/o/{road}/people/invite", {"name": "E", "email": "e@x.example", "portal_role": "site_admin"}),
        ("ana", "/preferences", {"called": "Ana", "locale": "en", "work_start": "09:00", "work_end": "17:00",
                                 "cadence": "daily", "channel": "email", "portal_role": "admin"}),
        ("priya", "/staff/accounts/{account}/steps/{read}/superpower", {"reason": "x"}),
    ],
)  # fmt: skip
def test_T05_nobody_gives_a_role_that_is_not_theirs_to_give(world, caller, name, path, data):
    before = hashes(world.connection)
    answer = caller(name).send("POST", path.format(**world.sides[OWN].refs), data)
    assert 400 <= answer.status_code < 500
    assert changed(before, hashes(world.connection)) == set()


# --- I08: malformed -------------------------------------------------------------------------------

EVERYWHERE = {
    "NUL": "a\x00b", "lone surrogate": "\ud800\udfff", "400 digits": "9" * 400, "minus 400 digits": "-" + "9" * 400,
    "NaN": "NaN", "infinity": "1e999", "deep": "[" * 3000, "huge": "x" * 60_000, "other digits": "٣²½",
    "last day": "9999-12-31", "first day": "0001-01-01", "no day": "2026-02-30T25:61:61+99:99",
    "last moment": "9999-12-31T23:59:59+00:00", "empty": "", "blank": " \t\r\n ", "template": "%s %(x)s {0} {{x}}",
    "direction": "\u202e\u200b\ufeff", "lines": "a\r\nBcc: b@evil.example",
}  # fmt: skip
ALONE = ("NUL", "last day", "template")
# What a database takes in its own way; the others never reach it, or are the same to both.
STORED = ("NUL", "lone surrogate", "400 digits", "last day", "first day", "last moment")


def sent(data: dict, token: str) -> bytes:
    """A form's body as bytes: what no browser would encode as well."""
    pairs = [
        (name, one) for name, value in data.items() for one in (value if isinstance(value, list) else [value])
    ]
    pairs = [pair for pair in [*pairs, ("csrf_token", token)] if isinstance(pair[1], str)]
    return urlencode(pairs, errors="surrogatepass").encode()


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_I08_no_value_in_any_field_breaks_anything(database, shared_app, world, caller):
    """Half of the values in all fields of a form at once (the next form has the other half), then the worst in each
    field alone: an answer and a sentence."""
    known, wrong, asked = rules(shared_app), [], 0
    for number, key in enumerate(ACTS):
        sample, me = ROUTES[key], caller(ROUTES[key].actor)
        path, data = address(known[key], sample, world.sides[OWN].refs), fields(world, sample, OWN)
        token = me.token
        values = list(EVERYWHERE if database == "sqlite" else STORED)[number % 2 :: 2]
        tries = [(name, dict.fromkeys(data, EVERYWHERE[name])) for name in values if data]
        tries += [
            (f"{name} in {one}", {**data, one: EVERYWHERE[name]})
            for one in data
            for name in ALONE[: 3 if database == "sqlite" else 1]
        ]
        for name, body in tries:
            asked += 1
            with undone(world):
                if sample.before:
                    sample.before(world.sides[OWN])
                answer = me.send("POST", path, sent(body, token), headers=FORM)
            if answer.status_code >= 500:
                wrong.append(f"{path}: {name}: {answer.status_code}")
            elif answer.status_code >= 400 and len(told(answer)) < 20:
                wrong.append(f"{path}: {name}: {answer.status_code} says nothing")
    assert not wrong, "\n".join(wrong)
    assert asked > 150


def test_I08_a_file_in_the_place_of_a_field_is_refused_in_words(database, shared_app, world, caller):
    """Each field of each form alone, then all at once, as the part of a body that a browser sends for a file."""
    known, wrong, asked = rules(shared_app), [], 0
    for key in ACTS:
        sample, me = ROUTES[key], caller(ROUTES[key].actor)
        if key[1] in READS_NOTHING:
            continue
        path, data = address(known[key], sample, world.sides[OWN].refs), fields(world, sample, OWN)
        texts = [name for name, value in data.items() if not isinstance(value, tuple)]
        alone = [[name] for name in texts] if database == "sqlite" else []
        for names in [*alone, [*texts, "stranger"], [*texts, "csrf_token"]]:
            asked += 1
            files = {name: (io.BytesIO(b"ana@northwind.example"), "name.txt") for name in names}
            with undone(world):
                if sample.before:
                    sample.before(world.sides[OWN])
                body = {**fields(world, sample, OWN), **files}
                answer = me.send("POST", path, body, token="", headers={"X-CSRFToken": me.token})
            if not 400 <= answer.status_code < 500:
                wrong.append(f"{path}: {names}: {answer.status_code}")
            elif "has no field called" not in answer.text and answer.status_code != 400:
                wrong.append(f"{path}: {names}: {answer.status_code} without a sentence: {told(answer)}")
    assert not wrong, "\n".join(wrong)
    assert asked > 100


QUERIES = [
    "/o/{road}/messages?before={value}", "/o/{road}/messages?step={value}", "/o/{road}/calls?step={value}",
    "/o/{road}/calls?host={value}", "/o/{road}/calls?help={value}", "/login?next={value}&with={value}",
    "/staff/accounts?who={value}", "/staff/accounts?q={value}", "/staff/accounts?after={value}",
    "/staff/accounts?turn={value}", "/staff/accounts/{account}?o={value}",
    "/staff/accounts/{account}/history?before={value}", "/staff/accounts/{account}/history?who={value}&kind={value}",
    "/staff/accounts/{account}?step={value}", "/staff/accounts/{account}/messages?before={value}",
    "/staff/accounts?stage={value}&segment={value}", "/staff/accounts?peek={value}&select={value}",
    "/staff/accounts.csv?who={value}&q={value}&stage={value}", "/staff/calls?week={value}&who={value}",
    "/staff/calls/{call}?back={value}", "/staff/accounts/{account}/road/edit?o={value}",
    "/staff/accounts/{account}/road/add?module={value}", "/staff/accounts/{account}/road/modules?o={value}",
    "/staff/accounts/{account}/road/dates?days={value}&since=training&way=later",
    "/staff/accounts/{account}/road/dates?days=5&since=day&day={value}",
    "/staff/accounts/{account}/road/dates?days=5&since={value}&way={value}",
    "/staff/accounts/{account}/steps/{attend}/call?guest={value}&host={value}",
    "/staff/accounts/{account}/modules/{value}/leave_out", "/staff/accounts/{account}/steps/{value}/edit",
    "/staff/onboardings/new?customer={value}", "/staff/team/{value}",
    "/o/{value}", "/o/{road}/steps/{value}", "/staff/accounts/{value}", "/login/{value}",
]  # fmt: skip
EXTREME = ["1-99999999999999999999", "0-" + "9" * 18, "2--1", "-1", "99999999999999999999"]


@pytest.mark.parametrize("path", QUERIES)
def test_I08_no_value_in_an_address_breaks_anything(database, world, caller, path):
    name = "priya" if path.startswith("/staff") else "nobody" if path.startswith("/login") else "ana"
    stored = [EVERYWHERE[name] for name in (EVERYWHERE if database == "sqlite" else STORED)]
    for value in [*stored, *EXTREME]:
        if len(value) > 4000 or (not value and path.endswith("/{value}")):
            continue
        raw = quote(value, safe="", errors="surrogatepass")
        answer = caller(name).send("GET", path.format(**world.sides[OWN].refs, value=raw))
        assert answer.status_code < 500, f"{value[:40]!r}: {answer.status_code}"


BODIES = {
    "deep": b"[" * 100_000, "NaN": b'{"body": NaN}', "400 digits": b'{"body": ' + b"9" * 400 + b"}",
    "surrogate": rb'{"body": "\ud800"}', "number": b'{"body": 7, "name": {"a": []}}', "list": b'["body", 1]',
    "null": b"null", "cut off": b'{"body": "x', "bytes": b"\xff\xfe\x00", "word": b'"word"',
}  # fmt: skip


@pytest.mark.parametrize(
    "kind", ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_I08_no_body_breaks_anything_and_json_sets_no_field(shared_app, world, caller, kind):
    """With a token that counts in the header, so that the body is read."""
    known = rules(shared_app)
    before = hashes(world.connection)
    for number, key in enumerate(ACTS):
        sample, me = ROUTES[key], caller(ROUTES[key].actor)
        if key[1] in READS_NOTHING or not sample.data or not fields(world, sample, OWN):
            continue
        path = address(known[key], sample, world.sides[OWN].refs)
        body = list(BODIES.values())[number % len(BODIES)]
        headers = {"Content-Type": kind, "X-CSRFToken": me.token}
        with undone(world):
            status = me.send("POST", path, body, headers=headers).status_code
        assert status < 500, f"{path}: {body[:20]!r}: {status}"
    good = b'{"body": "set by JSON"}'
    headers = {"Content-Type": "application/json", "X-CSRFToken": caller("ana").token}
    road = world.sides[OWN].refs["road"]
    assert caller("ana").send("POST", f"/o/{road}/messages", good, headers=headers).status_code == 422
    assert changed(before, hashes(world.connection)) <= {"throttle", "job"}


# --- I05 ------------------------------------------------------------------------------------------

ELSEWHERE = [
    "https://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
    "http:evil.example", "javascript:alert(1)", "/%09/evil.example", "/\t/evil.example", "//evil.example/..;/",
    "https:/evil.example", " //evil.example", "/.//evil.example", "@evil.example", "/login?next=//evil.example",
    "data:text/html,x", "/\u2028/evil.example", "https://localhost@evil.example", "\x00//evil.example",
]  # fmt: skip


@pytest.mark.parametrize("goal", ELSEWHERE)
def test_I05_nobody_is_led_to_another_site(world, caller, goal):
    """From the sign-in page when signed in already, and in every form that it shows."""
    answer = caller("ana").send("GET", f"/login?next={quote(goal)}")
    assert answer.status_code == 303
    assert is_ours(answer.location), answer.location
    page = caller("nobody").send("GET", f"/login?next={quote(goal)}")
    (given,) = read(page.text).root.all("input", name="next")
    assert is_ours(given["value"])


@pytest.mark.parametrize("goal", ELSEWHERE)
def test_I05_a_link_and_a_code_lead_nowhere_else(shared_app, world, caller, goal):
    """Asked for with a page to go to that is not ours, used with one that is not ours."""
    nobody = caller("nobody")
    with shared_app.app_context():
        link = SignInLink.issue(db.session.get_one(User, world.users["ana"]), Purpose.SIGN_IN, next_path=goal)
        token, code = link.mint()
        db.session.commit()
    with undone(world):
        answer = nobody.send("POST", f"/login/{token}?next={quote(goal)}")
        assert answer.status_code == 303
        assert is_ours(answer.location), answer.location
    sent = {"email": world.emails["ana"], "code": code, "next": goal}
    answer = nobody.send("POST", "/login/code", sent)
    assert answer.status_code == 303, told(answer)
    assert is_ours(answer.location), answer.location
