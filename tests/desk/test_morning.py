"""The letter of a working morning: when it comes, to whom, what it says, and that it comes once."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from portal import db, mail, schedule, worker
from portal.accounts.models import Staff
from portal.desk import jobs
from portal.desk.models import Morning
from portal.escalations import cases
from portal.escalations.cases import Why
from portal.mail import Letter
from portal.messages.models import Message
from portal.notifications.letters import hold_back, post
from portal.notifications.models import DigestItem, choose
from portal.notifications.rules import Cadence, Channel, Kind
from portal.onboardings.models import Onboarding
from portal.onboardings.standings import Health, Quiet
from tests import make
from tests.desk.test_list_turns import ours
from tests.escalations.conftest import QUIET

EIGHT_IN_CHICAGO = datetime(2026, 3, 5, 14, tzinfo=UTC)  # A Thursday.
PLAIN = {"cadence": Cadence.AS_IT_HAPPENS, "channel": Channel.EMAIL, "letters_off": [], "paused_until": None}


@pytest.fixture
def owing(cast, acted, clock):
    """Priya works from eight to four in Chicago. A promise is two days late, and Ana has asked something."""

    def wait(now) -> None:
        now.priya.work_start, now.priya.work_end = time(8), time(16)
        ours(now, date(2026, 3, 3))
        Message.write(now.onboarding, "Which bank do we use?", by=now.ana)

    acted(wait)
    clock.at(EIGHT_IN_CHICAGO)
    return cast


@pytest.fixture
def mornings(app):
    """The timetable's own, and what it has put into the outbox by then: to whom, and the letter."""

    def run() -> dict[str, Letter]:
        with app.app_context():
            jobs.send_mornings()
        db.session.expire_all()
        rows = select(Letter).where(Letter.kind == "staff_digest").order_by(Letter.id)
        return {letter.address.partition("@")[0]: letter for letter in db.session.scalars(rows)}

    return run


def test_it_comes_as_the_readers_own_day_begins_once(owing, mornings, clock) -> None:
    clock.at(EIGHT_IN_CHICAGO - timedelta(minutes=1))
    assert "priya" not in mornings()
    clock.at(EIGHT_IN_CHICAGO)
    first = mornings()["priya"]
    assert first.not_before is None
    for minutes in (5, 60, 300):
        clock.at(EIGHT_IN_CHICAGO + timedelta(minutes=minutes))
        assert mornings()["priya"].id == first.id
    assert db.session.query(Letter).filter_by(kind="staff_digest", address=first.address).count() == 1


def test_the_database_lets_it_come_once(owing, app, monkeypatch, mornings) -> None:
    """Two workers have both found it due."""
    monkeypatch.setattr(jobs, "_due", lambda: [(owing.priya.id, date(2026, 3, 5))] * 2)
    mornings()
    assert db.session.query(Letter).filter_by(kind="staff_digest").count() == 1
    assert db.session.query(Morning).count() == 1


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 3, 7, 14, tzinfo=UTC),  # A Saturday.
        datetime(2026, 5, 25, 13, tzinfo=UTC),  # Memorial Day.
        EIGHT_IN_CHICAGO + timedelta(hours=5),  # The worker was away all morning.
        EIGHT_IN_CHICAGO + timedelta(hours=9),
    ],
)
def test_it_never_comes_on_a_day_off_or_late(owing, mornings, clock, moment) -> None:
    clock.at(moment)
    assert mornings() == {}


def test_what_waits_on_the_reader_comes_first(owing, mornings) -> None:
    letter = mornings()["priya"]
    assert letter.subject == "Northwind is waiting on you"
    heads = [line for line in letter.text.splitlines() if line in ("Waiting on us", "Unanswered messages")]
    assert heads == ["Unanswered messages", "Waiting on us"], (
        "both since Tuesday, and whoever asks waits for us alone"
    )
    marked = '<b style="border-bottom:3px solid #FFC24A">Northwind: Which bank do we use?</b>'
    assert marked in letter.html.partition("Waiting on us")[0]
    assert "- Northwind: Which bank do we use?" in letter.text
    assert "2 days late" in letter.text
    assert "http://127.0.0.1/staff/accounts/" in letter.text
    assert "Open my day:\nhttp://127.0.0.1/staff\n" in letter.text
    assert "on which something waits for you" in letter.text
    assert letter.text.split() != letter.html.split()
    assert "Which bank do we use?" in letter.html


def test_more_than_two_customers_are_counted_and_what_is_next_leads(
    owing, more, acted, mornings, clock
) -> None:
    roads = more("Fabrikam", "Contoso", ball="us")
    acted(lambda now: [ask_in(road.id) for road in roads])
    letter = mornings()["priya"]
    assert letter.subject == "3 customers are waiting on you"
    assert letter.text.startswith("Priya,\n\n3 customers are waiting on you, Northwind the longest. ")


def ask_in(road_id: int) -> None:
    road = db.session.get_one(Onboarding, road_id)
    eve = make.person(road.account, "Eve Blanco")
    Message.write(road, "May we pause?", by=eve)


def test_a_case_stands_after_what_is_promised_with_its_clock(owing, acted, mornings) -> None:
    acted(lambda now: cases.open_case(now.onboarding, [QUIET]))
    text = mornings()["priya"].text
    assert text.index("Waiting on us") < text.index("Escalations") < text.index("Open my day")
    assert "- Northwind: Too long in this stage" in text


def test_it_says_the_readers_own_days_and_hours(owing, acted, mornings, clock) -> None:
    """A case that Lena, in Auckland, has: its clock is said as hers."""

    def far(now) -> None:
        lena = make.staff("Lena Voss", "cs_leader", time_zone="Pacific/Auckland", country="NZ")
        case = cases.open_case(now.onboarding, [Why("R3", {"milestones_late": 1})])
        cases.give(case, lena, by=now.priya)
        case.acknowledge_by = datetime(2026, 3, 6, 3, 30, tzinfo=UTC)

    acted(far)
    clock.at(datetime(2026, 3, 5, 20, tzinfo=UTC))  # Nine on Friday in Auckland.
    text = mornings()["lena"].text
    assert "Milestones late" in text
    assert "today 16:30" in text


def test_who_has_stalled_comes_along_and_is_no_reason_to_write(cast, more, acted, mornings, clock) -> None:
    evidence = {"silent": 8, "limit": 5}
    more("Fabrikam", health=Health.STALLED, quiet=Quiet.GHOSTING, health_evidence=evidence, ball="customer")
    clock.at(EIGHT_IN_CHICAGO + timedelta(hours=1))
    assert mornings() == {}
    acted(lambda now: Message.write(now.onboarding, "Which bank?", by=now.ana))
    clock.at(EIGHT_IN_CHICAGO + timedelta(days=1, hours=1))
    text = mornings()["priya"].text
    assert text.index("Which bank?") < text.index("Stalled\n- Fabrikam:")


def test_nobody_hears_for_whom_nothing_waits(owing, mornings) -> None:
    assert set(mornings()) == {"priya"}


@pytest.mark.parametrize(
    "chosen",
    [{"letters_off": ["staff_digest"]}, {"channel": Channel.NONE}, {"paused_until": date(2026, 3, 9)}],
)
def test_nobody_hears_who_does_not_want_to(owing, acted, mornings, chosen) -> None:
    acted(lambda now: choose(now.priya, **{**PLAIN, **chosen}))
    assert mornings() == {}


def test_while_they_are_away_their_stand_in_hears(owing, acted, mornings) -> None:
    def leave(now) -> None:
        nora = make.staff("Nora Lind")
        now.priya.away_until, now.priya.stand_in_id = date(2026, 3, 9), nora.id
        nora.work_start = time(8)

    acted(leave)
    letters = mornings()
    assert set(letters) == {"nora"}
    assert "Which bank do we use?" in letters["nora"].text


def test_what_waited_for_a_digest_comes_along(owing, acted, mornings, app) -> None:
    """The letter of the day was taken, so the second waits for the morning, and for nothing else."""

    def news(now) -> None:
        db.session.query(DigestItem).delete()
        db.session.add(
            DigestItem(
                user_id=now.priya.id, kind=Kind.HANDOFF, line="Sam has read your questions", path="/staff/x"
            )
        )

    acted(news)
    letter = mornings()["priya"]
    assert "News\n- Sam has read your questions\n  http://127.0.0.1/staff/x" in letter.text
    assert db.session.query(DigestItem).one().letter_id == letter.id


def test_who_switches_it_off_gets_the_digest_as_before(owing, acted, app, clock, monkeypatch) -> None:
    monkeypatch.setattr(mail, "_gate", hold_back)

    def news(now) -> None:
        choose(now.priya, **{**PLAIN, "letters_off": ["staff_digest"]})
        db.session.query(DigestItem).delete()
        db.session.add(DigestItem(user_id=now.priya.id, kind=Kind.HANDOFF, line="Sam wrote", path="/staff/x"))

    acted(news)
    clock.at(EIGHT_IN_CHICAGO + timedelta(days=1))
    worker.work(once=True, schedule=schedule.run_due, around=app.app_context)
    to_priya = select(Letter.kind).where(Letter.user_id == owing.priya.id, Letter.text.contains("Sam wrote"))
    assert list(db.session.scalars(to_priya)) == ["digest"]


def test_it_uses_up_no_day_so_that_what_happens_later_is_told_today(owing, acted, mornings, app) -> None:
    acted(lambda _now: db.session.query(DigestItem).delete())
    mornings()
    with app.test_request_context():
        priya = db.session.get_one(Staff, owing.priya.id)
        verdict = post(to=priya, kind=Kind.HANDOFF, subject="A hand-off", text="text")
    assert verdict.day == date(2026, 3, 5)


def test_ours_hear_in_their_own_hours_also_when_the_worker_was_away(
    owing, acted, app, clock, monkeypatch
) -> None:
    """Called in at five in the afternoon, an hour after Priya's day: her letter leaves at eight, never in the night."""
    monkeypatch.setattr(mail, "_gate", hold_back)
    clock.at(EIGHT_IN_CHICAGO + timedelta(hours=9))
    acted(lambda now: cases.open_case(now.onboarding, [QUIET]))
    letter = db.session.scalars(select(Letter).where(Letter.kind == "called_in")).one()
    assert letter.not_before == EIGHT_IN_CHICAGO + timedelta(days=1)
    for hours, sent in (
        (9 + 12, False),
        (24 + 10, False),
        (24 + 24 * 3, True),
    ):  # Friday night comes in between.
        clock.at(EIGHT_IN_CHICAGO + timedelta(hours=hours))
        worker.work(once=True, around=app.app_context)
        db.session.expire_all()
        assert (db.session.get_one(Letter, letter.id).sent_at is not None) is sent
