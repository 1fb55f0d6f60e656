"""Editing one road at the desk: steps, modules, dates; who may; two who edit at once. T03, I06."""

import threading
from datetime import date

import pytest

from portal import db
from portal.app import create_app
from portal.onboardings.models import Onboarding
from portal.onboardings.stages import Module
from portal.onboardings.steps import Step
from tests import make
from tests.infra.visit import Visitor, _filled

WHY = "Their IT needs longer."


@pytest.fixture
def at(cast):
    """The address of a page of this road: `at("road/edit")`."""
    return lambda what, more="": f"/staff/accounts/{cast.account.ref}/{what}?o={cast.onboarding.ref}{more}"


@pytest.fixture
def begun(acted, clock):
    """Day 0 has come."""
    clock.forward(days=6)
    acted(lambda now: now.onboarding.begin())


def fresh(step: Step) -> Step:
    db.session.expire_all()
    return db.session.get_one(Step, step.id)


def target(cast) -> date:
    db.session.expire_all()
    return db.session.get_one(Onboarding, cast.onboarding.id).target_graduation


def asked(page) -> str:
    return page.one("div", id="problems").text()


def test_from_the_road_to_its_edit_page_with_every_item_and_what_can_be_done(visitor, cast, at) -> None:
    priya = visitor(cast.priya)
    road = priya.get(f"/staff/accounts/{cast.account.ref}/road?o={cast.onboarding.ref}")
    (link,) = [a for a in road.all("a") if a.text() == "Edit the road"]
    page = priya.get(link["href"])
    assert page.one("h1").text() == "Edit the road of Northwind"
    rows = [row for table in page.all("table") for row in table.all("tr") if row.all("th", scope="row")]
    assert len(rows) == len(cast.onboarding.steps)
    for words in ("Add a step", "Add a module", "Move the dates"):
        assert [a for a in page.all("a") if a.text() == words], words
    assert "Put on hold" in page.text
    assert "Open Expectations now" in page.text


def test_a_step_is_added_and_the_customer_reads_why(visitor, cast, at) -> None:
    priya, ana = visitor(cast.priya), visitor(cast.ana)
    priya.get(at("road/add"))
    sent = {"title": "Send the March list", "reason": WHY, "person": cast.ana.ref, "due_on": "2026-03-20"}
    more = {"kind": "checklist", "text": "Names\n\n Addresses ", "minutes": "15"}
    priya.submit(at("road/add"), {**sent, **more})
    assert "Added: “Send the March list”." in priya.follow().text
    home = ana.get(f"/o/{cast.onboarding.ref}")
    (line,) = home.all(class_="road-change")
    assert line.text().startswith("1 item added on 3 Mar why")
    assert f"“Send the March list” is added. {WHY}" in line.text()
    step = next(one for one in db.session.query(Step).filter(Step.own.is_not(None)))
    page = ana.get(f"/o/{cast.onboarding.ref}/steps/{step.ref}")
    assert WHY in page.text
    assert len(page.all("input", name="a_checked")) == 2
    assert "Addresses" in page.text
    ana.submit("/complete", {"a_checked": ["line_1", "line_2"]})
    assert fresh(step).is_done


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title": " "}, "Write what is to be done"),
        ({"reason": ""}, "Write why, in words the customer reads"),
        ({"minutes": "soon"}, "Enter a whole number"),
        ({"minutes": "601"}, "Enter minutes from 0 to 600"),
        ({"kind": "checklist", "text": " "}, "Write the list, one thing on each line"),
        ({"kind": "read", "text": ""}, "Write what there is to read"),
        ({"due_on": "2026-03-02"}, "That day has passed"),
        ({"due_on": "2036-03-02"}, "within the next two years"),
        ({"person": "nobody-here"}, "Choose someone who works on this onboarding"),
        ({"place": "first:elsewhere"}, "Choose a place that is shown"),
        ({"visible": "no"}, "Customers can't do what they don't see"),
    ],
)
def test_what_is_wrong_with_a_new_step_is_said_and_what_was_typed_stays(
    visitor, cast, at, wrong, sentence
) -> None:
    priya = visitor(cast.priya)
    priya.get(at("road/add"))
    sent = {"title": "Send the March list", "reason": WHY, **wrong}
    page = priya.submit(at("road/add"), sent, status=422)
    assert sentence in asked(page)
    assert page.one("textarea", name="reason").text() == sent["reason"].strip()
    assert db.session.query(Step).filter(Step.own.is_not(None)).count() == 0


def test_what_is_no_number_is_told_so_once(visitor, cast, at) -> None:
    priya = visitor(cast.priya)
    priya.get(at("road/add"))
    page = priya.submit(at("road/add"), {"title": "Send it", "reason": WHY, "minutes": "soon"}, status=422)
    assert [line.text() for line in page.one("div", id="problems").all("li")] == [
        "Enter a whole number, like 12"
    ]


def test_a_step_is_changed_and_history_has_it(visitor, cast, at) -> None:
    step, priya = cast.step("api_keys"), visitor(cast.priya)
    page = priya.get(at(f"steps/{step.ref}"))
    (link,) = [a for a in page.all("a") if a.text() == "Change its day, weight, owner or place"]
    priya.get(link["href"])
    priya.submit(
        "/edit?o=" + cast.onboarding.ref,
        {"due_on": "2026-04-01", "weight": "5", "person": cast.ben.ref, "reason": WHY},
    )
    assert "Changed: “Request API keys”." in priya.follow().text
    now = fresh(step)
    assert (now.due_on.isoformat(), now.weight, now.assignee_id) == ("2026-04-01", 5, cast.ben.id)
    history = priya.get(at("history")).text
    assert "Priya Rao changed “Request API keys”" in history or "You changed “Request API keys”" in history
    assert WHY in history
    for value in ("Wed 1 Apr", "weight 1", "weight 5"):
        assert value in history


def test_it_moves_to_another_module(visitor, cast, at) -> None:
    step, priya = cast.step("api_keys"), visitor(cast.priya)
    priya.get(at(f"steps/{step.ref}/edit"))
    priya.submit(
        "/edit?o=" + cast.onboarding.ref, {"place": f"behind:{cast.step('crm_connected').ref}", "reason": WHY}
    )
    now = fresh(step)
    assert (now.module.key, now.position) == ("connections", fresh(cast.step("crm_connected")).position + 1)


def test_a_gate_and_a_day_that_has_passed_are_refused(visitor, cast, at) -> None:
    gate, priya = cast.step("readiness_kit"), visitor(cast.priya)
    priya.get(at(f"steps/{gate.ref}/edit"))
    page = priya.submit("/edit?o=" + cast.onboarding.ref, {"required": "no", "reason": WHY}, status=422)
    assert "opens the next stage, so it stays required" in asked(page)
    page = priya.submit("/edit?o=" + cast.onboarding.ref, {"due_on": "2026-03-01", "reason": WHY}, status=422)
    assert "That day has passed. Choose today or later." in asked(page)
    assert fresh(gate).required


def test_who_comes_second_sees_both_and_keeps_what_was_typed(visitor, cast, at) -> None:
    step, priya, june = cast.step("api_keys"), visitor(cast.priya), visitor(cast.june)
    for person in (priya, june):
        person.get(at(f"steps/{step.ref}/edit"))
    june.submit("/edit?o=" + cast.onboarding.ref, {"minutes": "50", "reason": "They are slower"})
    page = priya.submit(
        "/edit?o=" + cast.onboarding.ref, {"minutes": "20", "weight": "5", "reason": WHY}, status=409
    )
    assert "June Park changed it at" in page.text
    table = page.one("table", class_="rows-table--both").text()
    assert "Minutes 50 20" in table
    assert page.one("input", id="minutes")["value"] == "20"
    assert page.one("textarea", name="reason").text() == WHY
    assert fresh(step).minutes == 50
    priya.submit("/edit?o=" + cast.onboarding.ref)
    assert (fresh(step).minutes, fresh(step).weight) == (20, 5)


# --- Modules --------------------------------------------------------------------------------------


def test_a_module_is_added_left_out_and_brought_back(visitor, cast, at) -> None:
    priya = visitor(cast.priya)
    priya.get(at("road/modules"))
    priya.submit("/modules?o=" + cast.onboarding.ref, {"module": "launch_campaign", "reason": WHY})
    page = priya.follow()
    assert "Added: “Invite your partners with a campaign”, with its items." in page.text
    assert f"added by Priya Rao: {WHY}" in page.text
    for verb, said in (("leave_out", "is left out."), ("bring_back", "is back on the road.")):
        page = priya.get(at(f"modules/launch_campaign/{verb}"))
        assert len(page.one("table").all("th", scope="row")) == 3
        priya.submit(f"/{verb}?o=" + cast.onboarding.ref, {"reason": "Not this year"})
        assert said in priya.follow().text
    page = priya.post(at("road/modules"), {"module": "launch_campaign", "reason": WHY}, status=422)
    assert "Choose one of the answers shown" in page.text


def test_a_module_that_changed_meanwhile_is_shown_again(visitor, cast, at) -> None:
    priya, june = visitor(cast.priya), visitor(cast.june)
    step = cast.step("test_loop")
    priya.get(at("modules/connections/leave_out"))
    june.get(at(f"steps/{step.ref}"))
    june.submit("/skip?o=" + cast.onboarding.ref, {"reason": "No CRM"})
    page = priya.submit("/leave_out?o=" + cast.onboarding.ref, {"reason": WHY}, status=409)
    assert "“Connect and test” has changed while you were writing" in page.text
    assert page.one("textarea", name="reason").text() == WHY
    module = db.session.query(Module).filter_by(onboarding_id=cast.onboarding.id, key="connections").one()
    assert page.one("input", name="seen")["value"] == module.seal


# --- Dates, a stage, a pause ----------------------------------------------------------------------


def test_dates_are_seen_and_then_moved(visitor, cast, at, begun) -> None:
    priya, was = visitor(cast.priya), cast.onboarding.target_graduation
    page = priya.get(at("road/dates"))
    assert page.one("h1").text() == "Move the dates of Northwind"
    page = priya.get(at("road/dates", f"&since=training&days=5&way=later&reason={WHY}"))
    assert page.one("h1").text().startswith("Northwind 5 working days later: ")
    assert "From day 0 to graduation 45 → 52 days" in page.text
    counted = page.one("h1").text().removeprefix("Northwind 5 working days later: ").removesuffix(" move")
    assert "first promised for" in page.text
    assert page.one("svg", class_="shift")
    priya.submit("/dates?o=" + cast.onboarding.ref)
    assert f"{counted} have moved" in priya.follow().text, "as many as were announced"
    assert target(cast) > was
    assert "Graduation is planned for" in visitor(cast.ana).get(f"/o/{cast.onboarding.ref}").text


def test_what_changed_between_preview_and_confirmation_is_shown_anew(visitor, cast, at, begun, acted) -> None:
    priya, was = visitor(cast.priya), cast.onboarding.target_graduation
    priya.get(at("road/dates", f"&since=training&days=5&way=later&reason={WHY}"))
    acted(lambda now: now.step("sandbox_access").complete(by=now.tomas))
    page = priya.submit("/dates?o=" + cast.onboarding.ref, status=409)
    assert "The road changed while you were looking." in asked(page)
    assert "Open your sandbox" not in page.one("details", class_="unfold").text()
    assert target(cast) == was
    priya.submit("/dates?o=" + cast.onboarding.ref)
    assert target(cast) > was


@pytest.mark.parametrize(
    ("asked_for", "sentence"),
    [
        ("&since=training&days=0&way=later&reason=x", "from 1 to 260"),
        ("&since=training&days=x&way=later&reason=x", "Enter a whole number"),
        ("&since=day&days=5&way=later&reason=x", "Choose the day from which on dates move"),
        ("&since=day&day=2026-03-01&days=5&way=later&reason=x", "That day has passed"),
        ("&since=training&day=2026-04-01&days=5&way=later&reason=x", "Choose “a day, chosen beside”"),
        ("&since=nowhere&days=5&way=later&reason=x", "Choose where to begin"),
        ("&since=training&days=5&way=later&reason=", "Write why, in words the customer reads"),
    ],
)
def test_a_mangled_address_of_a_preview_is_told_so(visitor, cast, at, asked_for, sentence) -> None:
    page = visitor(cast.priya).get(at("road/dates", asked_for), status=422)
    assert sentence in asked(page)


def test_a_stage_opens_early_and_only_once(visitor, cast, at, begun) -> None:
    priya = visitor(cast.priya)
    priya.get(at("road/edit"))
    page = priya.submit("/expectations/open?o=" + cast.onboarding.ref, {"reason": " "}, status=422)
    assert "Write why, in words the customer reads" in asked(page)
    priya.submit("/expectations/open?o=" + cast.onboarding.ref, {"reason": WHY})
    assert "It stands on their home with the reason." in priya.follow().text
    page = priya.post(at("stages/expectations/open"), {"reason": WHY}, status=422)
    assert "Expectations is open already." in asked(page)


def test_a_paused_road_is_read_only_and_says_so(visitor, cast, at) -> None:
    priya, step = visitor(cast.priya), cast.step("api_keys")
    priya.get(at("road/edit"))
    priya.submit("/hold?o=" + cast.onboarding.ref, {"reason": "Bank", "review_on": "2026-03-20"})
    page = priya.get(at("road/edit"))
    assert "On hold until Fri 20 March, so nothing can change now." in page.text
    assert not [a for a in page.all("a") if a.text().startswith("Change ")]
    priya.get(at(f"steps/{step.ref}/edit"))
    page = priya.submit("/edit?o=" + cast.onboarding.ref, {"minutes": "50", "reason": WHY}, status=422)
    assert "This onboarding is paused until 20 March" in asked(page)


# --- Who may --------------------------------------------------------------------------------------


def test_a_specialist_edits_technical_modules_only(visitor, cast, at) -> None:
    tomas = visitor(cast.tomas)
    page = tomas.get(at("road/edit"))
    changes = [a for a in page.all("a") if a.text().startswith("Change ")]
    technical = [s for s in cast.onboarding.steps if s.module.key in ("account_setup", "connections")]
    assert len(changes) == len(technical)
    for words in ("Move the dates", "Open Expectations now", "Put on hold"):
        assert words not in page.text
    own, other = cast.step("api_keys"), cast.step("admin_guide")
    tomas.get(at(f"steps/{own.ref}/edit"))
    places = [
        one["value"] for one in tomas.get(at(f"steps/{own.ref}/edit")).one("select", id="place").all("option")
    ]
    assert f"behind:{other.ref}" not in places
    tomas.submit("/edit?o=" + cast.onboarding.ref, {"minutes": "50", "reason": WHY})
    for path in (f"steps/{other.ref}/edit", "modules/learn_admin/leave_out", "road/dates"):
        tomas.get(at(path), status=403)
    sent = {"minutes": "50", "reason": WHY}
    for path in (f"steps/{other.ref}/edit", f"steps/{other.ref}/skip", "stages/expectations/open"):
        tomas.get(at("road/edit"))
        tomas.post(at(path), sent, status=403)
    offered = tomas.get(at("road/modules"))
    assert [box["value"] for box in offered.all("input", type="radio")] == ["sign_on", "data_warehouse"]


@pytest.mark.parametrize("path", ["road/edit", "road/add", "road/modules", "road/dates"])
def test_nobody_else_may_and_an_outsider_finds_nothing(visitor, cast, at, path) -> None:
    visitor(cast.sam).get(at(path), status=403)
    fay = make.person(make.account("Fabrikam"), "Fay Lind")
    for outsider in (cast.ana, fay):
        visitor(outsider).get(at(path), status=404)
    road = visitor(cast.sam).get(f"/staff/accounts/{cast.account.ref}/road?o={cast.onboarding.ref}")
    assert "Edit the road" not in road.text


# --- At the same moment ---------------------------------------------------------------------------


def test_two_editors_at_the_same_moment_lose_nothing(real_database, settings, clock) -> None:
    """Both have the same page open and send at once: one is kept, the other is shown both."""
    app = create_app(settings(PORTAL_DATABASE_URL=real_database))
    with app.test_request_context():
        cast = make.northwind()
        db.session.commit()
        step = cast.step("api_keys")
        path = f"/staff/accounts/{cast.account.ref}/steps/{step.ref}/edit?o={cast.onboarding.ref}"
        people, step_id = (cast.priya, cast.june), step.id
        visitors = [Visitor(app.test_client()).sign_in(user) for user in people]
        db.session.remove()
    sent = [{"minutes": "50", "reason": "One"}, {"weight": "5", "reason": "Two"}]
    pages = [one.get(path) for one in visitors]
    assert len(pages) == 2
    gate, answers = threading.Barrier(2), []

    def send(me: Visitor, fields: dict[str, str]) -> None:
        assert me.page is not None
        form = {**_filled(me.page.form(path)), **fields}
        gate.wait()
        answers.append(me.client.post(path, data=form).status_code)

    threads = [threading.Thread(target=send, args=pair) for pair in zip(visitors, sent, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [303, 409]
    with db.reading():
        kept = db.session.get_one(Step, step_id)
        assert (kept.minutes == 50) is not (kept.weight == 5)
