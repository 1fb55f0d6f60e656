"""L01, L04, S03: what is remembered of every change, what the log never says, and that leaving ends at once."""

import re

import pytest
from sqlalchemy import select

from portal import db, mail, worker
from portal.app import create_app
from portal.auth.models import Session
from tests.security.asking import Caller, activities, told, undone
from tests.security.routes import ROUTES, fields
from tests.security.world import OWN, World


@pytest.mark.parametrize("verb", ["reopen", "bring_back", "keep", "undo"])
def test_L01_every_decision_of_staff_leaves_an_activity(world, caller, verb):
    step = {"reopen": "done", "bring_back": "skipped", "keep": "asked", "undo": "ours_done"}[verb]
    refs = world.sides[OWN].refs
    before = activities()
    data = {} if verb == "undo" else {"reason": "Because"}
    path = f"/staff/accounts/{refs['account']}/steps/{refs[step]}/{verb}"
    answer = caller("priya").send("POST", path, data)
    assert answer.status_code == 303, told(answer)
    assert activities() > before


def test_L01_a_second_file_at_a_step_that_has_begun_is_remembered(world, caller):
    sample = ROUTES["POST", "/o/<oid>/documents/upload"]
    refs = world.sides[OWN].refs
    path = f"/o/{refs['road']}/steps/{refs['upload']}/save"
    for rate in (b"10", b"12"):
        csv = b"partner,rate\nNia," + rate + b"\n"
        before = activities()
        file = {"a_files": (fields(world, sample, OWN)["file"][0].__class__(csv), "partners.csv")}
        answer = caller("ana").send("POST", path, {**file, "version": "0"})
        assert answer.status_code == 303, told(answer)
        assert activities() > before


# --- L04 ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", ["text", "json"])
def test_L04_no_secret_is_in_the_log(world_copy, settings, capfd, clock, style):
    """A day of doors: links asked for, mailed, mistyped, used; an invitation; passwords; and things that break."""
    url, world = world_copy
    config = settings(PORTAL_DATABASE_URL=url, PORTAL_LOG=style)
    app = create_app(config)
    secrets = {"the secret key": config.secret_key, **{f"cookie of {n}": c for n, c in world.cookies.items()}}
    nobody, ana, priya = (Caller(app, world.cookies.get(name, "")) for name in ("nobody", "ana", "priya"))
    secrets["a token against forgery"] = ana.token

    nobody.send("POST", "/login", {"email": "ana@northwind.example", "next": "/"})
    road = world.sides[OWN].refs["road"]
    asked = {"name": "Eva", "email": "eva@northwind.example", "portal_role": "teammate"}
    assert ana.send("POST", f"/o/{road}/people/invite", asked).status_code == 303
    worker.work(once=True, around=app.app_context)
    worker.work(once=True, around=app.app_context)
    texts = [path.read_text() for path in (config.data_dir / "mail").glob("*.eml")]
    tokens = sorted(set(re.findall(r"/login/([\w-]{40,})", "\n".join(texts).replace("=\n", ""))))
    code = next(found[0] for text in texts if (found := re.search(r"\b\d{3} \d{3}\b", text)))
    assert len(tokens) >= 2
    secrets["look ahead"] = world.sides[OWN].refs["preview"]
    assert nobody.send("GET", f"/preview/{secrets['look ahead']}").status_code == 200
    secrets |= {f"link {n}": token for n, token in enumerate(tokens)}
    secrets |= {"code": code, "code without its space": code.replace(" ", "")}
    secrets |= {"password": "four unrelated words stand here", "wrong password": "a wrong guess at it"}

    nobody.send("POST", "/login/code", {"email": "ana@northwind.example", "code": "000000", "next": "/"})
    for token in tokens:
        nobody.send("GET", f"/login/{token}")
        nobody.send("POST", f"/login/{token}x")
        answer = nobody.send("POST", f"/login/{token}")
        given = re.match(r"session=([^;]+)", answer.headers.get("Set-Cookie", ""))
        if given:
            secrets[f"cookie given for {token[:4]}"] = given[1]
        nobody.send("POST", f"/login/{token}/again")
    priya.send("POST", "/password", {"current": "", "password": secrets["password"]})
    for password in (secrets["password"], secrets["wrong password"]):
        nobody.send(
            "POST", "/login/password", {"email": "priya@partnerly.example", "password": password, "next": "/"}
        )
    _break_things(app, nobody, tokens[0], secrets["password"])
    clock.forward(days=1)
    worker.work(once=True, around=app.app_context)

    log = "".join(capfd.readouterr())
    assert "sign-in failed" in log
    assert "Exception on" in log
    assert [name for name, secret in secrets.items() if secret in log] == []


def _break_things(app, nobody: Caller, token: str, password: str) -> None:
    """An error in the middle of a door: its words and its address are in the log's reach."""

    def breaks(**given):
        raise RuntimeError(f"{given} {password}")

    app.config["PROPAGATE_EXCEPTIONS"] = False
    for endpoint in ("auth.link", "auth.use_link", "auth.use_password"):
        breaks.permission = None
        app.view_functions[endpoint] = breaks
    assert nobody.send("GET", f"/login/{token}").status_code == 500
    assert nobody.send("POST", f"/login/{token}").status_code == 500
    sent = {"email": "priya@partnerly.example", "password": password, "next": "/"}
    assert nobody.send("POST", "/login/password", sent).status_code == 500


# --- S03 ------------------------------------------------------------------------------------------


def test_S03_who_is_removed_is_out_at_once_with_every_link(world, caller):
    refs, road = world.sides[OWN].refs, f"/o/{world.sides[OWN].refs['road']}"
    mate = caller("nia")
    assert mate.send("GET", road).status_code == 200
    assert caller("ana").send("POST", f"{road}/people/{refs['mate']}/remove").status_code == 303
    for path in (road, "/preferences"):
        answer = mate.send("GET", path)
        assert (answer.status_code, answer.location[:6]) == (303, "/login")
    ended = select(Session.ended_at).where(Session.user_id == world.users["nia"])
    assert None not in list(db.session.scalars(ended))


def test_S03_who_is_made_a_sponsor_may_less_at_once(world, caller):
    refs, road = world.sides[OWN].refs, f"/o/{world.sides[OWN].refs['road']}"
    nia, start = caller("nia"), f"{road}/steps/{refs['read']}/start"
    with undone(world):
        assert nia.send("POST", start).status_code == 303
    sent = {"portal_role": "sponsor"}
    assert caller("ana").send("POST", f"{road}/people/{refs['mate']}", sent).status_code == 303
    assert nia.send("POST", start).status_code == 403


def test_S03_who_is_only_suggested_does_not_get_in(shared_app, world: World, caller, settings):
    """A teammate names somebody; until an admin invites them, their address opens no door."""
    mail.configure(settings())
    refs = world.sides[OWN].refs
    sent = {"email": "suggested@northwind.example", "next": "/"}
    assert caller("nobody").send("POST", "/login", sent).status_code == 200
    worker.work(once=True, around=shared_app.app_context)
    letters = select(mail.Letter).where(mail.Letter.address == sent["email"])
    assert db.session.scalars(letters).all() == []
    named = {"start": "2026-03-05T15:00:00+00:00", "people": refs["suggested"]}
    assert caller("ana").send("POST", f"/o/{refs['road']}/calls/book", named).status_code in (409, 422)
    caller("ana").send("POST", f"/o/{refs['road']}/messages", {"body": "@Suggested a secret of ours"})
    assert db.session.scalars(letters).all() == []
    assert (
        caller("ana").send("POST", f"/o/{refs['road']}/people/{refs['suggested']}/again").status_code == 303
    )
    assert len(db.session.scalars(letters).all()) == 1
