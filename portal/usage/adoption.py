"""Who uses the product in one account, how much, and which of its features."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import distinct, func, literal, select
from sqlalchemy.orm import joinedload

from portal import db
from portal.accounts.models import Account, Person, Product
from portal.auth.keys import ApiKey
from portal.onboardings.models import Onboarding
from portal.usage import rules
from portal.usage.models import UsageDay, UsagePersonDay, UsageUser
from portal.usage.queries import first_days, loop_days

SHORT = 14  # Days of the overview's bars.


@dataclass(frozen=True)
class Somebody:
    """One user of the product: who that is here, when they were seen, on how many of the last 30 days, how many of
    the activation actions they have done, and which key features they used in that time."""

    name: str
    person: Person | None
    first_at: datetime
    last_at: datetime
    active_days: int
    activated: int
    features: tuple[str, ...]


class Day(NamedTuple):
    """How much was done on one day, and by how many people."""

    day: date
    events: int
    people: int


class Short(NamedTuple):
    """The use of one road's product in short: people on each of the last days, who was active in 30 days, and since
    when each event of the value loop has been seen."""

    people: list[tuple[date, int]]
    active: int
    loop: list[tuple[str, date | None]]


def people_of(account: Account, product: Product) -> list[Somebody]:
    """Everybody who was ever seen in the product there, whoever was seen last first."""
    window, row = rules.window(account.today), UsagePersonDay
    users = select(UsageUser).where(UsageUser.account_id == account.id).options(joinedload(UsageUser.person))
    lately = (row.account_id == account.id, row.day.between(window.first, window.last))
    days = select(row.user_id, func.count(distinct(row.day))).where(*lately).group_by(row.user_id)
    active = dict(db.session.execute(days).all())
    used: dict[int, set[str]] = {}
    features = select(row.user_id, row.metric).where(*lately, row.metric.in_(product.key_features)).distinct()
    for user_id, metric in db.session.execute(features):
        used.setdefault(user_id, set()).add(metric)
    done = first_days([account.id], product.activation_actions)[account.id]
    return [
        Somebody(
            name=user.person.name if user.person else user.name or user.email or user.key,
            person=user.person,
            first_at=user.first_seen_at,
            last_at=user.last_seen_at,
            active_days=active.get(user.id, 0),
            activated=len(done.get(user.id, {})),
            features=tuple(name for name in product.key_features if name in used.get(user.id, ())),
        )
        for user in db.session.scalars(users.order_by(UsageUser.last_seen_at.desc(), UsageUser.id))
    ]


def series(account: Account, days: int) -> list[Day]:
    """Every one of the last days, today included, also those on which nothing happened."""
    first = account.today - timedelta(days=days - 1)
    events = _by_day(UsageDay, func.sum(UsageDay.count), account, first)
    people = _by_day(UsagePersonDay, func.count(distinct(UsagePersonDay.user_id)), account, first)
    on = (first + timedelta(days=n) for n in range(days))
    return [Day(day, events.get(day, 0), people.get(day, 0)) for day in on]


def _by_day(
    row: type[UsageDay] | type[UsagePersonDay], counted: object, account: Account, first: date
) -> dict[date, int]:
    rows = select(row.day, counted).where(  # type: ignore[call-overload]
        row.account_id == account.id, row.day.between(first, account.today), row.metric.not_in(rules.NOT_USE)
    )
    return {day: int(count) for day, count in db.session.execute(rows.group_by(row.day))}


def loop_of(onboarding: Onboarding) -> list[tuple[str, date | None]]:
    """The value loop in its order, each event with the day on which it was seen: since go-live or, before it, ever."""
    names = onboarding.product.value_loop
    seen = loop_days([onboarding], names)[onboarding.id]
    return [(name, seen.get(name)) for name in names]


def in_short(onboarding: Onboarding) -> Short:
    """What the overview says of it, in one statement."""
    account, names = onboarding.account, onboarding.product.value_loop
    window, row = rules.window(account.today), UsagePersonDay
    active = select(literal("").label("metric"), row.user_id, row.day).where(
        row.account_id == account.id, row.day.between(window.first, window.last)
    )
    since = onboarding.went_live_on or date.min
    loop = select(UsageDay.metric, literal(0), func.min(UsageDay.day)).where(
        UsageDay.account_id == account.id, UsageDay.metric.in_(names), UsageDay.day >= since
    )
    rows = active.distinct().union_all(loop.group_by(UsageDay.metric))
    first = account.today - timedelta(days=SHORT - 1)
    by_day = dict.fromkeys((first + timedelta(days=n) for n in range(SHORT)), 0)
    seen: dict[str, date] = {}
    people = set()
    for metric, user, day in db.session.execute(rows):
        if metric:
            seen[metric] = day
            continue
        people.add(user)
        if day in by_day:
            by_day[day] += 1
    return Short(list(by_day.items()), len(people), [(name, seen.get(name)) for name in names])


def has_source() -> bool:
    """Whether anything sends events, or did, of whichever account."""
    keys = select(ApiKey.id).where(ApiKey.revoked_at.is_(None)).limit(1)
    return (db.session.scalar(keys) or db.session.scalar(select(UsageDay.id).limit(1))) is not None
