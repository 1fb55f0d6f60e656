"""What waits for an answer of ours: kept with the thread when a message is written, so that a list reads it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from portal import clock, db, mail, migrating
from portal.activity.models import Activity, Audience, Verb
from portal.errors import Refused
from portal.mail import Letter
from portal.messages.models import Message, Thread
from portal.messages.queries import waiting
from portal.onboardings.models import Onboarding
from tests import make

NOW = datetime(2026, 3, 3, 9, tzinfo=UTC)  # A Tuesday, three in the morning in Chicago.


@pytest.fixture
def write(cast, context):
    def written(body: str, by=None, step=None) -> Message:
        message = Message.write(cast.onboarding, body, by=by or cast.ana, step=step)
        db.session.flush()
        return message

    return written


def thread_of(cast) -> Thread:
    return db.session.scalars(select(Thread).where(Thread.onboarding_id == cast.onboarding.id)).one()


def test_what_a_customer_asks_waits_until_we_write(write, cast) -> None:
    first = write("When can we start?")
    thread = thread_of(cast)
    assert (thread.question, thread.asked, thread.unanswered) == (first, cast.priya, 1)
    assert (thread.awaits_reply_since, cast.onboarding.answer_due_on) == (NOW, date(2026, 3, 3))
    write("And who joins from your side?", by=cast.ben)
    assert (thread.question, thread.unanswered) == (first, 2)
    assert list(waiting([cast.onboarding.id, cast.rival.id])) == [cast.onboarding.id]
    write("Tomorrow, and Tomás.", by=cast.tomas)
    assert (thread.question, thread.asked, thread.unanswered) == (None, None, 0)
    assert (thread.awaits_reply_since, cast.onboarding.answer_due_on) == (None, None)
    assert waiting([cast.onboarding.id]) == {}
    again = write("Thank you. And then?")
    assert (thread_of(cast).question, thread_of(cast).unanswered) == (again, 1)


def test_whoever_is_named_is_asked_else_the_owner_or_who_stands_in(write, cast) -> None:
    write("@Tomás which key?", by=cast.ben)
    assert thread_of(cast).asked is cast.tomas
    write("The second.", by=cast.tomas)
    cast.priya.away_until, cast.priya.stand_in = date(2026, 3, 20), cast.june
    write("Are you there?")
    assert thread_of(cast).asked is cast.june


def test_the_day_of_the_answer_is_the_accounts_and_in_our_working_hours(write, cast) -> None:
    with clock.frozen(
        datetime(2026, 3, 6, 21, tzinfo=UTC)
    ):  # Friday, 15:00 in Chicago: two of four hours are left
        write("When can we start?")
    assert cast.onboarding.answer_due_on == date(2026, 3, 9)


def test_a_word_among_colleagues_is_no_question_and_no_answer(write, cast) -> None:
    write("@Ben did you see this?")
    assert thread_of(cast).question is None
    asked = write("@Priya could we move the day?")
    write("@Tomás could you look at that?", by=cast.priya)
    assert (thread_of(cast).question, thread_of(cast).asked) == (asked, cast.tomas)
    write("@Ana we can.", by=cast.tomas)
    assert thread_of(cast).question is None


def test_who_asked_about_a_step_hears_the_answer_by_mail(write, cast) -> None:
    step = next(step for step in cast.onboarding.steps if step.visible)
    step.assignee, step.assignee_id = cast.ana, cast.ana.id
    write("Which share?", by=cast.ben, step=step)
    write("Ten per cent.", by=cast.priya, step=step)
    letter = db.session.scalars(
        select(Letter).where(Letter.user_id == cast.ben.id, Letter.kind == "message")
    ).one()
    assert f"/o/{cast.onboarding.ref}/steps/{step.ref}#talk" in letter.text
    assert "Ten per cent." in letter.text


def test_a_letter_to_staff_leads_to_the_desk_and_keeps_the_step(write, cast) -> None:
    step = next(step for step in cast.onboarding.steps if step.visible)
    plain, about = write("Hello?"), write("@Tomás which share?", step=step)
    to_priya, to_tomas = (
        db.session.scalars(select(Letter).where(Letter.user_id == who.id, Letter.kind == "message")).one()
        for who in (cast.priya, cast.tomas)
    )
    desk = f"/staff/accounts/{cast.northwind.ref}/messages?o={cast.onboarding.ref}"
    assert f"{desk}#{plain.ref}" in to_priya.text
    assert f"{desk}&step={step.ref}#{about.ref}" in to_tomas.text
    assert "/o/" not in to_priya.text + to_tomas.text


def test_what_needs_no_answer_is_closed_once_and_only_staff_read_who_did(write, cast) -> None:
    write("Thank you!")
    thread_of(cast).close(by=cast.tomas)
    assert thread_of(cast).question is None
    row = db.session.scalars(select(Activity).where(Activity.verb == Verb.ANSWER_NOT_NEEDED)).one()
    assert (row.audience, row.actor_id, row.personal["whom"]) == (
        Audience.STAFF,
        cast.tomas.id,
        "Ana Moreira",
    )
    with pytest.raises(Refused, match="somebody was quicker"):
        thread_of(cast).close(by=cast.priya)


def test_the_migration_finds_the_same_as_was_kept_since(real_database: str, app, clock) -> None:
    db.connect(real_database)
    with app.app_context():
        mail.configure(app.config["PORTAL"])
        with db.transaction():
            made = make.northwind()
            for body, by in (
                ("first", made.ben), ("an answer", made.priya), ("When can we start?", made.ana), ("Anybody?", made.ben)
            ):  # fmt: skip
                Message.write(made.onboarding, body, by=by)
                db.session.flush()
        kept = _kept()
        migrating.downgrade("0002")
        migrating.upgrade()
        assert _kept() == kept
        assert len(kept) == 1


def _kept() -> list[Any]:
    columns = [c for c in Thread.__table__.columns if c.name != "id"]
    asked = select(*columns, Onboarding.answer_due_on).join(Onboarding, Onboarding.id == Thread.onboarding_id)
    with db.reading():
        return list(db.session.execute(asked.where(Thread.question_id.is_not(None))))


def test_an_onboarding_has_one_thread(write, cast) -> None:
    write("Hello?")
    again = {"account_id": cast.northwind.id, "onboarding_id": cast.onboarding.id, "unanswered": 0}
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(insert(Thread).values(**again))
