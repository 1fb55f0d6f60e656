"""What the demo's customers do in the product since the first of them went live: who, on which day, how often."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import joinedload

from portal import db
from portal.accounts.models import Account
from portal.calendars import at
from portal.demo.days import Days
from portal.onboardings.models import Onboarding
from portal.onboardings.states import OnboardingState
from portal.usage.models import UsageDay, UsagePersonDay, UsageUser
from portal.usage.rules import TICKET

SIGNED_IN, SET_UP, VIEWED = "Signed In", "Profile Completed", "Partner Viewed"
JOINED, REFERRED, PAID = "Partner Joined", "Referral Submitted", "Reward Paid"
APPROVED, RUN, REPORT = "Referral Approved", "Payout Run Approved", "Report Exported"

EACH = timedelta(days=91)  # So long each person's days are told; before that, only what they add up to.
RAMP = 21  # Days after the go-live until everybody who will use it does.
WEEK = (0.95, 1.1, 1.05, 1.0, 0.75, 0.0, 0.0)
FIRST = (
    "Alex",
    "Bea",
    "Chris",
    "Dana",
    "Elif",
    "Femi",
    "Gwen",
    "Hugo",
    "Ines",
    "Jo",
    "Kim",
    "Leo",
    "Mara",
    "Nils",
)
LAST = (
    "Abel",
    "Brun",
    "Costa",
    "Diaz",
    "Evans",
    "Fox",
    "Gray",
    "Holm",
    "Ito",
    "Jung",
    "Kaya",
    "Lund",
    "Moss",
)

FALLING = {"proseware"}  # Used a lot at first, then half of it and less.
FEW = {"lakeshore"}  # Live for more than a month, and hardly anybody is there.
NEVER = {"wide-world-importers"}
ENGAGED = {"relecloud"}  # Nothing is finished there, but they look at the product.
TICKETS = {"adatum": 6, "proseware": 2}


@dataclass
class Told:
    """The rows of one account before they are written: its days, and the days of its users."""

    account: Account
    chance: random.Random
    of_all: Counter[tuple[date, str]] = field(default_factory=Counter)
    of_one: Counter[tuple[int, date, str]] = field(default_factory=Counter)
    users: list[UsageUser] = field(default_factory=list)

    def did(self, user: int, day: date, metric: str, times: int = 1) -> None:
        """One of them did it."""
        self.of_one[user, day, metric] += times
        self.of_all[day, metric] += times

    def happened(self, day: date, metric: str, times: int) -> None:
        """It happened there, whoever did it."""
        if times > 0:
            self.of_all[day, metric] += times


def tell(days: Days) -> None:
    """Count what every customer did until yesterday. Needs the roads as they are today."""
    rows = select(Onboarding).options(joinedload(Onboarding.account)).order_by(Onboarding.id)
    told: dict[int, Told] = {}
    for road in db.session.scalars(rows):
        slug = road.account.slug
        if slug in NEVER or road.account_id in told or road.state is OnboardingState.DRAFT:
            continue
        one = Told(road.account, random.Random(f"{slug} uses {days.today.isoformat()}"))
        if road.went_live_on:
            _live(one, road, days)
        else:
            _trying(one, road, days)
        _tickets(one, road, days)
        told[road.account_id] = one
    for one in told.values():
        db.session.add_all(one.users)
    db.session.flush()
    db.session.execute(insert(UsageDay), [row for one in told.values() for row in _days_of(one)])
    db.session.execute(insert(UsagePersonDay), [row for one in told.values() for row in _own_days_of(one)])


def _days_of(told: Told) -> Iterator[dict[str, Any]]:
    for (day, metric), times in sorted(told.of_all.items()):
        yield {"account_id": told.account.id, "day": day, "metric": metric, "count": times}


def _own_days_of(told: Told) -> Iterator[dict[str, Any]]:
    for (user, day, metric), times in sorted(told.of_one.items()):
        row = {"account_id": told.account.id, "user_id": told.users[user].id, "day": day, "metric": metric}
        yield {**row, "count": times}


# --- In use -------------------------------------------------------------------------------------


def _live(told: Told, road: Onboarding, days: Days) -> None:
    """From the go-live on: a ramp, the rhythm of a working week, and the loop that brings value."""
    account, slug, live = road.account, road.account.slug, road.went_live_on
    assert live is not None
    seats = account.licensed_seats or 1
    count = max(1, round(seats * (0.3 if slug in FEW else told.chance.uniform(0.68, 0.9))))
    half = road.step_called("people_activated")
    by = half.seen_on if half and half.is_done else live + timedelta(days=RAMP)
    ramp = 4 if slug in FALLING else max(1, min(RAMP, (by - live).days))
    starts = [_working(account, live + timedelta(days=ramp * n // count)) for n in range(count)]
    last = days.today - timedelta(days=1)
    starts = [day for day in starts if day <= last]
    eager = [told.chance.uniform(0.3, 0.75) for _start in starts]
    gone = [told.chance.random() < 0.1 for _start in starts]
    told_each = max(live, days.today - EACH)
    for n, start in enumerate(starts):
        told.users.append(_user(told, n, start))
        for action in (SIGNED_IN, SET_UP, VIEWED)[: 2 if slug in FEW and n % 2 else 3]:
            told.did(n, start, action)
    day = live
    while day <= last:
        much = _rhythm(account, day) * (0.2 if slug in FALLING and day > last - timedelta(days=7) else 1)
        if much:
            _loop(told, road, day, much, seats)
            if day >= told_each:
                until = days.today - timedelta(days=40)
                there = [n for n, start in enumerate(starts) if start < day and not (gone[n] and day > until)]
                _each(told, there, eager, day, much)
            else:
                _together(told, sum(start < day for start in starts), day, much)
        day += timedelta(days=1)


def _working(account: Account, day: date) -> date:
    return account.calendar.next_working_day(day)


def _rhythm(account: Account, day: date) -> float:
    return WEEK[day.weekday()] if account.calendar.is_working_day(day) else 0.0


def _each(told: Told, there: list[int], eager: list[float], day: date, much: float) -> None:
    """What every one of them did that day."""
    chance = told.chance
    for n in there:
        if chance.random() >= eager[n] * much:
            continue
        told.did(n, day, SIGNED_IN)
        told.did(n, day, VIEWED, chance.randint(1, 5))
        if chance.random() < 0.35:
            told.did(n, day, APPROVED, chance.randint(1, 3))
        if day.weekday() == 0 and chance.random() < 0.3:
            told.did(n, day, REPORT)
        told.users[n].last_seen_at = max(told.users[n].last_seen_at, _moment(told, day))
    if there and day.day <= 3 and chance.random() < 0.5:
        told.did(there[0], day, RUN)


def _together(told: Told, count: int, day: date, much: float) -> None:
    """What they did long ago, as it added up."""
    active = round(count * 0.5 * much * told.chance.uniform(0.85, 1.1))
    told.happened(day, SIGNED_IN, active)
    told.happened(day, VIEWED, active * 3)
    told.happened(day, APPROVED, active // 2)


def _loop(told: Told, road: Onboarding, day: date, much: float, seats: int) -> None:
    """Partners join and refer; once it has come to that, some are paid, mostly in the first days of a month."""
    chance, size = told.chance, 1 + seats / 12
    told.happened(day, JOINED, round(size * much * chance.uniform(0, 0.8)))
    told.happened(day, REFERRED, round(size * much * chance.uniform(0.4, 1.6)))
    if day == road.went_live_on:
        told.happened(day, JOINED, 1)
    if road.first_value_on and day >= road.first_value_on and (day.day <= 3 or day == road.first_value_on):
        told.happened(day, PAID, max(1, round(size * chance.uniform(0.5, 2))))


# --- Before that --------------------------------------------------------------------------------


def _trying(told: Told, road: Onboarding, days: Days) -> None:
    """Whoever is on the road looks around in the sandbox, until they go quiet."""
    account, opened = road.account, road.stage_called("training").opened_at
    if account.slug == "northwind":
        opened = road.started_at
    if opened is None or road.state is OnboardingState.CANCELLED:
        return
    moved = road.customer_moved_at
    last = days.today - timedelta(days=1)
    if moved is not None and account.slug not in ENGAGED:
        last = min(last, moved.astimezone(account.zone).date())
    day, here = opened.astimezone(account.zone).date(), [one for one in account.people if one.joined_at]
    users: dict[int, int] = {}
    while day <= last:
        for person in here:
            if told.chance.random() < 0.4 * _rhythm(account, day) and person.joined_at:
                if day < person.joined_at.astimezone(account.zone).date():
                    continue
                if person.id not in users:
                    users[person.id] = len(told.users)
                    told.users.append(_user(told, account.people.index(person), day))
                told.did(users[person.id], day, SIGNED_IN)
                told.users[users[person.id]].last_seen_at = _moment(told, day)
        day += timedelta(days=1)


def _tickets(told: Told, road: Onboarding, days: Days) -> None:
    span = (days.today - road.start_date).days
    for _ticket in range(TICKETS.get(road.account.slug, 0)):
        day = road.start_date + timedelta(days=told.chance.randint(1, max(1, span - 1)))
        told.happened(min(day, days.today - timedelta(days=1)), TICKET, 1)


# --- Who ----------------------------------------------------------------------------------------


def _user(told: Told, n: int, start: date) -> UsageUser:
    """The nth person with a seat: those who are on the road first, then colleagues whom nobody here has met."""
    account, first = told.account, _moment(told, start)
    plain = {"account_id": account.id, "first_seen_at": first, "last_seen_at": first}
    if n < len(account.people):
        person = account.people[n]
        return UsageUser(**plain, key=person.email, email=person.email, name=person.name, person_id=person.id)
    name = f"{FIRST[n % len(FIRST)]} {LAST[(n // len(FIRST) + n) % len(LAST)]}"
    email = f"{name.lower().replace(' ', '.')}{n}@{account.slug}.example"
    return UsageUser(**plain, key=email, email=email, name=name)


def _moment(told: Told, day: date) -> datetime:
    return at(day, time(9 + told.chance.randint(0, 5), told.chance.randint(0, 59)), told.account.zone)
