"""The outbox and what is done there, follow-ups by hand, and what a customer sees and answers."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from portal import db, mail, schedule, worker
from portal.accounts.kinds import Segment
from portal.activity.models import Activity, Verb
from portal.health import thresholds
from portal.messages.models import Message
from portal.notifications.notices import Notice
from portal.nudges import ladder
from portal.nudges.models import Nudge, NudgeState
from portal.nudges.queries import tried
from portal.onboardings.standings import Health, Quiet
from portal.onboardings.states import StepState
from tests import make

DAY_3 = datetime(2026, 3, 19, 9, 30, tzinfo=UTC)


@pytest.fixture
def planned(cast, clock, app):
    """Day three is planned for Ana, and waits for somebody of ours."""
    clock.at(DAY_3)
    with app.app_context():
        thresholds.change(Segment.SMB, {"nudges_need_approval": True}, by=cast.priya)
        db.session.commit()
        ladder.plan_due()
    return db.session.query(Nudge).one()


@pytest.fixture
def priya(cast, visitor):
    return visitor(cast.priya)


def again(nudge):
    db.session.expire_all()
    return db.session.get_one(Nudge, nudge.id)


def test_what_waits_is_listed_and_does_not_leave_by_itself(planned, priya, app, clock):
    page = priya.get("/staff/nudges")
    assert "To approve 1" in page.text
    assert page.one("a", href=f"/staff/nudges/{planned.ref}").text() == "4 items left in Welcome"
    with app.app_context():
        clock.forward(hours=4)
        ladder.send_due()
    assert again(planned).state is NudgeState.NEEDS_APPROVAL


def test_it_is_changed_and_sent_and_goes_as_it_was_written(planned, priya, cast):
    at = f"/staff/nudges/{planned.ref}"
    priya.get(at)
    priya.submit(f"{at}/edit", {"subject": "A word from me", "body": "First.\n\nSecond."})
    priya.follow()
    priya.submit(f"{at}/send")
    assert "On its way to Ana." in priya.follow().text
    found = again(planned)
    assert (found.state, found.decided_by.name) == ("sent", "Priya Rao")
    letter = db.session.get_one(mail.Letter, found.letter_id)
    assert letter.subject == "A word from me"
    assert "First.\n\nSecond.\n\n1. Watch what the road looks like (2 min, you)" in letter.text


def test_what_is_left_out_is_left_out_for_this_silence(planned, priya, app, clock):
    at = f"/staff/nudges/{planned.ref}"
    priya.get(at)
    priya.submit(f"{at}/skip")
    assert "Left out. Ana doesn't get it." in priya.follow().text
    with app.app_context():
        clock.forward(days=1)
        ladder.plan_due()
    assert [one.state.value for one in db.session.query(Nudge)] == ["skipped"]


@pytest.mark.parametrize("what", ["edit", "send", "skip"])
def test_what_was_sent_meanwhile_stays_as_it_is(planned, priya, what):
    at = f"/staff/nudges/{planned.ref}"
    priya.get(at)
    token = priya.token()
    priya.submit(f"{at}/send")
    fields = {"subject": "x", "body": "y"} if what == "edit" else {}
    priya.post(f"{at}/{what}", {"csrf_token": token, **fields})
    assert "This follow-up isn't waiting any more" in priya.follow().text
    assert again(planned).subject == "4 items left in Welcome"


def test_nothing_is_sent_that_was_overtaken_while_the_page_stood_open(planned, priya, cast, app):
    at = f"/staff/nudges/{planned.ref}"
    priya.get(at)
    with app.app_context():
        cast.step("road_preview").complete(by=cast.ana)
        db.session.commit()
    priya.submit(f"{at}/send")
    assert "Not sent: something moved." in priya.follow().text
    assert db.session.query(mail.Letter).filter_by(kind="nudge").count() == 0


def test_an_answer_by_mail_ends_the_ladder(planned, priya, app, clock):
    at = f"/staff/nudges/{planned.ref}"
    priya.get(at)
    priya.submit(f"{at}/send")
    priya.get(at)
    priya.submit(f"{at}/replied")
    assert "No further follow-up leaves by itself." in priya.follow().text
    with app.app_context():
        clock.at(datetime(2026, 3, 25, 9, 30, tzinfo=UTC))
        ladder.plan_due()
    assert [one.state.value for one in db.session.query(Nudge)] == ["replied"]


def test_a_form_that_is_wrong_keeps_what_was_typed(planned, priya):
    at = f"/staff/nudges/{planned.ref}"
    priya.get(at)
    page = priya.post(f"{at}/edit", {"subject": "s" * 51, "body": "Mine"}, status=422)
    assert "Keep this under 50 characters" in page.text
    assert page.one("textarea", name="body").text().strip() == "Mine"


def test_the_outbox_shows_the_readers_own_customers_first(planned, visitor, cast):
    other = make.staff("Olga Novak", "consultant")
    db.session.commit()
    olga = visitor(other)
    assert "Northwind" not in olga.get("/staff/nudges").text
    assert "Nobody needs a word today" in olga.page.text
    assert "Northwind" in olga.get("/staff/nudges?who=all").text


def test_whoever_stands_in_finds_what_waits(planned, visitor, cast, clock):
    other = make.staff("Olga Novak", "consultant")
    cast.priya.away_until, cast.priya.stand_in = clock.now.date(), other
    db.session.commit()
    assert "Northwind" in visitor(other).get("/staff/nudges").text


# --- By hand --------------------------------------------------------------------------------------


def by_hand(cast, **more):
    asked = "".join(f"&{name}={value}" for name, value in more.items())
    return f"/staff/accounts/{cast.account.ref}/follow-up?o={cast.onboarding.ref}{asked}"


def test_one_by_hand_is_drafted_sent_and_takes_the_place_of_the_planned_one(planned, priya, cast):
    page = priya.get(by_hand(cast))
    assert page.one("input", name="subject")["value"] == "4 items left in Welcome"
    priya.submit("follow-up?o=" + cast.onboarding.ref, {"subject": "Shall we talk?", "body": "A word."})
    assert "On its way to Ana." in priya.follow().text
    states = {one.rung: (one.state.value, one.ended_because) for one in db.session.query(Nudge)}
    assert states == {"day_3": ("superseded", "by_person"), "by_hand": ("sent", None)}


def test_a_second_click_sends_nothing_twice(cast, priya):
    priya.get(by_hand(cast))
    token = priya.token()
    fields = {"csrf_token": token, "person": cast.ana.ref, "subject": "Hello", "body": "A word."}
    for _click in range(2):
        priya.post(by_hand(cast), fields)
    assert db.session.query(mail.Letter).filter_by(kind="nudge").count() == 1


def test_by_hand_keeps_to_one_letter_a_day_too(cast, priya, app, clock):
    for subject in ("One", "Two"):
        clock.forward(minutes=1)
        priya.get(by_hand(cast))
        priya.submit("follow-up?o=" + cast.onboarding.ref, {"subject": subject, "body": "A word."})
    assert "It leaves on Tue 17 March, 04:00." in priya.follow().text
    clock.at(datetime(2026, 3, 17, 9, 0, tzinfo=UTC))
    with app.app_context():
        ladder.send_due()
    letters = db.session.query(mail.Letter).filter_by(kind="nudge").order_by(mail.Letter.id)
    assert [one.subject for one in letters] == ["One", "Two"]


def test_nobody_is_followed_up_on_a_road_that_rests(cast, priya, app):
    with app.app_context():
        cast.onboarding.cancel("They left", by=cast.priya)
        db.session.commit()
    priya.get(by_hand(cast), status=404)
    assert "Follow up" not in priya.get(f"/staff/accounts/{cast.account.ref}?o={cast.onboarding.ref}").text


@pytest.mark.parametrize("since", ["planned", "in the outbox"])
@pytest.mark.parametrize("end", ["hold", "cancel"])
def test_what_we_wrote_does_not_leave_once_the_road_rests(cast, priya, app, clock, since, end):
    """Written in the evening for the next morning, and in between it was agreed to pause, or to stop."""
    clock.at(datetime(2026, 3, 16, 20, 0, tzinfo=UTC))
    priya.get(by_hand(cast))
    priya.submit("follow-up?o=" + cast.onboarding.ref, {"subject": "Shall we talk?", "body": "A word."})
    with app.app_context():
        if since == "in the outbox":
            clock.at(datetime(2026, 3, 17, 9, 0, tzinfo=UTC))
            ladder.send_due()
            assert db.session.query(Nudge).one().state == "sent"
        if end == "hold":
            cast.onboarding.pause("Audit", date(2026, 4, 30), by=cast.priya)
        else:
            cast.onboarding.cancel("They were bought", by=cast.priya)
        db.session.commit()
    clock.at(datetime(2026, 3, 17, 9, 5, tzinfo=UTC))
    worker.work(once=True, schedule=schedule.run_due, around=app.app_context)
    db.session.expire_all()
    gone = select(mail.Letter.id).where(mail.Letter.kind == "nudge", mail.Letter.sent_at.is_not(None))
    assert db.session.scalars(gone).all() == []
    nudge = db.session.query(Nudge).one()
    assert (nudge.state, nudge.ended_because) == ("superseded", "not_theirs")


# --- Engaged, not moving --------------------------------------------------------------------------


def asked(cast, priya, *steps):
    """Priya asks Ana what is in the way, with these items done for her; the question."""
    priya.get(by_hand(cast, ask=1))
    ticked = [cast.step(key).ref for key in steps]
    fields = {
        "csrf_token": priya.token(),
        "person": cast.ana.ref,
        "subject": "Is it us?",
        "body": "What is it?",
    }
    priya.post(by_hand(cast, ask=1), {**fields, "steps": ticked})
    return db.session.query(Nudge).filter_by(rung="engaged").one()


def test_those_who_come_and_do_not_get_on_are_listed_until_they_are_asked(cast, priya):
    cast.onboarding.health, cast.onboarding.quiet = Health.STALLED, Quiet.ENGAGED
    db.session.commit()
    page = priya.get("/staff/nudges")
    assert "They come, and nothing moves 1" in page.text
    asked(cast, priya)
    assert "They come, and nothing moves" not in priya.get("/staff/nudges").text


def test_items_are_done_for_them_and_the_letter_says_so(cast, priya, clock):
    clock.forward(hours=1)
    nudge = asked(cast, priya, "road_preview")
    step = cast.step("road_preview")
    assert (step.state, step.done_for_you, step.done_by.name) == ("done", True, "Priya Rao")
    letter = db.session.get_one(mail.Letter, nudge.letter_id)
    said = " ".join(letter.text.split())
    assert "What is it? Meanwhile we have done 1 item for you: “Watch what the road looks like”." in said


def test_two_items_at_most_are_done_for_them(cast, priya):
    for step in [
        one for one in cast.onboarding.steps if one.owner_side == "customer" and one.state is StepState.READY
    ]:
        step.kind = "read"
    db.session.commit()
    page = priya.get(by_hand(cast, ask=1))
    refs = [box["value"] for box in page.all("input", name="steps")]
    fields = {"csrf_token": priya.token(), "person": cast.ana.ref, "subject": "s", "body": "b"}
    assert len(refs) >= 3
    page = priya.post(by_hand(cast, ask=1), {**fields, "steps": refs[:3]}, status=422)
    assert "Tick two items at most; the rest is theirs" in page.text
    assert db.session.query(Nudge).count() == 0
    priya.post(by_hand(cast, ask=1), {**fields, "steps": refs[:2]})
    db.session.expire_all()
    done = [step.ref for step in cast.onboarding.steps if step.is_done]
    assert [ref in done for ref in refs[:3]] == [True, True, False]


def test_opening_the_question_answers_nothing(cast, priya, visitor):
    nudge = asked(cast, priya)
    ana = visitor(cast.ana)
    page = ana.get(f"/o/{cast.onboarding.ref}/follow-ups/{nudge.ref}?answer=agreement")
    chosen = [box["value"] for box in page.all("input", name="answer") if "checked" in box.attrs]
    assert chosen == ["agreement"]
    assert again(nudge).answer is None
    ana.get(f"/o/{cast.onboarding.ref}/follow-ups/{nudge.ref}?answer=anything")


def test_where_a_colleague_has_to_agree_whoever_sold_it_hears(cast, priya, visitor):
    nudge = asked(cast, priya)
    ana = visitor(cast.ana)
    at = f"/o/{cast.onboarding.ref}/follow-ups/{nudge.ref}"
    ana.get(at)
    ana.submit(at, {"answer": "agreement", "detail": "Our finance lead."})
    assert "Thank you. It stands in the messages" in ana.follow().text
    message = db.session.query(Message).one()
    assert message.author_id == cast.ana.id
    assert (
        message.body.splitlines()[0]
        == "In the way of “Watch what the road looks like”: Need a colleague to agree."
    )
    assert set(message.mentions) == {cast.sam.id, cast.priya.id}
    notice = db.session.query(Notice).filter_by(kind="follow_up").one()
    assert (notice.user_id, notice.line) == (
        cast.sam.id,
        "Northwind: a colleague of theirs has to agree first",
    )
    assert (again(nudge).answer, again(nudge).state) == ("agreement", "replied")


@pytest.mark.parametrize("word", ["time", "access", "unclear"])
def test_any_other_answer_goes_to_the_owner_alone(cast, priya, visitor, word):
    nudge = asked(cast, priya)
    ana = visitor(cast.ana)
    at = f"/o/{cast.onboarding.ref}/follow-ups/{nudge.ref}"
    ana.get(at)
    ana.submit(at, {"answer": word})
    assert db.session.query(Message).one().mentions == []
    assert db.session.query(Notice).filter_by(kind="follow_up").count() == 0
    assert cast.onboarding.answer_due_on is not None


def test_a_question_is_answered_once(cast, priya, visitor):
    nudge = asked(cast, priya)
    ana, ben = visitor(cast.ana), visitor(cast.ben)
    at = f"/o/{cast.onboarding.ref}/follow-ups/{nudge.ref}"
    ana.get(at)
    ben.get(at)
    ana.submit(at, {"answer": "time"})
    page = ben.submit(at, {"answer": "access"}, status=422)
    assert "This was answered already." in page.text
    assert db.session.query(Message).count() == 1


# --- On the home ----------------------------------------------------------------------------------


def test_the_last_follow_up_is_a_quiet_line_that_goes_away(cast, pass_time, visitor):
    pass_time(19)
    ana, home = visitor(cast.ana), f"/o/{cast.onboarding.ref}"
    said = "Priya wrote to you on 19 Mar: 4 items left in Welcome"
    assert said in ana.get(home).text
    assert said not in visitor(cast.rui).get(home).text
    ana.get(home)
    ana.submit("/dismiss")
    assert said not in ana.follow().text
    verbs = [one.verb for one in db.session.query(Activity).filter_by(actor_id=cast.ana.id)]
    assert verbs[-1] is Verb.FOLLOW_UP_PUT_AWAY


def test_it_goes_by_itself_once_they_moved(cast, pass_time, visitor, app):
    pass_time(19)
    with app.app_context():
        cast.step("road_preview").complete(by=cast.ana)
        db.session.commit()
    assert "wrote to you on" not in visitor(cast.ana).get(f"/o/{cast.onboarding.ref}").text


def test_nobody_puts_away_what_a_colleague_was_sent(cast, pass_time, visitor):
    pass_time(19)
    ben, ref = visitor(cast.ben), db.session.query(Nudge).one().ref
    ben.get(f"/o/{cast.onboarding.ref}")
    ben.post(f"/o/{cast.onboarding.ref}/nudges/{ref}/dismiss", status=404)


def test_what_was_tried_is_told_with_what_came_of_it(cast, pass_time, app, clock):
    pass_time(19)
    clock.forward(hours=1)
    with app.app_context():
        cast.step("road_preview").complete(by=cast.ana)
        db.session.commit()
    pass_time(20)
    with app.test_request_context():
        assert [(one.title, one.result) for one in tried(cast.onboarding)] == [
            ("Day 3 of silence", "They did something within three days")
        ]
