"""Two workers do the same entry of the timetable at the same moment, over the same that is due: what is there
afterwards is what one worker alone leaves of it."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select
from structlog.testing import capture_logs

from portal import db, schedule
from portal.accounts.kinds import Segment, TeamRole
from portal.accounts.models import Account, Staff
from portal.activity.models import Activity
from portal.app import create_app
from portal.escalations.models import Escalation
from portal.mail import Letter
from portal.nudges.models import Nudge
from portal.onboardings.models import Onboarding
from portal.playbooks.models import TriggerSetting, publish
from portal.playbooks.reader import read_checked, shipped
from portal.usage.models import UsageDay, UsageUser
from tests import make
from tests.infra.still import START, Clock
from tests.usage.seen import PAID, means
from tests.usage.sending import Sender, identify, key, track

CUSTOMERS = 5
PATIENCE = 60  # Seconds; whoever stands in another's way for longer stands there for ever.
FEATURES = ("usage", "health", "triggers", "escalations", "nudges", "desk")
QUIET_SINCE = datetime(2026, 3, 16, 10, tzinfo=UTC)  # A Monday.
USED = "2026-04-09T09:00:00.000Z"

# These begin where no level is left to rise to.
LOUDER = {"T9": "First value is late", "T10": "What the start needs is missing"}


def the_product_tells(app: Flask) -> None:
    """Of everybody's first paid partner, and of somebody whom we don't know; it knows the accounts before we do."""
    product = Sender(app, key(app))
    for n in range(CUSTOMERS):
        group = f"acct-{n}"
        product.batch(
            *[track(PAID, f"u-{n}", group, timestamp=USED, messageId=f"paid-{n}-{at}") for at in range(3)],
            identify(f"u-{n}", group, USED, email=f"zoe@customer-{n}.example"),
        )
    with app.test_request_context(), db.transaction():
        for n, account in enumerate(db.session.scalars(select(Account).order_by(Account.id))):
            account.external_id = f"acct-{n}"


def zoe_joins(app: Flask) -> None:
    with app.test_request_context(), db.transaction():
        for account in db.session.scalars(select(Account).order_by(Account.id)):
            make.person(account, "Zoe Adler")


# When, which entry, and what happens right before.
DAYS: list[tuple[datetime, str, Callable[[Flask], None] | None]] = [
    (datetime(2026, 3, 16, 10, 5, tzinfo=UTC), "health.refresh_changed", None),
    (datetime(2026, 3, 19, 9, 30, tzinfo=UTC), "nudges.plan_due", None),
    (datetime(2026, 3, 19, 9, 35, tzinfo=UTC), "nudges.send_due", None),
    # The evening of their twelfth silent working day.
    (datetime(2026, 4, 1, 17, 30, tzinfo=UTC), "health.evening", None),
    (datetime(2026, 4, 1, 17, 45, tzinfo=UTC), "triggers.evaluate", None),
    (datetime(2026, 4, 2, 9, 30, tzinfo=UTC), "triggers.fire", None),
    (datetime(2026, 4, 8, 18, tzinfo=UTC), "escalations.pass_clocks", None),
    (datetime(2026, 4, 9, 14, 30, tzinfo=UTC), "desk.send_mornings", None),
    (datetime(2026, 4, 9, 15, tzinfo=UTC), "usage.resolve", the_product_tells),
    (datetime(2026, 4, 9, 15, 5, tzinfo=UTC), "usage.find_people", zoe_joins),
    (datetime(2026, 4, 9, 15, 10, tzinfo=UTC), "usage.look_again", None),
    (datetime(2027, 6, 1, 9, tzinfo=UTC), "usage.prune", None),
]


def build(clock: Clock) -> None:
    """Customers of low touch who began on a Monday, did one thing, and are silent from then on."""
    clock.at(START)
    make.provider()
    priya = make.staff()
    lena = make.staff("Lena Voss", "csm", time_zone="Europe/Berlin", country="DE")
    nora = make.staff("Nora Quist", "cs_leader")
    for trigger, called in LOUDER.items():
        TriggerSetting.of(trigger).switch(called, on=False, by=nora)
    priya.lead_id = lena.id
    book = publish(read_checked(next(path for path in shipped() if path.stem == "partner-programme")))
    roads = []
    for n in range(CUSTOMERS):
        account = make.account(f"Customer {n}", segment=Segment.SMB)
        make.person(account, joined_at=START, invited_at=START)
        road = make.onboarding(account, dict.fromkeys(TeamRole, priya), book=book)
        means(road.product)
        road.prepare(by=priya)
        roads.append(road)
    clock.at(QUIET_SINCE)
    for road in roads:
        road.begin()
        work(road, priya)
        road.customer_moved_at = QUIET_SINCE


def work(road: Onboarding, priya: Staff) -> None:
    for step in road.steps:
        if step.owner_side == "us" and step.with_us:
            step.complete(by=priya)


@dataclass
class World:
    """An install of its own, what each entry changed there, and the errors that were logged."""

    app: Flask
    changed: dict[str, dict[str, int]] = field(default_factory=dict)
    logged: list[dict] = field(default_factory=list)

    def live(self, workers: int, clock: Clock) -> None:
        """Let so many workers do each entry at the same moment."""
        entries = {entry.name: entry.function for entry in schedule.TIMETABLE}
        for moment, name, before in DAYS:
            clock.at(moment)
            if before:
                before(self.app)
            there = traces()
            with capture_logs() as logs:
                self.at_once(workers, entries[name])
            self.logged += [one for one in logs if one["log_level"] == "error"]
            more = Counter(traces())
            more.subtract(there)
            self.changed[name] = {what: n for what, n in more.items() if n}

    def at_once(self, workers: int, function: Callable[[], object]) -> None:
        gate, ended = threading.Barrier(workers), []

        def work() -> None:
            with self.app.test_request_context():
                gate.wait(PATIENCE)
                function()
            ended.append(True)

        threads = [threading.Thread(target=work, daemon=True) for _worker in range(workers)]
        for one in threads:
            one.start()
        for one in threads:
            one.join(PATIENCE)
        assert ended == [True] * workers


def traces() -> dict[str, int]:
    """How many rows each table has, what was done how often, and what stands in the rows that count."""
    with db.reading():
        found = {
            table.name: db.session.scalar(select(func.count()).select_from(table))
            for table in db.Base.metadata.sorted_tables
        }
        for kind in (Activity.verb, Letter.kind, Nudge.state):
            rows = select(kind, func.count()).group_by(kind)
            found |= {f"{kind}: {word}": n for word, n in db.session.execute(rows)}
        found["events counted"] = db.session.scalar(select(func.coalesce(func.sum(UsageDay.count), 0)))
        found["levels of cases"] = db.session.scalar(select(func.coalesce(func.sum(Escalation.level), 0)))
        found["users known"] = db.session.scalar(select(func.count(UsageUser.person_id)))
    return found


@pytest.fixture
def worlds(database, databases, settings, clock) -> Iterator[Callable[[], World]]:
    """Makes one install after another; the newest is the one that is connected."""
    made: list[str] = []

    def another() -> World:
        made.append(databases.copy(database))
        app = create_app(settings(PORTAL_DATABASE_URL=made[-1]))
        with app.test_request_context(), db.transaction():
            build(clock)
        return World(app)

    yield another
    db.disconnect()
    for url in made:
        databases.drop(url)


def test_two_workers_at_once_leave_what_one_does(worlds, clock) -> None:
    alone = worlds()
    alone.live(1, clock)
    assert [name for name, what in alone.changed.items() if not what] == [], "these had nothing to do"
    both = worlds()
    both.live(2, clock)
    assert both.logged == alone.logged == []
    assert both.changed == alone.changed


def test_every_entry_of_these_features_is_among_them() -> None:
    theirs = {one.name for one in schedule.TIMETABLE if one.name.partition(".")[0] in FEATURES}
    assert theirs == {name for _moment, name, _before in DAYS}
