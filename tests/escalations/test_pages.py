"""The queue and the page of a case: what they say, and what can be done there."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from portal import db
from portal.access import Role
from portal.accounts.models import Staff
from portal.activity.models import Activity, Verb
from portal.escalations import cases
from portal.escalations.models import Escalation, EscalationState
from portal.messages.models import Message
from portal.onboardings.models import Onboarding
from tests.escalations.conftest import ASKED

QUEUE = "/staff/escalations"


def the_case():
    db.session.expire_all()
    return db.session.scalars(select(Escalation)).one()


@pytest.fixture
def june(visitor, cast, opened):
    """June looks at the case that she is asked for."""
    made = visitor(cast.june)
    made.get(opened)
    return made


@pytest.fixture
def taken(june, opened):
    """June is on it, and looks at it again."""
    june.submit("/ack")
    june.get(opened)
    return june


# --- The queue ------------------------------------------------------------------------------------


def test_nothing_to_rescue_is_said(visitor, cast):
    page = visitor(cast.june).get(QUEUE)
    assert page.one("h1").text() == "Nothing needs rescuing today."


def test_the_queue_says_clock_reason_play_and_owner_and_takes_in_place(visitor, cast, opened):
    june = visitor(cast.june)
    page = june.get(QUEUE)
    assert page.one("h1").text() == "Northwind has 8 h left."
    row = page.one("tr", **{"class": "first"}).text()
    assert "Northwind Mid-market" in row
    assert "Too long in this stage 9 days in this stage, 7 days planned" in row
    assert "Back on the path June" in row
    june.submit("/ack?back=queue")
    page = june.follow()
    assert "You are on it. Do something by" in page.text
    assert "Working 1" in page.text
    assert the_case().state is EscalationState.ACKNOWLEDGED


def test_an_overdue_case_says_by_how_much_and_counts(visitor, cast, opened, clock):
    clock.at(datetime(2026, 3, 4, 17, 0, tzinfo=UTC))  # 11:00 in Chicago: two of her hours too late.
    page = visitor(cast.june).get(QUEUE)
    assert page.one("h1").text() == "The clock of Northwind has run out."
    assert page.one("td", **{"class": "late"}).text() == "2 h over"
    assert "Overdue 1" in page.text


def test_filters_leave_what_fits_and_say_when_nothing_does(visitor, cast, opened):
    june = visitor(cast.june)
    assert "Northwind" in june.get(f"{QUEUE}?level=1&reason=R1&segment=mid_market").text
    assert "No open case fits what you chose." in june.get(f"{QUEUE}?level=2").text
    assert "Northwind" in june.get(f"{QUEUE}?level=9&reason=x&segment=y&page=z&view=w").text


def test_two_take_it_and_the_second_reads_who_was_quicker(visitor, cast, opened):
    june, mira = visitor(cast.june), visitor(cast.mira)
    june.get(QUEUE)
    mira.get(QUEUE)
    june.submit("/ack?back=queue")
    mira.submit("/ack?back=queue")
    assert "June took it at 03:00." in mira.follow().text
    assert the_case().owner_id == cast.june.id


def test_the_queue_takes_as_many_statements_for_many_as_for_one(
    visitor, cast, opened, more_cases, statements
):
    june = visitor(cast.june)
    with statements() as few:
        june.get(QUEUE)
    more_cases(12)
    with statements() as many:
        june.get(QUEUE)
    assert len(many) == len(few) <= 10


# --- One case -------------------------------------------------------------------------------------


def test_the_page_says_why_who_is_asked_and_where_it_goes(june):
    page = june.page
    assert page.one("h1").text() == "Northwind: too long in this stage"
    said = page.text
    assert (
        "June is asked and nobody is on it yet. It goes to level 2 (Lena and Sam) at Tue 3 Mar, 17:00."
        in said
    )
    assert "June is asked as the CSM." in said
    assert "Ana Moreira Admin" in said
    assert "09:00 in Lisbon now" in said


def test_an_absence_is_said_where_somebody_stands_in(app, visitor, cast):
    with app.test_request_context():
        june, mira = (db.session.get_one(Staff, one.id) for one in (cast.june, cast.mira))
        june.away_until, june.stand_in = date(2026, 3, 6), mira
        case = cases.open_case(db.session.get_one(Onboarding, cast.onboarding.id), [ASKED])
        db.session.commit()
        place = f"{QUEUE}/{case.ref}"
    assert "June is away until 6 Mar; Mira stands in." in visitor(cast.mira).get(place).text


def test_a_line_of_the_play_is_ticked_with_who_and_when(taken, opened):
    taken.post(f"{opened}/tick", {"item": "listen", "done": "yes"})
    page = taken.get(opened)
    assert "June, 3 Mar" in page.one("li", **{"class": "done"}).text()
    assert the_case().state is EscalationState.WORKING
    taken.post(f"{opened}/tick", {"item": "listen", "done": "no"})
    assert not taken.get(opened).all("li", **{"class": "done"})


def test_the_draft_has_their_values_and_is_sent_as_it_was_changed(taken, opened):
    form = taken.page.form("/send")
    draft = form.one("textarea").text()
    assert draft.startswith("Hi Ana,")
    assert draft.endswith("June")
    taken.submit("/send", {"subject": "Sorry", "body": "Hi Ana, I call you at three. June", "go": "send"})
    message = db.session.scalars(select(Message)).one()
    assert message.body == "Sorry\n\nHi Ana, I call you at three. June"
    page = taken.get(opened)
    assert "June Park sent the drafted message: “Hi Ana, I call you at three. June”" in page.text
    assert the_case().state is EscalationState.WORKING


def test_a_draft_is_kept_for_later_without_being_sent(taken, opened):
    taken.submit("/send", {"subject": "Later", "body": "Hi Ana, more soon.", "go": "keep"})
    assert taken.get(opened).form("/send").one("textarea").text() == "Hi Ana, more soon."
    assert db.session.scalars(select(Message)).all() == []


def test_waiting_needs_a_day_to_come_and_says_when_it_comes_back(taken, opened):
    page = taken.submit("/wait", {"until": "2026-03-03"}, 422)
    assert "Choose a day after today." in page.text
    taken.submit("/wait", {"until": "2026-03-12", "why": "Ana travels"})
    page = taken.get(opened)
    assert "June waits for the customer; it comes back on the morning of Thu 12 March." in page.text
    taken.submit("/back")
    assert the_case().state is EscalationState.WORKING


def test_resolving_asks_what_was_learned_and_keeps_what_was_typed(taken, opened):
    page = taken.submit("/resolve", {"cause": "Holidays"}, 422)
    assert "Say whether it was right to call somebody in" in page.text
    assert page.form("/resolve").all("textarea")[0].text() == "Holidays"
    taken.submit("/resolve", {"cause": "Holidays", "helped": "A call", "right": "yes"})
    page = taken.get(opened)
    assert page.one("h2", id="next-h").text() == "Holidays"
    assert "What helped: A call" in page.text
    assert the_case().trigger_right is True
    taken.submit("/reopen")
    assert the_case().state is EscalationState.OPEN


def test_a_false_alarm_is_no_right_trigger(june, opened):
    june.submit("/dismiss", {"why": "They told us that they are away"})
    case = the_case()
    assert (case.state, case.trigger_right) == (EscalationState.DISMISSED, False)
    assert "June called it a false alarm on 3 March." in june.get(opened).text


def test_untaken_it_offers_no_resolve_and_refuses_it(june, opened):
    assert not [form for form in june.page.all("form") if form["action"].endswith("/resolve")]
    page = june.post(f"{opened}/resolve", {"cause": "x", "helped": "y", "right": "yes"}, 422)
    assert "Nobody is on it yet. Take it first" in page.text


def test_raised_by_hand_the_lead_is_asked(taken, opened):
    taken.submit("/raise", {"why": "They threaten to leave"})
    case = the_case()
    assert (case.level, case.owner.called) == (2, "Lena")
    said = db.session.scalars(select(Activity).where(Activity.verb == Verb.ESCALATION_RAISED)).one()
    assert said.personal["why"] == "They threaten to leave"


def test_given_to_a_colleague_they_are_asked(taken, opened, cast):
    taken.submit("/assign", {"staff": cast.mira.ref})
    case = the_case()
    assert (case.owner_id, case.state) == (cast.mira.id, EscalationState.OPEN)


def test_a_note_stands_with_the_case(taken, opened):
    taken.submit("/note", {"text": "Called twice, nobody"})
    assert "June Park noted on the case: “Called twice, nobody”" in taken.get(opened).text


def test_the_account_executive_works_on_it_from_level_two_on(app, visitor, cast, opened):
    assert cast.sam.roles == {Role.ACCOUNT_EXECUTIVE}
    sam = visitor(cast.sam)
    assert not sam.get(opened).all("form", action=f"{opened}/ack")
    sam.post(f"{opened}/ack", status=409)
    with app.test_request_context():
        cases.raise_level(the_case(), by=None)
        db.session.commit()
    sam.get(opened)
    sam.submit("/ack")
    assert the_case().owner_id == cast.sam.id
