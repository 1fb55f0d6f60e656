"""One onboarding on the desk: its tabs, what staff do with the whole of it, and what a refusal looks like."""

from datetime import date

import pytest
from sqlalchemy import select

from portal import db
from portal.accounts.kinds import PortalRole, TeamRole
from portal.activity.models import Activity, Audience, Verb, record
from portal.mail import Letter
from portal.messages.models import Message
from portal.onboardings.models import Onboarding
from portal.onboardings.states import StepState
from portal.onboardings.words import minutes as span
from tests import make
from tests.desk.conftest import handed_in

TABS = ("", "/road", "/people", "/calls", "/messages", "/documents", "/history")


@pytest.fixture
def at(cast):
    """The address of something on Northwind's page: `at("/road")`."""
    return lambda what="": f"/staff/accounts/{cast.account.ref}{what}?o={cast.onboarding.ref}"


def test_the_overview_says_where_it_stands_and_what_we_owe(visitor, cast, at) -> None:
    page = visitor(cast.priya).get(at())
    assert page.one("h1").text() == "Northwind"
    assert "Customer's turn: since 3 Mar" in page.text
    assert "45 days" in page.text
    assert "09:00 in Lisbon" in page.text
    assert f"{cast.onboarding.items_done} of {cast.onboarding.items_total} items" in page.text
    step = cast.onboarding.next_step
    row = page.one("tr", class_="now")
    assert row.one("a").text() == step.title
    assert (
        row.one("a")["href"] == f"/staff/accounts/{cast.account.ref}/steps/{step.ref}?o={cast.onboarding.ref}"
    )
    assert "Rui Tavares" in page.text


def test_what_is_behind_says_who_did_it_and_what_was_left_out(visitor, cast, at, acted) -> None:
    acted(lambda now: now.onboarding.next_step.complete(by=now.ana))
    acted(lambda now: now.onboarding.next_step.skip("They have one", by=now.priya))
    behind = visitor(cast.priya).get(at()).one("main").all("details", class_="unfold")[0]
    done = len([step for step in cast.onboarding.stage.steps if step.is_done]) + 1
    assert behind.one("summary").one("span").text() == f"{done} done, 1 left out"
    assert "done by Ana" in behind.text()


def test_an_item_that_is_begun_says_since_when(visitor, cast, at, acted) -> None:
    acted(lambda now: now.onboarding.next_step.start(by=now.ana))
    page = visitor(cast.priya).get(at())
    assert "begun Tue 3 Mar" in page.one("tr", class_="now").text()
    assert "0 points" not in page.text


def test_what_is_handed_in_is_the_reviewers_next_thing(visitor, cast, at, acted) -> None:
    step = acted(handed_in)
    page = visitor(cast.priya).get(at())
    bar = page.one("section", class_="next-bar")
    assert page.one("h2", id="next-h").text() == step.title
    assert "Next for you" in bar.text()
    assert bar.one("a", class_="btn--main").text() == "Review it"
    assert "our review, Ana handed it in, promised for Thu 5 March" in bar.text()
    assert f"Waiting on us: “{step.title}” since 3 Mar" in page.text


def test_the_time_that_is_theirs_leaves_out_what_is_with_us(visitor, cast, at, acted) -> None:
    def come_to_us(now) -> int:
        step = handed_in(now)
        now.onboarding.next_step.waiting = True
        gone = {step.id, now.onboarding.next_step.id}
        items = now.onboarding.stage.items
        return sum(s.minutes for s in items if s.is_customers and not s.is_closed and s.id not in gone)

    minutes = acted(come_to_us)
    assert minutes > 0
    assert f"about {span(minutes)} of their time" in visitor(cast.priya).get(at()).text


def test_a_review_is_offered_to_whoever_may_review_and_to_nobody_else(visitor, cast, at, acted) -> None:
    def theirs(now) -> None:
        now.onboarding.next_step.assignee = now.ben
        handed_in(now)

    acted(theirs)
    bar = visitor(cast.tomas).get(at()).one("section", class_="next-bar")
    assert "Next for Priya" in bar.text()
    assert "next-bar--other" in bar.get("class"), "the mark is the reader's own next thing"
    assert bar.one("a", class_="btn--main").text() == "Review it"
    bar = visitor(cast.sam).get(at()).one("section", class_="next-bar")
    assert "Next for Priya" in bar.text()
    assert not bar.all("a", class_="btn--main")


def test_the_bar_names_the_colleague_whose_next_thing_it_is(visitor, cast, at, acted) -> None:
    def ours(now) -> None:
        step = next(step for step in now.onboarding.steps if step.owner_side == "us" and step.required)
        step.state, step.assignee, step.due_on = StepState.READY, now.tomas, date(2026, 3, 2)

    acted(ours)
    bar = visitor(cast.priya).get(at()).one("section", class_="next-bar")
    assert "Next for Tomás" in bar.text()
    assert "promised for Mon 2 March" in bar.text()
    assert not bar.all("a", class_="btn--main")
    bar = visitor(cast.tomas).get(at()).one("section", class_="next-bar")
    assert "Next for you" in bar.text()
    assert bar.one("a", class_="btn--main").text() == "Open it"


def test_a_review_in_the_table_has_our_own_date_and_is_red_by_it(visitor, cast, at, acted, clock) -> None:
    def hand_in(now) -> str:
        now.onboarding.next_step.due_on = date(2026, 3, 1)
        return handed_in(now).title

    title = acted(hand_in)

    def row():
        rows = visitor(cast.priya).get(at("/road")).all("tr")
        return next(row for row in rows if row.all("a") and row.one("a").text() == title)

    assert [cell.text() for cell in row().all("td", class_="r")] == ["Thu 5 Mar", "today"]
    assert not row().all("td", class_="late")
    assert "you" in row().text().split()
    clock.forward(days=3)
    assert row().one("td", class_="late").text() == "Thu 5 Mar"


def test_first_value_is_planned_and_forecast(visitor, cast, at, acted) -> None:
    planned = cast.onboarding.first_value_due
    page = visitor(cast.priya).get(at())
    assert f"First value planned {planned.day} Apr · forecast" in page.text
    acted(lambda now: setattr(now.onboarding, "first_value_on", date(2026, 4, 1)))
    assert "First value seen 1 Apr" in visitor(cast.priya).get(at()).text


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_takes_at_most_twelve_statements(visitor, cast, at, acted, statements, tab) -> None:
    """A consultant, a specialist, who reads less, and the account executive, whose accounts are read first."""
    acted(handed_in)
    acted(asked("When can we start?"))
    for who in (cast.priya, cast.tomas, cast.sam):
        reader = visitor(who)
        with statements() as seen:
            reader.get(at(tab))
        assert len(seen) <= 12, "\n\n".join(seen)


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_shows_its_own_and_a_mangled_address_is_the_newest(visitor, cast, at, tab) -> None:
    words = {
        "": "Lately",
        "/road": "Graduation",
        "/people": "ana@northwind.example",
        "/calls": "No call is booked.",
        "/messages": "Send to Northwind",
        "/documents": "Share a file",
        "/history": "Priya Rao opened the portal",
    }
    page = visitor(cast.priya).get(at(tab))
    assert words[tab] in page.text
    assert len(page.one("div", class_="tabs").all("a", **{"aria-current": "page"})) == 1
    visitor(cast.priya).get(
        f"/staff/accounts/{cast.account.ref}{tab}?before=-9&step=%00",
        status=404 if tab == "/messages" else 200,
    )
    visitor(cast.priya).get(f"/staff/accounts/{cast.account.ref}{tab}?o=nothing", status=404)


def test_what_only_the_team_sees_says_so(visitor, cast, at, acted) -> None:
    hidden = next(step for step in cast.onboarding.steps if not step.visible)
    acted(
        lambda now: record(
            now.account, Verb.SIGN_IN_FAILED, by=None, onboarding=now.onboarding, audience=Audience.STAFF
        )
    )
    priya = visitor(cast.priya)
    rows = [row for row in priya.get(at("/road")).all("tr") if "inside" in row.get("class")]
    assert len(rows) == sum(not step.visible for step in cast.onboarding.steps)
    assert all("Only your team sees this" in row.text() for row in rows)
    marked = [line.text() for line in priya.get(at("/history")).all("li", class_="inside")]
    assert len(marked) == 1
    assert "Only your team sees this." in marked[0]
    assert "Only your team sees this." in priya.get(at(f"/steps/{hidden.ref}")).text


def test_history_goes_back_page_by_page(visitor, cast, at, acted) -> None:
    acted(
        lambda now: [
            record(now.account, Verb.SIGNED_OUT, by=now.ana, onboarding=now.onboarding) for _ in range(60)
        ]
    )
    priya = visitor(cast.priya)
    page = priya.get(at("/history"))
    first = len(page.all("time"))
    page = priya.get(next(link for link in page.all("a") if link.text() == "Earlier")["href"])
    assert first == 50
    assert (
        len(page.all("time"))
        == db.session.query(Activity).filter_by(onboarding_id=cast.onboarding.id).count() - 50
    )
    assert "Sam Hale set up this onboarding" in page.text


def test_who_came_and_went_reads_well_in_the_history(visitor, cast, at, acted) -> None:
    def came(now) -> None:
        personal = {"whom": "Ben Ortiz"}
        record(now.ben, Verb.PERSON_INVITED, by=now.ana, onboarding=now.onboarding, personal=personal)
        record(now.ben, Verb.PERSON_JOINED, by=now.ben, onboarding=now.onboarding)
        record(now.ben, Verb.ROLE_CHANGED, by=now.ana, onboarding=now.onboarding, personal=personal)
        step = next(step for step in now.onboarding.steps if step.visible)
        step.title = "training"
        Message.write(now.onboarding, "Which one?", by=now.ben, step=step)

    acted(came)
    told = [
        line.one("div", class_="told").text()
        for line in visitor(cast.priya).get(at("/history")).one("ul", class_="history").all("li")
    ]
    assert told[:4] == [
        "Ben Ortiz wrote about “training”",
        "Ana Moreira changed what Ben Ortiz may do",
        "Ben Ortiz joined",
        "Ana Moreira invited Ben Ortiz",
    ]


# --- Messages -----------------------------------------------------------------------------------


def test_a_message_is_written_and_read_at_the_desk(visitor, cast, at) -> None:
    step = cast.onboarding.next_step
    priya = visitor(cast.priya)
    page = priya.get(at("/messages") + f"&step={step.ref}")
    assert f"About “{step.title}”" in page.text
    priya.submit(at("/messages"), {"body": "Shall we talk, @Ana?"})
    assert priya.page.location == f"/staff/accounts/{cast.account.ref}/messages?o={cast.onboarding.ref}"
    page = priya.follow()
    assert "Shall we talk, @Ana?" in page.text
    assert page.one("a", class_="thread-on")["href"].startswith("/staff/accounts/")
    assert "Shall we talk, @Ana?" in visitor(cast.ana).get(f"/o/{cast.onboarding.ref}/messages").text


def asked(text: str, *, about: bool = False):
    def act(now) -> None:
        step = next(step for step in now.onboarding.steps if step.visible and step.assignee is None)
        Message.write(now.onboarding, text, by=now.ben, step=step if about else None)

    return act


def test_a_question_is_counted_on_its_tab_and_stands_on_the_overview(visitor, cast, at, acted) -> None:
    acted(asked("When can we start?"))
    acted(asked("Anybody there?"))
    page = visitor(cast.priya).get(at())
    assert page.one("div", class_="tabs").all("a")[7].text() == "Messages 2 unanswered"
    assert "Waiting on us: Ben asked on 3 Mar" in page.text
    bar = page.one("section", class_="next-bar")
    assert "Next for you" in bar.text()
    assert "Ben asks you: When can we start?" in bar.text()
    assert "asked on Tue 3 March, answer promised for Tue 3 March" in bar.text()
    assert bar.one("a", class_="btn--main").text() == "Answer Ben"
    assert bar.one("a")["href"].endswith(f"/messages?o={cast.onboarding.ref}#write")
    assert "Next for Priya" in visitor(cast.tomas).get(at()).text


def test_a_question_behind_the_readers_own_review_still_stands_there(visitor, cast, at, acted) -> None:
    def both(now) -> None:
        handed_in(now)
        Message.write(now.onboarding, "@Tomás which key?", by=now.ben)

    acted(both)
    page = visitor(cast.priya).get(at())
    assert page.one("section", class_="next-bar").one("a").text() == "Review it"
    line = page.one("div", class_="asked")
    assert "Ben asks Tomás: @Tomás which key?" in line.text()
    assert line.one("a").text() == "Answer Ben"


def test_an_answer_keeps_the_step_it_answers(visitor, cast, at, acted) -> None:
    acted(asked("Which share?", about=True))
    step = next(step for step in cast.onboarding.steps if step.visible and step.assignee is None)
    priya = visitor(cast.priya)
    page = priya.get(at("/messages"))
    assert f"About “{step.title}”" in page.text
    answer = next(link for link in page.all("a") if link.text().startswith("Answer"))
    assert answer["href"] == at("/messages") + f"&step={step.ref}#write"
    priya.submit(at("/messages"), {"body": "Ten per cent."})
    assert priya.follow().one("div", class_="tabs").all("a")[7].text() == "Messages"
    theirs = visitor(cast.ben).get(f"/o/{cast.onboarding.ref}/steps/{step.ref}")
    assert "Ten per cent." in theirs.one("ol", class_="thread").text()
    assert "Ten per cent." in letters_to(cast.ben)[-1].text


def test_an_answer_can_be_about_nothing_in_particular(visitor, cast, at, acted) -> None:
    acted(asked("Which share?", about=True))
    priya = visitor(cast.priya)
    page = priya.get(at("/messages"))
    priya.get(next(link for link in page.all("a") if link.text() == "Not about this")["href"])
    assert "About “" not in priya.page.text
    priya.submit(at("/messages"), {"body": "We talk on Monday."})
    assert [message.step for message in messages()] == [messages()[0].step, None]
    assert messages()[0].step is not None


def test_a_form_about_a_step_that_cannot_be_named_posts_nothing(visitor, cast, at) -> None:
    hidden = next(step for step in cast.onboarding.steps if not step.visible)
    priya = visitor(cast.priya)
    priya.get(at("/messages"))
    for ref in ("gone", hidden.ref):
        priya.get(at("/messages") + f"&step={ref}", status=404)
        priya.get(at("/messages"))
        priya.submit(at("/messages"), {"body": "About this one.", "step": ref}, status=404)
    assert messages() == []


def test_what_needs_no_answer_is_closed(visitor, cast, at, acted) -> None:
    acted(asked("Thank you!"))
    priya = visitor(cast.priya)
    priya.get(at("/messages"))
    priya.submit(at("/messages/close"))
    page = priya.follow()
    assert "Nothing waits for an answer here any more." in page.text
    assert not [form for form in page.all("form") if form.get("action") == at("/messages/close")]
    assert "Customer's turn" in page.text
    page = priya.post(at("/messages/close"), status=422)
    assert page.one("div", id="problems").text().endswith("somebody was quicker.")
    line = priya.get(at("/history")).one("li", class_="inside").text()
    assert "Priya Rao marked what Ben Ortiz wrote as needing no answer" in line
    assert "marked what" not in visitor(cast.ana).get(f"/o/{cast.onboarding.ref}").text


def test_a_long_thread_has_pages_at_the_desk_too(visitor, cast, at, acted) -> None:
    acted(lambda now: [Message.write(now.onboarding, f"number {n:02}.", by=now.ana) for n in range(51)])
    priya = visitor(cast.priya)
    page = priya.get(at("/messages"))
    assert "number 00." not in page.text
    page = priya.get(next(link for link in page.all("a") if link.text() == "Earlier messages")["href"])
    assert "number 00." in page.text
    assert (
        "number 50."
        in priya.get(next(a for a in page.all("a") if a.text() == "Latest messages")["href"]).text
    )


def messages() -> list[Message]:
    return list(db.session.scalars(select(Message).order_by(Message.id)))


def letters_to(user) -> list[Letter]:
    return list(db.session.scalars(select(Letter).where(Letter.user_id == user.id).order_by(Letter.id)))


def test_a_message_that_is_refused_stays_as_it_was_typed(visitor, cast, at) -> None:
    priya = visitor(cast.priya)
    priya.get(at("/messages"))
    assert "Write something first" in priya.submit(at("/messages"), {"body": "  "}, status=422).text
    page = priya.submit(at("/messages"), {"body": "y" * 4001}, status=422)
    assert "y" * 4001 in page.one("textarea").text()
    assert page.source.count("<title>Error:") == 1


# --- The whole onboarding -----------------------------------------------------------------------


def test_hold_and_resume(visitor, cast, at) -> None:
    priya = visitor(cast.priya)
    priya.get(at())
    priya.submit(at("/hold"), {"reason": "Their bank migrates", "review_on": "2026-03-20"})
    page = priya.follow()
    assert "On hold until Fri 20 March: Their bank migrates" in page.text
    priya.submit(at("/resume"))
    assert "It goes on" in priya.follow().text
    assert db.session.get(Onboarding, cast.onboarding.id).state == "preparing"


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        ({"reason": "A reason of ours", "review_on": "2026-03-03"}, 422, "Choose a review date after today."),
        ({"reason": "A reason of ours", "review_on": "soon"}, 422, "Enter a date like 2026-03-31"),
        ({"reason": "A reason of ours", "review_on": ""}, 422, "Choose a review date after today."),
        (
            {"reason": "A reason of ours " * 30, "review_on": "2026-04-01"},
            422,
            "Keep the reason under 400 characters",
        ),
    ],
)
def test_a_hold_that_is_refused_keeps_what_was_typed(visitor, cast, at, fields, status, sentence) -> None:
    priya = visitor(cast.priya)
    priya.get(at())
    page = priya.submit(at("/hold"), fields, status=status)
    assert sentence in page.one("div", id="problems").text()
    assert page.one("textarea", id="hold-reason").text() == fields["reason"].strip()
    assert "open" in next(d for d in page.all("details") if d.all("textarea", id="hold-reason")).attrs
    assert not page.one("textarea", id="cancel-reason").text()
    assert db.session.get(Onboarding, cast.onboarding.id).state == "preparing"


def test_what_cannot_be_done_now_is_a_sentence_on_the_page(visitor, cast, at) -> None:
    priya = visitor(cast.priya)
    priya.get(at())
    page = priya.post(at("/resume"), status=422)
    assert page.one("div", id="problems").text().endswith("This onboarding is not on hold.")
    page = priya.post(at("/start"), status=422)
    assert "That can't be done while this onboarding is preparing." in page.text
    page = priya.post(at("/resume"), {"state": "graduated"}, status=422)
    assert "no field called state" in page.one("div", id="problems").text()
    priya.post(at("/cancel"), {"reason": "They went elsewhere"})
    page = priya.get(at())
    assert "Cancelled: They went elsewhere" in page.text
    assert not [form for form in page.all("form") if form.get("action") == at("/hold")]
    page = priya.post(at("/hold"), {"reason": "Too late now", "review_on": "2026-05-01"}, status=422)
    assert "That can't be done while this onboarding is cancelled." in page.text
    assert page.one("textarea", id="hold-reason").text() == "Too late now"


def test_only_who_may_change_it_is_offered_to(visitor, cast, at) -> None:
    for who, offered in ((cast.priya, True), (cast.tomas, False), (cast.sam, False)):
        page = visitor(who).get(at())
        assert bool([form for form in page.all("form") if form.get("action") == at("/hold")]) is offered
    sam = visitor(cast.sam)
    sam.get(at())
    page = sam.post(at("/hold"), {"reason": "No", "review_on": "2026-05-01"}, status=403)
    assert "Here it is done by onboarding consultants, CSMs, and CS leaders." in page.text


def test_strangers_find_nothing(app, visitor, cast, at) -> None:
    with app.test_request_context():
        other = make.account("Fabrikam")
        fay = make.person(other, "Fay Lind", PortalRole.ADMIN)
        theirs = make.onboarding(other, {TeamRole.CONSULTANT: cast.priya}, by=cast.priya)
        db.session.commit()
    paused = {"reason": "x", "review_on": date(2026, 5, 1).isoformat()}
    for who in (cast.ana, fay):
        browser = visitor(who)
        browser.get(at(), status=404)
        for what, fields in (("/messages", {"body": "hello"}), ("/hold", paused)):
            browser.get("/preferences")
            browser.post(at(what), fields, status=404)
    sam = visitor(cast.sam)
    sam.get(f"/staff/accounts/{other.ref}", status=404)
    visitor(cast.priya).get(f"/staff/accounts/{other.ref}?o={cast.onboarding.ref}", status=404)
    assert (
        "the customer sees nothing yet"
        in visitor(cast.priya).get(f"/staff/accounts/{other.ref}?o={theirs.ref}").text
    )
