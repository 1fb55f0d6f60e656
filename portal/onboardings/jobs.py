"""What an onboarding does by itself as days pass. Every job acts for one account at a time."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import structlog
from sqlalchemy import Select, and_, exists, or_, select

from portal import clock, db, jobs, mail
from portal.accounts.kinds import Touch
from portal.accounts.models import Account
from portal.onboardings import letters, staggered
from portal.onboardings.models import Onboarding
from portal.onboardings.states import RUNNING, OnboardingState, StepState
from portal.onboardings.steps import WITH_THEM, WITH_US, Step, awaited
from portal.onboardings.turns import Turn
from portal.playbooks import triggers

LATE_REMINDER_DAYS = 3  # Working days after the date in which a worker that was away still catches up.

log = structlog.get_logger(__name__)


def begin_due() -> None:
    """Let those onboardings begin whose start date has come in their account's zone."""
    waiting = select(Onboarding.account_id).where(Onboarding.state == OnboardingState.PREPARING)
    for_each_account(waiting, _begin)


def _begin(account: Account) -> None:
    due = select(Onboarding).where(
        Onboarding.account_id == account.id,
        Onboarding.state == OnboardingState.PREPARING,
        Onboarding.start_date <= account.today,
    )
    for onboarding in db.session.scalars(due.with_for_update()):
        onboarding.begin()


def draw_up_followers() -> None:
    """Date the drafts that wait for another onboarding's first value by how that stands now."""
    waiting = select(Onboarding.account_id).where(
        Onboarding.state == OnboardingState.DRAFT, Onboarding.starts_after_id.is_not(None)
    )
    for_each_account(waiting, _draw_up)


def _draw_up(account: Account) -> None:
    drafts = select(Onboarding).where(
        Onboarding.account_id == account.id,
        Onboarding.state == OnboardingState.DRAFT,
        Onboarding.starts_after_id.is_not(None),
    )
    for draft in db.session.scalars(drafts.order_by(Onboarding.id).with_for_update()):
        staggered.draw_up(draft)


def pass_turns() -> None:
    """Where the day that we named, or that of a call, has passed in the account's zone, it waits on us, whoever else
    could move."""
    anywhere = clock.now().date() + timedelta(days=1)  # The latest date that any zone has now.
    passed = _passed_before(anywhere).with_only_columns(Onboarding.account_id)
    for_each_account(passed, _pass_turn)


def _passed_before(day: date) -> Select[Any]:
    theirs, others = Onboarding.turn == Turn.CUSTOMER, Onboarding.turn.in_((Turn.BLOCKED, Turn.NOBODY))
    called = exists().where(Step.onboarding_id == Onboarding.id, Step.call_on < day)
    promised = Onboarding.our_due_on < day
    return select(Onboarding).where(or_(and_(theirs, or_(promised, called)), and_(others, called)))


def _pass_turn(account: Account) -> None:
    due = _passed_before(account.today).where(Onboarding.account_id == account.id)
    for onboarding in db.session.scalars(due.order_by(Onboarding.id).with_for_update()):
        onboarding.take_turn()


# --- Reminders ------------------------------------------------------------------------------------


def remind() -> None:
    """Queue the reminders of today: one working day before a date and one after, each once for each date."""
    for_each_account(_running(), _remind)


def _remind(account: Account) -> None:
    roads = select(Onboarding).where(Onboarding.account_id == account.id, Onboarding.state.in_(RUNNING))
    heard = [road.id for road in db.session.scalars(roads) if follow_ups_speak(road)]
    for step in db.session.scalars(_remindable().where(Onboarding.account_id == account.id)):
        if step.onboarding_id in heard:
            continue
        if step.due_on and (name := reminder_due(step, account)):
            payload = {"step": step.id, "due": step.due_on.isoformat(), "name": name}
            key = f"remind:{step.id}:{step.due_on.isoformat()}:{name}"
            jobs.put("onboardings.remind", payload, key=key, account_id=account.id)


def _remindable() -> Select[Step]:
    return (
        select(Step)
        .join(Step.onboarding)
        .where(
            Onboarding.state.in_(RUNNING),
            WITH_THEM,
            Step.required,
            Step.visible,
            Step.kind != "usage",  # Nobody can do it today.
            Step.due_on.is_not(None),
        )
        .order_by(Step.due_on, Step.position)
    )


def reminder_due(step: Step, account: Account) -> str | None:
    """`before`, `after`, or None when nothing is to be said about this step today."""
    due, today, calendar = step.due_on, account.today, account.calendar
    if due is None or (step.snoozed_until and step.snoozed_until > today):
        return None
    if calendar.add_working_days(due, -1) <= today < due:
        return "before"
    if calendar.add_working_days(due, 1) <= today <= calendar.add_working_days(due, LATE_REMINDER_DAYS):
        return "after"
    return None


def follow_ups_speak(road: Onboarding) -> bool:
    """Whether a customer of low touch has been quiet for so long that follow-ups are what they hear (product.md 5.2):
    with a reminder for each date as well they would get a letter a day, and none of those that say how close they are.
    Who has done all that was due isn't followed up, and hears of the next date like anybody else.
    """
    account = road.account
    if account.touch is not Touch.LOW or road.state is not OnboardingState.ACTIVE:
        return False
    theirs = road.ball_since if road.ball == "customer" else None
    since = max(filter(None, (road.customer_moved_at or road.started_at, theirs)), default=None)
    if since is None or road.turn is not Turn.CUSTOMER:
        return False
    due = select(Step.id).where(Step.onboarding_id == road.id, awaited(account.today)).limit(1)
    if db.session.scalar(due) is None:
        return False
    quiet, ladder = since.astimezone(account.zone).date(), triggers.current("T2")
    return ladder.on and account.calendar.working_days_between(quiet, account.today) >= ladder.number("day_3")


@jobs.handles("onboardings.remind")
def _send_reminder(claim: jobs.Claim) -> None:
    with claim.finish():
        step = db.session.get(Step, claim.payload["step"])
        if step is None or not _still_due(step, claim.payload["due"]):
            return
        if reminder_due(step, step.onboarding.account) == claim.payload["name"]:
            write = letters.reminder_before if claim.payload["name"] == "before" else letters.reminder_after
            write(step)


# --- Our own promises -----------------------------------------------------------------------------


def promise_late() -> None:
    """Say so, before they ask, when a date has passed by which we wanted to have done something."""
    for_each_account(_running(), _own_up)


def _own_up(account: Account) -> None:
    today = account.today
    promised = (
        select(Step)
        .join(Step.onboarding)
        .where(
            Onboarding.account_id == account.id,
            Onboarding.state.in_(RUNNING),
            WITH_US,
            Step.required,
            Step.visible,
            or_(Step.state.in_((StepState.SUBMITTED, StepState.BLOCKED)), Step.due_on < today),
            Step.promised_late_at.is_(None),
        )
        .order_by(Step.due_on, Step.position)
    )
    for step in db.session.scalars(promised.with_for_update(of=Step)):
        first = step.waits_for
        if first is not None and first.counts and first.with_us:
            continue  # They see that one as a promise of its own.
        if step.promised_on is not None and step.promised_on < today:
            step.promised_late_at = clock.now()
            letters.we_are_late(step)


# --- Asked as a letter is about to leave ------------------------------------------------------------


@mail.filler("onboardings.due")
def fill_due(step: int, due: str) -> dict[str, str] | None:
    """Nothing to fill in; None when it isn't theirs to move or its date moved before the letter could leave."""
    row = db.session.get(Step, step)
    return {} if row is not None and _still_due(row, due) else None


@mail.filler("onboardings.promised")
def fill_promised(step: int, day: str) -> dict[str, str] | None:
    """Nothing to fill in; None when we did it or the day moved before the letter could leave."""
    row = db.session.get(Step, step)
    promised = row.promised_on if row is not None and row.onboarding.is_running else None
    return {} if promised and promised.isoformat() == day else None


@mail.filler("onboardings.assigned")
def fill_assigned(step: int, user: int) -> dict[str, str] | None:
    """Nothing to fill in; None when it is somebody else's by now, or finished."""
    row = db.session.get(Step, step)
    wanted = row is not None and row.assignee_id == user and not row.is_closed and row.onboarding.is_running
    return {} if wanted else None


def _still_due(step: Step, due: str) -> bool:
    road = step.onboarding
    same = step.with_them and road.is_running and step.due_on == date.fromisoformat(due)
    return same and not follow_ups_speak(road)


# --- One account at a time ------------------------------------------------------------------------


def for_each_account(accounts: Select[Any], act: Callable[[Account], None]) -> None:
    """Do `act` for each of these account ids, each in a transaction of its own; a failure of one stops no other."""
    with db.transaction():
        ids = list(db.session.scalars(accounts.distinct()))
    for account_id in ids:
        try:
            with db.transaction():
                act(db.session.get_one(Account, account_id))
        except Exception as error:  # noqa: BLE001 — the other accounts still get what is due to them
            log.error("job failed for one account", account=account_id, error=jobs.place_of(error))


def _running() -> Select[Any]:
    return select(Onboarding.account_id).where(Onboarding.state.in_(RUNNING))
