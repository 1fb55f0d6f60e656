"""S10: the headers on every answer, the errors included, and what an error page tells."""

import pytest

from portal.app import create_app
from portal.web import HEADERS
from tests.infra.judge import header_problems, page_problems
from tests.security.routes import ROUTES, address, rules
from tests.security.world import MISSING, OWN

SECURE = "https://onboarding.example"


def judged(answer) -> list[str]:
    """What is wrong with the headers, and with the page that came with them."""
    problems = header_problems(dict(answer.headers))
    is_page = answer.mimetype == "text/html" and answer.get_data() and "<html" in answer.text[:200]
    if is_page and answer.status_code not in (301, 302, 303, 307, 308):
        problems += page_problems(answer.text)
    problems += [f"{name} is not {value}" for name, value in HEADERS.items() if name not in answer.headers]
    if answer.headers.get("Cache-Control") is None:
        problems.append("says nothing about being kept")
    return problems


def test_S10_every_page_has_every_header_and_is_kept_by_nobody_else(shared_app, world, caller):
    """To GET, HEAD and OPTIONS; T01 looks at every change, and at whoever is not let in."""
    known, wrong = rules(shared_app), []
    for (method, rule), sample in ROUTES.items():
        if method != "GET":
            continue
        path = address(known[method, rule], sample, world.sides[OWN].refs)
        for verb in ("GET", "HEAD", "OPTIONS"):
            answer = caller(sample.actor).send(verb, path)
            wrong += [f"{verb} {path}: {one}" for one in judged(answer)]
            kept = answer.headers["Cache-Control"]
            if "nobody" not in sample.who and not any(w in kept for w in ("no-store", "private", "no-cache")):
                wrong.append(f"{verb} {path}: may be kept by others: {kept}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", ["ana", "priya", "nobody"])
def test_S10_every_error_page_has_every_header_and_says_something(shared_app, world, caller, name):
    me, road = caller(name), world.sides[OWN].refs["road"]
    large = b"x" * (shared_app.config["MAX_FORM_MEMORY_SIZE"] + 1)
    answers = {
        404: me.send("GET", "/no/such/page"),
        405: me.send("PUT", "/login"),
        400: me.send("POST", "/login", {}, token=""),
        403: me.send("POST", "/login", {}, headers={"Origin": "https://evil.example"}),
        410: me.send("GET", f"/login/{MISSING}"),
        413: me.send("POST", "/login", {"email": large}),
    }
    if name == "ana":
        answers[422] = me.send("POST", f"/o/{road}/messages", {"body": ""})
        answers[409] = me.send("POST", f"/o/{road}/date", {"choice": "never"})
    for status, answer in answers.items():
        assert answer.status_code == status, f"{status}: {answer.status_code}"
        assert judged(answer) == [], f"{name}: {status}"
        assert "Traceback" not in answer.text
        assert "Werkzeug" not in answer.text


def test_S10_a_body_that_is_too_large_is_refused_before_it_is_read(shared_app, world, caller):
    road = world.sides[OWN].refs["road"]
    me = caller("ana")
    headers = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": str(40 * 1024 * 1024)}
    answer = me.send("POST", f"/o/{road}/documents/upload", b"--x--", headers=headers)
    assert answer.status_code in (400, 413)
    assert judged(answer) == []
    many = {f"field{n}": "x" for n in range(600)}
    answer = me.send("POST", f"/o/{road}/messages", {**many, "body": "x"}, content_type="multipart/form-data")
    assert answer.status_code == 413
    assert judged(answer) == []


def test_S10_a_500_has_every_header_and_tells_nothing(shared_app, world, caller, monkeypatch):
    def breaks(**_ids):
        raise RuntimeError("the secret of the house")

    breaks.permission = shared_app.view_functions["road.home"].permission
    monkeypatch.setitem(shared_app.view_functions, "road.home", breaks)
    answer = caller("ana").send("GET", f"/o/{world.sides[OWN].refs['road']}")
    assert answer.status_code == 500
    assert judged(answer) == []
    assert "secret of the house" not in answer.text
    assert "RuntimeError" not in answer.text


def test_S10_the_header_judge_sees_what_is_missing(shared_app, world, caller, monkeypatch):
    monkeypatch.delitem(HEADERS, "X-Content-Type-Options")
    monkeypatch.setitem(HEADERS, "Content-Security-Policy", "default-src 'self' 'unsafe-inline'")
    problems = judged(caller("nobody").send("GET", "/login"))
    assert any("X-Content-Type-Options" in one for one in problems)
    assert any("unsafe" in one for one in problems)


def test_S10_over_https_browsers_are_told_to_stay_there(settings, shared_app):
    app = create_app(settings(PORTAL_BASE_URL=SECURE))
    answer = app.test_client().get("/healthz", base_url=SECURE)
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in shared_app.test_client().get("/healthz").headers
