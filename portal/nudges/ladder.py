"""The ladder as time passes: what is due is planned, what was planned leaves unless it was overtaken, and what came of
it is noted. Every job acts for one account at a time and changes nothing the second time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import joinedload

from portal import clock, db, mail
from portal.accounts.kinds import TOUCH_OF, Touch
from portal.accounts.models import Account, Person
from portal.auth import letters as sign_in
from portal.auth.models import Purpose, SignInLink
from portal.health import thresholds
from portal.mail import Letter
from portal.messages.models import Message
from portal.nudges import letters
from portal.nudges.models import WAITING, Nudge, NudgeState
from portal.nudges.rules import LADDER, Days, Stop, due, goes_on, stopped
from portal.nudges.silence import Quiet, quiet_of
from portal.onboardings.jobs import for_each_account
from portal.onboardings.models import Onboarding
from portal.onboardings.queries import load_people, load_road
from portal.onboardings.states import RUNNING
from portal.onboardings.turns import Turn
from portal.playbooks import triggers

RUNG_NUMBERS = ("day_3", "day_7", "day_12")
ACTED_WITHIN = 3  # Working days (product.md M38): later than that, it was something else that moved them.
FORGOTTEN_AFTER = timedelta(days=30)
SOONEST, LATEST = (
    timedelta(days=2),
    timedelta(days=120),
)  # Of what was moved last: nothing is due but between.

LOW_TOUCH: ColumnElement[bool] = or_(
    Account.touch_override == Touch.LOW,
    and_(
        Account.touch_override.is_(None),
        Account.segment.in_([segment for segment, touch in TOUCH_OF.items() if touch is Touch.LOW]),
    ),
)


def days_now() -> Days:
    """The days of the ladder as the triggers T1 and T2 have them, switched off where they are."""
    now = {one.key: one for one in triggers.all_current()}
    invite, silent = now["T1"], now["T2"]
    return Days(
        invite.number("first_letter") if invite.on else None,
        tuple(sorted(silent.number(name) for name in RUNG_NUMBERS)) if silent.on else (),
    )


# --- Planning -------------------------------------------------------------------------------------


def plan_due() -> None:
    """Note what came of the sent ones, drop what was overtaken, plan what is due."""
    for_each_account(_sent(), note_for)
    for_each_account(_quiet().with_only_columns(Onboarding.account_id), plan_for)


def _quiet() -> Select[Onboarding]:
    """The roads that may have something due, by stored facts, and those for which something is planned."""
    waiting = select(Nudge.onboarding_id).where(Nudge.state.in_(WAITING))
    now, moved = clock.now(), Onboarding.customer_moved_at
    still = or_(moved.is_(None), moved < now - SOONEST)
    lately = or_(*(at > now - LATEST for at in (moved, Onboarding.started_at, Onboarding.ball_since)))
    candidate = and_(
        Onboarding.state.in_(RUNNING), Onboarding.turn == Turn.CUSTOMER, still, lately, LOW_TOUCH
    )
    rows = select(Onboarding).join(Account, Account.id == Onboarding.account_id)
    return rows.where(or_(candidate, Onboarding.id.in_(waiting)))


def plan_for(account: Account) -> None:
    """Plan what is due to this customer, in the caller's transaction."""
    rows = _quiet().where(Onboarding.account_id == account.id).order_by(Onboarding.id)
    roads = list(db.session.scalars(rows.with_for_update(of=Onboarding)))
    quiet = quiet_of(roads)
    days = days_now()
    for road in roads:
        if road.id in quiet:
            _plan_one(road, quiet[road.id], days)


def _plan_one(road: Onboarding, quiet: Quiet, days: Days) -> None:
    waiting = Nudge.waiting_of(road)
    if waiting is not None:
        if waiting.why not in LADDER or not (why := _overtaken(waiting, quiet, days)):
            return
        waiting.supersede(why)
        db.session.flush()
    if (rung := due(quiet.silence, days)) is None:
        return
    load_road(road)
    load_people(road)
    reader, step = letters.reader_of(road), road.next_step
    at = letters.leaves_at(reader) if reader else None
    if reader is None or at is None:
        return
    draft = letters.written(road, reader, step, rung)
    asks = thresholds.of(road.account.segment).nudges_need_approval
    Nudge.plan(road, rung, quiet.since, reader, step, draft, at, needs_approval=asks)


def _overtaken(nudge: Nudge, quiet: Quiet, days: Days) -> Stop | None:
    """Why a planned rung isn't sent any more."""
    if quiet.since != nudge.quiet_since:
        return Stop.MOVED
    return goes_on(nudge.why, quiet.silence, days)


# --- Sending --------------------------------------------------------------------------------------


def send_due() -> None:
    """Let leave what is planned until now, looking once more at each right before."""
    due_now = select(Nudge.account_id).where(
        Nudge.state == NudgeState.PLANNED, Nudge.planned_for <= clock.now()
    )
    for_each_account(due_now, send_for)


def send_for(account: Account) -> None:
    """Let leave what is due to this customer, in the caller's transaction."""
    mine = Nudge.account_id == account.id, Nudge.state == NudgeState.PLANNED, Nudge.planned_for <= clock.now()
    roads = select(Onboarding).where(Onboarding.id.in_(select(Nudge.onboarding_id).where(*mine)))
    locked = list(db.session.scalars(roads.order_by(Onboarding.id).with_for_update(of=Onboarding)))
    quiet = quiet_of(locked)
    for road in locked:
        nudge = db.session.scalar(
            select(Nudge).where(*mine, Nudge.onboarding_id == road.id).with_for_update()
        )
        if nudge is not None:
            dispatch(nudge, quiet.get(road.id))


def dispatch(nudge: Nudge, quiet: Quiet | None) -> None:
    """Let one leave, on the reader's next free day, unless it was overtaken. Whoever calls has locked the road."""
    road = nudge.onboarding
    if not road.is_running:
        nudge.supersede(Stop.NOT_THEIRS)
        return
    if nudge.why in LADDER:
        why = _overtaken(nudge, quiet, days_now()) if quiet else Stop.NOT_THEIRS
        if why:
            nudge.supersede(why)
            return
    load_road(road)
    load_people(road)
    if not nudge.person.is_reachable:
        nudge.supersede(Stop.NOBODY)
        return
    at = letters.leaves_at(nudge.person)
    if at is not None and at > clock.now():
        nudge.put_off(at)
        return
    if nudge.why in LADDER:
        nudge.renew(letters.written(road, nudge.person, road.next_step, nudge.why), road.next_step)
    goes, letter_id = letters.leave(nudge) if at is not None else (False, None)
    if goes:
        nudge.mark_sent(letter_id)
    else:
        nudge.supersede(Stop.UNWANTED)


def dispatch_now(nudge: Nudge) -> None:
    """Let one leave that somebody of ours has just let go. Whoever calls has locked the road."""
    dispatch(nudge, quiet_of([nudge.onboarding]).get(nudge.onboarding_id))


@mail.filler(letters.LETTER)
def fill(nudge: int, mark: str) -> dict[str, str] | None:
    """Asked as the letter is about to leave, which may be hours later: None when it was overtaken meanwhile. To whoever
    never came it carries an invitation of its own, made now."""
    row = db.session.get(Nudge, nudge)
    if row is None or row.state is not NudgeState.SENT:
        return None
    if not row.onboarding.is_running:
        row.supersede(Stop.NOT_THEIRS)
        return None
    if row.why in LADDER and (why := _moved_on(row)):
        row.supersede(why)
        return None
    if not mark:
        return {}
    if row.person.joined_at is not None:
        row.supersede(Stop.CAME)
        return None
    if row.link_id is None:
        link = SignInLink.issue(row.person, Purpose.INVITATION, next_path=f"/o/{row.onboarding.ref}")
        row.link_id = link.id
    return sign_in.fill(row.link_id, mark)


def _moved_on(nudge: Nudge) -> Stop | None:
    quiet = quiet_of([nudge.onboarding]).get(nudge.onboarding_id)
    if quiet is None or quiet.since != nudge.quiet_since:
        return Stop.MOVED
    return stopped(quiet.silence)


# --- What came of it ------------------------------------------------------------------------------


def _sent() -> Select[int]:
    return select(Nudge.account_id).where(
        Nudge.state == NudgeState.SENT, Nudge.sent_at > clock.now() - FORGOTTEN_AFTER
    )


def note_for(account: Account) -> None:
    """Note what came of those that this customer was sent, in the caller's transaction."""
    rows = select(Nudge).where(Nudge.account_id == account.id, Nudge.state == NudgeState.SENT)
    rows = rows.where(Nudge.sent_at > clock.now() - FORGOTTEN_AFTER).options(joinedload(Nudge.onboarding))
    for nudge in db.session.scalars(rows.order_by(Nudge.id).with_for_update(of=Nudge)):
        _note_one(nudge)


def _note_one(nudge: Nudge) -> None:
    letter = db.session.get(Letter, nudge.letter_id) if nudge.letter_id else None
    sent_at, road = nudge.sent_at, nudge.onboarding
    assert sent_at is not None
    moved = road.customer_moved_at
    if letter is not None and letter.dropped_at is not None:
        nudge.end(NudgeState.BOUNCED)
    elif _answered(nudge, sent_at):
        nudge.end(NudgeState.REPLIED, Stop.REPLIED)
    elif moved and moved > sent_at and _within(road.account, sent_at, moved):
        nudge.end(NudgeState.ACTED, Stop.MOVED)


def _answered(nudge: Nudge, since: datetime) -> bool:
    theirs = select(Message.id).join(Person, Person.id == Message.author_id)
    rows = theirs.where(Message.onboarding_id == nudge.onboarding_id, Message.created_at > since)
    return db.session.scalar(rows.limit(1)) is not None


def _within(account: Account, sent: datetime, moved: datetime) -> bool:
    days: Sequence[datetime] = [moment.astimezone(account.zone) for moment in (sent, moved)]
    return account.calendar.working_days_between(days[0].date(), days[1].date()) <= ACTED_WITHIN
