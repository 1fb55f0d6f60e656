"""The customer home in each of its states (W1), what it costs the database, and what others see of it."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import event

from portal import db
from portal.calls import queries
from portal.calls.models import Call
from tests.make import account, person
from tests.onboardings.road import finish, settle_step

MOST_STATEMENTS = 8


def headline(page) -> str:
    return page.one("h1").text()


# --- States -------------------------------------------------------------------------------------


def test_the_first_visit_thanks_and_offers_two_small_things(road, visitor) -> None:
    page = visitor(road.cast.ana).get(road.home)
    assert headline(page) == "Welcome, Ana."
    assert "Sam and all of us thank you for choosing us. We start on Mon 9 March." in page.text
    assert page.one("h2", id="next-h").text().startswith("Next: ")
    first = page.one("section", class_="first")
    assert len(first.one("ol").all("li")) == 4
    assert len(first.one("ul").all("li")) == 2
    assert "Who to ask for what" in page.text
    assert page.one("progress")["value"] == str(road.cast.onboarding.percent)


def test_before_day_0_it_says_when_we_start(road, visitor) -> None:
    road.do("road_preview", lambda s: s.complete(by=road.user("ana")))
    page = visitor(road.cast.ana).get(road.home)
    assert headline(page) == "We start on 9 March, Ana."
    assert "Two small things can be done now." in page.text


def test_what_may_be_done_before_its_stage_opens_is_in_sight_until_it_is_done(road, visitor) -> None:
    road.do("road_preview", lambda s: s.complete(by=road.user("ana")))
    early = [s.title for s in road.cast.onboarding.stage_called("expectations").items if s.early_start]
    page = visitor(road.cast.ana).get(road.home)
    ahead = page.text.split("Can be done already")[1].split("Lately")[0]
    assert early
    assert all(title in ahead for title in early)
    road.do("prerequisites", lambda s: s.complete(by=road.user("ana")))
    ahead = visitor(road.cast.ana).get(road.home).text.partition("Can be done already")[2].split("Lately")[0]
    assert road.cast.step("prerequisites").title not in ahead


def test_under_way_it_counts_what_is_left(road, visitor, clock) -> None:
    road.begin(clock, "welcome")
    road.do("prerequisites", lambda s: s.complete(by=road.user("ana")))
    page = visitor(road.cast.ana).get(road.home)
    left = len(road.cast.onboarding.stage_called("expectations").items) - 1
    assert headline(page) == f"{left} items left in Expectations, Ana."
    assert "Then Training opens, and first value is about" in page.text
    current = page.one("li", class_="is-current")
    assert current["aria-current"] == "step"
    assert "Waiting on us" in page.text
    assert "Open your sandbox, for Training" in page.text


def test_earlier_items_stay_in_sight(road, visitor, clock) -> None:
    road.begin(clock)
    road.do("book_kickoff", lambda s: s.complete(by=road.user("ana")))
    page = visitor(road.cast.ana).get(road.home)
    assert "Still open from before" in page.text


def test_with_nothing_to_do_it_says_who_has_the_ball(road, visitor, clock) -> None:
    road.begin(clock, "welcome")
    with road.changing() as onboarding:
        for step in onboarding.steps:
            if (
                step.state == "ready"
                and step.is_customers
                and step.key not in ("success_criteria", "scope", "plan_agreed")
            ):
                settle_step(step, road.cast)
    page = visitor(road.cast.ana).get(road.home)
    title = page.one("h2", id="next-h").text()
    assert title == "Nothing for you today."
    assert "Priya has “" in page.text or "Tomás has “" in page.text


def test_quiet_offers_three_equal_answers(road, visitor, clock) -> None:
    road.begin(clock, "welcome")
    road.do("prerequisites", lambda s: s.complete(by=road.user("ana")))
    clock.forward(days=10)
    ana = visitor(road.cast.ana)
    page = ana.get(road.home)
    assert headline(page).endswith("items from Training, Ana.")
    assert "Pick up where you left off" in page.text
    ways = page.one("section", class_="ways")
    assert [h.text() for h in ways.all("h3")] == ["Keep 23 April", "Move it", "Something is in the way"]
    keep, move = ways.all("form")
    assert "Needs about" in ways.text()
    assert "from you by Thu 23 April. At today's pace it would be about" in ways.text()
    page = ana.post(move["action"], {"choice": "move", "until": ""}, status=422)
    assert "Choose the date that suits you" in page.one("div", id="problems").text()
    page = ana.post(move["action"], {"choice": "move", "until": "2026-03-02"}, status=422)
    assert "Choose a day after today" in page.one("div", id="problems").text()
    ana.post(move["action"], {"choice": "move", "until": "2026-05-07"})
    page = ana.follow()
    assert "You asked on 19 Mar for 7 May instead. Priya answers by Thu 19 March." in page.text
    assert not page.all("section", class_="ways")
    ana.post(keep["action"], {"choice": "keep"})
    assert "You asked on 19 Mar for 7 May instead." in ana.follow().text
    asked = "Can we move Thu 23 April to Thu 7 May?"
    assert ana.get(f"{road.home}/messages").text.count(asked) == 1
    assert "Ana Moreira asked on 19 Mar for 7 May instead." in visitor(road.cast.ben).get(road.home).text
    clock.forward(days=9)
    assert ana.get(road.home).all("section", class_="ways")


def test_what_keeps_the_date_asks_nobody_anything(road, visitor, clock) -> None:
    road.begin(clock, "welcome")
    road.do("prerequisites", lambda s: s.complete(by=road.user("ana")))
    clock.forward(days=10)
    ana = visitor(road.cast.ana)
    page = ana.get(road.home)
    assert page.one("a", href=f"{road.at(_next(road))}?do=block#block").text() == "Tell Priya"
    ana.post(f"{road.home}/date", {"choice": "keep"})
    assert "You kept 23 April on 19 Mar." in ana.follow().text
    assert "23 April" not in ana.get(f"{road.home}/messages").text
    road.do("readiness_kit", lambda s: s.start(by=road.user("ana")))
    assert "You kept 23 April" not in ana.get(road.home).text


def _next(road) -> str:
    with road.changing() as onboarding:
        return onboarding.next_step.key


def test_on_hold_says_until_when_and_why(road, visitor, clock) -> None:
    road.begin(clock, "welcome")
    with road.changing() as onboarding:
        onboarding.pause("Your data team is away.", date(2026, 4, 2), by=road.user("priya"))
    page = visitor(road.cast.ana).get(road.home)
    assert headline(page) == "Paused until 2 April."
    assert "Your data team is away." in page.text
    assert [b.text() for b in page.one("section", id="next").all("button")] == ["We're ready early"]


def test_blocked_shows_what_who_and_a_way_out(road, visitor, clock) -> None:
    road.begin(clock, "welcome")
    with road.changing() as onboarding:
        for step in [s for s in onboarding.steps if s.state == "ready" and s.is_customers]:
            step.block("access", "The CRM password is missing.", "Rui", by=road.user("ana"))
    ana = visitor(road.cast.ana)
    page = ana.get(road.home)
    assert "is waiting for something." in page.one("h2", id="next-h").text()
    assert "“The CRM password is missing.” Rui can clear it." in page.text
    sorted_ = next(f for f in page.all("form") if f.get("action").endswith("/unblock"))
    ana.post(sorted_["action"])
    assert "Next: " in ana.get(road.home).one("h2", id="next-h").text()


def test_what_is_in_the_way_of_one_item_stands_beside_the_next(road, visitor, clock) -> None:
    road.begin(clock, "welcome")
    with road.changing() as onboarding:
        first = onboarding.next_step
        first.block("access", "The CRM password is missing.", "Rui", by=road.user("ana"))
        title = first.title
    page = visitor(road.cast.ana).get(road.home)
    assert title not in page.one("h2", id="next-h").text()
    line = page.one("div", class_="in-the-way")
    assert "“The CRM password is missing.” Rui can clear it." in line.text()
    assert line.one("form")["action"].endswith("/unblock")


def test_what_was_put_off_is_not_next_until_its_day(road, visitor, clock) -> None:
    road.begin(clock, "welcome")
    with road.changing() as onboarding:
        first, today = onboarding.next_step, onboarding.account.today
        title = first.title
        first.snooze(today + timedelta(days=1), by=road.user("ana"))
    ana = visitor(road.cast.ana)
    assert title not in ana.get(road.home).one("h2", id="next-h").text()
    clock.forward(days=1)
    assert title in ana.get(road.home).one("h2", id="next-h").text()


def test_when_all_is_put_off_it_says_what_comes_back_and_when(road, visitor, clock) -> None:
    road.begin(clock, "welcome")
    with road.changing() as onboarding:
        today = onboarding.account.today
        theirs = [s for s in onboarding.steps if s.counts and s.with_them]
        mine, *others = [s for s in theirs if s.assignee_id in (None, road.cast.ana.id)]
        for step in others:
            step.snooze(today + timedelta(days=9), by=road.user("ana"))
    ana = visitor(road.cast.ana)
    assert mine.title in ana.get(road.home).one("h2", id="next-h").text()
    ana.get(road.at(mine.key))
    ana.submit("/snooze", {"quick": (today + timedelta(days=2)).isoformat()})
    page = ana.follow()
    sheet = page.one("section", id="next")
    assert sheet.one("h2").text() == "Nothing for you today."
    assert f"“{mine.title}” comes back on Wed 11 March." in sheet.text()
    assert sheet.one("a")["href"] == road.at(mine.key)
    assert not page.all("span", class_="tag")


def test_a_booked_call_stands_in_the_list_with_its_time_and_a_held_one_with_its_notes(
    road, visitor, clock
) -> None:
    road.begin(clock)
    with road.changing() as onboarding:
        wanted = queries.wanted_for(onboarding.step_called("book_kickoff"))
        ana = road.user("ana")
        times = queries.picker(wanted, ana).times
        start = datetime.fromisoformat(times[0][1][0][0])
        call = wanted.book(onboarding, start, host=None, people=[ana], by=ana)
        onboarding.settle()
    page = visitor(road.cast.ana).get(road.home)
    assert f"9 Mar, {start.astimezone(ana.zone):%H:%M}" in _row(page, "Meet for kickoff").text()
    clock.forward(days=1)
    with road.changing():
        steps = [{"text": "Send the list", "who": "Ana", "due": None}]
        db.session.get_one(Call, call.id).hold(notes="All met.", next_steps=steps, by=road.user("priya"))
    line = _row(visitor(road.cast.ana).get(road.home), "Meet for kickoff")
    assert "held · notes" in line.text()
    assert line.all("a")[1]["href"] == f"{road.home}/calls/{call.ref}"
    page = visitor(road.cast.ana).get(road.at("resources"))
    assert "Notes of “Meet for kickoff”" in page.text


def _row(page, title: str):
    return next(row for row in page.all("li", class_="row") if title in row.text())


def test_what_we_owe_is_said_first_and_what_waits_for_it_is_not_next(road, visitor, clock) -> None:
    road.begin(clock, "welcome", "expectations")
    with road.changing() as onboarding:
        for step in onboarding.steps:
            if step.is_customers and step.state == "ready" and step.key != "test_loop":
                settle_step(step, road.cast)
        assert onboarding.next_step is None, "nothing can be done before ours"
        assert onboarding.ball == "us"
    page = visitor(road.cast.ana).get(road.home)
    assert page.one("h2", id="next-h").text() == "Nothing for you today."
    assert "Tomás has “Connect your CRM”" in page.text or "Tomás has “Open your sandbox”" in page.text
    assert "Tomás · promised" in _row(page, "Connect your CRM").text() or "Tomás" in page.text
    clock.forward(days=30)
    page = visitor(road.cast.ana).get(road.home)
    assert "We are late with “" in page.text
    assert "“Connect your CRM” (Tomás, promised" in page.text
    assert "“Test the loop from referral to payout” waits for that." in page.text
    waiting = page.all("section", class_="stage-extra")[-1]
    assert "Waiting on us" in waiting.text()
    assert "Tomás · late, promised" in waiting.text()


def test_draft_and_cancelled_say_so(road, visitor) -> None:
    with road.changing() as onboarding:
        onboarding.cancel("Northwind was sold.", by=road.user("priya"))
    page = visitor(road.cast.ana).get(road.home)
    assert headline(page) == "This onboarding has ended."
    assert "Ask Priya." in page.text
    with road.changing() as onboarding:
        onboarding.state = "draft"
    assert "is being prepared, Ana" in headline(visitor(road.cast.ana).get(road.home))


def test_graduated_at_100(road, visitor, clock) -> None:
    road.begin(clock, "welcome", "expectations", "training")
    with road.changing() as onboarding:
        finish(onboarding, road.cast, "graduation")
    page = visitor(road.cast.ana).get(road.home)
    assert headline(page) == "You run this yourselves now, Ana."
    assert page.one("progress")["value"] == "100"
    assert "Graduated on 9 March" in page.text


# --- What it shows ------------------------------------------------------------------------------


def test_a_change_of_scope_is_told_for_two_weeks(road, visitor, clock) -> None:
    road.do("prerequisites", lambda s: s.skip("You have no CRM.", by=road.user("priya")))

    def told() -> list[str]:
        return [node.text() for node in visitor(road.cast.ana).get(road.home).all(class_="road-change")]

    (line,) = told()
    assert line.startswith("1 item left out on 3 Mar why")
    assert "“Tick off the prerequisites” is left out. You have no CRM." in line
    clock.forward(days=14)
    assert told() == [line]
    clock.forward(days=1)
    assert told() == []


def test_what_was_just_done_can_be_undone_from_here(road, visitor, clock) -> None:
    ana = visitor(road.cast.ana)
    ana.get(road.at("road_preview"))
    ana.submit("/complete")
    page = ana.follow()
    assert "You finished “" in page.text
    page = ana.submit("/undo")
    assert road.state("road_preview") == "ready"
    assert not ana.get(road.home).all("div", class_="just-done")


def test_what_has_just_happened_is_there_for_screen_readers(road, visitor) -> None:
    ana = visitor(road.cast.ana)
    ana.get(road.at("road_preview"))
    ana.submit("/complete")
    said = ana.follow().one("div", id="home")["data-live"]
    assert said.startswith(f"Done: {road.cast.step('road_preview').title}. 3 of 6 in Welcome, ")
    assert "% overall. Next: " in said
    assert "data-live" not in ana.get(road.home).one("div", id="home").attrs


def test_a_teammate_lands_on_their_own_work(road, visitor) -> None:
    road.do("prerequisites", lambda s: s.hand_to(road.user("ben"), by=road.user("ana")))
    ben = visitor(road.cast.ben)
    assert ben.get("/", status=303).location.endswith("/mine")
    page = ben.follow()
    assert headline(page) == "Your part, Ben: 3 items"
    assert "Tick off the prerequisites" in page.text
    assert visitor(road.cast.ana).get("/", status=303).location.endswith(road.home)


def test_a_sponsor_reads_along(road, visitor) -> None:
    page = visitor(road.cast.rui).get(road.home)
    assert page.one("h2", id="next-h").text() == "Nothing for you today."
    assert "Ana has “" in page.text
    assert not page.one("main").all("form")


def test_a_stranger_finds_nothing(road, visitor, app) -> None:
    with app.app_context():
        fay = person(account("Fabrikam"), "Fay Lind")
        db.session.commit()
    stranger = visitor(fay)
    for path in ("", "/mine", "/stages/welcome"):
        missing = stranger.get(f"/o/nowhere{path}", status=404)
        assert (
            stranger.get(road.home + path, status=404).text.replace(road.home, "/o/nowhere") == missing.text
        )
    assert "No onboarding has begun yet." in stranger.get("/").text


@pytest.mark.parametrize("copies", [0, 4])
def test_the_home_takes_eight_statements_however_long_the_road(road, visitor, clock, copies) -> None:
    road.begin(clock, "welcome")
    with road.changing() as onboarding:
        _lengthen(onboarding, copies)
    ana = visitor(road.cast.ana)
    ana.get(road.home)  # The playbook is parsed once per process.
    asked: list[str] = []
    engine = db.writing_engine()

    def count(_connection, _cursor, statement, *_rest) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN")):
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        ana.get(road.home)
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert 0 < len(asked) <= MOST_STATEMENTS, "\n\n".join(asked)


def _lengthen(onboarding, copies: int) -> None:
    """Put so many copies of each step of Training on the road."""
    plain = [
        c.key
        for c in type(onboarding.steps[0]).__table__.columns
        if c.key not in ("id", "ref", "key", "position")
    ]
    long = [s for s in onboarding.steps if s.stage.key == "training"]
    keys = {s.key for s in onboarding.steps}
    specs = {s.key: s.spec for s in long}
    for n in range(copies):
        for step in long:
            twin = type(step)(**{name: getattr(step, name) for name in plain})
            twin.key, twin.position = f"{step.key}_{n}", step.position
            assert twin.key not in keys
            specs[twin.key] = step.spec
            db.session.add(twin)
    from portal.playbooks import models

    models._steps[onboarding.playbook_version.digest].update(specs)
