"""What triggers do once it is time, and what they answer at once.

One road at a time, under its lock. Whether it is still so is asked anew, with facts gathered a moment before.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from portal import clock, db, jobs
from portal.accounts.kinds import TeamRole
from portal.accounts.models import Staff
from portal.activity.models import Activity, Verb
from portal.calendars import next_sending_moment
from portal.escalations import cases
from portal.escalations import trigger_rules as rules
from portal.escalations.cases import Why
from portal.escalations.models import TriggerFiring
from portal.health import standing
from portal.health.queries import chunks
from portal.health.standing import Standing
from portal.notifications import notices
from portal.onboardings.models import Onboarding
from portal.onboardings.paper import language
from portal.onboardings.signals import Signal
from portal.onboardings.states import OnboardingState
from portal.playbooks.trigger_set import Action, TriggerSpec
from portal.playbooks.triggers import Current, all_current

# What happened, as cases call it.
REASONS = {"frustration": "R4", "surprise": "R5", "help": "help"}
TOLD = "trigger"

log = structlog.get_logger(__name__)


def fire_due() -> None:
    """Do what is due now; twice does nothing the second time."""
    with db.reading():
        due = select(TriggerFiring.onboarding_id).where(_due(clock.now())).distinct()
        ids = list(db.session.scalars(due.order_by(TriggerFiring.onboarding_id)))
        triggers = {one.key: one for one in all_current()} if ids else {}
    for some in chunks(ids):
        with db.reading():
            found = standing.look(some)
        for road_id in some:
            try:
                with db.transaction():
                    _fire(road_id, found[road_id], triggers)
            except Exception as error:  # noqa: BLE001 — the other onboardings still get what is due to them
                log.error("trigger failed", onboarding=road_id, error=jobs.place_of(error))


def _due(now: datetime) -> Any:
    return (TriggerFiring.fire_at <= now) & TriggerFiring.cleared_on.is_(None)


def _fire(road_id: int, found: Standing, triggers: Mapping[str, Current]) -> None:
    road, now = _locked(road_id), clock.now()
    rows = select(TriggerFiring).where(TriggerFiring.onboarding_id == road_id, _due(now))
    facts = found.as_json(road, road.account.today)
    for firing in db.session.scalars(rows.order_by(TriggerFiring.id)):
        trigger = triggers.get(firing.key)
        moment = next_sending_moment(now, road.account.zone, road.account.calendar)
        if trigger is None or not trigger.on:
            _leave(firing, road)
        elif not road.is_running:
            _rest(firing, road)
        elif not rules.still_fires(trigger.spec, facts, fired=firing.fired_at is not None):
            firing.cleared_on, firing.fire_at = road.account.today, None
            if firing.escalation_id is not None:
                cases.clear(road, [firing.key], road.account.today)
        elif moment > now and not trigger.spec.at_once:
            firing.fire_at = moment
        else:
            _act(firing, road, trigger.spec, facts, found, firing.facts.get("happened"))


def _locked(road_id: int) -> Onboarding:
    row = select(Onboarding).where(Onboarding.id == road_id).with_for_update(of=Onboarding)
    return db.session.scalars(row.execution_options(populate_existing=True)).one()


def _leave(firing: TriggerFiring, road: Onboarding) -> None:
    """It was switched off meanwhile: nothing new comes of it."""
    firing.fire_at = None
    if firing.fired_at is None:
        firing.cleared_on = road.account.today


def _rest(firing: TriggerFiring, road: Onboarding) -> None:
    """Nothing comes of it on hold or after the end. What has opened a case goes on, so that the case hears when it is
    over."""
    firing.fire_at = None
    if firing.escalation_id is None:
        firing.cleared_on = road.account.today


# --- Acting -------------------------------------------------------------------------------------


def _act(
    firing: TriggerFiring,
    road: Onboarding,
    spec: TriggerSpec,
    facts: rules.Facts,
    found: Standing | None,
    happened: str | None = None,
) -> None:
    """Do each action that is due, once."""
    today = road.account.today

    def worked() -> int:
        since = firing.fired_at.astimezone(road.account.zone).date() if firing.fired_at else today
        return road.account.calendar.working_days_between(since, today)

    places = rules.due_actions(spec, facts, firing.done, worked)
    for place in places:
        action = spec.then[place]
        if action.do == "tell":
            _tell(action, road, spec, facts)
        elif action.do == "escalate":
            _escalate(firing, action, road, spec, facts, found, happened)
    firing.fire_at = None
    if places:
        firing.done = [*firing.done, *places]
        firing.fired_at = firing.fired_at or clock.now()


def _escalate(
    firing: TriggerFiring,
    action: Action,
    road: Onboarding,
    spec: TriggerSpec,
    facts: rules.Facts,
    found: Standing | None,
    happened: str | None,
) -> None:
    whys = _whys(action, spec, facts, found, happened)
    role = TeamRole(action.role) if action.role else None
    case = cases.open_case(road, whys, level=action.level or 1, play=action.play, role=role)
    db.session.flush()
    firing.escalation_id = case.id


def _whys(
    action: Action, spec: TriggerSpec, facts: rules.Facts, found: Standing | None, happened: str | None
) -> list[Why]:
    """Why the case is opened, in its words, with the numbers."""
    if action.reason == "health" and found is not None:
        reasons = found.verdict.reasons
        worst = [one for one in reasons if one.level == "risk"] or list(reasons)
        # Where one of ours said so against the facts, there is no other reason.
        return [Why(one.code, dict(one.evidence), spec.key) for one in worst] or [
            Why("by_hand", {}, spec.key)
        ]
    code = action.reason or REASONS[str(happened)]
    return [Why(code, rules.evidence(spec, facts), spec.key)]


def _tell(action: Action, road: Onboarding, spec: TriggerSpec, facts: rules.Facts) -> None:
    role = TeamRole.CONSULTANT if action.whom == "owner" else TeamRole.ACCOUNT_EXECUTIVE
    who = road.on_team(role)
    if who is None:
        return
    reader: Staff = who.acting
    with force_locale(language(reader)):
        line = _line(action, road, spec, facts)
    path = f"/staff/accounts/{road.account.ref}?o={road.ref}"
    notices.tell(reader, TOLD, line, path, account_id=road.account_id, about=f"trigger:{spec.key}:{road.ref}")


def _line(action: Action, road: Onboarding, spec: TriggerSpec, facts: rules.Facts) -> str:
    company = road.account.name
    if action.whom == "account_executive":
        return _("%(company)s needs you too: %(why)s", company=company, why=spec.title)
    if facts.get("health") == "at_risk":
        return _("%(company)s is at risk", company=company)
    if facts.get("health") == "stalled":
        return _("%(company)s has stalled", company=company)
    return _("%(company)s: %(why)s", company=company, why=spec.title)


# --- At once ------------------------------------------------------------------------------------


@jobs.handles("triggers.answer")
def answer(claim: jobs.Claim) -> None:
    """Somebody did something that a trigger waits for: it fires now, whatever the hour; on hold once that ends."""
    with claim.finish():
        respond(db.session.get_one(Activity, claim.payload["activity"]))


def respond(row: Activity) -> None:
    """Fire what waits for this, in the caller's transaction; nothing for what has been settled meanwhile."""
    happened = what_happened(row)
    if happened is None or row.onboarding_id is None or _is_settled(row):
        return
    road = _locked(row.onboarding_id)
    facts = plain_facts(road)
    for trigger in all_current():
        if trigger.on and happened in trigger.spec.events and rules.in_scope(trigger.spec.scope, facts):
            _answer(road, trigger.spec, facts, happened)


def _is_settled(row: Activity) -> bool:
    signal = db.session.get(Signal, row.subject_id) if row.verb is Verb.SIGNAL_RECORDED else None
    return signal is not None and signal.settled_at is not None


def what_happened(row: Activity) -> str | None:
    """The word for it that triggers know."""
    if row.verb is Verb.PREREQUISITE_HELP:
        return "help"
    kind = (row.data.get("after") or {}).get("kind")
    return kind if row.verb is Verb.SIGNAL_RECORDED and kind in REASONS else None


def plain_facts(road: Onboarding) -> dict[str, Any]:
    """The facts by which a trigger's scope goes."""
    return {
        "state": road.state.value,
        "touch": road.account.touch.value,
        "segment": road.account.segment.value,
        "programme": road.programme,
        "stage": road.current_stage,
    }


def _answer(road: Onboarding, spec: TriggerSpec, facts: rules.Facts, happened: str) -> None:
    if road.state not in (OnboardingState.PREPARING, OnboardingState.ACTIVE, OnboardingState.ON_HOLD):
        return
    firings = _firings(road, spec.key)
    lasting = next((one for one in firings if one.cleared_on is None), None)
    today = road.account.today
    if lasting is None:
        last = next((one.fired_at for one in firings if one.fired_at), None)
        last_on = last.astimezone(road.account.zone).date() if last else None
        if not rules.may_fire_again(spec, today, last_on):
            return
        lasting = next((one for one in firings if one.entered_on == today), None)
        if lasting is None:
            lasting = TriggerFiring(
                account_id=road.account_id, onboarding=road, key=spec.key, entered_on=today,
                facts={"happened": happened}, done=[],
            )  # fmt: skip
            db.session.add(lasting)
        lasting.cleared_on = None
    if road.state is OnboardingState.ON_HOLD:
        return
    # What happens again while it lasts is one more reason for the same case.
    lasting.done = [place for place in lasting.done if spec.then[place].do != "escalate"]
    _act(lasting, road, spec, facts, None, happened)


def _firings(road: Onboarding, key: str) -> Sequence[TriggerFiring]:
    rows = select(TriggerFiring).where(TriggerFiring.onboarding_id == road.id, TriggerFiring.key == key)
    return db.session.scalars(rows.order_by(TriggerFiring.entered_on.desc())).all()
