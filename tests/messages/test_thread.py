"""One thread per onboarding: written, read by both sides, linked to steps, told to those it concerns."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from portal import db
from portal.errors import Refused
from portal.mail import Letter
from portal.messages.models import Message, Thread, people_of
from portal.messages.queries import PAGE, page_of, talk_about
from portal.notifications.models import DailyLetter, DigestItem, choose
from portal.notifications.rules import SWITCHABLE, Cadence, Channel


def letters_to(user) -> list[Letter]:
    rows = select(Letter).where(Letter.user_id == user.id, Letter.kind == "message")
    return list(db.session.scalars(rows.order_by(Letter.id)))


def lines_for(user) -> list[str]:
    """What waits for this user's digest."""
    rows = select(DigestItem.line).where(DigestItem.user_id == user.id, DigestItem.kind == "message")
    return list(db.session.scalars(rows.order_by(DigestItem.id)))


@pytest.fixture
def write(cast, context):
    def written(body: str, by=None, step=None) -> Message:
        return Message.write(cast.onboarding, body, by=by or cast.ana, step=step)

    return written


def test_both_companies_can_be_addressed_and_nobody_else(cast, context) -> None:
    assert {user.called for user in people_of(cast.onboarding)} == {
        "Ana",
        "Ben",
        "Rui",
        "Priya",
        "Tomás",
        "June",
    }


def test_a_message_names_people_of_this_onboarding_only(write, cast) -> None:
    message = write("@Ben and @tomás: ask @Fay and @Ana")
    assert message.mentions == [cast.ben.id, cast.tomas.id]
    assert [letter.from_name for letter in letters_to(cast.ben)] == ["Ana at Northwind"]
    assert len(letters_to(cast.tomas)) == 1
    assert letters_to(cast.fay) == letters_to(cast.ana) == letters_to(cast.priya) == []


def test_without_a_name_whoever_is_to_answer_hears(write, cast) -> None:
    step = next(step for step in cast.onboarding.steps if step.visible)
    write("When can we start?")
    (asked,) = letters_to(cast.priya)
    assert (asked.subject, asked.from_name) == ("Ana wrote to you", "Ana at Northwind")
    assert "> When can we start?" in asked.text
    step.assignee, step.assignee_id = cast.ben, cast.ben.id
    write("On Monday.", by=cast.priya, step=step)
    (to_ben,) = letters_to(cast.ben)
    assert f"/o/{cast.onboarding.ref}/steps/{step.ref}#talk" in to_ben.text
    assert len(letters_to(cast.ana)) == 1, "who asked hears the answer, wherever it is given"
    write("Welcome, all of you.", by=cast.priya)
    assert lines_for(cast.ana) == ["Priya wrote to you"], "without a name the admins hear"
    assert len(letters_to(cast.ben)) == 1


def test_an_absent_colleague_who_is_named_is_heard_by_the_stand_in(write, cast) -> None:
    cast.tomas.away_until, cast.tomas.stand_in = date(2026, 3, 20), cast.june
    message = write("@tomás: which field is it?")
    assert message.mentions == [cast.tomas.id]
    assert len(letters_to(cast.june)) == len(letters_to(cast.tomas)) == 1
    assert letters_to(cast.priya) == []
    assert Thread.of(cast.onboarding).asked is cast.june, "whoever is there answers"
    write("@tomás when you are back, look at this", by=cast.june)
    assert (len(letters_to(cast.june)), lines_for(cast.june)) == (1, []), "of their own words nobody hears"
    assert lines_for(cast.tomas) == ["June wrote to you"]


def wants(user, cadence=Cadence.AS_IT_HAPPENS, channel=Channel.EMAIL, off=(), paused_until=None) -> None:
    choose(user, cadence=cadence, channel=channel, letters_off=list(off), paused_until=paused_until)


def test_an_answer_to_their_own_question_leaves_at_once_whatever_else_they_chose(write, cast, clock) -> None:
    clock.at(datetime(2026, 3, 7, 22, tzinfo=UTC))  # A Saturday night.
    for cadence in Cadence:
        wants(cast.ana, cadence, paused_until=date(2026, 4, 1))
        write(f"When can we start? ({cadence})")
        write(f"On Monday. ({cadence})", by=cast.priya)
    answers = letters_to(cast.ana)
    assert [letter.not_before for letter in answers] == [None] * len(Cadence)
    assert lines_for(cast.ana) == []
    booked = select(DailyLetter.id).where(DailyLetter.letter_id.in_([letter.id for letter in answers]))
    assert db.session.scalar(booked) is None, "what they asked for uses up no day"


@pytest.mark.parametrize("wish", [{"channel": Channel.NONE}, {"off": [kind.value for kind in SWITCHABLE]}])
def test_who_wants_no_letters_of_messages_gets_no_answer_by_mail_either(write, cast, wish) -> None:
    wants(cast.ana, **wish)
    write("When can we start?")
    write("On Monday.", by=cast.priya)
    assert letters_to(cast.ana) == []
    assert lines_for(cast.ana) == []


def test_what_nobody_asked_for_follows_cadence_and_pause(write, cast) -> None:
    for cadence, said, waits in (
        (Cadence.AS_IT_HAPPENS, 1, []),
        (Cadence.DAILY, 1, ["Priya wrote to you"]),
        (Cadence.ONLY_DUE, 1, ["Priya wrote to you"]),
        (Cadence.WEEKLY, 1, ["Priya wrote to you"] * 2),
    ):
        wants(cast.ben, cadence)
        write(f"@Ben, a word ({cadence})", by=cast.priya)
        assert (len(letters_to(cast.ben)), lines_for(cast.ben)) == (said, waits), cadence
    wants(cast.rui, paused_until=date(2026, 4, 1))
    write("@Rui, a word", by=cast.priya)
    assert (letters_to(cast.rui), lines_for(cast.rui)) == ([], ["Priya wrote to you"])


def test_what_nobody_asked_for_is_one_letter_a_day_in_working_hours(write, cast, clock) -> None:
    clock.at(datetime(2026, 3, 7, 22, tzinfo=UTC))  # A Saturday night.
    write("@Ben, a word", by=cast.priya)
    (letter,) = letters_to(cast.ben)
    assert letter.not_before == datetime(2026, 3, 9, 9, tzinfo=UTC)
    write("@Ben, another", by=cast.ana)
    assert len(letters_to(cast.ben)) == 1
    assert lines_for(cast.ben) == ["Ana wrote to you"]


def test_a_reply_to_the_letter_reaches_whoever_wrote(write, cast) -> None:
    write("When can we start?")
    write("On Monday.", by=cast.tomas)
    assert [letter.reply_to for letter in letters_to(cast.priya)] == [cast.ana.email]
    assert [letter.reply_to for letter in letters_to(cast.ana)] == [cast.tomas.email]


def test_i01_a_letter_prints_markup_and_templates_as_text(write, cast) -> None:
    write("<script>alert(1)</script> {{ 7*7 }} @Ben")
    (letter,) = letters_to(cast.ben)
    assert "<script>" not in letter.html
    assert "&lt;script&gt;" in letter.html
    assert "{{ 7*7 }}" in letter.html


@pytest.mark.parametrize("body", ["", "  \n\t ", "\u202e\x00"])
def test_an_empty_message_is_refused(write, body) -> None:
    with pytest.raises(Refused, match="Write something first"):
        write(body)


def test_four_thousand_characters_are_the_most(write) -> None:
    assert len(write("x" * 4000).body) == 4000
    with pytest.raises(Refused, match="under 4000 characters"):
        write("x" * 4001)


def test_pages_follow_on_without_gap_or_double(write, cast) -> None:
    written = [write(f"m{n}").ref for n in range(2 * PAGE + 1)]
    last = page_of(cast.onboarding)
    seen, page = [m.ref for m in last.messages], last
    while page.earlier:
        page = page_of(cast.onboarding, before=next(m for m in page.messages if m.ref == page.earlier))
        seen = [m.ref for m in page.messages] + seen
    assert seen == written
    assert page_of(cast.rival).messages == []


def test_a_steps_talk_is_what_was_said_about_it(write, cast) -> None:
    step, other = cast.onboarding.steps[:2]
    for n in range(12):
        write(f"m{n}", step=step)
    write("elsewhere", step=other)
    assert [m.body for m in talk_about(step)] == [f"m{n}" for n in range(2, 12)]
