"""What was seen in an account, beside what a step or a road waits to see there."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select

from portal import db
from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step
from portal.onboardings.waves import Wave
from portal.playbooks.kinds import UsageContent
from portal.usage import rules
from portal.usage.models import UsageDay, UsagePersonDay, UsageUser
from portal.usage.rules import Measure


@dataclass(frozen=True)
class Whose:
    """Whose acts count: of everybody in the account; of a wave's own people alone; or of all but those of the other
    waves, which is the wave that takes what nobody else is known to have done."""

    account_id: int
    own: frozenset[int] | None = None
    others: frozenset[int] = frozenset()


def whose(onboarding: Onboarding, wave: Wave | None) -> Whose:
    """Whose acts count on this road, or for this wave of it. A wave without people has the whole account's."""
    if wave is None:
        return Whose(onboarding.account_id)
    there = onboarding.waves_on
    live = [one for one in there if one.went_live_on is not None]
    if wave is next(iter(live or there), None):
        others = (person.id for one in there if one is not wave for person in one.people)
        return Whose(onboarding.account_id, others=frozenset(others))
    own = frozenset(person.id for person in wave.people)
    return Whose(onboarding.account_id, own or None)


def metrics_of(step: Step) -> tuple[str, ...]:
    """The events that this step looks for."""
    asked, product = _asked(step), step.onboarding.product
    if asked.event is not None:
        return (asked.event,)
    return tuple(product.value_events if asked.meaning == "value" else product.activation_actions)


def measure(step: Step) -> Measure:
    """How far what a step of kind `usage` looks for is."""
    asked, metrics, on_road = _asked(step), metrics_of(step), step.onboarding
    of = whose(on_road, step.wave)
    need = _people_needed(step)
    if asked.meaning == "activation":
        done = rules.activated(_first_days(of, metrics), metrics, on_road.account.today)
        return rules.people(done.values(), need)
    since = _since(step)
    if asked.people or asked.percent_of_seats:
        first = _first_days(of, metrics, since) if since else {}
        return rules.people((min(days.values()) for days in first.values()), need)
    return rules.times(by_day(of, metrics, since) if since else {}, asked.at_least or 1)


def value_day(onboarding: Onboarding, wave: Wave | None) -> date | None:
    """On which day a value event of the product was seen first, since the road opened: of the wave, where one is
    given."""
    names = onboarding.product.value_events
    return min(by_day(whose(onboarding, wave), names, opening(onboarding)), default=None) if names else None


def opening(onboarding: Onboarding) -> date:
    """From which day on what happens belongs to this road."""
    return min(onboarding.stages[0].planned_start, onboarding.start_date)


def by_day(of: Whose, metrics: Collection[str], since: date) -> dict[date, int]:
    """How often any of these happened on each day from `since` on on which it did."""
    if of.own is not None:
        return _by_day_of(of.account_id, of.own, metrics, since)
    rows = select(UsageDay.day, func.sum(UsageDay.count)).where(
        UsageDay.account_id == of.account_id, UsageDay.metric.in_(metrics), UsageDay.day >= since
    )
    found = {day: int(count) for day, count in db.session.execute(rows.group_by(UsageDay.day))}
    if of.others:
        for day, count in _by_day_of(of.account_id, of.others, metrics, since).items():
            found[day] = found.get(day, 0) - count
    return {day: count for day, count in found.items() if count > 0}


def _by_day_of(
    account_id: int, people: Collection[int], metrics: Collection[str], since: date
) -> dict[date, int]:
    row = UsagePersonDay
    rows = select(row.day, func.sum(row.count)).join(UsageUser, UsageUser.id == row.user_id)
    rows = rows.where(row.account_id == account_id, row.metric.in_(metrics), row.day >= since)
    rows = rows.where(UsageUser.person_id.in_(people)).group_by(row.day)
    return {day: int(count) for day, count in db.session.execute(rows)}


def _first_days(of: Whose, metrics: Collection[str], since: date = date.min) -> dict[int, dict[str, date]]:
    """On which day each user did each of these for the first time since then."""
    row = UsagePersonDay
    rows = select(row.user_id, row.metric, func.min(row.day)).where(
        row.account_id == of.account_id, row.metric.in_(metrics), row.day >= since
    )
    if of.own is not None or of.others:
        rows = rows.join(UsageUser, UsageUser.id == row.user_id)
        mine = UsageUser.person_id.in_(of.own or ())
        rows = rows.where(mine if of.own is not None else _of_nobody_in(of.others))
    found: dict[int, dict[str, date]] = {}
    for user_id, metric, day in db.session.execute(rows.group_by(row.user_id, row.metric)):
        found.setdefault(user_id, {})[metric] = day
    return found


def _of_nobody_in(people: Collection[int]) -> ColumnElement[bool]:
    return UsageUser.person_id.is_(None) | UsageUser.person_id.not_in(people)


def _asked(step: Step) -> UsageContent:
    asked = step.spec.usage
    assert asked is not None
    return asked


def _since(step: Step) -> date | None:
    """From which day on it counts; None while it can't yet."""
    if _asked(step).since == "go_live":
        return (step.wave or step.onboarding).went_live_on
    return opening(step.onboarding)


def _people_needed(step: Step) -> int | None:
    """How many people it takes; a wave's seats are its people."""
    asked = _asked(step)
    if asked.percent_of_seats is None:
        return asked.people
    own = len(step.wave.people) if step.wave else 0
    return rules.share_of(own or step.onboarding.account.licensed_seats, asked.percent_of_seats)
