"""B6: health of ten thousand active onboardings (a hundred thousand with SIZE=full) evaluated at once, and of a tenth
of them, in one database: as many statements for each chunk, and time that grows no faster than the onboardings. Then
all triggers look at an evening of them.

One road is walked for some weeks through domain methods, and its people use the product on every working day; the
others are copies of all its rows under other ids.
"""

import os
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, insert, select

from portal import clock, config, db, migrating, tables
from portal.accounts.kinds import PortalRole, Segment, StakeholderRole, TeamRole
from portal.accounts.models import Account, Person, Product, Provider, Staff
from portal.app import create_app
from portal.auth.models import Session
from portal.escalations import trigger_run
from portal.health import jobs, standing
from portal.health.queries import CHUNK
from portal.messages.models import Message
from portal.onboardings import creation
from portal.onboardings.models import Onboarding
from portal.playbooks.models import publish
from portal.playbooks.reader import read_checked, shipped
from portal.usage.intake import Counted, count
from tests.bench import roads
from tests.infra.statements import statements

MANY = 100_000 if os.environ.get("SIZE") == "full" else 10_000
FEW = MANY // 10
DAYS = 24  # How long the road that is copied has been walked.
USED = 40  # For how many days the product has been used, by so many people.
USERS = 6
INSERTED = 500  # Copies at a time.
# What of the road is copied, in the order in which rows name each other.
COPIED = (
    "account", "app_user", "person", "onboarding", "stage", "module", "step", "milestone", "team_member", "activity",
    "session", "message", "thread", "usage_day", "usage_user", "usage_person_day",
)  # fmt: skip
UNIQUE = {"ref", "slug", "email", "token_hash", "chain"}


def measure(kind: str, folder: Path, url: str, say: Callable[..., None]) -> None:
    """Say how long one evaluation of all takes on one core, with its writing, and with how many statements."""
    folder.mkdir()
    app = create_app(config.read(roads.settings(folder, url)))
    migrating.upgrade()
    with app.test_request_context(base_url="http://127.0.0.1:8000"):
        with db.transaction():
            _Copies(_walked()).make(MANY)
        ids = _ids()
        look = {size: _timed(lambda some=size: _looked(ids[:some])) for size in (FEW, MANY)}
        writing, _statements = _timed(jobs.refresh_changed)
        say(
            "B6",
            database=kind,
            part="health",
            onboardings=MANY,
            seconds=round(look[MANY][0], 1),
            bar_seconds=20 * MANY // 10_000,
            time_many_to_few=round(look[MANY][0] / look[FEW][0], 1),
            bar=11,
            statements_for_each_chunk={
                str(size): round(n / -(-size // CHUNK), 1) for size, (_s, n) in look.items()
            },
            seconds_with_writing_all=round(writing, 1),
        )
        triggers = {}
        for back, size in ((1, FEW), (0, MANY)):
            _keep_an_evening(ids[:size], back)
            triggers[size] = _timed(trigger_run.evaluate)
        say(
            "B6",
            database=kind,
            part="triggers",
            onboardings=MANY,
            seconds=round(triggers[MANY][0], 1),
            seconds_with_health=round(look[MANY][0] + triggers[MANY][0], 1),
            bar_seconds=20 * MANY // 10_000,
            time_many_to_few=round(triggers[MANY][0] / triggers[FEW][0], 1),
            bar=11,
            statements_for_each_chunk={
                str(size): round(n / -(-size // CHUNK), 1) for size, (_s, n) in triggers.items()
            },
        )


def _timed(work: Callable[[], object]) -> tuple[float, int]:
    """Seconds of this process, and statements."""
    with statements() as seen:
        began = time.process_time()
        work()
        return time.process_time() - began, len(seen)


def _looked(ids: list[int]) -> None:
    for first in range(0, len(ids), CHUNK):
        with db.reading():
            standing.look(ids[first : first + CHUNK])


def _keep_an_evening(ids: list[int], back: int) -> None:
    day = clock.now().date() - timedelta(days=back)
    for first in range(0, len(ids), CHUNK):
        with db.transaction():
            found = standing.look(ids[first : first + CHUNK])
            jobs.note(found, dict.fromkeys(found, day))


def _ids() -> list[int]:
    with db.reading():
        return list(db.session.scalars(select(Onboarding.id).order_by(Onboarding.id)))


# --- The data -------------------------------------------------------------------------------------


def _walked() -> Onboarding:
    """A road under way for some weeks, late by a few items, with what its people did and wrote."""
    now = clock.now()
    with clock.frozen(now - timedelta(days=DAYS + 10)):
        priya = Staff(
            name="Priya Rao", called="Priya", email="priya@partnerly.example", staff_roles=["consultant"]
        )
        product = Product(
            key="partners", name="Partner programme", value_events=["Reward Paid"],
            activation_actions=["Signed In", "Profile Completed"],
            value_loop=["Partner Joined", "Referral Submitted", "Reward Paid"],
        )  # fmt: skip
        account = Account(
            name="Customer", slug="customer", segment=Segment.MID_MARKET, country="PT", licensed_seats=20
        )
        ana = Person(account=account, name="Ana Nuñez", called="Ana", email="ana@customer.example",
                     portal_role=PortalRole.ADMIN, stakeholder_roles=[StakeholderRole.CHAMPION],
                     learning_style=[], joined_at=now)  # fmt: skip
        db.session.add_all([Provider(id=1, name="Partnerly"), priya, product, account, ana])
        db.session.flush()
        book = publish(read_checked(next(path for path in shipped() if path.stem == "partner-programme")))
        start, team = account.today + timedelta(days=10), {TeamRole.CONSULTANT: priya}
        road = creation.create(
            account, book, product=product, programme=45, start_date=start, team=team, by=priya
        )
        road.prepare(by=priya)
    with clock.frozen(now - timedelta(days=DAYS)):
        road.begin()
    for back in range(DAYS, 4, -1):
        with clock.frozen(now - timedelta(days=back)):
            _work(road, ana, priya)
    Session.begin(ana, user_agent="bench", ip="127.0.0.1")
    Message.write(road, "When can we start?", by=ana)
    count([use for back in range(USED) for use in _use(account, now - timedelta(days=back))])
    db.session.flush()
    return road


def _use(account: Account, at: datetime) -> Iterator[Counted]:
    """One day of the product: the first of them signs in on every working day, all on Mondays, and then do more."""
    if at.weekday() >= 5:
        return
    monday = at.weekday() == 0
    for n in range(USERS if monday else 1):
        for metric in ("Signed In", "Partner Joined", "Referral Submitted")[: 3 if monday else 1]:
            yield Counted(
                account_id=account.id, user_key=f"u-{n}", metric=metric, at=at, day=at.date(), count=3
            )


def _work(road: Onboarding, ana: Person, priya: Staff) -> None:
    while due := [
        one for one in road.steps if one.with_them and one.due_on and one.due_on <= road.account.today
    ]:
        for step in due:
            step.complete(by=priya)
            road.customer_moved_at = clock.now()
    for step in road.steps:
        if step.with_us and step.due_on and step.due_on <= road.account.today:
            step.complete(by=priya)


class _Copies:
    """Makes copies of all that belongs to one account, some hundred at a time."""

    def __init__(self, road: Onboarding) -> None:
        self.tables: dict[str, Table] = {name: tables.Base.metadata.tables[name] for name in COPIED}
        self.rows = {name: self._rows(table, road) for name, table in self.tables.items()}
        self.span = 1 + max(row["id"] for rows in self.rows.values() for row in rows)
        self.own = {name: {row["id"] for row in rows} for name, rows in self.rows.items()}

    @staticmethod
    def _rows(table: Table, road: Onboarding) -> list[dict[str, Any]]:
        people = select(Person.id).where(Person.account_id == road.account_id)
        where = {
            "account": lambda: table.c.id == road.account_id,
            "app_user": lambda: table.c.id.in_(people),
            "session": lambda: table.c.user_id.in_(people),
        }.get(table.name, lambda: table.c.account_id == road.account_id)
        return [dict(row) for row in db.session.execute(select(table).where(where())).mappings()]

    def make(self, size: int) -> None:
        for first in range(1, size, INSERTED):
            numbers = range(first, min(first + INSERTED, size))
            for name, table in self.tables.items():
                db.session.execute(
                    insert(table), [self._copy(name, row, n) for n in numbers for row in self.rows[name]]
                )

    def _copy(self, name: str, row: dict[str, Any], n: int) -> dict[str, Any]:
        """Whatever names one of the copied rows names its copy."""
        made = dict(row, id=row["id"] + n * self.span)
        for key in self.tables[name].foreign_keys:
            column, other = key.parent.name, key.column.table.name
            other = "app_user" if other == "person" else other
            if column != "id" and made[column] in self.own.get(other, ()):
                made[column] += n * self.span
        if name == "onboarding":
            made["next_step_id"] = None  # It would name a step that comes later; nothing here reads it.
        for column in UNIQUE & made.keys():
            made[column] = made["account_id"] if column == "chain" else f"{n}-{row[column]}"[:60]
        if "ref" in made:
            made["ref"] = db.new_ref()
        return made
