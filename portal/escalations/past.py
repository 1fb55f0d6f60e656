"""What happened in the last weeks as a drawing: a line for each of their people, one for our calls and letters."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from portal import db, web
from portal.activity.models import Activity, Audience, Verb
from portal.calls.models import Call
from portal.calls.rules import CallState
from portal.onboardings.models import Onboarding

DAYS = 42
PEOPLE = 4
LEFT, WIDTH, ROW = 90, 760, 26
QUIET_FROM = 3  # Days without anything of theirs that are worth shading.
DOORS = frozenset(
    {Verb.SIGNED_IN, Verb.SIGNED_OUT, Verb.PERSON_JOINED, Verb.PREFERENCE_CHANGED, Verb.PROFILE_CHANGED}
)


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    r: float


@dataclass(frozen=True)
class Chart:
    """`rows` are names with their height; `dots` what somebody finished or sent, `rings` our calls; `quiet` is where
    the shading begins and how wide it is, none where they moved lately; `days` are dates along the foot."""

    height: int
    rows: list[tuple[str, float]]
    dots: list[Dot]
    rings: list[Dot]
    quiet: tuple[float, float] | None
    days: list[tuple[float, str]]
    says: str


def chart_of(road: Onboarding) -> Chart | None:
    """The last six weeks; None where nothing of theirs happened in them. Two statements."""
    account = road.account
    today = account.today
    begins = max(today - timedelta(days=DAYS - 1), road.created_at.astimezone(account.zone).date())
    people = {one.id: one.called for one in account.people}
    since = datetime.combine(begins, datetime.min.time(), account.zone)
    rows = select(Activity.actor_id, Activity.at).where(
        Activity.onboarding_id == road.id,
        Activity.at >= since,
        Activity.actor_id.in_(people),
        Activity.audience == Audience.CUSTOMER,
        Activity.verb.not_in(DOORS),
    )
    done: dict[int, Counter[date]] = defaultdict(Counter)
    for actor, at in db.session.execute(rows):
        done[actor or 0][at.astimezone(account.zone).date()] += 1
    if not done:
        return None
    calls = select(Call.start).where(
        Call.onboarding_id == road.id, Call.state == CallState.HELD, Call.start >= since
    )
    held = [start.astimezone(account.zone).date() for start in db.session.scalars(calls)]
    return _drawn(begins, today, {people[one]: done[one] for one in _busiest(done)}, held)


def _busiest(done: dict[int, Counter[date]]) -> list[int]:
    return sorted(done, key=lambda one: (-done[one].total(), one))[:PEOPLE]


def _drawn(begins: date, today: date, done: dict[str, Counter[date]], held: Iterable[date]) -> Chart:
    days = max((today - begins).days, 1)

    def x(day: date) -> float:
        return round(LEFT + (WIDTH - LEFT - 10) * (day - begins).days / days, 1)

    heights = [ROW * n + 16 for n in range(len(done) + 1)]
    last = max(day for days_ in done.values() for day in days_)
    silent = (today - last).days
    dots = [
        Dot(x(day), y, min(3 + count, 7))
        for y, counted in zip(heights, done.values(), strict=False)
        for day, count in counted.items()
    ]
    return Chart(
        height=ROW * (len(done) + 1) + 4,
        rows=list(zip([*done, _("Us")], heights, strict=True)),
        dots=dots,
        rings=[Dot(x(day), heights[-1], 4) for day in held],
        quiet=(x(last) + 8, round(WIDTH - x(last) - 10, 1)) if silent >= QUIET_FROM else None,
        days=[(x(day), web.short_day(day)) for day in _marks(begins, today)],
        says=_says(last, silent),
    )


def _marks(begins: date, today: date) -> list[date]:
    step = max(7, (today - begins).days // 5)
    found = [begins + timedelta(days=n) for n in range(0, (today - begins).days - step // 2, step)]
    return [*found, today]


def _says(last: date, silent: int) -> str:
    since = web.day(last, "dMMMM")
    if silent < QUIET_FROM:
        return _("Filled: finished or sent something, last on %(date)s. Ring: a call.", date=since)
    return ngettext(
        "Filled: finished or sent something. Ring: a call. Shaded: %(num)s day with nothing, since %(date)s.",
        "Filled: finished or sent something. Ring: a call. Shaded: %(num)s days with nothing, since %(date)s.",
        silent,
        date=since,
    )
