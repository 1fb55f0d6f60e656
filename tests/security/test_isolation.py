"""T01, T02, T04: who gets what from whose address. Every route, every kind of person, every customer's things."""

import re
from collections.abc import Iterator

import pytest

from tests.infra.judge import header_problems
from tests.security import world as w
from tests.security.asking import plain, undone
from tests.security.routes import (
    CUSTOMERS,
    DESK,
    ROUTES,
    WAVE,
    Sample,
    address,
    fields,
    missing,
    rules,
    sees,
)
from tests.security.world import OWN, SEES, THEIRS, World


def sides_of(name: str, sample: Sample) -> list[str]:
    """Whose things to ask for; one customer's stand for both where staff see both, or are not let in at all."""
    alike = SEES[name] == {OWN, THEIRS} or (name in w.STAFF and name not in sample.who)
    return [OWN, THEIRS] if sample.scoped and not alike else [OWN]


def test_T01_every_route_has_a_sample_and_every_sample_a_route(shared_app):
    assert set(rules(shared_app)) == set(ROUTES)


# Who asks: everybody on SQLite, and on PostgreSQL the first of each kind, because the scope is made in one place.
KINDS = {
    "admins": ["ana", "fay"], "teammates": ["rui", "ben"], "delivery": ["lena", "priya", "tomas", "june"],
    "sellers": ["ada", "sam"], "others": ["nobody", "otto"],
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_T01_each_person_gets_what_is_theirs_and_nothing_of_another(
    database, shared_app, world, caller, kind
):
    """Others' things answer as missing ones do, byte for byte. Nothing answers 5xx, nothing without its headers."""
    asking = KINDS[kind] if database == "sqlite" or kind == "admins" else KINDS[kind][:1]
    wrong = [one for name in asking for one in _asked_by(name, shared_app, world, caller)]
    assert not wrong, "\n".join(wrong)


def _asked_by(name: str, shared_app, world: World, caller) -> list[str]:
    """Every route as this person; what is wrong with the answers."""
    me = caller(name)
    wrong: list[str] = []
    every = rules(shared_app)
    for (method, rule), sample in ROUTES.items():
        known = every[method, rule]
        absent = None
        for side in sides_of(name, sample):
            path = address(known, sample, world.sides[side].refs)
            with undone(world):
                if sample.before:
                    sample.before(world.sides[side])
                answer = me.send(method, path, fields(world, sample, side) if method == "POST" else None)
            wrong += [f"{name}: {method} {path}: {one}" for one in header_problems(dict(answer.headers))]
            expected = allowed(name, side, method, rule, sample)
            if answer.status_code not in expected:
                wrong.append(
                    f"{name}: {method} {path} ({side}): {answer.status_code}, not {sorted(expected)}"
                )
            if sample.scoped and not sees(name, side, sample) and not is_open(sample) and name in sample.who:
                refs = world.sides[side].refs
                if absent is None:
                    path = address(known, sample, missing(sample))
                    with undone(world):
                        given = me.send(
                            method, path, fields(world, sample, side) if method == "POST" else None
                        )
                    absent = plain(given, *missing(sample).values())
                if plain(answer, *(refs[thing] for thing in sample.ids.values())) != absent:
                    wrong.append(f"{name}: {method} {path}: another's answer is told from a missing one")
    return wrong


def is_open(sample: Sample) -> bool:
    """Whether a link alone opens it, whoever holds it."""
    return "nobody" in sample.who


def allowed(name: str, side: str, method: str, rule: str, sample: Sample) -> set[int]:
    """The statuses that this person may be given."""
    if is_open(sample) and name not in sample.who:
        return {403}
    if is_open(sample):
        return {sample.done, *sample.may} | ({303} if name != "nobody" and rule == "/login" else set())
    if name == "nobody":
        return {303}
    if name not in sample.who:
        return {404} if hidden_from(name, rule) else {403}
    if sample.scoped and not sees(name, side, sample):
        return {404}
    return {sample.done, *sample.may}


def hidden_from(name: str, rule: str) -> bool:
    """Customers don't learn that there is a desk; the page for staff's passwords is one of it."""
    return name in w.CUSTOMERS and (rule.startswith("/staff") or rule == "/password")


# --- T02: a thing of one customer under the address of another --------------------------------------


def mixed(world: World, known: dict, mine: str, theirs: str) -> Iterator[tuple[str, str, str, dict]]:
    """Method, address, the same address with a missing thing in it, and fields."""
    for (method, rule), sample in ROUTES.items():
        for name, thing in sample.ids.items():
            if len(sample.ids) < 2 or sample.personal:
                continue
            refs = {**world.sides[mine].refs, thing: world.sides[theirs].refs[thing]}
            gone = {**world.sides[mine].refs, thing: missing(sample)[thing]}
            yield (
                method,
                address(known[method, rule], sample, refs),
                address(known[method, rule], sample, gone),
                fields(world, sample, mine) if method == "POST" else {},
            )
            assert name in rule


@pytest.mark.parametrize("name", ["ana", "sam", "priya"])
def test_T02_a_thing_under_anothers_address_is_missing(shared_app, world, caller, name):
    """Priya sees both customers, and still one's step is not found under the other's account."""
    me, wrong, asked = caller(name), [], 0
    known = rules(shared_app)
    for method, path, gone, data in mixed(world, known, OWN, THEIRS):
        is_desk = path.startswith("/staff")
        if is_desk == (name == "ana"):
            continue
        with undone(world):
            one = me.send(method, path, data)
        with undone(world):
            other = me.send(method, gone, fields_again(world, method, data))
        refs = [*world.sides[THEIRS].refs.values(), *world.sides[OWN].refs.values()]
        lost = [part for part in gone.replace(".", "/").split("/") if part.startswith("zzzz")]
        asked += 1
        if one.status_code not in (403, 404):
            wrong.append(f"{method} {path}: {one.status_code}")
        elif plain(one, *refs) != plain(other, *refs, *lost):
            wrong.append(f"{method} {path}: told from a missing one")
    assert not wrong, "\n".join(wrong)
    assert asked >= 14


def fields_again(world: World, method: str, data: dict) -> dict:
    """The fields for a second request; a file can be sent once only."""
    return {name: value for name, value in data.items() if not isinstance(value, tuple)}


REFERENCES = [
    ("GET", "/o/{road}/messages?step={other[read]}"),
    ("GET", "/o/{road}/messages?before={other[message]}"),
    ("GET", "/o/{road}/calls?step={other[book]}"),
    ("GET", "/staff/accounts/{account}?o={other[road]}"),
    ("GET", "/staff/accounts/{account}/history?o={other[road]}"),
    ("GET", "/staff/accounts/{account}/steps/{read}?o={other[road]}"),
    ("GET", "/staff/accounts/{account}/steps/{list}/edit?o={other[road]}"),
    ("GET", "/staff/accounts/{account}/modules/connections/leave_out?o={other[road]}"),
    *(
        ("GET", f"/staff/accounts/{{account}}/road/{page}?o={{other[road]}}")
        for page in ("edit", "add", "modules", "dates", "waves", "waves/add")
    ),
    ("GET", "/staff/accounts/{account}/history.csv?o={other[road]}"),
]


@pytest.mark.parametrize(("method", "path"), REFERENCES)
def test_T02_a_reference_in_the_query_is_looked_up_as_the_address_is(world, caller, method, path):
    mine, theirs = world.sides[OWN].refs, world.sides[THEIRS].refs
    me = caller("priya" if path.startswith("/staff") else "ana")
    gone = dict.fromkeys(theirs, w.MISSING)
    one = me.send(method, path.format(**mine, other=theirs))
    other = me.send(method, path.format(**mine, other=gone))
    assert one.status_code == 404
    assert plain(one, *theirs.values()) == plain(other, w.MISSING)


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/o/{road}/steps/{read}/assign", {"person": "{other[mate]}"}),
        ("/o/{road}/prerequisites/{prerequisite}/hand", {"person": "{other[mate]}"}),
        ("/o/{road}/calls/book", {"start": "2026-03-05T15:00:00+00:00", "people": "{other[mate]}"}),
        ("/o/{road}/calls/book", {"start": "2026-03-05T15:00:00+00:00", "step": "{other[book]}"}),
        ("/o/{road}/calls/book", {"start": "2026-03-05T15:00:00+00:00", "host": "{other[mate]}"}),
        ("/o/{road}/messages", {"body": "x", "step": "{other[read]}"}),
        ("/o/{road}/readiness/sso/ask", {"person": "{other[mate]}", "note": "x"}),
        ("/staff/accounts/{account}/steps/{read}/assign", {"person": "{other[mate]}"}),
        ("/staff/accounts/{account}/as-customer", {"person": "{other[admin]}"}),
        ("/staff/accounts/{account}/notes", {"body": "x", "step": "{other[read]}"}),
        ("/staff/accounts/{account}/signals", {"kind": "praise", "text": "x", "step": "{other[read]}"}),
        (
            "/staff/accounts/{account}/signals",
            {"kind": "champion_left", "text": "x", "person": "{other[mate]}"},
        ),
        (
            "/staff/accounts/{account}/road/add",
            {**w.PLAIN_STEP, "person": "{other[mate]}", "place": "first:connections"},
        ),
        (
            "/staff/accounts/{account}/road/add",
            {**w.PLAIN_STEP, "person": "theirs", "place": "behind:{other[read]}"},
        ),
        ("/staff/accounts/{account}/steps/{attend}/call/book", {"start": w.TIME, "guest": "{other[mate]}"}),
        ("/staff/calls/{call}/held", {"notes": "x", "text_1": "Send it", "who_1": "{other[mate]}"}),
        ("/staff/accounts/{account}/road/waves/add", {**WAVE, "people": "{other[mate]}"}),
        ("/staff/accounts/bulk/hold", {"pick": "{other[token]}", "reason": "x", "review_on": "2026-04-01"}),
        (
            "/staff/team/JuneParkOfUs/hand-over",
            {"pick": "{other[token]}", "to": "{other[mate]}", "know": "x"},
        ),
    ],
)
def test_T02_a_reference_in_a_form_is_refused_as_a_missing_one_is(world, caller, path, data):
    mine, theirs = world.sides[OWN].refs, world.sides[THEIRS].refs
    me = caller("priya" if path.startswith("/staff") else "ana")
    answers = []
    for refs in (theirs, dict.fromkeys(theirs, w.MISSING)):
        sent = {name: value.format(**mine, other=refs) for name, value in data.items()}
        with undone(world):
            answers.append(plain(me.send("POST", path.format(**mine), sent), *theirs.values(), w.MISSING))
    assert answers[0][0] in (404, 409, 422)
    assert answers[0] == answers[1]


@pytest.mark.parametrize("what", ["", "/leave_out"])
def test_T02_a_number_of_anothers_wave_is_none_of_this_road(world, caller, what):
    w.is_in_waves(world.sides[THEIRS])
    path = f"/staff/accounts/{world.sides[OWN].refs['account']}/road/waves/2{what}"
    sent = {**WAVE, "seen": world.sides[THEIRS].seals["wave"]} if not what else {"reason": "x", "seen": ""}
    assert caller("priya").send("POST", path, sent).status_code == 404


# --- T04: customers at the desk -------------------------------------------------------------------


def test_T04_customers_find_nothing_of_the_desk(shared_app, world, caller):
    """Every address of the desk answers a customer as one that does not exist, and no page links to it."""
    known = rules(shared_app)
    for name in ("ana", "ben", "rui"):
        me = caller(name)
        nothing = plain(me.send("GET", "/no/such/page"))
        for (method, rule), sample in ROUTES.items():
            if rule.startswith("/staff"):
                path = address(known[method, rule], sample, world.sides[OWN].refs)
                answer = me.send(method, path, fields(world, sample, OWN) if method == "POST" else None)
                assert plain(answer) == nothing, f"{name}: {method} {path}"
        for page in ("", "/mine", "/people", "/team", "/messages", "/calls", "/documents"):
            assert "/staff" not in me.send("GET", f"/o/{world.sides[OWN].refs['road']}{page}").text


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
def test_T04_no_method_tells_a_customer_of_the_desk(shared_app, world, caller, method):
    known, ana = rules(shared_app), caller("ana")
    paths = {
        address(known[one], sample, world.sides[OWN].refs)
        for one, sample in ROUTES.items()
        if one[1].startswith("/staff")
    }
    given = {path: ana.send(method, path) for path in paths}
    found = {(path, one.status_code, one.headers.get("Allow")) for path, one in given.items()}
    assert {one for one in found if one[1:] != (404, None)} == set()
    assert caller("priya").send("PUT", "/staff").status_code == 405


def test_T04_staff_without_a_part_in_an_account_are_told_nothing_of_it(world, caller):
    """An account executive sees those they sold: not in the list, not by search, not when creating."""
    for name, theirs in (("sam", "Fabrikam"), ("ada", "Northwind")):
        assert SEES[name]
        for path in (
            "/staff/accounts?who=all",
            f"/staff/accounts?who=all&q={theirs}",
            "/staff/onboardings/new",
            "/staff/onboardings/new?customer=known",
        ):
            answer = caller(name).send("GET", path)
            assert answer.status_code == 200
            text = re.sub(rf'q={theirs}|value="{theirs}"', "", answer.text)
            assert theirs not in text, f"{name} reads {theirs} on {path}"


def test_T04_an_account_executive_begins_nothing_at_anothers_account(world, caller):
    sample, path = ROUTES["POST", "/staff/onboardings/new"], "/staff/onboardings/new?customer=known"
    typed = fields(world, sample, OWN)
    shared = ("playbook", "programme", "start_date", "consultant", "integration_specialist", "csm")
    data = {name: typed[name] for name in shared}
    data |= {"account_executive": "", "account": world.sides[OWN].refs["account"]}
    with undone(world):
        # His own customer: he may, were they not on this road already.
        own = caller("sam").send("POST", path, data)
        assert (own.status_code, "is on this road already" in own.text) == (422, True)
    with undone(world):
        # Hers it is not: for her the choice isn't there.
        other = caller("ada").send("POST", path, data)
        assert (other.status_code, "is on this road already" in other.text) == (422, False)


def test_T04_the_lists_of_people_are_whole():
    """A kind of person that is missing from the table would be asked nothing."""
    assert set(SEES) == CUSTOMERS | DESK | {"otto", "nobody"}
    assert sorted(SEES) == sorted(name for names in KINDS.values() for name in names)
