"""What follow-ups say: why they bought, how close they are, one action with its time, a person; and never blame."""

import pytest

from portal import db, mail
from portal.nudges import letters, wording
from portal.nudges.models import Nudge
from portal.nudges.rules import Rung
from portal.onboardings.paper import PREHEADER, SUBJECT
from portal.onboardings.queries import load_road
from portal.onboardings.states import StepState

INTERNAL = [
    "risk",
    "low-touch",
    "churn",
    "escalat",
    "overdue",
    "playbook",
    "ticket",
    " task",
    "stalled",
    "health",
]
BLAME = ["you haven't", "you have not", "you failed", "still waiting", "please", "oops", "just ", "!"]


@pytest.fixture
def write(cast, app):
    """Writes one rung to Ana, and gives the letter as it waits in the outbox."""

    def put(rung, **step):
        with app.app_context():
            load_road(cast.onboarding)
            ahead = cast.onboarding.next_step
            for name, value in step.items():
                setattr(ahead, name, value)
            draft = letters.written(cast.onboarding, cast.ana, ahead, rung)
            nudge = Nudge.write(cast.onboarding, cast.ana, ahead, draft, by=cast.priya, rung=rung)
            letters.leave(nudge)
            db.session.commit()
        return db.session.query(mail.Letter).order_by(mail.Letter.id.desc()).first()

    return put


@pytest.mark.parametrize("rung", [Rung.DAY_3, Rung.DAY_7, Rung.DAY_12])
def test_each_rung_has_all_four_parts(write, rung):
    letter = write(rung)
    text = " ".join(letter.text.split())
    assert "You told us why you are doing this: “Stop losing partners because we pay them late.”" in text
    assert "You are 4 items from the end of Welcome" in text
    assert "1. Watch what the road looks like (2 min, you)" in text
    assert "If something is in the way, reply with one word and I'll pick it up." in text
    assert "Priya Rao" in text
    assert letter.reply_to == "priya@partnerly.example"


@pytest.mark.parametrize("rung", [Rung.DAY_3, Rung.DAY_7, Rung.DAY_12, Rung.ENGAGED])
def test_nothing_blames_and_no_word_of_ours_gets_out(write, rung):
    letter = write(rung)
    said = f"{letter.subject} {letter.text} {letter.html}".lower().replace("<!doctype", "")
    assert [word for word in INTERNAL if word in letter.text.lower()] == []
    assert [word for word in BLAME if word in said and word != "!"] == []
    assert "!" not in letter.text
    assert len(letter.subject) <= SUBJECT


def test_a_draft_of_theirs_is_told(write):
    letter = write(Rung.DAY_7, data={"reason": "Late"})
    assert letter.subject == "Your draft is saved; 2 min finishes it"
    assert "What you have written in “Watch what the road looks like” is saved." in " ".join(
        letter.text.split()
    )


def test_close_to_first_value_its_name_and_the_items_before_it_are_told(cast, write, app):
    with app.app_context():
        load_road(cast.onboarding)
        goal = cast.step("first_value")
        near = [one for one in cast.onboarding.steps if one.counts and one.position <= goal.position][-4:]
        for step in cast.onboarding.steps:
            if step.position <= goal.position and step not in near:
                step.state = StepState.DONE
        near[0].state = StepState.READY
        cast.onboarding.next_step_id = near[0].id
        db.session.commit()
        db.session.expire_all()
        titles = [step.title for step in near]
    letter = write(Rung.DAY_3)
    assert letter.subject == "4 items from “First payout”"
    assert f"1. {titles[0]}" in letter.text
    assert f"4. {titles[-1]}" in letter.text
    assert "we do it" in letter.text


def test_the_question_offers_four_answers_that_only_lead_to_a_page(write, cast):
    letter = write(Rung.ENGAGED)
    nudge = db.session.query(Nudge).one()
    assert letter.subject == "Is it time, access or agreement?"
    for answer in wording.ANSWERS:
        path = f"/o/{cast.onboarding.ref}/follow-ups/{nudge.ref}?answer={answer}"
        assert f"http://127.0.0.1{path}" in letter.text


def test_what_we_did_for_them_meanwhile_is_named(cast, write, app, clock):
    clock.forward(hours=1)
    with app.app_context():
        cast.step("road_preview").complete(by=cast.priya)
        db.session.commit()
    letter = write(Rung.ENGAGED)
    assert "Meanwhile we have done 1 item for you: “Watch what the road looks like”." in " ".join(
        letter.text.split()
    )


def test_a_text_of_many_paragraphs_stands_as_it_was_written():
    assert wording.paragraphs("One\r\n\r\nTwo\nlines\n\n\n\nThree") == ["One", "Two lines", "Three"]


@pytest.mark.parametrize("rung", list(Rung))
def test_the_preheader_fits(cast, app, rung):
    with app.app_context():
        load_road(cast.onboarding)
        step = cast.onboarding.next_step
        words = wording.letter(cast.onboarding, wording.Draft("s", "b"), step, rung, cast.ana, ref="x")
    assert 0 < len(words.preheader) <= PREHEADER
