"""What health does by itself: every five minutes what has changed, every evening everything, and its facts kept."""

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import defer, joinedload

from portal import clock, db
from portal.accounts.models import Account
from portal.activity.models import Activity, Audience, Verb
from portal.health import standing
from portal.health.models import FactsDay, HealthOverride
from portal.health.queries import chunks
from portal.jobs import insert_new
from portal.onboardings.jobs import for_each_account
from portal.onboardings.models import Onboarding
from portal.onboardings.standings import Quiet
from portal.onboardings.states import RUNNING, OnboardingState
from portal.onboardings.visits import Visit
from portal.usage.models import UsageUser

EVENING: Final = time(18)
# The states of which facts are kept.
NOTED: Final = (*RUNNING, OnboardingState.ON_HOLD)
OWN: Final = (Verb.HEALTH_CHANGED, Verb.HEALTH_SET, Verb.HEALTH_SET_ENDED)


def refresh_changed() -> None:
    """Look at those where something happened since they were looked at last."""
    with db.reading():
        ids = list(db.session.scalars(_changed().order_by(Onboarding.id)))
    for some in chunks(ids):
        _refresh(some)


def _changed() -> Select[Any]:
    """Each is asked by its own index, so that it doesn't matter how long the history is."""
    road = Onboarding
    new = Activity.id > func.coalesce(road.health_seen, 0)
    happened = exists().where(Activity.onboarding_id == road.id, new, Activity.verb.not_in(OWN))
    company = Activity.onboarding_id.is_(None) & (Activity.audience == Audience.CUSTOMER)
    of_company = exists().where(Activity.account_id == road.account_id, new, company)
    used = exists().where(UsageUser.account_id == road.account_id, UsageUser.last_seen_at > road.health_at)
    # Who was silent and looks in gives a sign of life; of the others, a look alone changes nothing that can't wait.
    today = clock.now().date() - timedelta(days=1)  # The earliest date that any zone has now.
    back = exists().where(Visit.onboarding_id == road.id, Visit.day >= today) & (road.quiet == Quiet.GHOSTING)
    kept = or_(road.state.in_(NOTED), road.health.is_not(None))
    return select(road.id).where(kept, or_(road.health_at.is_(None), happened, of_company, used, back))


def _refresh(some: Sequence[int]) -> None:
    """In two steps, so that nobody waits for the reading: looked at without a lock, then kept."""
    with db.reading():
        found = standing.look(some)
    with db.transaction():
        standing.keep(found)


# --- In the evening -------------------------------------------------------------------------------


def evening() -> None:
    """Where the day's work is over, look at every onboarding and keep the facts of the day, once for each day. What was
    missed while nothing ran stays unknown: only today's are kept."""
    end_overrides()
    now = clock.now()
    with db.reading():
        zones = list(db.session.scalars(select(Account.time_zone).distinct()))
        there = {zone: now.astimezone(ZoneInfo(zone)) for zone in zones}
        on = {
            road: local.date()
            for zone, local in there.items()
            if local.time() >= EVENING
            for road in db.session.scalars(_without_facts(zone, local.date()))
        }
    for some in chunks(sorted(on)):
        with db.reading():
            found = standing.look(some)
        with db.transaction():
            standing.keep(found)
            note(found, {road_id: on[road_id] for road_id in found})


def _without_facts(zone: str, day: date) -> Select[Any]:
    noted = exists().where(FactsDay.onboarding_id == Onboarding.id, FactsDay.day == day)
    rows = select(Onboarding.id).join(Account, Account.id == Onboarding.account_id)
    return rows.where(Account.time_zone == zone, Onboarding.state.in_(NOTED), ~noted)


def note(found: Mapping[int, standing.Standing], on: Mapping[int, date]) -> None:
    """Keep the facts of each one's day, of those that run or are paused and have none of it yet."""
    rows = (
        select(Onboarding)
        .where(Onboarding.id.in_(list(found)))
        .options(joinedload(Onboarding.account), defer(Onboarding.meter))
    )
    roads = [road for road in db.session.scalars(rows) if road.state in NOTED]
    kept = []
    for road in roads:
        day = on[road.id]
        facts = found[road.id].as_json(road, day)
        kept.append({"account_id": road.account_id, "onboarding_id": road.id, "day": day, "facts": facts})
    if kept:
        insert_new(FactsDay, kept)


def end_overrides() -> None:
    """What somebody said instead of the facts holds for a week."""
    waiting = select(HealthOverride.account_id).where(
        HealthOverride.ended_at.is_(None), HealthOverride.until < clock.now().date() + timedelta(days=1)
    )
    for_each_account(waiting, _end_overrides)


def _end_overrides(account: Account) -> None:
    rows = select(HealthOverride).where(
        HealthOverride.account_id == account.id,
        HealthOverride.ended_at.is_(None),
        HealthOverride.until < account.today,
    )
    over = db.session.scalars(rows).all()
    roads = select(Onboarding.id).where(Onboarding.id.in_([one.onboarding_id for one in over]))
    # Whoever says something else meanwhile comes before us or after.
    db.session.execute(roads.order_by(Onboarding.id).with_for_update())
    for one in over:
        db.session.refresh(one)
        standing.end_override(one, by=None)
