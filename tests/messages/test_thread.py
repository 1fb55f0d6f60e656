"""One thread per onboarding: written, read by both sides, linked to steps, told to those it concerns."""

from datetime import date

import pytest
from sqlalchemy import select

from portal import db
from portal.errors import Refused
from portal.mail import Letter
from portal.messages.models import Message, Thread, people_of
from portal.messages.queries import PAGE, page_of, talk_about


def letters_to(user) -> list[Letter]:
    rows = select(Letter).where(Letter.user_id == user.id, Letter.kind == "message")
    return list(db.session.scalars(rows.order_by(Letter.id)))


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
    (answered,) = letters_to(cast.ben)
    assert f"/o/{cast.onboarding.ref}/steps/{step.ref}#talk" in answered.text
    assert len(letters_to(cast.ana)) == 1, "who asked hears the answer, wherever it is given"
    write("Welcome, all of you.", by=cast.priya)
    assert len(letters_to(cast.ana)) == 2
    assert len(letters_to(cast.ben)) == 1


def test_an_absent_colleague_who_is_named_is_heard_by_the_stand_in(write, cast) -> None:
    cast.tomas.away_until, cast.tomas.stand_in = date(2026, 3, 20), cast.june
    message = write("@tomás: which field is it?")
    assert message.mentions == [cast.tomas.id]
    assert len(letters_to(cast.june)) == len(letters_to(cast.tomas)) == 1
    assert letters_to(cast.priya) == []
    assert Thread.of(cast.onboarding).asked is cast.june, "whoever is there answers"
    write("@tomás when you are back, look at this", by=cast.june)
    assert len(letters_to(cast.june)) == 1, "nobody hears of what they wrote themselves"
    assert len(letters_to(cast.tomas)) == 2


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
