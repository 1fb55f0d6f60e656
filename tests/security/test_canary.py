"""T03, T06: a word planted in every text of a rival and in what only staff may read, looked for in every byte."""

import io
import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import JSON, Column, String, Table, Text, select, update

from portal import clock, db, mail
from portal.accounts.models import Account, Staff
from portal.config import Config
from portal.escalations.models import Escalation, EscalationState
from portal.handoffs.rules import REQUIRED, TOLD
from portal.notifications.models import DigestItem
from portal.onboardings.steps import Step
from portal.plans.document import digest
from tests.infra.html import read
from tests.plans.samples import a_document
from tests.security.asking import Caller, told
from tests.security.routes import ROUTES, address, rules, sees
from tests.security.world import JUNE, OWN, PDF, THEIRS, Side, World

# What the program reads, not people: words of an enum, keys, hashes, places. Every other text column takes a canary.
MACHINE = {
    "account.ref", "account.slug", "account.time_zone", "account.locale", "account.currency", "account.country",
    "app_user.ref", "app_user.kind", "app_user.locale", "app_user.time_zone", "app_user.email",
    "person.stakeholder_roles", "person.learning_style",
    "onboarding.ref", "onboarding.current_stage", "onboarding.ball", "onboarding.meter",
    "stage.key", "module.key", "milestone.key", "milestone.step_keys", "hold.state_before",
    "step.ref", "step.key", "step.kind", "step.owner_side", "step.blocked_by", "step.blocked_from", "step.done_via",
    "call.ref", "call.kind", "call.uid", "call.next_steps", "message.ref", "message.mentions",
    "prerequisite.ref", "prerequisite.key", "prerequisite.kind",
    "document.ref", "document.sha256", "document.stored_as",
    "activity.subject_type", "activity.prev_hash", "activity.hash", "activity.personal_digest", "activity.request_id",
    "letter.kind", "letter.about", "letter.address", "letter.reply_to", "letter.attachments", "letter.fill",
    "letter.message_id", "preview.token_hash", "preview.salt",
    "job.kind", "job.payload", "job.key", "job.error", "digest_item.about",
    "scope.asked_seal", "scope_item.key", "scope_item.module", "scope_agreement.items", "resource_need.key",
    "resource_need.role", "resource_need.first_stage", "resource_need.last_stage", "resource_need.confirmed_mark",
    "resource_need.refused_mark",
    "module.depth", "module.role", "nudge.ref", "nudge.rung", "nudge.ended_because", "nudge.answer",
    "readiness_effect.ref", "readiness_effect.kind", "readiness_effect.target", "readiness_effect.beside",
    "readiness_effect.rules", "readiness_effect.unsure",
    "readiness_submission.ref", "readiness_answer.question", "readiness_ask.ref", "readiness_ask.question",
    "readiness_ask.salt", "readiness_ask.token_hash",
    "plan_version.ref", "plan_version.sha256", "plan_signer.ref", "plan_signer.consent_sha256",
    "signature.snapshot_sha256", "signature.consent_sha256", "signature.zone", "plan_paper.stored_as",
    "plan_paper.sha256", "plan_seal.stored_as", "plan_seal.sha256", "plan_seal.certificate",
    "escalation.ref", "escalation.play", "escalation.owner_because", "escalation_reason.code",
    "escalation_reason.trigger", "play_tick.item",
    "plan_seal.time_certificate", "plan_seal.audit_head",
}  # fmt: skip


# What a column of JSON holds that is neither a list of words nor somebody's.
SHAPED: dict[str, Callable[[str], Any]] = {
    "changes": lambda word: [
        {"code": "left_out", "title": word, "why": word, "on": clock.now().date().isoformat(), "stage": None}
    ],
    "topics": lambda word: [{"call": "check_in", "text": word}],
    "value": lambda word: word,
    "evidence": lambda word: {"text": word},
    "aside": lambda word: {"value": word, "more": {}, "unknown": False, "beside": 1},
}


def texts(table: Table) -> Iterator[Column[Any]]:
    """The columns of `table` in which something can be written."""
    for column in table.columns:
        if type(column.type) in (String, Text, JSON) and f"{table.name}.{column.name}" not in MACHINE:
            yield column


def plant(world: World) -> dict[str, str]:
    """Write a word of its own into every text of the rival's; the words, and where each stands."""
    words: dict[str, str] = {}
    account_id = world.sides[THEIRS].account_id
    for table in db.Base.metadata.sorted_tables:
        if table.name in ("account", "app_user") or "account_id" in table.columns:
            people = db.Base.metadata.tables["person"]
            if table.name == "account":
                rows = table.c.id == account_id
            elif table.name == "app_user":
                rows = table.c.id.in_(select(people.c.id).where(people.c.account_id == account_id))
            else:
                rows = table.c.account_id == account_id
            for column in texts(table):
                word = f"canary{len(words):03}"
                words[word] = f"{table.name}.{column.name}"
                value: Any = (
                    [word] if "list" in str(column.default) or column.name == "agenda" else {"who": word}
                )
                if column.name in SHAPED:
                    value = SHAPED[column.name](word)
                chosen = rows
                if column.name == "own":  # Any step of this kind could have been added by somebody.
                    chosen, value = rows & (table.c.kind == "confirm"), {"why": word}
                given = (
                    value
                    if isinstance(column.type, JSON)
                    else word[-(getattr(column.type, "length", None) or 99) :]
                )
                together = {column.name: given}
                if column.name == "snapshot":  # The canonical text of a whole plan.
                    given = a_document(headline=word).canonical
                    together = {"snapshot": given, "sha256": digest(given)}
                if len(str(given)) >= len(word):
                    db.session.execute(update(table).where(chosen).values(together))
    db.session.commit()
    return words


def fetch(me: Caller, paths: list[str]) -> Iterator[tuple[str, str]]:
    """Each of these addresses and its answer, with headers, as text."""
    for path in paths:
        answer = me.send("GET", path)
        assert answer.status_code < 500 or path == "/readyz", f"{path}: {answer.status_code}"
        yield path, f"{answer.headers}\n{answer.get_data().decode('utf-8', 'replace')}"


def crawl(me: Caller, starts: list[str], most: int = 400) -> Iterator[tuple[str, str]]:
    """Every address that can be reached from these by links, and its answer; all of these, and at most so many."""
    seen, waiting = set(starts), deque(starts)
    while waiting:
        for path, text in fetch(me, [waiting.popleft()]):
            yield path, text
            headers, _blank, page = text.partition("\n\n")
            links = re.findall(r"^Location: (.*?)\r?$", headers, re.M)
            if "text/html" in headers:
                links += [node.get("href") for node in read(page.lstrip()).root.all("a", "link")]
            for link in links:
                target = link.partition("#")[0]
                is_ours = target.startswith("/") and not target.startswith(("//", "/static"))
                if is_ours and target not in seen and len(seen) < most:
                    seen.add(target)
                    waiting.append(target)


def reachable(world: World, shared_app: Any, name: str) -> list[str]:
    """Every address that the table of routes makes of both customers' things, and where the crawl begins."""
    known = rules(shared_app)
    return ["/", "/preferences"] + [
        address(known["GET", rule], sample, world.sides[side].refs)
        for (method, rule), sample in ROUTES.items()
        for side in ((OWN, THEIRS) if sample.scoped and not sees(name, THEIRS, sample) else (OWN,))
        if method == "GET" and "token" not in sample.ids
    ]


def letters_to(account_id: int, settings: Config) -> str:
    """Every letter that goes, or has gone, to this customer's people, whole; and the lines that wait for their next."""
    mail.configure(settings)
    people = db.Base.metadata.tables["person"]
    mine = select(people.c.id).where(people.c.account_id == account_id)
    rows = db.session.scalars(select(mail.Letter).where(mail.Letter.user_id.in_(mine))).all()
    assert rows
    parts = list(db.session.scalars(select(DigestItem.line).where(DigestItem.user_id.in_(mine))))
    for row in rows:
        message = mail.compose(row, {})
        bodies = [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]
        parts.append("\n".join([str(message.items()), *(body.decode("utf-8", "replace") for body in bodies)]))
    return "\n".join(parts)


def test_T03_every_text_column_takes_a_canary_or_is_named():
    """A new column is planted in without anybody thinking of it; one that is not there any more is noticed."""
    columns = {
        f"{table.name}.{column.name}" for table in db.Base.metadata.sorted_tables for column in table.columns
    }
    assert MACHINE - columns == set()


def starts_of(database: str, world: World, shared_app: Any, name: str) -> list[str]:
    """Where reading begins. Pages are made alike from both databases, so that one of them is read more closely."""
    starts = reachable(world, shared_app, name)
    return starts if database == "sqlite" else starts[:: 1 if name == "ana" else 4]


@pytest.mark.parametrize("name", ["ana", "ben", "rui", "sam"])
def test_T03_T06_nothing_of_a_rival_and_nothing_internal_is_in_any_byte(
    database, shared_app, world, caller, settings, name
):
    """One of them follows every link; the others read what the table of routes names."""
    internal = plant_internal(world, caller) if name != "sam" else {}
    words = {**plant(world), **internal, "Fay Lind": "a name", "Fabrikam": "a name"}
    assert len(words) > 40
    starts, found, aloud = starts_of(database, world, shared_app, name), set(), set()
    follows = name == "ana" and database == "sqlite"
    reading = crawl(caller(name), starts) if follows else fetch(caller(name), starts)
    for path, text in reading:
        found |= {f"{path}: {where}" for word, where in words.items() if word in text}
        aloud |= {word for word in TOLD if f"{word} said aloud" in text}
        if name != "sam":
            found |= {f"{path}: {word}" for word in INTERNAL_WORDS if word in text.lower()}
    if name == "ana":
        text = letters_to(world.sides[OWN].account_id, settings())
        found |= {f"a letter: {where}" for word, where in words.items() if word in text}
        # The rest of the same hand-off would have been found where these are. Only whoever follows links gets to all.
        assert aloud == set(TOLD) if follows else "quote" in aloud
    assert not found


def test_T03_nothing_of_a_rival_is_in_a_letter_or_calendar_file(world, caller, settings):
    """Also after Northwind asked for an address that is Fabrikam's, and wrote to everybody it can name."""
    words = plant(world)
    ana, road = caller("ana"), world.sides[OWN].refs["road"]
    asked = {"name": "Fay", "email": world.emails["fay"], "portal_role": "teammate"}
    assert ana.send("POST", f"/o/{road}/people/invite", asked).status_code == 303
    assert ana.send("POST", f"/o/{road}/messages", {"body": "@Fay @Ben @Priya hello"}).status_code == 303
    text = letters_to(world.sides[OWN].account_id, settings())
    assert [where for word, where in words.items() if word in text] == []
    assert "Fabrikam" not in text
    assert "fay@" not in text


def test_T03_the_owner_of_an_address_is_not_told_who_asked_for_it(world, caller, settings):
    ana, road = caller("ana"), world.sides[OWN].refs["road"]
    sent = {"name": "Fay", "email": world.emails["fay"], "portal_role": "teammate"}
    taken = ana.send("POST", f"/o/{road}/people/invite", sent)
    free = ana.send("POST", f"/o/{road}/people/invite", {**sent, "email": "free@elsewhere.example"})
    assert (taken.status_code, taken.location) == (free.status_code, free.location)
    text = letters_to(world.sides[THEIRS].account_id, settings())
    assert "Another company asked us to invite" in text
    for word in ("Northwind", "Ana", "northwind"):
        assert word not in text


def test_T03_a_look_ahead_tells_nothing_of_anybody(world, caller):
    words = {**plant(world), **plant_internal(world, caller), "Fabrikam": "a name", "Northwind": "a name"}
    for side in (OWN, THEIRS):
        answer = caller("nobody").send("GET", f"/preview/{world.sides[side].refs['preview']}")
        assert answer.status_code == 200
        text = f"{answer.headers}\n{answer.text}"
        assert [where for word, where in words.items() if word in text] == []


def test_T03_the_canary_sings(shared_app, world, caller):
    """The rival herself finds the words on her pages: the sweep looks where they are."""
    words = plant(world)
    found: set[str] = set()
    for _path, text in crawl(caller("fay"), ["/", f"/o/{world.sides[THEIRS].refs['road']}/people"]):
        found |= {where for word, where in words.items() if word in text}
    assert {
        "account.name", "app_user.name", "message.body", "step.title", "document.name", "call.title",
        "call.agenda", "step.blocked_detail", "step.asked_to_skip", "step.own", "onboarding.changes",
        "plan_version.snapshot",
    } <= found  # fmt: skip


# --- T06: what is for staff -------------------------------------------------------------------------

INTERNAL_WORDS = ("at risk", "churn", "escalat", "low touch", "low-touch", "health score", "internal note")


def plant_internal(world: World, caller: Any) -> dict[str, str]:
    """Canaries in what only staff may read: hidden steps, staff's documents and facts about the account."""
    words: dict[str, str] = {}

    def word(where: str) -> str:
        made = f"hushed{len(words):02}"
        words[made] = where
        return made

    side = world.sides[OWN]
    account = db.session.get_one(Account, side.account_id)
    account.region, account.external_id = word("region"), word("external id")
    account.acv, account.licensed_seats = 987654321, 7654321
    words |= {"987654321": "acv", "987,654,321": "acv", "7654321": "seats"}
    for step in db.session.scalars(select(Step).where(Step.account_id == side.account_id, ~Step.visible)):
        step.title = word(f"title of {step.key}")
    for staff in db.session.scalars(select(Staff)):
        staff.capacity = 31337
    words["31337"] = "capacity"
    words["margin-notes"] = "the name of a document for staff"
    db.session.commit()
    priya, desk = caller("priya"), f"/staff/accounts/{side.refs['account']}"
    kept = {
        "/notes": {"body": word("a note"), "step": side.refs["read"]},
        f"/notes/{side.refs['note']}/correct": {"body": word("a note that was corrected")},
        "/signals": {
            "kind": "frustration",
            "text": word("a signal"),
            "person": "",
            "step": side.refs["read"],
        },
        "/health": {"label": "at_risk", "why": word("why health was set by hand")},
        f"/prerequisites/{side.refs['prerequisite']}/without": {"reason": word("why we go on without it")},
        f"/signals/{side.refs['signal']}/settle": {"outcome": word("what came of a signal")},
    }
    for what, sent in kept.items():
        assert priya.send("POST", desk + what, sent).status_code == 303, what
    _hand_off(priya, side, word)
    hidden = side.refs["hidden_upload"]
    for verb, reason in (("skip", word("why it was skipped")), ("bring_back", word("why it is back"))):
        assert priya.send("POST", f"{desk}/steps/{hidden}/{verb}", {"reason": reason}).status_code == 303
    assert (
        priya.send("POST", f"{desk}/steps/{hidden}/assign", {"person": side.staff["tomas"]}).status_code
        == 303
    )
    for name in ("hidden", "hidden_form"):
        _finish_hidden(priya, desk, side.refs[name], name)
    sent = {"reason": word("why it was reopened")}
    assert priya.send("POST", f"{desk}/steps/{side.refs['hidden_form']}/reopen", sent).status_code == 303
    _edit_for_staff(priya, desk, side, word)
    words["sounds annoyed"] = "why somebody was called in"
    _work_on_its_case(priya, side, word)
    return words


def _work_on_its_case(priya: Caller, side: Side, word: Callable[[str], str]) -> None:
    """Every text of a case is written once, and in the end Priya is on it: the customer reads that and no more."""
    for act, sent in (
        ("ack", {}),
        ("note", {"text": word("a note on a case")}),
        ("send", {"subject": word("a draft's subject"), "body": word("a draft that was kept"), "go": "keep"}),
        ("wait", {"until": "2026-03-20", "why": word("why a case waits for the customer")}),
        ("raise", {"why": word("why a case was raised")}),
        ("ack", {}),
        (
            "resolve",
            {"cause": word("the cause of a case"), "helped": word("what helped in a case"), "right": "yes"},
        ),
        ("reopen", {}),
        ("ack", {}),
        ("wait", {"until": "2026-03-20", "why": word("why a case waits once more")}),
    ):
        answer = priya.send("POST", f"/staff/escalations/{side.refs['case']}/{act}", sent)
        assert answer.status_code == 303, f"{act}: {told(answer)}"
    case = db.session.scalars(select(Escalation).where(Escalation.ref == side.refs["case"])).one()
    assert case.state is EscalationState.WAITING_ON_CUSTOMER


def _hand_off(priya: Caller, side: Side, word: Callable[[str], str]) -> None:
    """It comes back once and is accepted; then the customer reads what is meant for them."""
    texts = {name: word(f"the hand-off's {name}") for name in REQUIRED if name not in TOLD}
    texts |= {name: f"{name} said aloud" for name in TOLD}
    here, submit = f"/staff/handoffs/{side.refs['handoff']}", {"seen": side.seals["handoff"], "go": "submit"}
    for path, sent in (
        (here, {**texts, **submit}),
        (f"{here}/return", {"reason": word("why a hand-off came back")}),
        (here, {**texts, **submit}),
        (f"{here}/accept", {}),
    ):
        assert priya.send("POST", path, sent).status_code == 303, path


def _edit_for_staff(priya: Caller, desk: str, side: Side, word: Callable[[str], str]) -> None:
    """What is done to a road where only our team reads of it, and what passes from one of us to another."""

    def send(path: str, **sent: Any) -> None:
        answer = priya.send("POST", path, sent)
        assert answer.status_code == 303, f"{path}: {told(answer)}"

    send(
        f"{desk}/road/add", person="ours", minutes="10", required="yes", visible="no", place="first:connections",
        title=word("title of an item for us"), kind="checklist", text=word("its list"), due_on="2026-03-20",
        done_when=word("when it is done"), reason=word("why it was added"),
    )  # fmt: skip
    added = db.session.scalars(select(Step).where(Step.own.is_not(None), ~Step.visible)).one()
    path, seal = f"{desk}/steps/{added.ref}/new-date", added.terms.seal
    send(path, due_on="2026-03-27", reason=word("why only our day moved"), seen=seal)
    gone = {"kind": "champion_left", "person": side.refs["admin"], "step": ""}
    send(f"{desk}/signals", text=word("who left"), **gone)
    file = (io.BytesIO(PDF), f"{word('name of a file for staff')}.pdf")
    send(f"{desk}/documents/upload", file=file, audience="staff")
    to = {"pick": side.refs["road"], "to": side.staff["another csm"]}
    send(f"/staff/team/{JUNE}/hand-over", know=word("what the next of us must know"), **to)


def _finish_hidden(priya: Caller, desk: str, ref: str, name: str) -> None:
    answers = {
        "hidden": {"a_goal_1": "Pay in time", "a_goal_2": "Pay by itself", "a_first_payout_by": "2026-05-01"},
        "hidden_form": {"a_included": "Payouts", "a_not_included": "Taxes", "a_reasons": "Later"},
    }[name]
    answer = priya.send("POST", f"{desk}/steps/{ref}/complete", {**answers, "version": "0"})
    assert answer.status_code == 303, answer.text


def test_T06_a_hidden_step_is_missing_whatever_is_done_to_it(shared_app, world, caller):
    known, refs = rules(shared_app), world.sides[OWN].refs
    asked = 0
    for (method, rule), sample in ROUTES.items():
        if rule.startswith("/o/<oid>/steps/<sid>"):
            path = address(known[method, rule], sample, {**refs, sample.ids["sid"]: refs["hidden"]})
            answer = caller("ana").send(method, path)
            assert answer.status_code == 404, f"{method} {path}"
            asked += 1
    assert asked > 10
    ana, road = caller("ana"), refs["road"]
    for path in ("messages", "calls"):
        assert ana.send("GET", f"/o/{road}/{path}?step={refs['hidden']}").status_code == 404
    assert ana.send("POST", f"/o/{road}/messages", {"body": "x", "step": refs["hidden"]}).status_code == 404
    assert ana.send("GET", f"/o/{road}/documents/{refs['staff_document']}").status_code == 404
    assert caller("priya").send(
        "POST", f"/staff/accounts/{refs['account']}/steps/{refs['hidden']}/assign", {"person": refs["mate"]}
    ).status_code in (409, 422)
