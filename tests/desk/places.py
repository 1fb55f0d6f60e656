"""Every page of the desk in the demo, and every state of one that has an address."""

from collections.abc import Iterator

from sqlalchemy import select

from portal import db
from portal.accounts.models import Account, Staff, User
from portal.calls.models import Call
from portal.calls.rules import CallState
from portal.escalations.models import Escalation
from portal.handoffs.models import Handoff
from portal.nudges.models import Nudge, NudgeState
from portal.onboardings.models import Onboarding
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step
from tests.infra.browser import Site
from tests.infra.visit import session_cookie

# Answers that are no pages.
FILES = {
    "/staff/plans/<ref>/edit",
    "/staff/accounts.csv",
    "/staff/accounts/<ref>/history.csv",
    "/staff/accounts/<ref>/documents/<document>",
    "/staff/accounts/<ref>/plan/v<int(max=9999):n>.pdf",
}
ACCOUNT = "/staff/accounts/<ref>"
TABS = ("road", "goals", "readiness", "people", "calls", "usage", "messages", "documents", "history")
SHIFT = "since=training&days=5&way=later&reason=Away"

# Each GET of the desk, with the addresses that are looked at. `{…}` stands for what `names` finds.
PAGES: dict[str, list[str]] = {
    "/staff": ["/staff"],
    "/staff/accounts": ["/staff/accounts"],
    ACCOUNT: ["{north}?{o}"],
    f"{ACCOUNT}/<any({', '.join(TABS)}):tab>": [f"{{north}}/{tab}?{{o}}" for tab in TABS],
    f"{ACCOUNT}/prerequisites": ["{north}/prerequisites?{o}"],
    f"{ACCOUNT}/steps/<sid>": ["{north}/steps/{open}?{o}", "{north}/steps/{done}?{o}", "{review}"],
    f"{ACCOUNT}/road/edit": ["{north}/road/edit?{o}"],
    f"{ACCOUNT}/road/add": ["{north}/road/add?{o}"],
    f"{ACCOUNT}/road/modules": ["{north}/road/modules?{o}"],
    f"{ACCOUNT}/road/dates": ["{north}/road/dates?{o}", f"{{north}}/road/dates?{{o}}&{SHIFT}"],
    f"{ACCOUNT}/steps/<sid>/edit": ["{north}/steps/{ahead}/edit?{o}"],
    f"{ACCOUNT}/steps/<sid>/call": ["{arrange}"],
    f"{ACCOUNT}/modules/<which>/<any(leave_out, bring_back):verb>": ["{north}/modules/connections/leave_out?{o}"],
    f"{ACCOUNT}/plan": ["{north}/plan?{o}", "{litware}/plan?{litware_o}"],
    f"{ACCOUNT}/plan/countersign": ["{litware}/plan/countersign?{litware_o}"],
    f"{ACCOUNT}/plan/countersign/confirm": [],  # Only after one's name was typed.
    f"{ACCOUNT}/scope": ["{north}/scope?{o}"],
    f"{ACCOUNT}/road/waves": ["{contoso}/road/waves?{contoso_o}", "{north}/road/waves?{o}"],
    f"{ACCOUNT}/road/waves/add": ["{north}/road/waves/add?{o}"],
    f"{ACCOUNT}/road/waves/<int:n>": ["{contoso}/road/waves/1?{contoso_o}"],
    "/staff/calls": ["/staff/calls", "/staff/calls?who=all", "/staff/calls?week=2026-08-03"],
    "/staff/calls/<ref>": ["{booked}", "{held}", "{cancelled_call}", "{no_show}"],
    "/staff/onboardings/new": ["/staff/onboardings/new", "/staff/onboardings/new?customer=known"],
    "/staff/handoffs": ["/staff/handoffs"],
    "/staff/handoffs/<ref>": ["{handoff_accepted}", "{handoff_submitted}", "{handoff_draft}"],
    "/staff/settings/events": ["/staff/settings/events"],
    "/staff/notices": ["/staff/notices"],
    "/staff/escalations": ["/staff/escalations", "/staff/escalations?level=2&view=nobody"],
    "/staff/escalations/<ref>": ["{case_open}", "{case_working}", "{case_waiting}", "{case_resolved}"],
    "/staff/settings/keys": ["/staff/settings/keys"],
    "/staff/triggers": ["/staff/triggers"],
    "/staff/triggers/<key>": ["/staff/triggers/T6", "/staff/triggers/T14", "/staff/triggers/T2"],
    "/staff/settings/products": ["/staff/settings/products"],
    "/staff/settings/events/import": ["/staff/settings/events/import"],
    "/staff/settings/health": ["/staff/settings/health"],
    "/staff/settings/health/<segment>": ["/staff/settings/health/enterprise"],
    "/staff/nudges": ["/staff/nudges", "/staff/nudges?who=all"],
    "/staff/nudges/<ref>": ["{follow_up_waits}", "{follow_up_sent}"],
    f"{ACCOUNT}/follow-up": ["{north}/follow-up?{o}", "{north}/follow-up?{o}&ask=1"],
    "/staff/team": ["/staff/team"],
    "/staff/team/<ref>": ["{priya}", "{owen}"],
}  # fmt: skip

STATES = {
    "select": "/staff/accounts?select=1",
    "everything ticked": "/staff/accounts?select=all",
    "peek": "/staff/accounts?peek={oid}",
    "a peek at what is on hold": "/staff/accounts?who=all&peek={hold_oid}",
    "dates that can't be worked out": "{north}/road/dates?{o}&since=training&days=&way=later&reason=",
    "nothing found": "/staff/accounts?q=nobody+is+called+this",
    "a saved view": "/staff/accounts?who=mine&stage=training&segment=smb",
    "a draft": "{draft}",
    "a draft's road": "{draft_road}",
    "on hold": "{hold}",
    "what is on hold can't be edited": "{hold_road}",
    "a signal": "{signal}",
    "a result": "{north}/goals?{o}&add=own",
    "cancelled": "{cancelled}",
    "graduated": "{graduated}",
    "what is in the way": "{blocked}",
    "preferences": "/preferences",
    "no documents": "{draft_documents}",
}


def names(site: Site) -> dict[str, str]:
    """What the addresses above are filled in with."""
    with site.app.test_request_context():
        db.start(reading=True)
        road = _road("northwind")
        found = {"north": _at(road), "o": f"o={road.ref}", "oid": road.ref}
        wanted = {"open": StepState.READY, "done": StepState.DONE, "ahead": StepState.LOCKED}
        for name, state in wanted.items():
            found[name] = next(step.ref for step in road.steps if step.state == state and step.visible)
        reviewed = _road("coho")
        step = next(step for step in reviewed.steps if step.state == StepState.SUBMITTED)
        found["review"] = f"{_at(reviewed)}/steps/{step.ref}?o={reviewed.ref}"
        found |= {name: f"/staff/calls/{_call(state)}" for name, state in _calls().items()}
        found |= dict(_states())
        handoffs = db.session.execute(select(Handoff.state, Handoff.ref))
        found |= {f"handoff_{state.value}": f"/staff/handoffs/{ref}" for state, ref in handoffs}
        for name, state in (("waits", NudgeState.NEEDS_APPROVAL), ("sent", NudgeState.SENT)):
            ref = db.session.scalars(select(Nudge.ref).where(Nudge.state == state).limit(1)).one()
            found[f"follow_up_{name}"] = f"/staff/nudges/{ref}"
        states = db.session.execute(select(Escalation.state, Escalation.ref).order_by(Escalation.id))
        for state, ref in states:
            called = "waiting" if state.value.startswith("waiting") else state.value
            found[f"case_{called}"] = f"/staff/escalations/{ref}"
        rolled_out = _road("contoso")
        graduated = _road("litware")
        found |= {"litware": _at(graduated), "litware_o": f"o={graduated.ref}"}
        found |= {"contoso": _at(rolled_out), "contoso_o": f"o={rolled_out.ref}"}
        for name in ("priya", "owen"):
            found[name] = (
                f"/staff/team/{db.session.scalars(select(Staff.ref).where(Staff.called == name.title())).one()}"
            )
        db.session.remove()
    return found


def token_of(site: Site, called: str) -> str:
    """A session of this colleague."""
    with site.app.test_request_context(), db.transaction():
        user = User.by_email(f"{called}@partnerly.example")
        assert user is not None
        return session_cookie(user)


def _states() -> Iterator[tuple[str, str]]:
    slugs = {"hold": "fincher", "cancelled": "tasmanian-traders", "graduated": "litware", "blocked": "datum"}
    for name, slug in slugs.items():
        road = _road(slug)
        yield name, f"{_at(road)}?o={road.ref}"
        yield f"{name}_oid", road.ref
        yield f"{name}_road", f"{_at(road)}/road/edit?o={road.ref}"
    road = _road("woodgrove", state="draft")
    yield "draft", f"{_at(road)}?o={road.ref}"
    yield "draft_road", f"{_at(road)}/road/edit?o={road.ref}"
    yield "draft_documents", f"{_at(road)}/documents?o={road.ref}"
    road = _road("fabrikam")
    yield "signal", f"{_at(road)}?o={road.ref}"
    step = _wants_a_call()
    yield "arrange", f"{_at(step.onboarding)}/steps/{step.ref}/call"


def _wants_a_call() -> Step:
    """One that is open, whose call nobody has booked."""
    booked = select(Call.step_id).where(Call.step_id.is_not(None))
    found = select(Step).where(
        Step.state == StepState.READY, Step.kind == "attend_call", Step.id.not_in(booked)
    )
    running = found.join(Onboarding, Onboarding.id == Step.onboarding_id).where(Onboarding.state == "active")
    step = db.session.scalars(running.order_by(Step.id)).first()
    assert step is not None, "no step of the demo waits for a call"
    return step


def _calls() -> dict[str, CallState]:
    return {"booked": CallState.SCHEDULED, "held": CallState.HELD, "cancelled_call": CallState.CANCELLED,
            "no_show": CallState.NO_SHOW}  # fmt: skip


def _call(state: CallState) -> str:
    found = db.session.scalars(select(Call.ref).where(Call.state == state).limit(1)).first()
    assert found is not None, f"no call of the demo is {state}"
    return found


def _road(slug: str, **columns: str) -> Onboarding:
    roads = select(Onboarding).join(Account, Account.id == Onboarding.account_id).where(Account.slug == slug)
    return db.session.scalars(roads.filter_by(**columns).order_by(Onboarding.id)).first()


def _at(road: Onboarding) -> str:
    return f"/staff/accounts/{road.account.ref}"
