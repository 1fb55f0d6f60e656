"""B2: the staff's list with a thousand onboardings and with a hundred times as many, in two installs side by side; and
My day of B3 there.

A few roads are made through domain methods, one of each kind that the list knows; the others are copies of them under
other names and dates, inserted in bulk. Of a copy's steps only those are made that the list looks for: what comes next,
and what is ours or blocked.
"""

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Table, func, insert, select, text

from portal import clock, config, db, migrating
from portal.accounts.kinds import PortalRole, Segment, TeamRole
from portal.accounts.models import Account, Person, Product, Provider, Staff
from portal.app import create_app
from portal.auth.models import Session
from portal.messages.models import Message
from portal.onboardings import creation
from portal.onboardings.models import Onboarding
from portal.onboardings.states import StepState
from portal.onboardings.turns import Turn
from portal.playbooks.models import PlaybookVersion, publish
from portal.playbooks.reader import read_checked, shipped
from tests.bench import counting, load, roads, servers
from tests.bench.load import Request, Result

FEW = 1_000
MANY = 100_000 if os.environ.get("SIZE") == "full" else 10_000
ROUNDS, REQUESTS = 5, 20
CONSULTANTS = 50
CARRIED = 40  # Onboardings of the one whose own list is measured, in either install.
CHUNK = 2_000
DAY = timedelta(days=1)

# Of a thousand onboardings so many are of each kind: most of what a company ever began is over.
SHARES = {
    "handed in": 30, "asked": 20, "theirs": 80, "blocked": 10, "draft": 10, "paused": 10, "over": 840,
}  # fmt: skip
COPIED = ("stage", "module", "step", "team_member", "hold", "message", "thread")


@dataclass(frozen=True)
class Install:
    """One install with its portfolio: who looks, and where a page in the middle begins."""

    environ: dict[str, str]
    leader: str
    consultant: str
    middle: str


def measure(kind: str, folder: Path, urls: tuple[str, str], say: Callable[..., None]) -> None:
    """Say how long pages take with many onboardings, against few, and with how many statements."""
    few, many = (_built(folder / str(size), url, size) for size, url in zip((FEW, MANY), urls, strict=True))
    pages: dict[str, Callable[[Install], tuple[str, str]]] = {
        "first": lambda one: ("/staff/accounts?who=all", one.leader),
        "middle": lambda one: (f"/staff/accounts?who=all&after={one.middle}", one.leader),
        # Of what is over there is a full page in either, so that both draw the same.
        "filtered": lambda one: ("/staff/accounts?who=all&stage=training&turn=over", one.leader),
        "mine": lambda one: ("/staff/accounts?who=mine", one.consultant),
        "my day": lambda one: ("/staff", one.consultant),
    }
    statements = {name: counting.statements(many.environ, *page(many)) for name, page in pages.items()}
    ports = servers.free_port(), servers.free_port()
    with (
        servers.running(["tests.bench.site", str(ports[0])], few.environ, ports[0]),
        servers.running(["tests.bench.site", str(ports[1])], many.environ, ports[1]),
    ):
        for name, page in pages.items():
            times: dict[int, list[Result]] = {FEW: [], MANY: []}
            for _round in range(ROUNDS):
                for size, port, one in ((FEW, ports[0], few), (MANY, ports[1], many)):
                    times[size].append(load.run(port, 1, lambda _n, o=one, p=page: _same(*p(o))))  # type: ignore[misc]
            took = {size: 1000 / median(one.rate for one in results) for size, results in times.items()}
            say(
                "B3" if name == "my day" else "B2",
                database=kind,
                page=name,
                time_many_to_few=round(took[MANY] / took[FEW], 2),
                bar=1.5,
                statements=statements[name],
                bar_statements=12 if name == "my day" else 8,
                milliseconds={str(size): round(value, 1) for size, value in took.items()},
                statuses=sorted(
                    {status for results in times.values() for one in results for status in one.statuses}
                ),
            )


def _same(path: str, session: str) -> Iterator[Request]:
    for _n in range(REQUESTS):
        yield "GET", path, None, {"Cookie": f"session={session}"}


# --- The data -------------------------------------------------------------------------------------


def _built(folder: Path, url: str, size: int) -> Install:
    folder.mkdir()
    environ = roads.settings(folder, url)
    app = create_app(config.read(environ))
    migrating.upgrade()
    with app.test_request_context():
        with db.transaction():
            lena, staff, models = _models()
            tokens = [Session.begin(one, user_agent="bench", ip="127.0.0.1")[1] for one in (lena, staff[0])]
            _Copies(models, [one.id for one in staff]).make(size)
        if not db.is_sqlite():
            with db.writing_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))  # As the server does by itself in a while.
        with db.reading():
            order = Onboarding.turn, Onboarding.turn_order, Onboarding.id
            turn, place, row = db.session.execute(
                select(*order).order_by(*order).offset(size // 2)
            ).first() or (0, 0, 0)
    return Install(environ, tokens[0], tokens[1], f"{turn:d}_{place}_{row}")


def _models() -> tuple[Staff, list[Staff], dict[str, Onboarding]]:
    """The provider's people, and one road of each kind."""
    db.session.add(Provider(id=1, name="Partnerly"))
    names = ["Lena Ruiz", *(f"Consultant {n:02}" for n in range(CONSULTANTS))]
    staff = [
        Staff(name=name, called=name.split()[0], email=f"staff-{n}@partnerly.example",
              staff_roles=["consultant"] if n else ["cs_leader"])
        for n, name in enumerate(names)
    ]  # fmt: skip
    product = Product(key="partners", name="Partner programme")
    db.session.add_all([*staff, product])
    db.session.flush()
    lena, *consultants = staff
    version = publish(read_checked(shipped()[0]))
    made = {kind: _model(kind, version, product, consultants) for kind in SHARES}
    db.session.flush()
    return lena, consultants, made


def _model(kind: str, version: PlaybookVersion, product: Product, staff: list[Staff]) -> Onboarding:
    slug = f"model-{kind.replace(' ', '-')}"
    account = Account(name=f"Model {kind}", slug=slug, segment=Segment.MID_MARKET, country="PT")
    ana = Person(account=account, name="Ana Nuñez", called="Ana", email=f"ana@{slug}.example",
                 portal_role=PortalRole.ADMIN, joined_at=clock.now())  # fmt: skip
    db.session.add_all([account, ana])
    db.session.flush()
    team = {TeamRole.CONSULTANT: staff[0], TeamRole.INTEGRATION_SPECIALIST: staff[1], TeamRole.CSM: staff[2]}
    road = creation.create(
        account,
        version,
        product=product,
        programme=45,
        start_date=account.today + DAY,
        team=team,
        by=staff[0],
    )
    if kind != "draft":
        road.prepare(by=staff[0])
    TURNS.get(kind, _as_it_is)(road, ana, staff[0])
    return road


def _as_it_is(_road: Onboarding, _ana: Person, _us: Staff) -> None:
    """A draft, or the customer's turn."""


def _hand_in(road: Onboarding, ana: Person, _us: Staff) -> None:
    while step := road.next_step:
        step.needs_review = True
        step.submit(by=ana)


def _block(road: Onboarding, ana: Person, us: Staff) -> None:
    while step := road.next_step:
        step.block("access", "IT has to open the port.", "Ben", by=ana)
    for step in road.steps:
        if step.with_us and step.required:
            step.complete(by=us)


def _ask(road: Onboarding, ana: Person, _us: Staff) -> None:
    Message.write(road, "When can we start?", by=ana)


def _pause(road: Onboarding, _ana: Person, us: Staff) -> None:
    road.pause("Stocktaking.", road.account.today + 20 * DAY, by=us)


def _end(road: Onboarding, _ana: Person, us: Staff) -> None:
    road.cancel("They went elsewhere.", by=us)


TURNS = {"handed in": _hand_in, "asked": _ask, "blocked": _block, "paused": _pause, "over": _end}


class _Copies:
    """Makes copies of the model roads, a chunk of rows at a time."""

    def __init__(self, models: dict[str, Onboarding], staff: list[int]) -> None:
        db.session.flush()
        self.staff = staff
        self.chance = random.Random(1)
        self.tables: dict[str, Table] = {
            name: db.Base.metadata.tables[name] for name in ("account", "onboarding", *COPIED)
        }
        self.models = {kind: self._rows(road) for kind, road in models.items()}
        self.next = {
            name: (db.session.scalar(select(func.max(table.c.id))) or 0) + 1
            for name, table in self.tables.items()
        }
        self.made = len(models)

    def _rows(self, road: Onboarding) -> dict[str, list[dict[str, Any]]]:
        def of(name: str, column: str, value: int) -> list[dict[str, Any]]:
            table = self.tables[name]
            found = db.session.execute(select(table).where(table.c[column] == value).order_by(table.c.id))
            return [dict(row) for row in found.mappings()]

        rows = {name: of(name, "onboarding_id", road.id) for name in COPIED}
        wanted = (
            step for step in rows["step"]
            if step["id"] == road.next_step_id or step["ours_since"] or step["state"] is StepState.BLOCKED
        )  # fmt: skip
        rows["step"] = list(wanted) if road.turn is not Turn.OVER else []
        parts = {step["module_id"] for step in rows["step"]}
        rows["module"] = [module for module in rows["module"] if module["id"] in parts]
        return {
            "account": of("account", "id", road.account_id),
            "onboarding": of("onboarding", "id", road.id),
            **rows,
        }

    def make(self, size: int) -> None:
        kinds = [kind for kind, share in SHARES.items() for _n in range(share)]
        self.chance.shuffle(kinds)
        order = (
            "account",
            "stage",
            "module",
            "step",
            "onboarding",
            "team_member",
            "hold",
            "message",
            "thread",
        )
        while self.made < size:
            rows: dict[str, list[dict[str, Any]]] = {name: [] for name in order}
            for n in range(self.made, min(self.made + CHUNK, size)):
                self._copy(n, kinds[n % len(kinds)], rows)
            self.made += len(rows["onboarding"])
            self._insert(rows)

    def _insert(self, rows: dict[str, list[dict[str, Any]]]) -> None:
        # An onboarding names its next step, which names the onboarding.
        nexts = {row["id"]: row.pop("next_step_id") for row in rows["onboarding"]}
        for name in ("account", "onboarding", *COPIED):
            if rows[name]:
                db.session.execute(insert(self.tables[name]), rows[name])
        table = self.tables["onboarding"]
        known = [{"row": row, "step": step} for row, step in nexts.items() if step]
        for one in known:
            db.session.execute(
                table.update().where(table.c.id == one["row"]).values(next_step_id=one["step"])
            )

    def _copy(self, n: int, kind: str, rows: dict[str, list[dict[str, Any]]]) -> None:
        shift = self.chance.randint(-20, 60) * DAY
        new: dict[tuple[str, int], int] = {}
        model = self.models[kind]
        for name in ("account", "onboarding", *COPIED):
            for row in model[name]:
                new[name, row["id"]] = self.next[name]
                self.next[name] += 1
        for name in ("account", "onboarding", *COPIED):
            for row in model[name]:
                rows[name].append(self._renamed(name, row, new, n, shift))

    def _renamed(
        self, name: str, row: dict[str, Any], new: dict[tuple[str, int], int], n: int, shift: timedelta
    ) -> dict[str, Any]:
        keys = {"account_id": "account", "onboarding_id": "onboarding", "stage_id": "stage", "module_id": "module",
                "step_id": "step", "next_step_id": "step", "question_id": "message"}  # fmt: skip
        made = dict(row, id=new[name, row["id"]])
        for column, table in keys.items():
            if made.get(column) is not None:
                made[column] = new.get((table, made[column]))
        if "ref" in made:
            made["ref"] = db.new_ref()
        for column in ("due_on", "next_due_on", "our_due_on", "answer_due_on", "review_on"):
            if made.get(column) is not None:
                made[column] += shift
        if name == "account":
            segment = self.chance.choice(list(Segment))
            made |= {"name": f"Customer {n}", "slug": f"customer-{n}", "segment": segment}
        elif name == "onboarding":
            made["current_stage"] = self.chance.choice(("welcome", "expectations", "training", "graduation"))
            made["turn_order"] = self._order(made, shift)
        elif name == "team_member":
            made["staff_id"] = self._whose(n, row["role"])
        return made

    def _order(self, made: dict[str, Any], shift: timedelta) -> int:
        if made["turn"] is Turn.OVER:
            return int(made["turn_order"] + self.chance.randint(0, 50_000_000))
        known = made["turn_order"] < date.max.toordinal()
        return int(made["turn_order"] + shift.days) if known else int(made["turn_order"])

    def _whose(self, n: int, role: TeamRole) -> int:
        """The first forty are the first one's, in either install; the rest is everybody else's."""
        if n < CARRIED:
            return self.staff[0] if role is TeamRole.CONSULTANT else self.staff[1]
        return self.chance.choice(self.staff[1:])
