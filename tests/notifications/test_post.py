"""The door for letters: one a day, hours, digest, withdrawal."""

from datetime import UTC, date, datetime

import pytest

from portal import mail, worker
from portal.activity.models import Activity, Verb
from portal.mail import Attachment, Letter
from portal.notifications.letters import post, post_digest, withdraw
from portal.notifications.models import DailyLetter, DigestItem, choose, wishes_of
from portal.notifications.queries import digests_due
from portal.notifications.rules import Cadence, Channel, Digest, Drop, Kind, SendAt, Wishes

PLAIN = {"kind": Kind.STEP_ASSIGNED, "text": "text", "html": "<p>text</p>"}


@pytest.fixture
def send(session, ana):
    """Posts a letter to Ana and commits."""

    def put(subject="Invite your team", **changes):
        verdict = post(**{**PLAIN, "to": ana, "subject": subject, **changes})
        session.commit()
        return verdict

    return put


def test_the_first_of_the_day_leaves_and_the_rest_becomes_lines(send, arrived, session, ana):
    assert send("One") == SendAt(datetime(2026, 3, 3, 9, tzinfo=UTC), date(2026, 3, 3))
    assert send("Two", path="/o/1/steps/2", about="step:2") == Digest()
    assert send("Three") == Digest()
    worker.work(once=True)
    assert arrived() == ["One"]
    lines = session.query(DigestItem).order_by(DigestItem.id).all()
    assert [(line.line, line.path) for line in lines] == [("Two", "/o/1/steps/2"), ("Three", "/")]
    assert {line.account_id for line in lines} == {ana.account_id}


def test_sign_in_and_what_they_asked_for_use_up_no_day(send, arrived):
    send("Sign in", kind=Kind.SIGN_IN)
    send("Your call", kind=Kind.CALL, just_asked=True)
    send("Invitation", kind=Kind.INVITATION)
    send("Step")
    worker.work(once=True)
    assert sorted(arrived()) == ["Invitation", "Sign in", "Step", "Your call"]


def test_each_reader_has_hours_of_their_own(send, priya):
    assert send("Review", to=priya) == SendAt(datetime(2026, 3, 3, 14, tzinfo=UTC), date(2026, 3, 3))


def test_a_letter_that_waits_ten_minutes_can_be_withdrawn_and_frees_the_day(send, arrived, clock, session):
    send("Stage complete", about="stage:1", wait_minutes=10)
    send("Line", about="stage:1")
    withdraw("stage:1")
    session.commit()
    assert session.query(DailyLetter).count() == session.query(DigestItem).count() == 0
    send("Other")
    clock.forward(minutes=11)
    worker.work(once=True)
    assert arrived() == ["Other"]


def test_a_letter_nobody_wants_any_more_frees_its_day(send, arrived, clock, session, monkeypatch):
    monkeypatch.setattr(mail, "_fillers", {"test.wanted": lambda: None})
    send("Reminder", fill=("test.wanted", {}))
    worker.work(once=True)
    assert isinstance(send("Other"), SendAt)
    assert send("Third") == Digest()
    worker.work(once=True)
    assert arrived() == ["Other"]
    assert session.query(DailyLetter).count() == 1


def test_whoever_left_gets_nothing(send, ana, clock, session):
    ana.left_at = clock.now
    assert send() == send(kind=Kind.INVITATION) == Drop()
    assert session.query(Letter).count() == 0


@pytest.mark.parametrize(("channel", "files"), [(Channel.EMAIL, 1), (Channel.EMAIL_CALENDAR, 2)])
def test_calendar_files_only_for_those_who_want_them(send, ana, session, channel, files):
    choose(ana, cadence=Cadence.AS_IT_HAPPENS, channel=channel, letters_off=[], paused_until=None)
    both = [
        Attachment("a.ics", "text/calendar; method=REQUEST", b"x"),
        Attachment("a.pdf", "application/pdf", b"y"),
    ]
    send(attachments=both)
    assert len(session.query(Letter).one().attachments) == files


def test_choosing_is_remembered_and_cannot_switch_off_signing_in(ana, session):
    chosen = {"cadence": Cadence.WEEKLY, "channel": Channel.EMAIL, "paused_until": date(2026, 4, 1)}
    assert wishes_of(ana) == Wishes()
    for _ in range(2):
        choose(ana, letters_off=["sign_in", "late", "nonsense"], **chosen)
        session.commit()
    assert wishes_of(ana) == Wishes(Cadence.WEEKLY, Channel.EMAIL, frozenset({"late"}), date(2026, 4, 1))
    (row,) = session.query(Activity).filter_by(verb=Verb.PREFERENCE_CHANGED)
    assert row.data["after"]["paused_until"] == "2026-04-01"


def test_lines_leave_together_the_next_morning_as_the_letter_of_that_day(send, arrived, clock, session, ana):
    for subject in ("One", "Two", "Three"):
        send(subject)
    worker.work(once=True)
    assert digests_due() == []
    clock.at(datetime(2026, 3, 4, 9, 0, tzinfo=UTC))
    assert send("Four") == Digest(), "the digest takes it along, else it would never find a free day"
    ((user, items),) = digests_due()
    assert (user.id, [item.line for item in items]) == (ana.id, ["Two", "Three", "Four"])
    assert post_digest(ana, items, subject="Three things", text="…")
    session.commit()
    assert digests_due() == []
    assert not post_digest(ana, items, subject="Again", text="…"), "their day has its letter"
    worker.work(once=True)
    assert arrived() == ["One", "Three things"]


def test_who_chose_daily_gets_one_digest_each_working_morning(send, ana, clock, session):
    choose(ana, cadence=Cadence.DAILY, channel=Channel.EMAIL, letters_off=[], paused_until=None)
    assert send("One") == Digest()
    clock.forward(hours=23)
    assert digests_due() == []
    clock.forward(hours=1)
    assert len(digests_due()) == 1


def test_a_letter_that_comes_late_keeps_to_hours_and_to_one_a_day(send, arrived, clock, monkeypatch):
    """FT17 in small: the mail server is away; what piled up leaves one a day, in hours."""

    def away(message, folder):
        raise OSError

    send("Tuesday")
    with monkeypatch.context() as patch:
        patch.setattr(mail, "_write", away)
        worker.work(once=True)
        clock.at(datetime(2026, 3, 4, 10, 0, tzinfo=UTC))
        send("Wednesday")
        worker.work(once=True)
    clock.forward(hours=1)
    worker.work(once=True)
    assert arrived() == ["Wednesday"]
    clock.at(datetime(2026, 3, 5, 8, 30, tzinfo=UTC))
    worker.work(once=True)
    assert arrived() == ["Wednesday"], "Thursday's letter waits for nine"
    clock.at(datetime(2026, 3, 5, 9, 0, tzinfo=UTC))
    worker.work(once=True)
    assert arrived() == ["Wednesday", "Tuesday"]
    assert send("Thursday") == Digest()


def test_a_letter_that_missed_its_hours_waits_for_the_morning(send, arrived, clock):
    send("Tuesday")
    clock.at(datetime(2026, 3, 3, 19, 0, tzinfo=UTC))
    worker.work(once=True)
    assert arrived() == []
    clock.at(datetime(2026, 3, 4, 9, 0, tzinfo=UTC))
    worker.work(once=True)
    assert arrived() == ["Tuesday"]
