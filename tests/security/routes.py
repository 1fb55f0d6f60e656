"""Every route, what its address is made of, who is let in, and what to send so that it does its work.

A route of the application that is missing here fails test_isolation.py. Who is let in stands here a second time
on purpose: it is written from product.md 2.2, not read from the grants that it is there to check.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from portal import seals
from portal.accounts.kinds import Segment
from portal.health.thresholds import NUMBERS, SHIPPED
from tests.security import desk_plans, planned
from tests.security import world as w
from tests.security.world import JUNE, MISSING, PDF, Side, World

ADMINS, MATES, SPONSORS = {"ana", "fay"}, {"ben"}, {"rui"}
WORKERS = ADMINS | MATES
CUSTOMERS = WORKERS | SPONSORS
AGREEING = ADMINS | SPONSORS  # For the whole company.
CONSULTANTS, SPECIALISTS, MANAGERS = {"priya"}, {"tomas"}, {"june"}
DELIVERY = CONSULTANTS | SPECIALISTS | MANAGERS
SELLERS, LEADERS, INSTALL = {"sam", "ada"}, {"lena"}, {"otto"}
DESK = DELIVERY | SELLERS | LEADERS
EDITORS = DELIVERY | LEADERS  # A specialist the technical modules only; the samples are of such.
COUNTERSIGNING = CONSULTANTS | LEADERS
STEERING = CONSULTANTS | MANAGERS | LEADERS
EVERYBODY = CUSTOMERS | DESK | {"otto"}
ANYONE = EVERYBODY | {"nobody"}

NO_SIGNER = frozenset({403, 409, 422})

SHIPPED_NUMBERS = {name: str(getattr(SHIPPED[Segment.SMB], name)) for name in NUMBERS}

Values = dict[str, Any]

T6 = {"key": "T6"}  # A trigger is the installation's.
T6_NUMBERS = {"share": "30", "live_for": "30", "for_days": "2", "again_after": "14", "clear_share": "45"}


@dataclass(frozen=True)
class Sample:
    """One route: `ids` names the thing of a customer that each part of the address stands for.

    `data` may be made from the customer's refs. `actor` does the work and gets `done`; the others who are let in
    may be refused in words (`may`). `before` puts the world into the state that the work needs.
    """

    who: set[str]
    ids: dict[str, str] = field(default_factory=dict)
    data: Callable[[Side], Values] | None = None
    query: dict[str, str] = field(default_factory=dict)
    actor: str = "ana"
    done: int = 200
    may: frozenset[int] = frozenset()
    before: Callable[[Side], None] | None = None
    personal: tuple[str, str] | None = (
        None  # Whose alone it is what it opens, and whose its like on the other side.
    )
    fixed: dict[str, str] = field(default_factory=dict)

    @property
    def scoped(self) -> bool:
        """Whether its address names something of a customer."""
        return bool(self.ids)


def page(who: set[str], actor: str = "ana", **more: Any) -> Sample:
    """A GET that shows something."""
    ids = {
        name: more.pop(name)
        for name in (
            "oid",
            "sid",
            "ref",
            "document",
            "name",
            "person",
            "token",
            "note",
            "signal",
            "prerequisite",
            "cid",
            "effect",
        )
        if name in more
    }
    return Sample(who, ids, actor=actor, **more)


def act(who: set[str], actor: str = "ana", **more: Any) -> Sample:
    """A POST that does something and leads on."""
    more.setdefault("done", 303)
    more.setdefault("may", frozenset({409, 422}))
    more.setdefault("data", lambda side: {})
    return page(who, actor, **more)


def given(**fields: Any) -> Callable[[Side], Values]:
    """The same fields whoever the customer is."""
    return lambda side: dict(fields)


def upload(name: str = "file", **fields: str) -> Callable[[Side], Values]:
    return lambda side: {name: (io.BytesIO(PDF), "notes.pdf"), **fields}


def step(name: str, who: set[str] = WORKERS, **more: Any) -> Sample:
    """A POST about the step that the world calls `name`."""
    return act(who, oid="road", sid=name, **more)


def ours(name: str, who: set[str], actor: str = "priya", **more: Any) -> Sample:
    """The same at the desk."""
    return act(who, actor, ref="account", sid=name, **more)


def of_case(**more: Any) -> Sample:
    """A POST about the case that the world has, at level 2 and with Priya on it unless something else is wanted."""
    return act(DESK, "priya", ref="case", **{"before": w.is_taken, **more})


def prerequisite(who: set[str], **more: Any) -> Sample:
    """A POST of the desk about the one thing to have ready that the world has."""
    return act(who, "priya", ref="account", prerequisite="prerequisite", **more)


def result(name: str, **more: Any) -> Sample:
    """A POST of the customer's about the result that the world calls `name`; “new” is about none yet."""
    where = {} if name == "new" else {"cid": name}
    return act(ADMINS | SPONSORS, oid="road", **where, **more)


def our_result(name: str, **more: Any) -> Sample:
    """The same at the desk."""
    where = {} if name == "new" else {"cid": name}
    return act(CONSULTANTS, "priya", ref="account", **where, **more)


def read_last(name: str) -> Callable[[Side], Values]:
    """What was shown of this result."""
    return lambda side: {"seen": side.seals[name]}


def _slot(days: int, hour: int) -> str:
    return f"2026-03-{3 + days:02}T{hour}:00:00+00:00"


def _call_log(side: Side) -> Values:
    return {"notes": "Went well", "text_1": "Send the CSV", "who_1": side.refs["admin"]}


def _new_customer(side: Side) -> Values:
    staff = side.staff
    return {
        "name": "Tailspin", "segment": "smb", "country": "PT", "time_zone": "Europe/Lisbon",
        "playbook": side.refs["playbook"], "programme": "45", "start_date": "2026-03-16",
        "consultant": staff["priya"], "integration_specialist": staff["tomas"], "csm": staff["june"],
        "account_executive": staff["sam"], "admin_name": "Tea Spin", "admin_email": "tea@tailspin.example",
        "quote": "Late payouts",
    }  # fmt: skip


PREFERENCES = {
    "called": "Annie", "locale": "en", "time_zone": "Europe/Madrid", "work_start": "08:00", "work_end": "16:00",
    "cadence": "daily", "channel": "email", "letters": ["call", "message"],
}  # fmt: skip
RESULT = {
    "statement": "Partners who join", "direction": "up", "baseline": "10", "target": "20", "unit": "partners",
    "target_on": "2026-04-20", "seen_in": "The list", "evidence": "statement", "note": "It matters to us",
}  # fmt: skip
REASON = given(reason="Because of the holidays")
TERMS = {
    "person": "theirs", "due_on": "2026-03-20", "minutes": "25", "weight": "5", "required": "yes", "visible": "yes",
    "place": "", "reason": "It takes longer with them",
}  # fmt: skip
NEW_STEP = given(
    title="Send the list", kind="confirm", person="theirs", minutes="10", required="yes", visible="yes",
    place="first:connections", reason="Finance asked for it",
)  # fmt: skip
# What it does is shown first.
WAVE = {
    "department": "Support", "starts_on": "2026-04-13", "go_live_on": "2026-05-11", "reason": "They follow",
}  # fmt: skip
SHIFT = {"since": "training", "days": "5", "way": "later", "reason": "16-20"}
NEED = {
    "kind": "people", "what": "Somebody who leads it", "person": "", "who": "Eva, who starts in May", "hours": "2,5",
    "first_stage": "expectations", "last_stage": "graduation",
}  # fmt: skip
BLOCK = given(reason="access", detail="No key", unblocker="Ben")

ROUTES: dict[tuple[str, str], Sample] = {
    # --- The doors ---
    ("GET", "/login"): page(ANYONE, "nobody"),
    ("GET", "/login/code"): page(ANYONE, "nobody", done=303),
    ("GET", "/login/password"): page(ANYONE, "nobody", done=303),
    ("GET", "/login/again"): page(ANYONE, "nobody", done=303),
    ("POST", "/login"): act(ANYONE, "nobody", data=given(email="ana@northwind.example", next="/"), done=200),
    ("POST", "/login/code"): act(
        ANYONE, "nobody", data=given(email="ana@northwind.example", code="123456", next="/"), done=422
    ),
    ("POST", "/login/password"): act(
        ANYONE,
        "nobody",
        data=given(email="ana@northwind.example", password="not this one", next="/"),
        done=422,
    ),
    ("GET", "/login/<token>"): page(ANYONE, "nobody", token="token"),
    ("POST", "/login/<token>"): act(ANYONE, "nobody", token="token"),
    ("POST", "/login/<token>/again"): act(ANYONE, "nobody", token="token", done=200),
    ("POST", "/logout"): act(ANYONE),
    ("POST", "/sessions/<ref>/end"): act(EVERYBODY, ref="session", personal=("ana", "fay")),
    ("POST", "/sessions/end-others"): act(EVERYBODY),
    ("GET", "/password"): page(DESK | {"otto"}, "priya"),
    ("POST", "/password"): act(
        DESK | {"otto"}, "priya", data=given(current="", password="four unrelated words stand here")
    ),
    # --- The road ---
    ("GET", "/"): page(EVERYBODY, done=303, may=frozenset({200})),
    ("GET", "/o/<oid>"): page(CUSTOMERS, oid="road"),
    ("GET", "/o/<oid>/mine"): page(CUSTOMERS, oid="road"),
    ("GET", "/o/<oid>/stages/<any(welcome, expectations, training, graduation):key>"): page(
        CUSTOMERS, oid="road", fixed={"key": "training"}
    ),
    ("GET", "/o/<oid>/steps/<sid>"): page(CUSTOMERS, oid="road", sid="read"),
    ("GET", "/o/<oid>/steps/<sid>/files/<name>"): page(
        CUSTOMERS, oid="road", sid="files", fixed={"name": "import-template.csv"}
    ),
    ("POST", "/o/<oid>/steps/<sid>/start"): step("read"),
    ("POST", "/o/<oid>/steps/<sid>/save"): step(
        "form", data=given(a_reason="We pay partners late", version="0")
    ),
    ("POST", "/o/<oid>/steps/<sid>/complete"): step("read"),
    ("POST", "/o/<oid>/steps/<sid>/submit"): step("review", data=given(a_evidence="In the settings")),
    ("POST", "/o/<oid>/steps/<sid>/undo"): step("done"),
    ("POST", "/o/<oid>/steps/<sid>/assign"): step(
        "read", ADMINS, data=lambda side: {"person": side.refs["mate"]}
    ),
    ("POST", "/o/<oid>/steps/<sid>/block"): step("read", data=BLOCK),
    # What is agreed for the whole company is no teammate's: their role may work on steps, but not on this one.
    ("POST", "/o/<oid>/steps/<sid>/decline"): step("approve", data=REASON, may=frozenset({403, 409, 422})),
    ("POST", "/o/<oid>/steps/<sid>/unblock"): step("blocked"),
    ("POST", "/o/<oid>/steps/<sid>/not-for-us"): step("read", data=REASON),
    ("POST", "/o/<oid>/steps/<sid>/snooze"): step("read", data=given(until="2026-03-12")),
    ("POST", "/o/<oid>/steps/<sid>/help"): step("read", CUSTOMERS, data=given(body="Where do I find it?")),
    ("POST", "/o/<oid>/date"): act(CUSTOMERS, oid="road", data=given(choice="move", until="2026-05-20")),
    # --- What is in, what is not, what they bring ---
    ("GET", "/o/<oid>/scope"): page(AGREEING, oid="road"),
    ("POST", "/o/<oid>/scope/agree"): act(
        AGREEING, oid="road", data=lambda side: {"seen": side.seals["scope"]}
    ),
    ("POST", "/o/<oid>/scope/question"): act(
        AGREEING, oid="road", data=given(item="chains", body="Why not in June?")
    ),
    ("POST", "/o/<oid>/scope/confirm"): act(
        AGREEING, oid="road", data=lambda side: {"need": "lead", "seen": side.seals["need"]}
    ),
    ("POST", "/o/<oid>/scope/release"): act(
        AGREEING,
        oid="road",
        data=lambda side: {"need": "lead", "seen": side.seals["need"], "why": "Not before May"},
    ),
    # --- The plan: everybody reads it; who is no signer is told who is ---
    ("GET", "/o/<oid>/plan"): page(CUSTOMERS, oid="road"),
    ("POST", "/o/<oid>/plan/comment"): act(
        AGREEING, oid="road", data=given(part="success", body="Is 98 % too much?")
    ),
    ("POST", "/o/<oid>/plan/sign"): act(AGREEING, oid="road", data=planned.signing(), may=NO_SIGNER),
    ("GET", "/o/<oid>/plan/sign/confirm"): page(AGREEING, oid="road", may=frozenset({303})),
    ("POST", "/o/<oid>/plan/sign/confirm"): act(
        AGREEING, oid="road", data=planned.confirming(), may=NO_SIGNER
    ),
    ("POST", "/o/<oid>/plan/decline"): act(
        AGREEING, oid="road", data=planned.meant(why="Too early"), may=NO_SIGNER
    ),
    ("POST", "/o/<oid>/plan/other"): act(
        AGREEING,
        oid="road",
        data=lambda side: {"version": side.refs["version"], "to": side.refs["sponsor"]},
        may=NO_SIGNER,
    ),
    ("POST", "/o/<oid>/plan/fresh"): act(AGREEING, oid="road", before=planned.plan_ran_out),
    # --- The readiness kit ---
    ("GET", "/o/<oid>/readiness"): page(CUSTOMERS, oid="road"),
    ("GET", "/o/<oid>/readiness/check"): page(CUSTOMERS, oid="road"),
    ("GET", "/o/<oid>/readiness/<q>"): page(CUSTOMERS, oid="road", fixed={"q": "sso"}),
    # A teammate answers what was sent to them; to begin and to hand it in is an admin's.
    ("POST", "/o/<oid>/readiness/start"): act(
        WORKERS, oid="road", may=frozenset({403, 409, 422}), before=w.kit_is_untouched
    ),
    ("POST", "/o/<oid>/readiness/submit"): act(
        WORKERS, oid="road", data=given(choice="complete"), may=frozenset({403, 409, 422})
    ),
    ("POST", "/o/<oid>/readiness/<q>"): act(
        WORKERS, oid="road", data=given(a_sso="yes", version="1"), fixed={"q": "sso"}
    ),
    ("POST", "/o/<oid>/readiness/<q>/ask"): act(
        WORKERS,
        oid="road",
        data=given(person="", name="Eva Reis", email="eva@northwind.example", note="You know"),
        fixed={"q": "sso"},
    ),
    ("POST", "/o/<oid>/readiness/<q>/ask/<ref>/take-back"): act(
        WORKERS, oid="road", ref="sent", fixed={"q": "users"}, may=frozenset({403, 409, 422})
    ),
    # For whom it was sent, who has no account here: nobody signed in gets to answer in their place.
    ("GET", "/ask/<token>"): page({"nobody"}, "nobody", token="ask"),
    ("POST", "/ask/<token>"): act(
        {"nobody"}, "nobody", token="ask", data=given(a_users="12", version="0"), done=200
    ),
    ("POST", "/ask/<token>/late"): act(ANYONE, "nobody", token="ask", before=w.ask_is_over),
    # --- People, documents, preferences ---
    ("GET", "/o/<oid>/people"): page(ADMINS, oid="road"),
    ("POST", "/o/<oid>/people/invite"): act(
        ADMINS,
        oid="road",
        data=given(
            name="Eva Reis",
            email="eva@northwind.example",
            job_title="Partner manager",
            portal_role="teammate",
        ),
    ),
    ("POST", "/o/<oid>/people/<ref>"): act(ADMINS, oid="road", ref="mate", data=given(portal_role="sponsor")),
    ("POST", "/o/<oid>/people/<ref>/again"): act(ADMINS, oid="road", ref="mate"),
    ("POST", "/o/<oid>/people/<ref>/remove"): act(ADMINS, oid="road", ref="mate"),
    ("POST", "/o/<oid>/people/suggest"): act(
        MATES, "ben", oid="road", data=given(name="Eva Reis", email="eva@northwind.example")
    ),
    ("GET", "/o/<oid>/team"): page(CUSTOMERS, oid="road"),
    ("GET", "/o/<oid>/documents"): page(CUSTOMERS, oid="road"),
    ("GET", "/o/<oid>/documents/<ref>"): page(CUSTOMERS, oid="road", ref="document"),
    ("POST", "/o/<oid>/documents/<ref>/remove"): act(CUSTOMERS, oid="road", ref="document"),
    ("POST", "/o/<oid>/documents/upload"): act(CUSTOMERS | DESK, oid="road", data=upload()),
    ("GET", "/preferences"): page(EVERYBODY),
    ("POST", "/preferences"): act(EVERYBODY, data=given(**PREFERENCES)),
    # --- Messages and calls ---
    ("GET", "/o/<oid>/messages"): page(CUSTOMERS | DESK, oid="road"),
    ("POST", "/o/<oid>/messages"): act(CUSTOMERS | DESK, oid="road", data=given(body="A question")),
    ("GET", "/o/<oid>/calls"): page(CUSTOMERS, oid="road"),
    ("POST", "/o/<oid>/calls/book"): act(
        WORKERS,
        oid="road",
        data=lambda side: {"start": _slot(2, 15), "step": side.refs["book"], "people": [side.refs["mate"]]},
    ),
    ("GET", "/o/<oid>/calls/<ref>"): page(CUSTOMERS, oid="road", ref="call"),
    ("GET", "/o/<oid>/calls/<ref>.ics"): page(CUSTOMERS, oid="road", ref="call"),
    ("POST", "/o/<oid>/calls/<ref>/move"): act(
        WORKERS, oid="road", ref="call", data=given(start=_slot(3, 15))
    ),
    ("POST", "/o/<oid>/calls/<ref>/cancel"): act(WORKERS, oid="road", ref="call", data=REASON),
    # --- The desk ---
    ("GET", "/staff"): page(DESK, "priya"),
    ("GET", "/staff/accounts"): page(DESK, "priya", query={"who": "all"}),
    ("GET", "/staff/accounts.csv"): page(DESK, "priya", query={"who": "all"}),
    ("POST", "/staff/accounts/bulk/hold"): act(
        STEERING,
        "priya",
        data=lambda side: {"pick": side.refs["road"], "reason": "Holidays", "review_on": "2026-04-01"},
    ),
    ("POST", "/staff/accounts/bulk/assign"): act(
        STEERING,
        "priya",
        data=lambda side: {"pick": side.refs["road"], "role": "csm", "staff": side.staff["another csm"]},
    ),
    ("POST", "/staff/accounts/views"): act(DESK, "priya", data=given(name="Small ones")),
    ("POST", "/staff/accounts/views/<ref>/delete"): act(
        DESK, "priya", ref="view", personal=("priya", "june")
    ),
    ("GET", "/staff/accounts/<ref>"): page(DESK, "priya", ref="account"),
    (
        "GET",
        "/staff/accounts/<ref>/<any(road, goals, readiness, people, calls, usage, messages, documents, history):tab>",
    ): page(DESK, "priya", ref="account", fixed={"tab": "history"}),
    ("POST", "/staff/accounts/<ref>/documents/upload"): act(
        DESK, "priya", ref="account", data=upload(audience="staff")
    ),
    ("POST", "/staff/accounts/<ref>/documents/<document>/remove"): act(
        DESK, "priya", ref="account", document="staff_document"
    ),
    ("POST", "/staff/accounts/<ref>/as-customer"): act(
        DELIVERY | LEADERS, "priya", ref="account", data=lambda side: {"person": side.refs["admin"]}
    ),
    ("POST", "/staff/accounts/<ref>/as-customer/end"): act(
        DELIVERY | LEADERS, "priya", ref="account", before=w.priya_sees_it
    ),
    ("POST", "/staff/accounts/<ref>/notes"): act(
        DELIVERY | LEADERS, "priya", ref="account", data=given(body="Quiet since the kickoff", step="")
    ),
    ("POST", "/staff/accounts/<ref>/notes/<note>/correct"): act(
        DELIVERY | LEADERS, "priya", ref="account", note="note", data=given(body="Quiet, but she writes")
    ),
    ("POST", "/staff/accounts/<ref>/health"): act(
        STEERING, "priya", ref="account", data=given(label="at_risk", why="Their CFO wants out")
    ),
    ("POST", "/staff/accounts/<ref>/health/end"): act(
        STEERING, "priya", ref="account", before=w.health_is_set
    ),
    ("POST", "/staff/accounts/<ref>/signals"): act(
        DELIVERY | LEADERS,
        "priya",
        ref="account",
        data=given(kind="frustration", text="The import failed twice", person="", step=""),
    ),
    ("POST", "/staff/accounts/<ref>/signals/<signal>/settle"): act(
        DELIVERY | LEADERS, "priya", ref="account", signal="signal", data=given(outcome="We did it together")
    ),
    ("POST", "/staff/accounts/<ref>/people/<person>/left"): act(
        DELIVERY | LEADERS, "priya", ref="account", person="mate"
    ),
    ("GET", "/staff/accounts/<ref>/history.csv"): page(DESK, "priya", ref="account"),
    ("GET", "/staff/accounts/<ref>/documents/<document>"): page(
        DESK, "priya", ref="account", document="staff_document"
    ),
    ("GET", "/staff/accounts/<ref>/steps/<sid>"): page(DESK, "priya", ref="account", sid="hidden"),
    ("POST", "/staff/accounts/<ref>/steps/<sid>/complete"): ours("read", DELIVERY),
    ("POST", "/staff/accounts/<ref>/steps/<sid>/return"): ours(
        "submitted", DELIVERY, data=given(reason="The share is missing")
    ),
    ("POST", "/staff/accounts/<ref>/steps/<sid>/<any(reopen, skip, bring_back, keep):verb>"): ours(
        "asked", STEERING, data=REASON, fixed={"verb": "skip"}
    ),
    ("POST", "/staff/accounts/<ref>/steps/<sid>/<any(unblock, undo):verb>"): ours(
        "blocked", DELIVERY, fixed={"verb": "unblock"}
    ),
    ("POST", "/staff/accounts/<ref>/steps/<sid>/assign"): ours(
        "read", DELIVERY, data=lambda side: {"person": side.refs["mate"]}
    ),
    ("GET", "/staff/accounts/<ref>/road/edit"): page(EDITORS, "priya", ref="account"),
    ("GET", "/staff/accounts/<ref>/road/add"): page(EDITORS, "priya", ref="account"),
    ("POST", "/staff/accounts/<ref>/road/add"): act(EDITORS, "priya", ref="account", data=NEW_STEP),
    ("GET", "/staff/accounts/<ref>/steps/<sid>/edit"): page(EDITORS, "priya", ref="account", sid="list"),
    ("POST", "/staff/accounts/<ref>/steps/<sid>/edit"): ours(
        "list", EDITORS, data=lambda side: {**TERMS, "seen": side.seals["list"]}
    ),
    ("POST", "/staff/accounts/<ref>/steps/<sid>/new-date"): ours(
        "list",
        EDITORS,
        data=lambda side: {"due_on": "2026-03-20", "reason": "It takes longer", "seen": side.seals["list"]},
    ),
    ("GET", "/staff/accounts/<ref>/road/modules"): page(EDITORS, "priya", ref="account"),
    ("POST", "/staff/accounts/<ref>/road/modules"): act(
        EDITORS, "priya", ref="account", data=given(module="data_warehouse", reason="They asked for it")
    ),
    ("GET", "/staff/accounts/<ref>/modules/<which>/<any(leave_out, bring_back):verb>"): page(
        EDITORS, "priya", ref="account", fixed={"which": "connections", "verb": "leave_out"}
    ),
    ("POST", "/staff/accounts/<ref>/modules/<which>/<any(leave_out, bring_back):verb>"): act(
        EDITORS,
        "priya",
        ref="account",
        data=lambda side: {"reason": "No CRM there", "seen": side.seals["connections"]},
        fixed={"which": "connections", "verb": "leave_out"},
    ),
    ("GET", "/staff/accounts/<ref>/scope"): page(STEERING, "priya", ref="account"),
    ("POST", "/staff/accounts/<ref>/scope/<any(items, needs):which>"): act(
        STEERING,
        "priya",
        ref="account",
        data=given(side="not_in", statement="Single sign-on", why="Nobody uses it yet"),
        fixed={"which": "items"},
    ),
    ("POST", "/staff/accounts/<ref>/scope/<any(items, needs):which>/<key>"): act(
        STEERING,
        "priya",
        ref="account",
        data=lambda side: {**NEED, "seen": side.seals["need_row"]},
        fixed={"which": "needs", "key": "lead"},
    ),
    (
        "POST",
        "/staff/accounts/<ref>/scope/<any(items, needs):which>/<key>/<any(up, down, leave_out, bring_back):verb>",
    ): act(
        STEERING,
        "priya",
        ref="account",
        data=lambda side: {"seen": side.seals["item_row"]},
        fixed={"which": "items", "key": "import", "verb": "leave_out"},
    ),
    ("POST", "/staff/accounts/<ref>/scope/ask"): act(STEERING, "priya", ref="account"),
    ("POST", "/staff/accounts/<ref>/scope/priority"): act(
        STEERING,
        "priya",
        ref="account",
        data=given(size="2", change_resources="3", seen=seals.of(None, None)),
    ),
    ("GET", "/staff/accounts/<ref>/plan/countersign"): page(COUNTERSIGNING, "priya", ref="account"),
    ("POST", "/staff/accounts/<ref>/plan/countersign"): act(
        COUNTERSIGNING,
        "priya",
        ref="account",
        data=planned.signing(shown="our_shown"),
        may=NO_SIGNER,
        before=planned.customer_has_signed,
    ),
    ("GET", "/staff/accounts/<ref>/plan/countersign/confirm"): page(
        COUNTERSIGNING, "priya", ref="account", may=frozenset({303}), before=planned.customer_has_signed
    ),
    ("POST", "/staff/accounts/<ref>/plan/countersign/confirm"): act(
        COUNTERSIGNING,
        "priya",
        ref="account",
        data=planned.confirming("our_code"),
        may=NO_SIGNER,
        before=planned.customer_has_signed,
    ),
    ("GET", "/staff/accounts/<ref>/plan"): page(DESK, "priya", ref="account"),
    ("GET", "/staff/plans/<ref>/edit"): page(DESK, "priya", ref="version", done=303),
    ("POST", "/staff/accounts/<ref>/plan/save"): act(
        STEERING,
        "priya",
        ref="account",
        data=given(seen="0", headline="Pay partners on time", customer="", provider=""),
    ),
    ("POST", "/staff/accounts/<ref>/plan/review"): act(STEERING, "priya", ref="account"),
    ("POST", "/staff/accounts/<ref>/plan/send"): act(
        STEERING,
        "priya",
        ref="account",
        data=lambda side: {"seen": side.seals.get("plan", "")},
        before=desk_plans.plan_can_be_sent,
    ),
    ("POST", "/staff/accounts/<ref>/plan/void"): act(
        STEERING,
        "priya",
        ref="account",
        data=given(n="1", why="A date is wrong"),
    ),
    ("POST", "/staff/accounts/<ref>/plan/again"): act(
        STEERING,
        "priya",
        ref="account",
        data=given(n="1"),
        before=planned.plan_ran_out,
    ),
    ("POST", "/staff/accounts/<ref>/plan/seal-again"): act(
        STEERING,
        "priya",
        ref="account",
        data=given(n="1"),
        before=desk_plans.plan_has_no_seal,
    ),
    ("POST", "/staff/accounts/<ref>/plan/comment"): act(
        DESK, "priya", ref="account", data=given(body="Which date do you mean?")
    ),
    ("GET", "/staff/accounts/<ref>/road/waves"): page(STEERING, "priya", ref="account"),
    ("GET", "/staff/accounts/<ref>/road/waves/add"): page(STEERING, "priya", ref="account"),
    ("POST", "/staff/accounts/<ref>/road/waves/add"): act(
        STEERING, "priya", ref="account", data=given(**WAVE), done=200
    ),
    ("GET", "/staff/accounts/<ref>/road/waves/<int:n>"): page(
        STEERING, "priya", ref="account", before=w.is_in_waves, fixed={"n": "2"}
    ),
    ("POST", "/staff/accounts/<ref>/road/waves/<int:n>"): act(
        STEERING,
        "priya",
        ref="account",
        data=lambda side: {**WAVE, "seen": side.seals["wave"]},
        done=200,
        before=w.is_in_waves,
        fixed={"n": "2"},
    ),
    ("POST", "/staff/accounts/<ref>/road/waves/<int:n>/leave_out"): act(
        STEERING,
        "priya",
        ref="account",
        data=lambda side: {"reason": "They wait", "seen": side.seals["wave"]},
        before=w.is_in_waves,
        fixed={"n": "2"},
    ),
    ("GET", "/staff/accounts/<ref>/road/dates"): page(STEERING, "priya", ref="account", query=SHIFT),
    ("POST", "/staff/accounts/<ref>/road/dates"): act(
        STEERING, "priya", ref="account", data=lambda side: {**SHIFT, "seen": side.seals["dates"]}
    ),
    ("POST", "/staff/accounts/<ref>/stages/<any(expectations, training, graduation):key>/open"): act(
        STEERING, "priya", ref="account", data=REASON, before=w.is_shut, fixed={"key": "graduation"}
    ),
    ("POST", "/staff/accounts/<ref>/messages"): act(
        DESK, "priya", ref="account", data=given(body="An answer")
    ),
    ("POST", "/staff/accounts/<ref>/messages/close"): act(DESK, "priya", ref="account", before=w.is_asked),
    ("POST", "/staff/accounts/<ref>/hold"): act(
        STEERING, "priya", ref="account", data=given(reason="Holidays", review_on="2026-04-01")
    ),
    ("POST", "/staff/accounts/<ref>/seats"): act(STEERING, "priya", ref="account", data=given(seats="20")),
    ("POST", "/staff/accounts/<ref>/resume"): act(STEERING, "priya", ref="account", before=w.is_paused),
    ("POST", "/staff/accounts/<ref>/cancel"): act(STEERING, "priya", ref="account", data=REASON),
    ("POST", "/staff/accounts/<ref>/start"): act(
        STEERING | SELLERS, "priya", ref="account", before=w.is_draft
    ),
    ("POST", "/staff/accounts/<ref>/restart"): act(
        STEERING | SELLERS, "priya", ref="account", data=given(start_date="2026-04-01"), before=w.is_draft
    ),
    ("POST", "/staff/accounts/<ref>/people/invite"): act(
        DELIVERY | LEADERS,
        "priya",
        ref="account",
        data=given(name="Eva Reis", email="eva@northwind.example", job_title="", portal_role="teammate"),
    ),
    ("POST", "/staff/accounts/<ref>/people/<person>/<any(again, withdraw):verb>"): act(
        DELIVERY | LEADERS, "priya", ref="account", person="mate", fixed={"verb": "withdraw"}
    ),
    ("GET", "/staff/accounts/<ref>/steps/<sid>/call"): page(
        DELIVERY | LEADERS, "priya", ref="account", sid="attend"
    ),
    ("POST", "/staff/accounts/<ref>/steps/<sid>/call/ask"): ours("attend", DELIVERY | LEADERS),
    ("POST", "/staff/accounts/<ref>/steps/<sid>/call/book"): ours(
        "attend", DELIVERY, data=lambda side: {"start": _slot(2, 15), "guest": side.refs["admin"]}
    ),
    ("POST", "/staff/accounts/<ref>/steps/<sid>/call/held"): ours(
        "attend",
        DELIVERY | LEADERS,
        data=lambda side: {
            **_call_log(side),
            "day": "2026-03-02",
            "time": "15:00",
            "held_by": side.staff["tomas"],
            "people": [side.refs["admin"]],
        },
    ),
    ("POST", "/staff/calls/<ref>/move"): act(DELIVERY, "priya", ref="call", data=given(start=_slot(3, 15))),
    ("POST", "/staff/calls/<ref>/cancel"): act(DELIVERY, "priya", ref="call", data=REASON),
    ("POST", "/staff/calls/<ref>/agenda"): act(
        DELIVERY | LEADERS, "priya", ref="call", data=given(points="People\nGoals", seen="")
    ),
    ("POST", "/staff/calls/<ref>/notes"): act(
        DELIVERY | LEADERS,
        "priya",
        ref="call",
        before=w.call_was_logged,
        data=lambda side: {**_call_log(side), "seen": side.seals["log"]},
    ),
    ("POST", "/staff/calls/<ref>/not-held"): act(
        DELIVERY | LEADERS, "priya", ref="call", before=w.call_was_logged, data=REASON
    ),
    ("GET", "/staff/calls"): page(DELIVERY | LEADERS, "priya"),
    ("GET", "/staff/calls/<ref>"): page(DELIVERY | LEADERS, "priya", ref="call"),
    ("POST", "/staff/calls/<ref>/held"): act(
        DELIVERY | LEADERS,
        "priya",
        ref="call",
        before=w.call_is_over,
        data=_call_log,
    ),
    ("POST", "/staff/calls/<ref>/no-show"): act(
        DELIVERY | LEADERS, "priya", ref="call", before=w.call_is_over, data=given(side="customer")
    ),
    ("POST", "/staff/day/calls/<ref>/held"): act(
        DELIVERY | LEADERS, "priya", ref="call", before=w.call_is_over, data=_call_log
    ),
    ("POST", "/staff/day/calls/<ref>/no-show"): act(
        DELIVERY | LEADERS, "priya", ref="call", before=w.call_is_over, data=given(side="customer")
    ),
    ("GET", "/staff/onboardings/new"): page(STEERING | SELLERS, "priya"),
    ("POST", "/staff/onboardings/new"): act(STEERING | SELLERS, "priya", data=_new_customer),
    # --- Results that both sides agree to ---
    ("GET", "/o/<oid>/success"): page(CUSTOMERS, oid="road"),
    ("POST", "/o/<oid>/success/new"): result("new", data=given(**RESULT)),
    ("POST", "/o/<oid>/success/<cid>/suggest"): result(
        "criterion", data=lambda side: {**RESULT, "seen": side.seals["criterion"]}
    ),
    ("POST", "/o/<oid>/success/<cid>/agree"): result("criterion", data=read_last("criterion")),
    ("POST", "/o/<oid>/success/<cid>/propose"): result(
        "our_criterion", data=read_last("our_criterion"), before=w.asks_for_another
    ),
    ("POST", "/o/<oid>/success/<cid>/withdraw"): result("our_criterion", data=read_last("our_criterion")),
    ("POST", "/o/<oid>/success/<cid>/measurement"): result(
        "agreed_criterion", data=given(value="80 points", on="2026-03-03", note="The log")
    ),
    ("POST", "/o/<oid>/success/<cid>/met"): result("agreed_criterion"),
    ("POST", "/o/<oid>/success/<cid>/not-met"): result(
        "agreed_criterion", data=given(why="The bank was late"), before=w.is_missed
    ),
    ("POST", "/staff/accounts/<ref>/goals/new"): our_result("new", data=given(**RESULT)),
    ("POST", "/staff/accounts/<ref>/goals/<cid>/suggest"): our_result(
        "our_criterion", data=lambda side: {**RESULT, "seen": side.seals["our_criterion"]}
    ),
    ("POST", "/staff/accounts/<ref>/goals/<cid>/agree"): our_result(
        "our_criterion", data=read_last("our_criterion")
    ),
    ("POST", "/staff/accounts/<ref>/goals/<cid>/propose"): our_result(
        "criterion", data=read_last("criterion"), before=w.want_another
    ),
    ("POST", "/staff/accounts/<ref>/goals/<cid>/withdraw"): our_result(
        "criterion", data=read_last("criterion")
    ),
    ("POST", "/staff/accounts/<ref>/goals/<cid>/measurement"): our_result(
        "agreed_criterion", data=given(value="80 points", on="2026-03-03", note="The log")
    ),
    ("POST", "/staff/accounts/<ref>/goals/<cid>/not-met"): our_result(
        "agreed_criterion", data=given(why="The bank was late"), before=w.is_missed
    ),
    # --- Follow-ups ---
    ("GET", "/staff/nudges"): page(EDITORS, "priya", query={"who": "all"}),
    ("GET", "/staff/nudges/<ref>"): page(EDITORS, "priya", ref="follow_up"),
    ("POST", "/staff/nudges/<ref>/edit"): act(
        EDITORS, "priya", ref="follow_up", data=given(subject="Ten minutes", body="One item is left")
    ),
    ("POST", "/staff/nudges/<ref>/send"): act(EDITORS, "priya", ref="follow_up"),
    ("POST", "/staff/nudges/<ref>/skip"): act(EDITORS, "priya", ref="follow_up"),
    ("POST", "/staff/nudges/<ref>/replied"): act(EDITORS, "priya", ref="question"),
    ("GET", "/staff/accounts/<ref>/follow-up"): page(EDITORS, "priya", ref="account", query={"ask": "1"}),
    ("POST", "/staff/accounts/<ref>/follow-up"): act(
        EDITORS,
        "priya",
        ref="account",
        data=lambda side: {
            "person": side.refs["admin"],
            "subject": "Ten minutes",
            "body": "One item is left",
        },
    ),
    ("GET", "/o/<oid>/follow-ups/<ref>"): page(CUSTOMERS, oid="road", ref="question"),
    ("POST", "/o/<oid>/follow-ups/<ref>"): act(
        CUSTOMERS, oid="road", ref="question", data=given(answer="agreement", detail="Finance")
    ),
    ("POST", "/o/<oid>/nudges/<ref>/dismiss"): act(
        CUSTOMERS, oid="road", ref="question", personal=("ana", "fay")
    ),
    ("GET", "/staff/handoffs"): page(STEERING | SELLERS, "priya"),
    ("POST", "/staff/accounts/<ref>/handoff"): act(
        STEERING | SELLERS, "priya", ref="account", before=w.is_not_handed_over
    ),
    ("GET", "/staff/handoffs/<ref>"): page(STEERING | SELLERS, "priya", ref="handoff"),
    ("POST", "/staff/handoffs/<ref>"): act(
        STEERING | SELLERS,
        "priya",
        ref="handoff",
        data=lambda side: {"reason": "They pay late", "seen": side.seals["handoff"], "go": "keep"},
    ),
    ("POST", "/staff/handoffs/<ref>/accept"): act(STEERING, "priya", ref="handoff", before=w.is_handed_in),
    ("POST", "/staff/handoffs/<ref>/return"): act(
        STEERING, "priya", ref="handoff", data=REASON, before=w.is_handed_in
    ),
    ("POST", "/staff/handoffs/<ref>/preview"): act(
        STEERING | SELLERS, "priya", ref="handoff", data=given(seen="1"), before=w.is_preparing
    ),
    ("POST", "/staff/handoffs/<ref>/preview/revoke"): act(STEERING | SELLERS, "priya", ref="handoff"),
    # --- Cases ---
    ("GET", "/staff/notices"): page(DESK, "priya"),
    ("POST", "/staff/notices/read"): act(DESK, "priya"),
    ("POST", "/staff/accounts/<ref>/help"): act(
        DESK, "priya", ref="account", data=given(text="They ask for a person")
    ),
    ("GET", "/staff/escalations"): page(DESK, "priya"),
    ("GET", "/staff/escalations/<ref>"): page(DESK, "priya", ref="case"),
    ("POST", "/staff/escalations/<ref>/ack"): of_case(before=w.is_raised),
    ("POST", "/staff/escalations/<ref>/assign"): of_case(data=lambda side: {"staff": side.staff["tomas"]}),
    ("POST", "/staff/escalations/<ref>/note"): of_case(data=given(text="Called, nobody")),
    ("POST", "/staff/escalations/<ref>/wait"): of_case(data=given(until="2026-03-20", why="Ana travels")),
    ("POST", "/staff/escalations/<ref>/back"): of_case(before=w.is_waited_for),
    ("POST", "/staff/escalations/<ref>/raise"): of_case(data=given(why="They threaten to leave")),
    ("POST", "/staff/escalations/<ref>/resolve"): of_case(
        data=given(cause="Holidays", helped="A call", right="yes")
    ),
    ("POST", "/staff/escalations/<ref>/dismiss"): of_case(data=given(why="They are away")),
    ("POST", "/staff/escalations/<ref>/reopen"): of_case(before=w.is_resolved),
    ("POST", "/staff/escalations/<ref>/tick"): of_case(data=given(item="listen", done="yes")),
    ("POST", "/staff/escalations/<ref>/send"): of_case(
        data=given(subject="Sorry", body="I call you at three", go="send")
    ),
    ("GET", "/preview/<token>"): page(ANYONE, "nobody", token="preview"),
    # --- The plan's file; here it is still being made ---
    ("GET", "/o/<oid>/plan/v<int(max=9999):n>.pdf"): page(CUSTOMERS, oid="road", fixed={"n": "1"}, done=202),
    ("GET", "/o/<oid>/plan/v<int(max=9999):n>/link"): page(CUSTOMERS, oid="road", fixed={"n": "1"}),
    ("GET", "/staff/accounts/<ref>/plan/v<int(max=9999):n>.pdf"): page(
        DESK, "priya", ref="account", fixed={"n": "1"}, done=202
    ),
    # --- Is this file a plan that was sealed here? Nothing of the plan is told but to who has the very file. ---
    ("GET", "/verify"): page(ANYONE, "nobody"),
    ("POST", "/verify"): act(ANYONE, "nobody", data=upload(), done=200),
    # --- What the answers changed; an admin says what isn't right ---
    ("GET", "/o/<oid>/readiness/result"): page(CUSTOMERS, oid="road"),
    ("POST", "/o/<oid>/readiness/contest/<effect>"): act(
        WORKERS, oid="road", effect="effect", data=given(why="We do have one"), may=frozenset({403, 409, 422})
    ),
    ("POST", "/o/<oid>/readiness/take/<effect>"): act(
        WORKERS, oid="road", effect="offer", may=frozenset({403, 409, 422})
    ),
    ("POST", "/staff/accounts/<ref>/readiness/confirm"): act(
        CONSULTANTS,
        "priya",
        ref="account",
        data=lambda side: {"seen": side.seals["kit"]},
        before=w.kit_is_sent,
    ),
    ("POST", "/staff/accounts/<ref>/readiness/return"): act(
        CONSULTANTS, "priya", ref="account", data=REASON, before=w.kit_is_sent
    ),
    ("POST", "/staff/accounts/<ref>/readiness/effects/<effect>"): act(
        CONSULTANTS, "priya", ref="account", effect="effect", data=given(go="drop", why="They have one")
    ),
    ("GET", "/o/<oid>/prerequisites"): page(CUSTOMERS, oid="road"),
    ("GET", "/o/<oid>/prerequisites/<ref>/file"): page(CUSTOMERS, oid="road", ref="prerequisite"),
    ("POST", "/o/<oid>/prerequisites/<ref>"): act(
        WORKERS, oid="road", ref="prerequisite", data=given(status="need_help", words="They are away")
    ),
    ("POST", "/o/<oid>/prerequisites/<ref>/hand"): act(
        ADMINS, oid="road", ref="prerequisite", data=lambda side: {"person": side["admin"]}
    ),
    ("GET", "/staff/accounts/<ref>/prerequisites"): page(DESK, "priya", ref="account"),
    ("POST", "/staff/accounts/<ref>/prerequisites/add"): act(
        STEERING,
        "priya",
        ref="account",
        data=given(title="Your logo", enough="A vector file", due_on="2026-03-20", blocking="y"),
    ),
    ("POST", "/staff/accounts/<ref>/prerequisites/<prerequisite>"): prerequisite(
        DELIVERY, data=given(status="ready")
    ),
    ("POST", "/staff/accounts/<ref>/prerequisites/<prerequisite>/change"): prerequisite(
        STEERING, data=lambda side: {"due_on": "2026-03-20", "person": "", "seen": side.seals["prerequisite"]}
    ),
    ("POST", "/staff/accounts/<ref>/prerequisites/<prerequisite>/leave-out"): prerequisite(
        STEERING, data=REASON
    ),
    ("POST", "/staff/accounts/<ref>/prerequisites/<prerequisite>/bring-back"): prerequisite(
        STEERING, before=w.prerequisite_is_left_out
    ),
    ("POST", "/staff/accounts/<ref>/prerequisites/<prerequisite>/hold"): prerequisite(
        STEERING, data=given(reason="Your data team is away", review_on="2026-04-01")
    ),
    ("POST", "/staff/accounts/<ref>/prerequisites/<prerequisite>/without"): prerequisite(
        STEERING, data=REASON
    ),
    ("GET", "/staff/team"): page(DELIVERY | LEADERS, "priya"),
    ("GET", "/staff/team/<ref>"): page(DELIVERY | LEADERS, "priya", fixed={"ref": JUNE}),
    ("POST", "/staff/team/<ref>/away"): act(
        MANAGERS | LEADERS,
        "june",
        fixed={"ref": JUNE},
        data=lambda side: {"until": "2026-03-10", "stand_in": side.staff["tomas"]},
    ),
    ("POST", "/staff/team/<ref>/back"): act(
        MANAGERS | LEADERS, "june", fixed={"ref": JUNE}, before=w.june_is_away
    ),
    ("POST", "/staff/team/<ref>/hand-over"): act(
        STEERING,
        "priya",
        fixed={"ref": JUNE},
        data=lambda side: {
            "pick": side.refs["road"],
            "to": side.staff["another csm"],
            "know": "They like mornings",
        },
    ),
    ("GET", "/staff/triggers"): page(DELIVERY | LEADERS, "priya"),
    ("GET", "/staff/triggers/<key>"): page(DELIVERY | LEADERS, "priya", fixed=T6),
    ("POST", "/staff/triggers/<key>/try"): act(LEADERS, "lena", fixed=T6, data=given(**T6_NUMBERS), done=200),
    ("POST", "/staff/triggers/<key>/save"): act(LEADERS, "lena", fixed=T6, data=given(**T6_NUMBERS)),
    ("POST", "/staff/triggers/<key>/reset"): act(LEADERS, "lena", fixed=T6, before=w.trigger_is_changed),
    ("POST", "/staff/triggers/<key>/enable"): act(LEADERS, "lena", fixed=T6, before=w.trigger_is_changed),
    ("POST", "/staff/triggers/<key>/disable"): act(LEADERS, "lena", fixed=T6),
    # --- Settings ---
    ("GET", "/staff/settings/events"): page(INSTALL, "otto"),
    ("GET", "/staff/settings/keys"): page(INSTALL, "otto"),
    ("POST", "/staff/settings/keys"): act(
        INSTALL, "otto", data=given(name="Product back end", account="Northwind", asked="random"), done=200
    ),
    ("POST", "/staff/settings/keys/<ref>/revoke"): act(INSTALL, "otto", fixed={"ref": w.KEY}),
    ("GET", "/staff/settings/events/import"): page(INSTALL, "otto"),
    ("POST", "/staff/settings/events/import"): act(
        INSTALL,
        "otto",
        data=given(content="account,day,metric,count\nnorthwind,2026-03-02,Reward Paid,1\n", sure="y"),
    ),
    ("GET", "/staff/settings/products"): page(INSTALL, "otto"),
    ("POST", "/staff/settings/products/<key>"): act(
        INSTALL,
        "otto",
        fixed={"key": w.PRODUCT},
        data=given(name="Payouts", core="y", value_loop="Reward Paid"),
    ),
    # --- Usage events: who sends is proved by a key, and nobody here has one ---
    ("POST", "/v1/<any(track, identify, group, page, screen, alias, batch):call>/"): act(
        ANYONE, "nobody", fixed={"call": "track"}, done=400
    ),
    ("GET", "/staff/settings/health"): page(INSTALL, "otto"),
    ("GET", "/staff/settings/health/<segment>"): page(INSTALL, "otto", fixed={"segment": "enterprise"}),
    ("POST", "/staff/settings/health/<segment>"): act(
        INSTALL, "otto", fixed={"segment": "smb"}, data=lambda side: {**SHIPPED_NUMBERS, "stalled_after": "6"}
    ),
    ("POST", "/staff/settings/health/<segment>/reset"): act(
        INSTALL, "otto", fixed={"segment": "mid_market"}, before=w.thresholds_are_changed
    ),
    # --- What is nobody's ---
    ("GET", "/brand.css"): page(ANYONE),
    ("GET", "/faces/<name>"): page(EVERYBODY, fixed={"name": "none.png"}, done=404),
    ("GET", "/logo/<name>"): page(ANYONE, fixed={"name": "none.svg"}, done=404),
    ("GET", "/healthz"): page(ANYONE),
    ("GET", "/readyz"): page(ANYONE, may=frozenset({503}), done=503),
    ("GET", "/static/<digest>/<path:name>"): page(ANYONE, fixed={"digest": "any", "name": "css/base.css"}),
}


# --- Asking ---------------------------------------------------------------------------------------


def rules(app: Flask) -> dict[tuple[str, str], Rule]:
    """Every method and address of the application; HEAD and OPTIONS come with GET."""
    return {
        (method, rule.rule): rule
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def address(rule: Rule, sample: Sample, refs: dict[str, str]) -> str:
    """The path with these refs in it."""
    values: dict[str, Any] = {**{name: refs[thing] for name, thing in sample.ids.items()}, **sample.fixed}
    built = rule.build(values)
    assert built is not None, (rule.rule, values)
    path = built[1]
    query = "&".join(f"{name}={value}" for name, value in sample.query.items())
    return f"{path}?{query}" if query else path


def missing(sample: Sample) -> dict[str, str]:
    """Refs of nothing, in the place of each thing."""
    return {
        thing: MISSING[: -len(str(n))] + str(n) for n, thing in enumerate(sorted(set(sample.ids.values())))
    }


def sees(name: str, side: str, sample: Sample) -> bool:
    """Whether this customer's thing is there for this person."""
    if sample.personal:
        return (name, side) in set(zip(sample.personal, (w.OWN, w.THEIRS), strict=True))
    return side in w.SEES[name]


def everybody() -> list[str]:
    return [*w.SEES]


def fields(world: World, sample: Sample, side: str) -> Values:
    return sample.data(world.sides[side]) if sample.data else {}
