"""B3, the account's page and My day: as many statements, and about as much time, with a history of ten thousand lines
as with one that has just begun."""

from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from sqlalchemy import select, text, update

from portal import config, db
from portal.accounts.models import Account, Staff, TeamMember
from portal.activity.models import Verb, record
from portal.app import create_app
from portal.auth.models import Session
from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step
from tests.bench import counting, load, roads, servers
from tests.bench.load import Request, Result

LINES = 10_000
ROUNDS, REQUESTS = 5, 20
PAGES = ("overview", "history", "people", "filtered", "searched", "my day")


def measure(kind: str, folder: Path, url: str, say: Callable[..., None]) -> None:
    """Say how many statements the page takes, and how its time with a long history compares with a short one's."""
    folder.mkdir(exist_ok=True)
    environ = roads.settings(folder, url)
    roads.build(environ, [43, 43])
    readers = _grown(environ)
    port = servers.free_port()
    with servers.running(["tests.bench.site", str(port)], environ, port):
        for page in PAGES:
            times: dict[str, list[Result]] = {ref: [] for ref in readers}
            for _round in range(ROUNDS):
                for ref, session in readers.items():
                    path = _path(ref, page)
                    times[ref].append(load.run(port, 1, lambda _n, p=path, s=session: _same(p, s)))  # type: ignore[misc]
            short, long = readers
            took = {ref: 1000 / median(one.rate for one in results) for ref, results in times.items()}
            say(
                "B3",
                database=kind,
                page=page if page == "my day" else f"account, {page}",
                statements=[
                    counting.statements(environ, _path(ref, page), session)
                    for ref, session in readers.items()
                ],
                bar_statements=12,
                time_long_to_short=round(took[long] / took[short], 2),
                milliseconds=[round(value, 1) for value in took.values()],
                statuses=sorted({s for results in times.values() for one in results for s in one.statuses}),
            )


def _path(ref: str, page: str) -> str:
    if page == "my day":
        return "/staff"
    narrowed = {"filtered": "/history?who=us&kind=notes", "searched": "/history?q=nothing+has+these"}
    tab = {"overview": "", **narrowed}.get(page, f"/{page}")
    return f"/staff/accounts/{ref}{tab}"


def _same(path: str, session: str) -> Iterator[Request]:
    for _n in range(REQUESTS):
        yield "GET", path, None, {"Cookie": f"session={session}"}


def _grown(environ: dict[str, str]) -> dict[str, str]:
    """The two accounts, each with its consultant's session: the history of the second, which is Priya's, is long."""
    app = create_app(config.read(environ))
    with app.test_request_context(), db.transaction():
        priya = db.session.scalars(select(Staff)).one()
        accounts = list(db.session.scalars(select(Account).order_by(Account.id)))
        road = db.session.scalars(select(Onboarding).where(Onboarding.account_id == accounts[1].id)).one()
        for n in range(LINES):
            by = road.account.people[0] if n % 2 else priya
            record(road, Verb.STEP_SAVED, by=by, onboarding=road, personal={"what": f"Line {n}"})
        nora = Staff(
            name="Nora Lind", called="Nora", email="nora@partnerly.example", staff_roles=["consultant"]
        )
        db.session.add(nora)
        db.session.flush()
        first = accounts[0].id
        for row, column in ((TeamMember, "staff_id"), (Step, "assignee_id")):
            held = getattr(row, column) == priya.id
            db.session.execute(update(row).where(row.account_id == first, held).values({column: nora.id}))
        staff = nora, priya
        tokens = [Session.begin(one, user_agent="bench", ip="127.0.0.1")[1] for one in staff]
        readers = dict(zip([account.ref for account in accounts], tokens, strict=True))
    if not db.is_sqlite():
        with db.writing_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))  # As the server does by itself in a while.
    return readers
