"""FT17: the mail server is away for ten minutes, its port closed, while letters of every sort become due. Afterwards
each has left once, and nobody had more than one of the day's letters in a day."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from sqlalchemy import func, select

from portal import db, schedule, worker
from portal.accounts.kinds import PortalRole, TeamRole
from portal.accounts.models import User
from portal.app import create_app
from portal.escalations import cases
from portal.jobs import Job
from portal.mail import Letter
from portal.notifications.letters import post
from portal.notifications.models import DailyLetter, DigestItem
from portal.notifications.rules import Kind
from portal.nudges.models import Nudge
from portal.onboardings.models import Onboarding
from tests import make
from tests.bench.servers import free_port
from tests.escalations.conftest import QUIET
from tests.infra.letters import MailServer, mail_server
from tests.make import Cast
from tests.nudges.conftest import empty_outbox, go_quiet

pytestmark = pytest.mark.fault

CUSTOMERS = 30
AWAY, SLOWEST = 10, 20  # Minutes; after the second all that waited has been tried again.
THURSDAY = datetime(2026, 3, 19, 9, 30, tzinfo=UTC)  # Half past nine in Lisbon: day three of the silence.
A_DAY = {
    Kind.NUDGE,
    Kind.STEP_ASSIGNED,
    Kind.DIGEST,
}  # The kinds here of which one a day leaves for each reader.


@pytest.fixture
def port() -> int:
    """Where the mail server will be; nobody listens there yet."""
    return free_port()


@pytest.fixture
def app(real_database, settings, port):
    return create_app(settings(PORTAL_DATABASE_URL=real_database, PORTAL_SMTP_URL=f"smtp://127.0.0.1:{port}"))


@pytest.fixture
def roads(app, clock, sized) -> list[int]:
    """Customers of low touch who went quiet on Monday, each with a CSM in Lisbon; the ids of their onboardings."""
    with app.test_request_context(), db.transaction():
        make.provider()
        priya = make.staff("Priya Rao")
        made = [customer(n, priya) for n in range(sized(CUSTOMERS))]
        for one in made:
            go_quiet(one, clock)
        db.session.flush()
        empty_outbox(commit=False)
        return [one.onboarding.id for one in made]


def customer(n: int, priya) -> Cast:
    """Ana and Ben, whose onboarding Priya has opened; June, in their zone, is who is called in."""
    at = make.account(f"Customer {n}")
    ana, ben = make.person(at), make.person(at, "Ben Ortiz", PortalRole.TEAMMATE)
    june = make.staff(f"June{n} Park", "csm", time_zone="Europe/Lisbon", country="PT")
    road = make.onboarding(at, {TeamRole.CONSULTANT: priya, TeamRole.CSM: june}, by=priya)
    road.prepare(by=priya)
    db.session.flush()
    return Cast(at, ana, ben, ben, priya, priya, june, priya, road)


def write(road: Onboarding) -> None:
    """What is given to a customer's people and to ours beside the follow-up that the timetable finds."""
    people = {one.called: one for one in road.account.people}
    post(to=people["Ana"], kind=Kind.SIGN_IN, subject="Your link", text="text")
    for what in ("First step", "Second step", "Third step"):
        post(to=people["Ben"], kind=Kind.STEP_ASSIGNED, subject=what, text="text")
    cases.open_case(road, [QUIET])


def a_minute_passes(app, clock) -> None:
    worker.work(once=True, schedule=schedule.run_due, around=app.app_context)
    clock.forward(minutes=1)


def unsent() -> list[Letter]:
    return list(db.session.scalars(select(Letter).where(Letter.sent_at.is_(None))))


def of_a_day(server: MailServer) -> dict[tuple[str, str], list[str]]:
    """The letters that each reader got on each of their days and that count for it, by subject."""
    known = {one.message_id: one for one in db.session.scalars(select(Letter))}
    zones = {user.email: user.zone for user in db.session.scalars(select(User))}
    found = defaultdict(list)
    for letter, (address,) in zip(server.received, server.recipients, strict=True):
        row = known[key_of(letter)]
        if row.kind in A_DAY:
            day = row.sent_at.astimezone(zones[address]).date()
            found[address, day.isoformat()].append(row.subject)
    return found


def key_of(letter: EmailMessage) -> str:
    return letter["Message-ID"].strip("<>").partition("@")[0]


def test_FT17_ten_minutes_without_a_mail_server_lose_and_repeat_nothing(
    app, clock, roads: list[int], port: int, sized: Callable[[int], int]
) -> None:
    clock.at(THURSDAY)
    for minute in range(AWAY):
        if minute in (0, AWAY // 2):  # Half becomes due while it is away already.
            with app.test_request_context(), db.transaction():
                for road in roads[minute > 0 :: 2]:
                    write(db.session.get_one(Onboarding, road))
        a_minute_passes(app, clock)
    with app.app_context(), db.transaction():
        waiting = unsent()
        assert Counter(one.kind for one in waiting) == {
            **dict.fromkeys((Kind.NUDGE, Kind.SIGN_IN, Kind.STEP_ASSIGNED, Kind.ESCALATION), len(roads)),
            Kind.STAFF_DIGEST: len(roads[::2]),  # Whoever had a case when their morning's letter was made.
        }
        tried = select(func.count()).where(Job.kind == "mail.send", Job.error.contains("ConnectionRefused"))
        assert db.session.scalar(tried) == len(waiting), "each of them was refused a connection"
    with mail_server(port) as server:
        for _minute in range(SLOWEST):
            a_minute_passes(app, clock)
        with app.app_context(), db.transaction():
            assert unsent() == []
        clock.at(THURSDAY.replace(day=20))
        a_minute_passes(app, clock)
    with app.app_context(), db.transaction():
        assert unsent() == []
        assert db.session.scalar(select(func.count()).where(Letter.dropped_at.is_not(None))) == 0
        asked = Counter(db.session.scalars(select(Letter.message_id)))
        got = Counter(map(key_of, server.received))
        assert got == asked
        assert {one.state for one in db.session.scalars(select(Nudge))} == {"sent"}
        assert db.session.scalar(select(func.count()).where(DigestItem.letter_id.is_(None))) == 0
        days = of_a_day(server)
        assert {day: subjects for day, subjects in days.items() if len(subjects) > 1} == {}
        assert len(days) == 3 * len(roads), "Ana's follow-up, Ben's step, and on Friday the rest of his"
        assert db.session.scalar(select(func.count()).select_from(DailyLetter)) == len(days)
    print(f"FT17: {len(server.received)} letters to {2 * len(roads)} readers and us, 0 lost, 0 repeated")
