"""What customers do in the product, read from the daily counts."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import case, distinct, func, or_, select

from portal import db
from portal.accounts.models import Account, Product
from portal.calendars import at
from portal.onboardings.models import Onboarding
from portal.usage import rules
from portal.usage.models import UsageDay, UsagePersonDay, UsageUser
from portal.usage.rules import Days, Stretch

MIDDAY = time(12)


@dataclass(frozen=True)
class Use:
    """How one onboarding's account uses the product, on a day of its own."""

    active_30d: int  # People who used it in the last 30 days: who only opens a ticket or orders does not.
    activated: int  # People who did every activation action of the product.
    last_at: datetime | None  # The last event by one of the account's people.
    week: Stretch  # The last 7 full days before today.
    week_before: Stretch  # The 7 days before these.
    tickets: int  # Support tickets since day 0.
    loop_seen: tuple[str, ...]  # Events of the value loop, seen since go-live or, before it, ever.
    counted: date | None = (
        None  # The first day that anything at all was counted on, support tickets included.
    )
    people_counted: date | None = (
        None  # The first on which a person's use was: files without people have none.
    )


@dataclass(frozen=True)
class _Counts:
    """Of one account: who was active, and what came of two weeks."""

    active: int = 0
    people: tuple[int, int] = (0, 0)
    events: tuple[int, int] = (0, 0)
    last_day: date | None = None


def use_of(roads: Sequence[Onboarding], today: Mapping[int, date] | None = None) -> dict[int, Use]:
    """Each road's use, by its id. `today` is the day to look from, by road; left out, the account's own.

    The number of statements doesn't grow with the roads: it grows with the different days they are looked at from,
    which are three at most around the world.
    """
    if not roads:
        return {}
    accounts = _rows(Account, {road.account_id for road in roads})
    products = _rows(Product, {road.product_id for road in roads})
    now = {road.id: (today or {}).get(road.id) or accounts[road.account_id].today for road in roads}
    looked: dict[date, set[int]] = defaultdict(set)
    for road in roads:
        looked[now[road.id]].add(road.account_id)
    counts = {day: _counts(ids, day) for day, ids in looked.items()}
    actions = {name for product in products.values() for name in product.activation_actions}
    loops = {name for product in products.values() for name in product.value_loop}
    done, seen = first_days(accounts, actions), loop_days(roads, loops)
    last, tickets = _last_seen(accounts), _tickets(accounts, min(road.start_date for road in roads))
    begun = _counted_since(accounts)
    found = {}
    for road in roads:
        day, account, product = now[road.id], accounts[road.account_id], products[road.product_id]
        one = counts[day].get(account.id, _Counts())
        weeks = rules.week(day), rules.week(day, before=1)
        this, before = (
            rules.stretch(week, events, people, account.calendar)
            for week, events, people in zip(weeks, one.events, one.people, strict=True)
        )
        found[road.id] = Use(
            active_30d=one.active,
            activated=len(rules.activated(done[account.id], product.activation_actions, day)),
            last_at=_last_at(last.get(account.id), one.last_day, day, account),
            week=this,
            week_before=before,
            tickets=sum(n for on, n in tickets[account.id] if road.start_date <= on <= day),
            loop_seen=tuple(name for name in product.value_loop if seen[road.id].get(name, date.max) <= day),
            counted=begun[account.id][0],
            people_counted=begun[account.id][1],
        )
    return found


def _rows(model: type[Any], ids: Collection[int]) -> dict[int, Any]:
    return {row.id: row for row in db.session.scalars(select(model).where(model.id.in_(ids)))}


def _counts(accounts: Collection[int], today: date) -> dict[int, _Counts]:
    """Who was active in each account, and its last two weeks."""
    weeks, span = (rules.week(today), rules.week(today, before=1)), rules.window(today)
    by_day, by_person = UsageDay, UsagePersonDay
    events: dict[int, tuple[int, int]] = {}
    rows = select(
        by_day.account_id,
        func.sum(_in(by_day, weeks[0], by_day.count)),
        func.sum(_in(by_day, weeks[1], by_day.count)),
    )
    rows = rows.where(by_day.account_id.in_(accounts), by_day.metric.not_in(rules.NOT_USE))
    rows = rows.where(by_day.day.between(weeks[1].first, weeks[0].last)).group_by(by_day.account_id)
    for account_id, this, before in db.session.execute(rows):
        events[account_id] = (int(this or 0), int(before or 0))
    people = select(
        by_person.account_id,
        func.count(distinct(_in(by_person, span, by_person.user_id))),
        func.max(by_person.day),
        func.count(distinct(_in(by_person, weeks[0], by_person.user_id))),
        func.count(distinct(_in(by_person, weeks[1], by_person.user_id))),
    )
    people = people.where(by_person.account_id.in_(accounts), by_person.day.between(span.first, span.last))
    found = {
        account_id: _Counts(active, (this, before), events.pop(account_id, (0, 0)), last_day)
        for account_id, active, last_day, this, before in db.session.execute(
            people.group_by(by_person.account_id)
        )
    }
    return found | {account_id: _Counts(events=both) for account_id, both in events.items()}


def _in(rows: type[UsageDay] | type[UsagePersonDay], days: Days, value: Any) -> Any:
    """`value` for the rows that are use of the product in those days, else nothing."""
    within = rows.day.between(days.first, days.last) & rows.metric.not_in(rules.NOT_USE)
    return case((within, value))


def first_days(
    accounts: Iterable[int], metrics: Collection[str]
) -> defaultdict[int, dict[int, dict[str, date]]]:
    """On which day each user of each account did each of these for the first time."""
    found: defaultdict[int, dict[int, dict[str, date]]] = defaultdict(dict)
    if not metrics:
        return found
    row = UsagePersonDay
    rows = select(row.account_id, row.user_id, row.metric, func.min(row.day))
    rows = rows.where(row.account_id.in_(accounts), row.metric.in_(metrics))
    for account_id, user_id, metric, day in db.session.execute(
        rows.group_by(row.account_id, row.user_id, row.metric)
    ):
        found[account_id].setdefault(user_id, {})[metric] = day
    return found


def loop_days(roads: Sequence[Onboarding], metrics: Collection[str]) -> defaultdict[int, dict[str, date]]:
    """On which day each road's account did each of these first: since its go-live, or before it ever."""
    found: defaultdict[int, dict[str, date]] = defaultdict(dict)
    if not metrics:
        return found
    rows = select(Onboarding.id, UsageDay.metric, func.min(UsageDay.day))
    rows = rows.join(UsageDay, UsageDay.account_id == Onboarding.account_id)
    rows = rows.where(Onboarding.id.in_([road.id for road in roads]), UsageDay.metric.in_(metrics))
    rows = rows.where(or_(Onboarding.went_live_on.is_(None), UsageDay.day >= Onboarding.went_live_on))
    for road_id, metric, day in db.session.execute(rows.group_by(Onboarding.id, UsageDay.metric)):
        found[road_id][metric] = day
    return found


def _counted_since(accounts: Iterable[int]) -> dict[int, tuple[date | None, date | None]]:
    """The first day of each account on which anything was counted, and the first on which a person's use was. Each is
    the first row of an index, however many there are."""
    anything = select(UsageDay.day).where(UsageDay.account_id == Account.id)
    person = select(UsagePersonDay.day).where(
        UsagePersonDay.account_id == Account.id, UsagePersonDay.metric.not_in(rules.NOT_USE)
    )
    rows = select(
        Account.id,
        anything.order_by(UsageDay.day).limit(1).scalar_subquery(),
        person.order_by(UsagePersonDay.day).limit(1).scalar_subquery(),
    )
    return {
        account_id: (first, by_people)
        for account_id, first, by_people in db.session.execute(rows.where(Account.id.in_(accounts)))
    }


def _last_seen(accounts: Iterable[int]) -> dict[int, datetime]:
    rows = select(UsageUser.account_id, func.max(UsageUser.last_seen_at))
    rows = rows.where(UsageUser.account_id.in_(accounts)).group_by(UsageUser.account_id)
    return dict(db.session.execute(rows).all())


def _last_at(
    moment: datetime | None, last_day: date | None, today: date, account: Account
) -> datetime | None:
    """When one of them was seen last. Looked at from a day in the past, the moment itself may be later by now: then it
    is the middle of the last day that is counted."""
    if moment is not None and moment.astimezone(account.zone).date() <= today:
        return moment
    return at(last_day, MIDDAY, account.zone) if last_day else None


def _tickets(accounts: Iterable[int], since: date) -> defaultdict[int, list[tuple[date, int]]]:
    found: defaultdict[int, list[tuple[date, int]]] = defaultdict(list)
    rows = select(UsageDay.account_id, UsageDay.day, UsageDay.count)
    rows = rows.where(UsageDay.account_id.in_(accounts), UsageDay.metric == rules.TICKET)
    for account_id, day, count in db.session.execute(rows.where(UsageDay.day >= since)):
        found[account_id].append((day, count))
    return found


# --- What has come in ---------------------------------------------------------------------------


def names_seen() -> dict[str, date]:
    """Every name of an event that was ever counted, with the last day on which it was."""
    rows = select(UsageDay.metric, func.max(UsageDay.day)).group_by(UsageDay.metric).order_by(UsageDay.metric)
    return dict(db.session.execute(rows).all())
