"""A case is opened, gets more reasons, loses them, and goes to the next person when nobody takes it."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select, update

from portal import clock, db, web
from portal.accounts.kinds import TeamRole
from portal.accounts.models import Staff, User
from portal.activity.models import Audience, Verb, record
from portal.errors import Refused
from portal.escalations import letters, plays, reasons, refusals, routing, rules, running
from portal.escalations.models import Escalation, EscalationState
from portal.escalations.reasons import Why as Why
from portal.escalations.routing import Asked, Because
from portal.escalations.rules import Act
from portal.onboardings.models import Onboarding
from portal.onboardings.states import LIVE, OnboardingState


def open_case(
    onboarding: Onboarding,
    whys: Sequence[Why],
    *,
    level: int = 1,
    play: str | None = None,
    by: Staff | None = None,
    role: TeamRole | None = None,
    apart: bool = False,
) -> Escalation:
    """Call somebody in, in the caller's transaction, under the road's lock. One that is open already gets what is new
    and its level rises if this one is higher; one that was resolved in the last two weeks for the same reason opens
    again. `role` is whose part it is, unless the reasons say; `by` is who asks, none for a trigger."""
    found = unsettled(onboarding, apart=apart) or _again(onboarding, whys, apart, by)
    if found is not None:
        _add(found, whys, by)
        if level > found.level:
            lift(found, by=by, to=level)
        return found
    codes = [why.code for why in whys]
    case = Escalation(
        account_id=onboarding.account_id, onboarding=onboarding, state=EscalationState.OPEN, level=level,
        apart=apart, play=play or plays.for_codes(codes, onboarding), opened_by=by, opened_at=clock.now(),
        reopened=0,
    )  # fmt: skip
    db.session.add(case)
    case.reasons = [reasons.reason_of(case, why) for why in whys]
    _ask(case, routing.ask(onboarding, level, codes=codes, role=role))
    db.session.flush()
    say(case, Verb.ESCALATION_OPENED, by, whom=name_of(case.owner), after={"level": level})
    letters.called_in(case, by)
    return case


def ask_for_help(onboarding: Onboarding, why: Why, *, by: Staff) -> Escalation:
    """Somebody asks by hand. Raises Refused for what hasn't begun or is over."""
    if onboarding.state not in LIVE - {OnboardingState.DRAFT}:
        raise Refused(_("Nobody is called in before an onboarding has begun, nor once it is over."))
    return open_case(onboarding, [why], by=by)


def unsettled(onboarding: Onboarding, *, apart: bool = False) -> Escalation | None:
    """The case that is open about this road."""
    rows = select(Escalation).where(
        Escalation.onboarding_id == onboarding.id,
        Escalation.resolved_at.is_(None),
        Escalation.apart.is_(apart),
    )
    return db.session.scalars(rows.order_by(Escalation.id).limit(1)).first()


def clear(onboarding: Onboarding, triggers: Collection[str], on: date) -> None:
    """What these triggers saw holds no more since `on`, a day of the account. The case resolves itself two days later
    unless somebody has taken it by then (`jobs`)."""
    for case in _open_cases(onboarding):
        for reason in case.reasons:
            if reason.trigger in triggers and reason.cleared_on is None:
                reason.cleared_on = on
        reasons.note_clear(case)


def _open_cases(onboarding: Onboarding) -> list[Escalation]:
    rows = select(Escalation).where(
        Escalation.onboarding_id == onboarding.id, Escalation.resolved_at.is_(None)
    )
    return list(db.session.scalars(rows.order_by(Escalation.id)))


# --- Reasons --------------------------------------------------------------------------------------


def _add(case: Escalation, whys: Sequence[Why], by: Staff | None) -> None:
    """Put what is new to the reasons; what holds again, holds."""
    for why in whys:
        known = next((one for one in case.reasons if reasons.is_same(one, why)), None)
        if known is None:
            case.reasons.append(reasons.reason_of(case, why))
            text = why.evidence.get("text") if why.code == "person" else None
            say(case, Verb.ESCALATION_ADDED, by, after={"code": why.code}, why=text)
            letters.more(case, by)
        elif known.cleared_on is not None:
            reasons.holds_again(known, why)
    reasons.note_clear(case)


def _again(onboarding: Onboarding, whys: Sequence[Why], apart: bool, by: Staff | None) -> Escalation | None:
    """The last case, opened again, when it was resolved less than two weeks ago for one of these reasons."""
    rows = select(Escalation).where(
        Escalation.onboarding_id == onboarding.id,
        Escalation.state == EscalationState.RESOLVED,
        Escalation.resolved_at > clock.now() - timedelta(days=rules.REOPEN_DAYS),
        Escalation.apart.is_(apart),
    )
    last = db.session.scalars(rows.order_by(Escalation.resolved_at.desc()).limit(1)).first()
    codes = {why.code for why in whys if why.code != "person"}
    if last is None or not codes.intersection(one.code for one in last.reasons):
        return None
    reasons.settle_all_but(last, whys, onboarding.account.today)
    open_again(last, by=by)
    return last


def open_again(case: Escalation, *, by: Staff | None) -> None:
    """A resolved case is open: whoever had it is asked first, at the level at which it was."""
    case.state = EscalationState.OPEN
    case.resolved_at = case.resolved_by = case.cause = case.helped = case.trigger_right = None
    case.acknowledged_at = case.acknowledged_by = case.clear_since = case.wait_until = None
    case.reopened += 1
    if not routing.is_here(case.owner):
        _ask(case, routing.ask(case.onboarding, case.level, codes=codes_of(case), before=case.owner))
    running.start(case)
    say(case, Verb.ESCALATION_REOPENED, by, whom=name_of(case.owner))
    letters.called_in(case, by)


# --- Who has it -----------------------------------------------------------------------------------


def take(case: Escalation, *, by: Staff) -> None:
    """“I'm on it.” Of two people one has it; the other is told who was quicker."""
    if case.state is not EscalationState.OPEN and case.owner is by and case.state in rules.TAKEN:
        return
    refusals.check(case, Act.TAKE)
    now, before = clock.now(), case.owner
    mine = (
        update(Escalation)
        .where(Escalation.id == case.id, Escalation.state == EscalationState.OPEN)
        .values(state=EscalationState.ACKNOWLEDGED, owner_id=by.id, acknowledged_at=now)
        .returning(Escalation.id)
        .execution_options(synchronize_session=False)
    )
    won = db.session.execute(mine).first() is not None
    db.session.refresh(case)
    if not won:
        refusals.check(case, Act.TAKE)
    case.acknowledged_by = by
    if before is not by:
        case.owner_because, case.instead_of = Because.TAKEN, None
    case.acknowledge_by = case.acknowledge_left = case.chased_at = None
    running.renew(case)
    say(case, Verb.ESCALATION_TAKEN, by)
    letters.taken(case, before)


def give(case: Escalation, to: Staff, *, by: Staff | None) -> None:
    """Somebody else is asked, who has to say that they are on it. Raises Refused for who isn't here."""
    if case.owner is to and (case.state in rules.TAKEN or case.owner_because == Because.GIVEN):
        return None
    refusals.check(case, Act.GIVE)
    if not to.is_active:
        raise Refused(
            _("%(name)s doesn't work here any more. Choose someone else.", name=to.name), field="staff"
        )
    if to.is_away and to.away_until is not None:
        until = web.day(to.away_until, "dMMMM")
        raise Refused(
            _("%(name)s is away until %(date)s. Choose someone who is here.", name=to.name, date=until),
            field="staff",
        )
    if to is by:
        _pass_to(case, Asked(to, Because.TAKEN))
        return take(case, by=to)
    _pass_to(case, Asked(to, Because.GIVEN))
    say(case, Verb.ESCALATION_GIVEN, by, whom=to.name)
    letters.called_in(case, by)
    return None


def hand_on(case: Escalation) -> bool:
    """Whoever has the case is away or gone: whoever stands in is asked. False where nobody else can be."""
    found = routing.ask(case.onboarding, case.level, codes=codes_of(case), before=case.owner)
    if case.owner is not None and case.owner.is_away and routing.is_here(case.owner.stand_in):
        found = Asked(case.owner.stand_in, Because.TEAM, case.owner)
    if found.who is None or found.who is case.owner:
        return False
    _pass_to(case, found)
    say(case, Verb.ESCALATION_GIVEN, None, whom=name_of(found.who))
    letters.called_in(case, None)
    return True


def raise_level(case: Escalation, *, by: Staff | None, why: str | None = None) -> None:
    """The next level hears, in person. Raises Refused at the highest."""
    refusals.check(case, Act.RAISE)
    if case.level >= rules.HIGHEST:
        raise Refused(_("This is at level 3 already; there is nobody above."))
    lift(case, by=by, to=case.level + 1, why=why)


def lift(case: Escalation, *, by: Staff | None, to: int, why: str | None = None) -> None:
    """Put it at level `to` and ask whoever is to be asked there."""
    before = case.owner
    found = routing.ask(case.onboarding, to, codes=codes_of(case), before=before)
    case.level = min(to, rules.HIGHEST)
    _pass_to(case, found)
    say(case, Verb.ESCALATION_RAISED, by, whom=name_of(case.owner), after={"level": case.level}, why=why)
    letters.raised(case, before, by)


def _pass_to(case: Escalation, found: Asked) -> None:
    case.state, case.wait_until = EscalationState.OPEN, None
    case.acknowledged_at = case.acknowledged_by = None
    _ask(case, found)


def _ask(case: Escalation, found: Asked) -> None:
    case.owner, case.owner_because, case.instead_of = found.who, found.because, found.instead_of
    running.start(case)


# --- Words ----------------------------------------------------------------------------------------


def say(
    case: Escalation,
    verb: Verb,
    by: User | None,
    *,
    whom: str | None = None,
    what: str | None = None,
    why: str | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Remember it, for our team alone, and on the road who helps."""
    keep_helper(case)
    words = {"whom": whom, "what": what, "why": why}
    record(
        case,
        verb,
        by=by,
        onboarding=case.onboarding,
        after={"state": case.state.value, **(after or {})},
        personal={name: text for name, text in words.items() if text},
        audience=Audience.STAFF,
    )


def keep_helper(case: Escalation) -> None:
    """The road knows who is on it and by when they are to write, so that its customer's home asks for nothing."""
    if case.apart:
        return
    road, is_on_it = case.onboarding, case.state in rules.TAKEN
    road.helper_id = case.owner.id if is_on_it and case.owner else None
    road.helper_by = case.act_by if case.state is EscalationState.ACKNOWLEDGED else None


def name_of(staff: Staff | None) -> str | None:
    return staff.name if staff else None


def codes_of(case: Escalation) -> list[str]:
    return [reason.code for reason in case.reasons]
