"""B3, the account's page: as many statements, and about as much time, with a history of ten thousand lines as with one
that has just begun."""

from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from sqlalchemy import select, text

from portal import config, db
from portal.accounts.models import Account, Staff
from portal.activity.models import Verb, record
from portal.app import create_app
from portal.auth.models import Session
from portal.onboardings.models import Onboarding
from tests.bench import counting, load, roads, servers
from tests.bench.load import Request, Result

LINES = 10_000
ROUNDS, REQUESTS = 5, 20
TABS = ("overview", "history", "people", "filtered")


def measure(kind: str, folder: Path, url: str, say: Callable[..., None]) -> None:
    """Say how many statements the page takes, and how its time with a long history compares with a short one's."""
    folder.mkdir(exist_ok=True)
    environ = roads.settings(folder, url)
    roads.build(environ, [43, 43])
    session, (short, long) = _grown(environ)
    port = servers.free_port()
    with servers.running(["tests.bench.site", str(port)], environ, port):
        for tab in TABS:
            times: dict[str, list[Result]] = {short: [], long: []}
            for _round in range(ROUNDS):
                for ref in times:
                    times[ref].append(
                        load.run(port, 1, lambda _n, path=_path(ref, tab): _same(path, session))  # type: ignore[misc]
                    )
            took = {ref: 1000 / median(one.rate for one in results) for ref, results in times.items()}
            say(
                "B3",
                database=kind,
                page=f"account, {tab}",
                statements=[counting.statements(environ, _path(ref, tab), session) for ref in times],
                bar_statements=12,
                time_long_to_short=round(took[long] / took[short], 2),
                milliseconds=[round(value, 1) for value in took.values()],
                statuses=sorted({s for results in times.values() for one in results for s in one.statuses}),
            )


def _path(ref: str, tab: str) -> str:
    page = {"overview": "", "filtered": "/history?who=us&kind=notes"}.get(tab, f"/{tab}")
    return f"/staff/accounts/{ref}{page}"


def _same(path: str, session: str) -> Iterator[Request]:
    for _n in range(REQUESTS):
        yield "GET", path, None, {"Cookie": f"session={session}"}


def _grown(environ: dict[str, str]) -> tuple[str, list[str]]:
    """Priya's session, and the two accounts: the history of the second is long."""
    app = create_app(config.read(environ))
    with app.test_request_context(), db.transaction():
        priya = db.session.scalars(select(Staff)).one()
        accounts = list(db.session.scalars(select(Account).order_by(Account.id)))
        road = db.session.scalars(select(Onboarding).where(Onboarding.account_id == accounts[1].id)).one()
        for n in range(LINES):
            by = road.account.people[0] if n % 2 else priya
            record(road, Verb.STEP_SAVED, by=by, onboarding=road, personal={"what": f"Line {n}"})
        _row, token = Session.begin(priya, user_agent="bench", ip="127.0.0.1")
        refs = [account.ref for account in accounts]
    if not db.is_sqlite():
        with db.writing_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))  # As the server does by itself in a while.
    return token, refs
