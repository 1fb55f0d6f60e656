"""The same form sent twice at the same moment does its work once, and nobody sees an error."""

import hashlib
import io
import threading
from collections import Counter

import pytest
from sqlalchemy import func, select

from portal import db
from portal.accounts.models import Person
from portal.activity.models import Activity, Verb
from portal.app import create_app
from portal.calls.models import Call
from portal.criteria.models import CriterionWording, Measurement
from portal.messages.models import Message
from portal.onboardings.notes import Note
from portal.onboardings.signals import Signal
from portal.readiness.asks import ReadinessAsk
from portal.scope.models import ScopeAgreement
from portal.uploads import Document
from tests.infra.html import read
from tests.security.asking import Caller
from tests.security.routes import RESULT, ROUTES, address, fields, rules
from tests.security.world import OWN, ask_is_over

PDF = b"%PDF-1.7 clicked on twice"
SHA256 = hashlib.sha256(PDF).hexdigest()

BOOK = {"start": "2026-03-05T15:00:00+00:00", "step": "{book}"}
CLICKS = [
    ("/o/{road}/steps/{read}/complete", {}, Activity, {"verb": Verb.STEP_COMPLETED}),
    ("/o/{road}/calls/book", BOOK, Call, {}),
    ("/o/{road}/messages", {"body": "Once is enough"}, Message, {"body": "Once is enough"}),
    (
        "/staff/accounts/{account}/notes",
        {"body": "Once is enough", "step": ""},
        Note,
        {"body": "Once is enough"},
    ),
    (
        "/staff/accounts/{account}/signals",
        {"kind": "praise", "text": "Once is enough", "person": "", "step": ""},
        Signal,
        {"text": "Once is enough"},
    ),
    ("/o/{road}/steps/{read}/help", {"body": "Once is enough"}, Message, {"body": "Once is enough"}),
    (
        "/o/{road}/people/invite",
        {"name": "Eva Reis", "email": "eva@northwind.example", "portal_role": "teammate"},
        Person,
        {"email": "eva@northwind.example"},
    ),
    ("/o/{road}/scope/agree", {"seen": "{scope}"}, ScopeAgreement, {}),
    (
        "/o/{road}/success/{criterion}/suggest",
        {**RESULT, "seen": "{criterion_words}"},
        CriterionWording,
        {"statement": RESULT["statement"]},
    ),
    ("/o/{road}/success/new", RESULT, CriterionWording, {"statement": RESULT["statement"]}),
    (
        "/o/{road}/success/{agreed_criterion}/measurement",
        {"value": "91", "on": "2026-03-03", "note": "Once is enough"},
        Measurement,
        {"note": "Once is enough"},
    ),
    (
        "/o/{road}/scope/confirm",
        {"need": "lead", "seen": "{need}"},
        Activity,
        {"verb": Verb.NEED_CONFIRMED},
    ),
    (
        "/o/{road}/readiness/sso",
        {"a_sso": "yes", "version": "1"},
        Activity,
        {"verb": Verb.KIT_ANSWER_CHANGED},
    ),
    (
        "/o/{road}/readiness/problem/ask",
        {"person": "", "name": "Eva Reis", "email": "eva@else.example", "note": ""},
        ReadinessAsk,
        {"email": "eva@else.example"},
    ),
    ("/o/{road}/readiness/submit", {"choice": "complete"}, Activity, {"verb": Verb.STEP_SUBMITTED}),
    ("/o/{road}/documents/upload", {"file": PDF}, Document, {"name": "notes.pdf", "sha256": SHA256}),
]


def form(data: dict, refs: dict[str, str]) -> dict:
    """The fields with these refs in them; bytes are a file."""
    return {
        name: (io.BytesIO(value), "notes.pdf") if isinstance(value, bytes) else value.format(**refs)
        for name, value in data.items()
    }


def rows(model, wanted: dict) -> int:
    with db.transaction():
        return db.session.scalar(select(func.count()).select_from(model).filter_by(**wanted)) or 0


# What one click may write down more than once; and the form that works every date out anew, however often it is sent.
OFTEN = {Verb.STEP_DONE_FOR_YOU, Verb.START_MOVED}
# What one has read of one's own news, and what somebody tries without saving it.
UNWRITTEN = {"/staff/notices/read", "/staff/triggers/<key>/try"}
# These answer at once: nothing is looked at first and confirmed then.
AT_ONCE = {"/staff/settings/keys", "/staff/triggers/<key>/try"}
AT_THE_DESK = [rule for method, rule in ROUTES if method == "POST" and rule.startswith("/staff")]


@pytest.mark.parametrize("rule", AT_THE_DESK)
def test_two_clicks_at_once_at_the_desk_are_one(world_copy, settings, clock, rule):
    """Every form of the desk: nobody sees an error, and nothing is written down twice."""
    url, world = world_copy
    app = create_app(settings(PORTAL_DATABASE_URL=url))
    app.config["PROPAGATE_EXCEPTIONS"] = False
    sample, side = ROUTES["POST", rule], world.sides[OWN]
    if sample.before:
        with app.test_request_context():
            db.start()
            sample.before(side)
            db.session.remove()
    path = address(rules(app)["POST", rule], sample, side.refs)
    first = Caller(app, world.cookies[sample.actor])
    assert first.token
    seen: dict[str, str] = {}
    if sample.done == 200 and rule not in AT_ONCE:  # First a preview; what is clicked twice confirms it.
        shown = read(first.send("POST", path, fields(world, sample, OWN)).text).root
        (looked,) = {field.get("value") for field in shown.all("button", name="looked")}
        seen["looked"] = looked
    last, gate, answers = newest(Activity), threading.Barrier(4), []

    def click() -> None:
        me = Caller(app, first.session)
        me._token, me._form = first._token, first._form
        data = {**fields(world, sample, OWN), **seen}
        gate.wait()
        answers.append(me.send("POST", path, data).status_code)

    threads = [threading.Thread(target=click) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = 200 if rule in AT_ONCE else 303
    assert done in answers, answers
    assert set(answers) <= {done, 404, 409, 422}, answers
    with db.transaction():
        written = Counter(db.session.scalars(select(Activity.verb).where(Activity.id > last)))
    assert written or rule in UNWRITTEN
    assert {verb: n for verb, n in written.items() if n > 1 and verb not in OFTEN} == {}


def newest(model) -> int:
    """The id of the last row."""
    with db.transaction():
        return db.session.scalar(select(func.max(model.id))) or 0


@pytest.mark.parametrize(("path", "data", "model", "wanted"), CLICKS, ids=[path for path, *_rest in CLICKS])
def test_two_clicks_at_once_have_one_effect(world_copy, settings, clock, path, data, model, wanted):
    url, world = world_copy
    app = create_app(settings(PORTAL_DATABASE_URL=url))
    refs = {**world.sides[OWN].seals, **world.sides[OWN].refs}
    cookie = world.cookies["priya" if path.startswith("/staff") else "ana"]
    ana = Caller(app, cookie)
    token = ana.token
    before, gate, answers = rows(model, wanted), threading.Barrier(4), []

    def click() -> None:
        me = Caller(app, cookie)
        me._token, me._form = token, ana._form
        gate.wait()
        answers.append(me.send("POST", path.format(**refs), form(data, refs)).status_code)

    threads = [threading.Thread(target=click) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rows(model, wanted) == before + 1, answers
    assert answers.count(303) >= 1
    assert set(answers) <= {303, 409, 422}, answers


def test_a_colleagues_link_takes_one_answer_of_many_at_once(world_copy, settings, clock):
    url, world = world_copy
    app = create_app(settings(PORTAL_DATABASE_URL=url))
    nobody = Caller(app, "")
    token, gate, answers = nobody.token, threading.Barrier(4), []

    def send(number: int) -> None:
        me = Caller(app, "")
        me._token, me._form = token, nobody._form
        gate.wait()
        given = {"a_users": str(number), "version": "0"}
        answers.append(me.send("POST", f"/ask/{world.sides[OWN].refs['ask']}", given).status_code)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(20, 24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 410, 410, 410]
    assert rows(Activity, {"verb": Verb.KIT_ANSWER_CHANGED}) == 1


def test_whoever_asked_hears_once_of_many_who_come_too_late(world_copy, settings, clock):
    url, world = world_copy
    app = create_app(settings(PORTAL_DATABASE_URL=url))
    with app.test_request_context():
        db.start()
        ask_is_over(world.sides[OWN])
        db.session.remove()
    nobody = Caller(app, "")
    token, gate, answers = nobody.token, threading.Barrier(8), []

    def press() -> None:
        me = Caller(app, "")
        me._token, me._form = token, nobody._form
        gate.wait()
        answers.append(me.send("POST", f"/ask/{world.sides[OWN].refs['ask']}/late").status_code)

    threads = [threading.Thread(target=press) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [303] * 8
    assert rows(Activity, {"verb": Verb.KIT_ASK_RAN_OUT}) == 1


def test_two_companies_that_invite_one_address_at_once_see_no_error(world_copy, settings, clock):
    url, world = world_copy
    app = create_app(settings(PORTAL_DATABASE_URL=url))
    sent = {"name": "Eva", "email": "eva@elsewhere.example", "portal_role": "teammate"}
    gate, answers = threading.Barrier(2), []

    def invite(name: str, side: str) -> None:
        me = Caller(app, world.cookies[name])
        assert me.token
        gate.wait()
        answers.append(
            me.send("POST", f"/o/{world.sides[side].refs['road']}/people/invite", sent).status_code
        )

    threads = [threading.Thread(target=invite, args=pair) for pair in (("ana", OWN), ("fay", "fabrikam"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [303, 303]
    assert rows(Person, {"email": sent["email"]}) == 1
