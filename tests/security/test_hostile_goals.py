"""I01, I03: what both sides write about readiness, results and scope is shown to the other as text."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import delete, update

from portal import clock, db
from portal.handoffs.models import Handoff
from portal.notifications.models import DailyLetter
from portal.readiness.asks import ReadinessAsk
from tests.infra.html import read
from tests.security.asking import told
from tests.security.routes import NEED, RESULT
from tests.security.test_hostile_text import Marks, letters, smuggled
from tests.security.world import OWN, World

PAGES = {
    "ana": [
        "{road}", "{road}/scope", "{road}/success", "{road}/messages", "{road}/prerequisites", "{road}/readiness",
        "{road}/readiness/check", "{road}/readiness/problem", "{road}/readiness/result",
    ],
    "priya": [
        "{desk}", "/staff", "/staff/handoffs", "/staff/handoffs/{handoff}",
        *(f"{{desk}}/{tab}" for tab in ("readiness", "goals", "scope", "prerequisites", "messages", "history")),
    ],
    "nobody": ["/ask/{ask}"],
}  # fmt: skip
PAGES["ben"] = [path for path in PAGES["ana"] if path != "{road}/scope"]


@pytest.fixture
def hostile(world: World, caller) -> Marks:
    """Put hostile text into every field of readiness, results, scope and the hand-off, through their pages."""
    marks, side = Marks(), world.sides[OWN]
    refs, seals, ana, priya = side.refs, side.seals, caller("ana"), caller("priya")
    road, desk = f"/o/{refs['road']}", f"/staff/accounts/{refs['account']}"
    result = {**RESULT, "seen_in": marks("where it is seen"), "checkpoint_1_on": "2026-04-01",
              "checkpoint_1_what": marks("what happens then")}  # fmt: skip
    told_sales = ("reason", "problem", "promised_impact", "quote", "quoted_by", "stakeholders", "surprises")
    acts = [
        (ana, f"{road}/scope/question", {"item": "chains", "body": marks("question about the scope")}),
        (ana, f"{road}/scope/release", {"need": "lead", "seen": seals["need"], "why": marks("can't release")}),
        (ana, f"{road}/readiness/problem", {"a_problem": marks("answer of the kit"), "version": "1"}),
        (ana, f"{road}/readiness/problem/ask", {"person": "", "name": marks("name of a colleague"),
                                                "email": "eva@else.example", "note": marks("a word to them")}),
        (ana, f"{road}/success/new", {**result, "statement": marks("statement"), "note": marks("note of theirs")}),
        (ana, f"{road}/success/{refs['criterion']}/suggest",
         {**RESULT, "seen": seals["criterion"], "note": marks("note to another wording")}),
        (ana, f"{road}/success/{refs['agreed_criterion']}/measurement",
         {"value": "80 points", "on": "2026-03-03", "note": marks("where they saw it")}),
        (ana, f"{road}/prerequisites/{refs['prerequisite']}",
         {"status": "need_help", "words": marks("what is in the way")}),
        (ana, f"{road}/readiness/contest/{refs['effect']}", {"why": marks("why it isn't right")}),
        (priya, f"{desk}/goals/new", {**RESULT, "statement": marks("statement of ours"), "note": marks("our note")}),
        (priya, f"{desk}/scope/items", {"side": "not_in", "statement": marks("what is not in"), "why": marks("why not"),
                                        "alternative": marks("what instead")}),
        (priya, f"{desk}/scope/needs", {**NEED, "what": marks("what we need"), "who": marks("from whom")}),
        (priya, f"{desk}/prerequisites/add", {"title": marks("to have ready"), "enough": marks("when it is ready"),
                                              "due_on": "2026-03-20"}),
        (priya, f"{desk}/readiness/effects/{refs['effect']}", {"go": "drop", "why": marks("why decided so")}),
        (priya, f"/staff/handoffs/{refs['handoff']}", {"seen": seals["handoff"], "go": "keep",
                                                       **{name: marks(name) for name in told_sales}}),
    ]  # fmt: skip
    for who, path, data in acts:
        answer = who.send("POST", path, data)
        assert answer.status_code == 303, f"{path}: {answer.status_code} {told(answer)}"
        db.session.execute(delete(DailyLetter))
        db.session.commit()
    accepted = {"state": "accepted", "decided_by_id": world.users["priya"], "decided_at": clock.now()}
    db.session.execute(update(Handoff).where(Handoff.ref == refs["handoff"]).values(accepted))
    asked = db.session.get_one(ReadinessAsk, side.ids["ask"])
    asked.name, asked.note = marks("name of a stranger"), marks("a word to a stranger")
    db.session.commit()
    return marks


def pages(world: World, caller, name: str) -> Iterator[tuple[str, str]]:
    refs = world.sides[OWN].refs
    places = {**refs, "road": f"/o/{refs['road']}", "desk": f"/staff/accounts/{refs['account']}"}
    for path in PAGES[name]:
        answer = caller(name).send("GET", path.format(**places))
        assert answer.status_code == 200, f"{name}: {path}: {answer.status_code}"
        yield path, answer.text


def test_I01_I03_readiness_results_and_scope_are_read_as_text(world, caller, hostile):
    seen: set[str] = set()
    for name in PAGES:
        for path, source in pages(world, caller, name):
            root = read(source).root
            assert smuggled(root) == [], f"{name}: {path}"
            shown = f"{root.text()} {' '.join(v for node in root.below for v in node.attrs.values())}"
            assert not re.search(r"m\d\d[^{}]{0,40}49", shown), f"{name}: {path}: a template was run"
            seen |= {text for text in hostile.written if text in shown}
    unseen = {where for text, where in hostile.written.items() if text not in seen}
    assert unseen == {"a word to them", "name of a stranger"}  # In its letter; on that question's page.


def test_I01_I03_their_letters_carry_it_as_text(world, caller, hostile, settings):
    seen: set[str] = set()
    for row, letter in letters(settings):
        html, text = (letter.get_body((kind,)).get_content() for kind in ("html", "plain"))
        assert [one for one in smuggled(read(html).root) if one != "<script>"] == [], row.kind
        folded = " ".join(f"{letter['Subject']} {text} {read(html).root.text()}".split())
        assert not re.search(r"m\d\d[^{}]{0,40}49", folded), f"{row.kind}: a template was run"
        seen |= {where for mark, where in hostile.written.items() if mark in folded}
    assert "a word to them" in seen
