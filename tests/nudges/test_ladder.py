"""The ladder day by day: what leaves, when, and what stops it."""

from datetime import UTC, date, datetime

import pytest

from portal import db, mail, schedule, worker
from portal.accounts.kinds import Touch
from portal.auth.models import Session, SignInLink
from portal.calls.models import Call
from portal.calls.rules import CallState
from portal.messages.models import Message
from portal.notifications.letters import post
from portal.notifications.models import choose
from portal.notifications.rules import Cadence, Channel, Kind
from portal.nudges import ladder
from portal.nudges.models import Nudge
from portal.uploads import Document
from tests.usage.seen import PAID, saw


def test_a_quiet_customer_hears_on_days_3_7_and_12_and_then_no_more(
    cast, pass_time, arrived, nudges, clock, app
):
    left = {}
    for day in range(17, 32):
        before = len(arrived())
        pass_time(day)
        if len(arrived()) > before:
            left[day] = arrived()[-1]["Subject"]
    assert left == {19: "4 items left in Welcome", 25: "2 min for “Watch what the road looks like”"}
    for day in range(1, 30):
        clock.at(datetime(2026, 4, day, 9, 30, tzinfo=UTC))
        with app.app_context():
            ladder.plan_due()
            ladder.send_due()
    assert nudges() == [("day_3", "sent"), ("day_7", "sent"), ("day_12", "sent")]


def test_doing_it_all_twice_changes_nothing(cast, pass_time, arrived, app):
    pass_time(19)
    with app.app_context():
        for _again in range(3):
            ladder.plan_due()
            ladder.send_due()
    pass_time(19, 12)
    assert len(arrived()) == 1


def came_by(cast):
    db.session.add(Session(user_id=cast.ana.id, token_hash="x", ends_at=datetime(2027, 1, 1, tzinfo=UTC)))


def wrote(cast):
    Message.write(cast.onboarding, "We are on it.", by=cast.ana)


def booked(cast):
    start = datetime(2026, 3, 20, 15, tzinfo=UTC)
    Call.book(
        cast.onboarding, kind="help", title="Help", minutes=15, agenda=[], owner=cast.priya, start=start,
        by=cast.priya, people=[cast.ana],
    )  # fmt: skip


def paused(cast):
    cast.onboarding.pause("Audit", date(2026, 4, 30), by=cast.priya)


def moved(cast):
    cast.step("road_preview").complete(by=cast.ana)


def used_it(cast):
    saw(cast.account, PAID, cast.account.today, person=cast.ana)


def attended(cast):
    start = datetime(2026, 3, 18, 8, tzinfo=UTC)
    call = Call(account_id=cast.account.id, onboarding_id=cast.onboarding.id, kind="help", title="Help",
                owner=cast.priya, start=start, minutes=15, state=CallState.HELD)  # fmt: skip
    db.session.add(call)


@pytest.mark.parametrize("act", [came_by, wrote, booked, paused, moved, used_it, attended])
def test_any_sign_of_life_stops_it(cast, pass_time, arrived, nudges, app, act):
    pass_time(18)
    with app.app_context():
        act(cast)
        db.session.commit()
    for day in (19, 20):
        pass_time(day)
    assert arrived() == []
    assert nudges() == []


@pytest.mark.parametrize(
    ("act", "why"),
    [(came_by, "came"), (wrote, "moved"), (booked, "call"), (paused, "not_theirs"), (moved, "moved")],
)
def test_what_was_planned_is_overtaken_right_before_it_leaves(cast, clock, arrived, app, act, why):
    clock.at(datetime(2026, 3, 19, 5, tzinfo=UTC))
    with app.app_context():
        ladder.plan_due()
        planned = db.session.query(Nudge).one()
        assert planned.planned_for == datetime(2026, 3, 19, 9, tzinfo=UTC)
        clock.forward(hours=1)
        act(cast)
        db.session.commit()
        clock.forward(hours=4)
        ladder.send_due()
    db.session.expire_all()
    found = db.session.query(Nudge).one()
    assert (found.state, found.ended_because) == ("superseded", why)


def test_a_letter_that_waited_in_the_outbox_is_dropped_when_they_acted(cast, clock, arrived, app, nudges):
    clock.at(datetime(2026, 3, 19, 9, 30, tzinfo=UTC))
    with app.app_context():
        ladder.plan_due()
        ladder.send_due()
        assert nudges() == [("day_3", "sent")]
        clock.forward(minutes=1)
        moved(cast)
        db.session.commit()
    worker.work(once=True, around=app.app_context)
    assert arrived() == []
    assert nudges() == [("day_3", "superseded")]


def test_a_file_they_shared_begins_another_silence_with_its_own_first_letter(
    cast, pass_time, arrived, app, nudges
):
    """Ana hears on Thursday, sends a file on Friday, and is quiet again."""
    pass_time(19)
    pass_time(20)
    with app.app_context():
        db.session.add(
            Document(
                account_id=cast.account.id, onboarding_id=cast.onboarding.id, uploader_id=cast.ana.id,
                name="Partners.csv", kind="csv", size=12, sha256="0" * 64, stored_as="x",
            )
        )  # fmt: skip
        db.session.commit()
    for day in (23, 24, 25, 26):
        pass_time(day)
    assert [rung for rung, _state in nudges()] == ["day_3", "day_3"]


def test_the_ladder_gives_way_to_the_letter_of_the_day(cast, pass_time, arrived, app, clock):
    """Ana had a letter on the 19th, so the follow-up leaves on the next working morning."""
    clock.at(datetime(2026, 3, 19, 9, tzinfo=UTC))
    with app.app_context():
        post(to=cast.ana, kind=Kind.WELCOME, subject="Something else", text="text")
        db.session.commit()
    pass_time(19)
    assert arrived() == []
    pass_time(20)
    assert [one["Subject"] for one in arrived()] == ["4 items left in Welcome"]


@pytest.mark.parametrize(
    "wish",
    [
        {"letters_off": ["nudge"]},
        {"channel": Channel.NONE},
        {"paused_until": date(2026, 6, 1)},
    ],
)
def test_nobody_hears_who_does_not_want_to(cast, pass_time, arrived, nudges, app, wish):
    plain = {
        "cadence": Cadence.AS_IT_HAPPENS,
        "channel": Channel.EMAIL,
        "letters_off": [],
        "paused_until": None,
    }
    with app.app_context():
        choose(cast.ana, **{**plain, **wish})
        db.session.commit()
    pass_time(19)
    assert arrived() == nudges() == []


def test_whoever_chose_one_letter_a_day_finds_it_there(cast, pass_time, nudges, app):
    with app.app_context():
        choose(cast.ana, cadence=Cadence.DAILY, channel=Channel.EMAIL, letters_off=[], paused_until=None)
        db.session.commit()
    pass_time(19)
    pass_time(20)
    assert nudges() == [("day_3", "sent")]
    digest = db.session.query(mail.Letter).filter_by(kind="digest").one()
    assert "4 items left in Welcome" in digest.text


def test_only_low_touch_customers_are_followed_up_by_themselves(cast, pass_time, nudges):
    cast.account.touch_override = Touch.MID
    db.session.commit()
    pass_time(19)
    assert nudges() == []


def never_came(cast):
    """Ana alone was invited, on the day the road was opened."""
    cast.ana.joined_at = cast.ben.invited_at = cast.rui.invited_at = None
    cast.onboarding.customer_moved_at = None
    cast.onboarding.started_at = cast.ana.invited_at
    db.session.commit()


def test_whoever_never_came_gets_a_fresh_invitation_that_signs_them_in(cast, pass_time, arrived, visitor):
    never_came(cast)
    pass_time(19)
    (letter,) = arrived()
    assert letter["Subject"] == "Your road is ready; here is a new link"
    text = letter.get_body(("plain",)).get_content()
    (link,) = {word for word in text.split() if "/login/" in word}
    assert f'href="{link}"' in letter.get_body(("html",)).get_content()
    row = db.session.query(SignInLink).filter_by(user_id=cast.ana.id).one()
    assert row.expires_at == datetime(2026, 3, 26, 9, 30, tzinfo=UTC)
    page = visitor().get(link.removeprefix("http://127.0.0.1"))
    assert "Good to see you, Ana." in page.text
    assert cast.ana.joined_at is None


def test_each_letter_to_whoever_never_came_kills_the_link_before(cast, pass_time, arrived, nudges):
    never_came(cast)
    pass_time(19)
    pass_time(25)
    assert nudges() == [("invite_3", "sent"), ("day_7", "sent")]
    first, second = db.session.query(SignInLink).order_by(SignInLink.id)
    assert first.revoked_at is not None
    assert second.is_open
    assert cast.ana.invited_at == datetime(2026, 3, 16, 10, tzinfo=UTC)


@pytest.mark.parametrize(("act", "state"), [(moved, "acted"), (wrote, "replied"), (came_by, "sent")])
def test_what_came_of_it_is_noted(cast, pass_time, nudges, app, clock, act, state):
    pass_time(19)
    clock.forward(hours=3)
    with app.app_context():
        act(cast)
        db.session.commit()
    pass_time(20)
    assert nudges() == [("day_3", state)]


def test_what_they_do_a_week_later_is_not_counted_as_its_effect(cast, pass_time, nudges, app, clock):
    pass_time(19)
    clock.at(datetime(2026, 3, 25, 7, tzinfo=UTC))
    with app.app_context():
        moved(cast)
        db.session.commit()
    pass_time(26)
    assert nudges() == [("day_3", "sent")]


def test_the_mail_server_is_away_for_ten_minutes(cast, clock, app, settings, letterbox, nudges):
    """FT17: nothing is lost and nothing leaves twice."""
    mail.configure(settings(PORTAL_SMTP_URL=letterbox.url))
    letterbox.answer = "421 closing"
    clock.at(datetime(2026, 3, 19, 9, 30, tzinfo=UTC))
    for _minute in range(10):
        worker.work(once=True, schedule=schedule.run_due, around=app.app_context)
        clock.forward(minutes=1)
    assert letterbox.received == []
    letterbox.answer = "250 OK"
    for _minute in range(15):
        worker.work(once=True, schedule=schedule.run_due, around=app.app_context)
        clock.forward(minutes=1)
    assert [one["Subject"] for one in letterbox.to("ana@northwind.example")] == ["4 items left in Welcome"]
    assert nudges() == [("day_3", "sent")]
