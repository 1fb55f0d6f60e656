"""Two customers side by side with everything a person may have here, and everybody who could look at it.

Northwind and Fabrikam have the same things; a page of one is asked for with the refs of the other.
"""

import io
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select, update
from werkzeug.datastructures import FileStorage

from portal import clock, db, uploads
from portal.accounts.kinds import PortalRole, Segment, TeamRole
from portal.accounts.models import Account, Person, Product, Staff
from portal.activity.models import Audience, Verb, record
from portal.auth import keys as api_keys
from portal.auth import seeing
from portal.auth.models import Purpose, Session, SignInLink
from portal.calls.models import Call
from portal.calls.rules import CallState
from portal.criteria.models import CriterionWording, SuccessCriterion
from portal.criteria.rules import OPEN, Direction
from portal.criteria.wanted import Wanted
from portal.desk.models import SavedView
from portal.escalations import cases
from portal.escalations.models import Escalation
from portal.handoffs.models import Handoff
from portal.handoffs.preview import Preview
from portal.handoffs.rules import REQUIRED
from portal.health import standing, thresholds
from portal.messages.models import Message, Thread
from portal.nudges.models import Nudge, NudgeState
from portal.onboardings.models import Onboarding
from portal.onboardings.notes import Note
from portal.onboardings.people import suggest_person
from portal.onboardings.rollout import WaveTerms, add_wave
from portal.onboardings.shifting import Shift, preview
from portal.onboardings.signals import Signal, SignalKind
from portal.onboardings.stages import Stage
from portal.onboardings.standings import Health
from portal.onboardings.states import OnboardingState
from portal.onboardings.steps import Step
from portal.onboardings.wave_dates import usual
from portal.playbooks.models import TriggerSetting
from portal.readiness.asks import ReadinessAsk
from portal.readiness.effects import ReadinessEffect
from portal.readiness.models import ReadinessAnswer, ReadinessSubmission
from portal.readiness.prerequisite_asking import add_prerequisite
from portal.readiness.prerequisites import Prerequisite
from portal.scope.models import ResourceNeed, Scope, ScopeItem
from portal.scope.rules import NeedKind, told
from portal.scope.rules import Side as ScopeSide
from tests import make

OWN, THEIRS = "northwind", "fabrikam"
MISSING = "zzzzzzzzzzzz"

# A step that staff add, but for whose it is and where it stands; a time that both sides have.
PLAIN_STEP = {
    "title": "Send the list", "kind": "confirm", "minutes": "10", "required": "yes", "visible": "yes", "reason": "x",
}  # fmt: skip
TIME = "2026-03-05T15:00:00+00:00"

# The steps that stand for what can be done with one; the others on the road stay as the playbook made them.
STEPS = {
    "read": "admin_guide",
    "watch": "road_preview",
    "form": "purchase_reason",
    "other_form": "training_feedback",
    "path": "payout_choice",
    "list": "test_loop",
    "upload": "import_partners",
    "review": "payout_account",
    "approve": "success_criteria",
    "book": "book_kickoff",
    "attend": "integration_scope",
    "invite": "invite_people",
    "files": "prerequisites",
    "done": "finance_guide",
    "blocked": "api_keys",
    "submitted": "reward_rules",
    "skipped": "managers_story",
    "asked": "admin_practice",
    "ours": "sandbox_access",
    "ours_done": "crm_connected",
    "hidden": "goals_draft",
    "hidden_upload": "plan_upload",
    "hidden_form": "scope_draft",
}


@dataclass
class Side:
    """The refs of one customer's things, by what they are."""

    refs: dict[str, str] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    staff: dict[str, str] = field(default_factory=dict)
    seals: dict[str, str] = field(default_factory=dict)  # Of what the pages show that edit a road.
    account_id: int = 0
    road_id: int = 0

    def __getitem__(self, name: str) -> str:
        return self.refs[name]


@dataclass
class World:
    """What was made: refs and numbers only, so that it outlives every transaction."""

    sides: dict[str, Side]
    users: dict[str, int]
    emails: dict[str, str]
    cookies: dict[str, str]
    connection: Any = None


# Who sees which of the two customers; everything else about a person is in the table of routes.
CUSTOMERS = {
    "ana": {OWN}, "ben": {OWN}, "rui": {OWN},
    "fay": {THEIRS},
}  # fmt: skip
STAFF = {
    "priya": {OWN, THEIRS}, "tomas": {OWN, THEIRS}, "june": {OWN, THEIRS}, "lena": {OWN, THEIRS},
    "sam": {OWN}, "ada": {THEIRS}, "otto": set(),
}  # fmt: skip
KEY = "OneKeyOfOurs"
PRODUCT = "payouts"
JUNE = "JuneParkOfUs"  # Her address is in the team's, which is nobody's in particular.
SEES = {**CUSTOMERS, **STAFF, "nobody": set()}


def build() -> World:
    """Make and commit it all. Needs a request context and the frozen clock."""
    make.provider(product_base_url="https://app.partnerly.example")
    staff = {
        "priya": make.staff("Priya Rao", "consultant", city="Chicago"),
        "tomas": make.staff("Tomás Lin", "integration_specialist", time_zone="Europe/Lisbon"),
        "june": make.staff("June Park", "csm", time_zone="Europe/London", ref=JUNE),
        "lena": make.staff("Lena Voss", "cs_leader"),
        "sam": make.staff("Sam Hale", "account_executive"),
        "ada": make.staff("Ada Quist", "account_executive"),
        "otto": make.staff("Otto Brandt", "site_admin"),
    }
    sides, people = {}, {}
    for name, sellers, names in (
        ("Northwind", "sam", ("Ana Moreira", "Ben Ortiz", "Rui Tavares", "Nia Costa")),
        ("Fabrikam", "ada", ("Fay Lind", "Gus Holm", "Hal Berg", "Ida Falk")),
    ):
        account = make.account(name)
        cast = _people(account, names)
        people.update({called.split()[0].lower(): cast[n] for n, called in enumerate(names)})
        sides[account.slug] = _customer(account, cast, staff, staff[sellers])
    everybody: dict[str, Any] = {**staff, **people}
    cookies = {name: Session.begin(user, user_agent="Firefox/140.0")[1] for name, user in everybody.items()}
    for side, owner in ((OWN, "ana"), (THEIRS, "fay")):
        spare, _token = Session.begin(everybody[owner], user_agent="Chrome/130.0")
        sides[side].refs["session"] = spare.ref
        link = SignInLink.issue(everybody[owner], Purpose.SIGN_IN)
        sides[side].refs["token"] = link.mint()[0]
    for side, name in ((OWN, "priya"), (THEIRS, "june")):
        SavedView.save("Their small ones", {"who": "all", "segment": "smb"}, by=staff[name])
        db.session.flush()
        mine = select(SavedView.ref).where(SavedView.staff_id == staff[name].id)
        sides[side].refs["view"] = db.session.scalars(mine).one()
    key, _secret = api_keys.make("Product back end", [api_keys.USAGE_WRITE], by=staff["otto"])
    key.ref = KEY
    db.session.add(Product(key=PRODUCT, name="Payouts"))
    db.session.commit()
    return World(
        sides,
        {name: user.id for name, user in everybody.items()},
        {name: user.email for name, user in everybody.items()},
        cookies,
    )


def _people(account: Account, names: tuple[str, ...]) -> list[Person]:
    roles = (PortalRole.ADMIN, PortalRole.TEAMMATE, PortalRole.SPONSOR, PortalRole.TEAMMATE)
    here = {PortalRole.ADMIN: clock.now()}  # Who came owns the address; the others were invited so far.
    return [
        make.person(account, name, role, invited_at=clock.now(), joined_at=here.get(role))
        for name, role in zip(names, roles, strict=True)
    ]


def _customer(account: Account, cast: list[Person], staff: dict[str, Staff], seller: Staff) -> Side:
    admin, mate = cast[0], cast[1]
    team = {
        TeamRole.CONSULTANT: staff["priya"],
        TeamRole.INTEGRATION_SPECIALIST: staff["tomas"],
        TeamRole.CSM: staff["june"],
        TeamRole.ACCOUNT_EXECUTIVE: seller,
    }
    road = make.onboarding(account, team, by=seller, book=make.asking())
    road.prepare(by=staff["priya"])
    road.begin()
    for stage in road.stages:
        if not stage.is_open:
            stage.unlock()
    road.settle()
    for step in road.steps:
        if step.is_customers:
            step.assignee, step.assignee_id = None, None
    side = Side(account_id=account.id, road_id=road.id)
    side.names = {"admin": admin.name, "mate": mate.name}
    handoff = Handoff.begin(road, by=seller)
    handoff.save({name: f"{name} of theirs" for name in REQUIRED}, seen=handoff.seal, by=seller)
    side.refs["handoff"], side.seals["handoff"] = handoff.ref, handoff.seal
    road.state = OnboardingState.PREPARING
    side.refs["preview"] = Preview.make(handoff, seen=0, by=seller)
    road.state = OnboardingState.ACTIVE
    side.staff = {name: one.ref for name, one in staff.items()}
    side.staff["another csm"] = make.staff("Ned Roe", "csm", email=f"ned@{account.slug}.example").ref
    side.refs |= {"playbook": road.playbook_version.playbook.key}
    side.refs |= {"account": account.ref, "road": road.ref, "mate": cast[3].ref, "admin": admin.ref}
    sample = _to_have_ready(road, admin, mate)
    side.refs["prerequisite"] = sample.ref
    for name, key in STEPS.items():
        step = _step(road, key)
        side.refs[name], side.ids[name] = step.ref, step.id
    _walk(road, admin, staff["priya"])
    _talk(road, side, admin, mate, staff["priya"])
    _results(road, side, admin, staff["priya"])
    _answer(road, side, admin, mate)
    suggest_person(road, "Suggested Person", f"suggested@{account.slug}.example", by=mate)
    db.session.flush()
    connections = next(one for stage in road.stages for one in stage.modules if one.key == "connections")
    side.seals |= {
        "prerequisite": sample.seal,
        "list": _step(road, STEPS["list"]).terms.seal,
        "connections": connections.seal,
        "dates": preview(road, Shift(5, stage="training")).seal,
        "log": Call(notes=LOGGED[0], next_steps=LOGGED[1]).log_seal,
        "wave": "",  # There is none yet.
    }
    _lists(road, side)
    _changed(road, side)
    why = cases.Why("person", {"text": "Ana sounds annoyed", "who": "Priya Rao"})
    side.refs["case"] = cases.open_case(road, [why], by=staff["priya"]).ref
    from tests.security.planned import plan_of  # It says more about sides than this.

    plan_of(road, side, admin, cast[2], staff["priya"])
    side.refs["suggested"] = next(p.ref for p in account.people if p.email.startswith("suggested@"))
    return side


def _changed(road: Onboarding, side: Side) -> None:
    """What their answers changed: something more to have ready, and something to choose."""
    kit = ReadinessSubmission.begin(road)
    plain = {"account_id": road.account_id, "rules": ["one"], "because": ["you said so"]}
    asked = ReadinessEffect(
        kind="prerequisite", target="sample", beside="", state="applied", is_on=True, **plain
    )
    offer = ReadinessEffect(kind="offer", target="launch_campaign", beside="", state="offered", **plain)
    kit.effects = [asked, offer]
    db.session.flush()
    side.refs |= {"effect": asked.ref, "offer": offer.ref}
    side.seals["kit"] = kit.seal


def _lists(road: Onboarding, side: Side) -> None:
    """What is in, what is not, and what they bring: each once, and asked."""
    scope = Scope(account_id=road.account_id, onboarding=road)
    plain = {"account_id": road.account_id, "position": 0}
    scope.items = [
        ScopeItem(key="import", side=ScopeSide.IN, statement="The partner list is imported", **plain),
        ScopeItem(
            key="chains",
            side=ScopeSide.NOT_IN,
            statement="Approval chains",
            why="They need finance rules",
            alternative="Single approval",
            **plain,
        ),
    ]
    when = {"first_stage": "expectations", "last_stage": "training"}
    need = ResourceNeed(
        key="lead", kind=NeedKind.PEOPLE, what="Somebody who leads it", minutes=90, **when, **plain
    )
    need.refused_why, need.who = "Not before May", "A new hire"
    scope.needs = [need]
    db.session.add(scope)
    db.session.flush()
    side.seals |= {"scope": told(scope.marks), "need": told({need.key: need.terms.mark})}
    side.seals |= {"item_row": scope.items[0].seal, "need_row": need.seal}


def _follow_ups(road: Onboarding, admin: Person, priya: Staff) -> dict[str, str]:
    """One that waits to leave, and a question that was sent."""
    plain = {
        "account_id": road.account_id,
        "onboarding": road,
        "person": admin,
        "by": priya,
        "body": "A word",
    }
    waits = Nudge(rung="by_hand", subject="Waits to leave", state=NudgeState.PLANNED, **plain)
    asked = Nudge(rung="engaged", subject="What is it?", state=NudgeState.SENT, sent_at=clock.now(), **plain)
    for one in (waits, asked):
        one.quiet_since, one.planned_for = clock.now() - timedelta(hours=1), clock.now() + timedelta(days=1)
    db.session.add_all([waits, asked])
    db.session.flush()
    return {"follow_up": waits.ref, "question": asked.ref}


def _to_have_ready(road: Onboarding, admin: Person, mate: Person) -> Prerequisite:
    one = add_prerequisite(road, "sample", "you said so", by=admin)
    assert one is not None
    one.assignee, one.assignee_id = mate, mate.id
    return one


def _step(road: Onboarding, key: str) -> Step:
    step = road.step_called(key)
    assert step is not None, key
    return step


def _walk(road: Onboarding, admin: Person, priya: Staff) -> None:
    """One step in each state, and a staff-only story around the one that customers don't see."""
    _step(road, STEPS["done"]).complete(by=admin)
    ours = _step(road, STEPS["ours_done"])
    ours.complete(by=priya)
    _step(road, STEPS["blocked"]).block("access", "No key yet", "Ben", by=admin)
    _step(road, STEPS["asked"]).ask_to_skip("We have no managers", by=admin)
    _step(road, STEPS["skipped"]).skip("No managers there", by=priya)
    submitted = _step(road, STEPS["submitted"])
    submitted.save({"earned_when": "at once", "amount": "10"}, version=0, by=admin)
    submitted.submit(by=admin)
    record(road, Verb.STAFF_AWAY, by=priya, onboarding=road, audience=Audience.STAFF)


def _talk(road: Onboarding, side: Side, admin: Person, mate: Person, priya: Staff) -> None:
    written = Message.write(road, "Good morning @Ben", by=admin)
    Message.write(road, "About this one", by=priya, step=_step(road, STEPS["read"]))
    side.refs["message"] = written.ref
    side.refs["document"] = _document(road, "plan.pdf", admin, uploads.Audience.SHARED)
    side.refs["staff_document"] = _document(road, "margin-notes.pdf", priya, uploads.Audience.STAFF)
    technical = _step(road, STEPS["blocked"])
    side.refs["note"] = Note.write(road, "Careful with the new boss", by=priya, step=technical).ref
    side.refs["signal"] = Signal.give(
        road, SignalKind.SURPRISE, "They expected single sign-on", by=priya, step=technical
    ).ref
    side.refs |= _follow_ups(road, admin, priya)
    start = _slot(clock.now())
    plain = {"kind": "check_in", "minutes": 30, "agenda": ["News"], "owner": priya, "by": admin}
    hours = 0 if road.account.slug == OWN else 1
    call = Call.book(
        road, title="Check-in", start=start + timedelta(hours=hours), people=[admin, mate], **plain
    )
    side.refs["call"], side.ids["call"] = call.ref, call.id


def _results(road: Onboarding, side: Side, admin: Person, priya: Staff) -> None:
    """One that waits for the customer, one that waits for us, and one that is agreed and there."""
    day = road.account.today
    for name, by in (("criterion", priya), ("our_criterion", admin), ("agreed_criterion", priya)):
        wanted = Wanted(
            f"Result {name}", Direction.UP, Decimal(71), Decimal(95), day + timedelta(days=30), "points"
        )
        one = SuccessCriterion.add(road, wanted, "As others do", by=by)
        side.refs[name], side.ids[name] = one.ref, one.id
        side.seals[name] = side.seals[f"{name}_words"] = one.shown.ref
    one.agree(seen=one.shown.ref, by=admin)
    one.measure(Decimal(96), day, by=priya)


def _answer(road: Onboarding, side: Side, admin: Person, mate: Person) -> None:
    """The kit, ready to be sent; one question of it is on its way to a stranger, one to the mate."""
    kit = ReadinessSubmission.begin(road)
    facts = {"problem": "Late payouts", "users": 4, "sso": "no"}
    for question in kit.kit.questions:
        if question.required and question.key in kit.asked.keys:
            value = facts.get(question.key)
            kit.answer(question.key, value, unknown=value is None, by=admin, seen=0)
    stranger = {"name": "Nora Vale", "email": f"nora@{road.account.slug}-it.example", "note": "You set it up"}
    sent = ReadinessAsk.send(road, "users", **stranger, by=admin)
    side.refs["ask"], side.refs["sent"], side.ids["ask"] = sent.mint(), sent.ref, sent.id
    ReadinessAsk.send(road, "sso", to=mate, by=admin)


def _slot(moment: datetime) -> datetime:
    """An hour of tomorrow that Lisbon and Chicago share: 15:00 UTC in winter."""
    return (moment + timedelta(days=1)).replace(hour=15, minute=0)


LOGGED: tuple[str, list[dict[str, Any]]] = (
    "Went well",
    [{"text": "Send the CSV", "who": "Priya Rao", "due": None}],
)


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def _document(road: Onboarding, name: str, by: Any, audience: uploads.Audience) -> str:
    sent = FileStorage(io.BytesIO(PDF), filename=name)
    document = uploads.receive(
        sent, account_id=road.account_id, onboarding_id=road.id, by=by, audience=audience
    )
    return document.ref


# --- What has to be true before some requests -----------------------------------------------------


def _set(model: Any, row_id: int, **values: Any) -> None:
    db.session.execute(update(model).where(model.id == row_id).values(**values))
    db.session.commit()


def call_is_over(side: Side) -> None:
    _set(Call, side.ids["call"], start=clock.now() - timedelta(hours=2))


def call_was_logged(side: Side) -> None:
    call_is_over(side)
    call = db.session.get_one(Call, side.ids["call"])
    call.state = CallState.HELD
    call.notes, call.next_steps = LOGGED
    record(call, Verb.CALL_HELD, by=call.owner, onboarding=call.onboarding)
    db.session.commit()


def june_is_away(_side: Side) -> None:
    june = db.session.scalars(select(Staff).where(Staff.ref == JUNE)).one()
    june.away_until = clock.today() + timedelta(days=3)
    db.session.commit()


def is_draft(side: Side) -> None:
    """As before it was opened to the customer: nothing is open yet."""
    db.session.execute(update(Stage).where(Stage.onboarding_id == side.road_id).values(state="locked"))
    db.session.execute(delete(Preview).where(Preview.account_id == side.account_id))
    db.session.execute(delete(Handoff).where(Handoff.ref == side.refs["handoff"]))
    _set(Onboarding, side.road_id, state="draft")


def is_paused(side: Side) -> None:
    road = db.session.get_one(Onboarding, side.road_id)
    priya = next(m.staff for m in road.team if m.role is TeamRole.CONSULTANT)
    road.pause("Holidays", road.account.today + timedelta(days=14), by=priya)
    db.session.commit()


def prerequisite_is_left_out(side: Side) -> None:
    one = db.session.scalars(select(Prerequisite).where(Prerequisite.ref == side.refs["prerequisite"])).one()
    one.leave_out("Not needed", by=None)
    db.session.commit()


def is_asked(side: Side) -> None:
    question = db.session.scalars(select(Message).where(Message.ref == side.refs["message"])).one()
    waits = {"question_id": question.id, "awaits_reply_since": question.created_at, "unanswered": 1}
    db.session.execute(update(Thread).where(Thread.onboarding_id == side.road_id).values(**waits))
    db.session.commit()


def priya_sees_it(side: Side) -> None:
    """She looks through the admin's eyes in every session that she has."""
    road = db.session.get_one(Onboarding, side.road_id)
    admin = next(person for person in road.account.people if person.ref == side.refs["admin"])
    priya = next(m.staff for m in road.team if m.role is TeamRole.CONSULTANT)
    for session_id in db.session.scalars(select(Session.id).where(Session.user_id == priya.id)):
        seeing.begin(admin, road.id, by=priya, session_id=session_id)
    db.session.commit()


def ask_is_over(side: Side) -> None:
    """The link to the stranger has run out."""
    _set(ReadinessAsk, side.ids["ask"], expires_at=clock.now() - timedelta(days=1))


def kit_is_untouched(side: Side) -> None:
    """Nobody has answered anything, or asked anybody."""
    mine = select(ReadinessSubmission.id).where(ReadinessSubmission.onboarding_id == side.road_id)
    for table in (ReadinessAsk, ReadinessAnswer, ReadinessEffect):
        db.session.execute(delete(table).where(table.submission_id.in_(mine)))
    db.session.execute(delete(ReadinessSubmission).where(ReadinessSubmission.id.in_(mine)))
    kit = (Step.onboarding_id == side.road_id) & (Step.kind == "kit")
    db.session.execute(update(Step).where(kit).values(state="ready"))
    db.session.commit()


def is_not_handed_over(side: Side) -> None:
    """Nobody has written why they bought."""
    db.session.execute(delete(Preview).where(Preview.account_id == side.account_id))
    db.session.execute(delete(Handoff).where(Handoff.ref == side.refs["handoff"]))
    db.session.commit()


def is_handed_in(side: Side) -> None:
    """Its hand-off waits to be accepted."""
    waits = {"state": "submitted", "submitted_at": clock.now()}
    db.session.execute(update(Handoff).where(Handoff.ref == side.refs["handoff"]).values(**waits))
    db.session.commit()


def health_is_set(side: Side) -> None:
    """Priya says that it is at risk."""
    road = db.session.get_one(Onboarding, side.road_id)
    by = db.session.scalars(select(Staff).where(Staff.email == "priya@partnerly.example")).one()
    standing.override(road, Health.AT_RISK, "Their CFO wants out", by=by)
    db.session.commit()


def trigger_is_changed(side: Side) -> None:
    """Lena has changed a number of a trigger and switched it off."""
    by = db.session.scalars(select(Staff).where(Staff.email == "lena@partnerly.example")).one()
    setting = TriggerSetting.of("T6")
    setting.change({"share": 20}, "Low adoption after a month", by=by)
    setting.switch("Low adoption after a month", on=False, by=by)
    db.session.commit()


def thresholds_are_changed(side: Side) -> None:
    """Otto has changed one of the numbers that reset brings back."""
    by = db.session.scalars(select(Staff).where(Staff.email.startswith("otto@"))).one()
    thresholds.change(Segment.MID_MARKET, {"stalled_after": 9}, by=by)
    db.session.commit()


def is_preparing(side: Side) -> None:
    """Its portal isn't open yet."""
    _set(Onboarding, side.road_id, state="preparing")


def _set_case(side: Side, **values: Any) -> None:
    """Its case is at level 2, where whoever sold it may act too."""
    case = update(Escalation).where(Escalation.ref == side.refs["case"])
    db.session.execute(case.values(level=2, **values))
    db.session.commit()


def is_raised(side: Side) -> None:
    """Nobody is on its case yet."""
    _set_case(side)


def is_taken(side: Side) -> None:
    """Somebody is on its case."""
    _set_case(side, state="acknowledged", acknowledged_at=clock.now(), acknowledge_by=None)


def is_waited_for(side: Side) -> None:
    """Its case waits for the customer."""
    until = clock.now().date() + timedelta(days=3)
    still = {"acknowledge_by": None, "act_by": None, "act_left": 3600}
    _set_case(side, state="waiting_on_customer", acknowledged_at=clock.now(), wait_until=until, **still)


def is_resolved(side: Side) -> None:
    """Its case is over."""
    _set_case(side, state="resolved", resolved_at=clock.now(), acknowledge_by=None, act_by=None)


def is_in_waves(side: Side) -> None:
    """Its road is rolled out in two waves."""
    road = db.session.get_one(Onboarding, side.road_id)
    for name in ("Sales", "Finance"):
        wave = add_wave(road, WaveTerms(name, [], *usual(road)), "One by one", by=road.team[0].staff)
    side.seals["wave"] = wave.seal
    db.session.commit()


def is_shut(side: Side) -> None:
    """The last stage isn't open yet."""
    last = (Stage.onboarding_id == side.road_id) & (Stage.key == "graduation")
    db.session.execute(update(Stage).where(last).values(state="locked", opened_at=None))
    db.session.commit()


def asks_for_another(side: Side, name: str = "our_criterion") -> None:
    """We asked for a change to what the customer proposed."""
    words = (CriterionWording.criterion_id == side.ids[name]) & CriterionWording.state.in_(OPEN)
    db.session.execute(update(CriterionWording).where(words).values(state="changes_requested", asked="Less"))
    db.session.commit()


def want_another(side: Side) -> None:
    """They asked for a change to what we proposed."""
    asks_for_another(side, "criterion")


def is_missed(side: Side) -> None:
    """The day of the agreed result is over, and it isn't there."""
    agreed = CriterionWording.criterion_id == side.ids["agreed_criterion"]
    day = clock.today() - timedelta(days=3)
    db.session.execute(update(CriterionWording).where(agreed).values(target_on=day, target=Decimal(97)))
    db.session.commit()


def kit_is_sent(side: Side) -> None:
    """It waits to be confirmed."""
    mine = ReadinessSubmission.onboarding_id == side.road_id
    sent = {"state": "submitted", "submitted_at": clock.now()}
    db.session.execute(update(ReadinessSubmission).where(mine).values(**sent))
    item = (Step.onboarding_id == side.road_id) & (Step.kind == "kit")
    db.session.execute(update(Step).where(item).values(**sent))
    db.session.commit()
