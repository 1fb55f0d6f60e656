"""The draft, filled from the road."""

from dataclasses import replace
from datetime import date

from sqlalchemy import select

from portal import db
from portal.criteria.models import SuccessCriterion
from portal.onboardings.models import Onboarding
from portal.onboardings.queries import load_people, load_road
from portal.plans.composing import Sources, compose
from portal.plans.document import read
from tests.plans import making

SPACE = "\u00a0"


def test_it_is_there_from_the_first_day_and_says_why_in_their_words(made) -> None:
    plan = making.document(made)
    assert plan.headline == "What Northwind and Partnerly will do by 8 June"
    assert plan.summary.startswith("What both will do together between 9 March and 8 June 2026")
    assert plan.why.quote == making.TOLD["quote"]
    assert plan.why.text == "Payouts take 14 hours a month.\n2 hours a month by summer."
    assert plan.why.said == "As Sam wrote it down on 3 March"
    assert read(plan.canonical) == plan


def test_nothing_that_sales_kept_among_us_gets_into_it(made) -> None:
    text = making.document(made).canonical
    for name in ("reason", "stakeholders", "promised_dates", "surprises"):
        assert making.TOLD[name] not in text


def test_results_are_those_in_force_with_their_units_and_checkpoints(made) -> None:
    hours, paid = making.document(made).results
    assert (hours.baseline, hours.target, hours.by) == (f"14{SPACE}h", f"2{SPACE}h", date(2026, 4, 20))
    assert [one.must_have for one in (hours, paid)] == [True, False]
    assert hours.seen == "payout log, seen in your account"
    assert [(one.on, one.says) for one in hours.checkpoints] == [
        (date(2026, 4, 2), f"8{SPACE}h in the test run")
    ]
    assert [one.says for one in paid.checkpoints] == [f"90{SPACE}%"]
    note = making.document(made).results_note
    assert note.startswith("Results marked “must have” are met before graduation.")
    assert "“Partners paid on time”" in note


def test_a_result_that_is_talked_about_again_stays_as_it_was_agreed(made) -> None:
    one = db.session.scalars(select(SuccessCriterion).order_by(SuccessCriterion.n)).first()
    before = making.document(made).results
    one.suggest(making.PAID, None, seen=one.in_force.ref, by=made.priya)
    assert making.document(made).results == before


def test_the_road_counts_as_the_meter_does(made) -> None:
    plan = making.document(made)
    stored = made.onboarding.meter["stages"]
    assert [(one.key, one.items, one.share) for one in plan.stages] == [
        (one["key"], one["total"], one["share"]) for one in stored
    ]
    for stage, short in zip(plan.stages, stored, strict=True):
        ticks = [(weight, word == "done") for group in short["groups"] for _key, word, weight in group]
        assert [(tick.weight, tick.done) for tick in stage.ticks] == ticks
        starts = [n for n, tick in enumerate(stage.ticks) if tick.begins_module]
        lengths = [len(group) for group in short["groups"]]
        assert starts == [sum(lengths[:n]) for n in range(1, len(lengths))]
    assert [tick.done for tick in plan.stages[0].ticks] == [True]


def test_milestones_name_those_whose_items_they_wait_for_and_where_they_stand(made) -> None:
    plan = making.document(made)
    assert [(one.key, one.title, one.stage) for one in plan.milestones] == [
        ("agreed", "Results agreed", "expectations"),
        ("imported", "Partners imported and checked", "training"),
        ("graduation", "Graduation", "graduation"),
    ]
    assert [one.on for one in plan.milestones] == [one.due_on for one in made.onboarding.checkpoints]
    assert plan.milestones[0].who == "Ana"
    for one in plan.milestones:
        stage = next(stage for stage in plan.stages if stage.key == one.stage)
        assert 1 <= one.place <= len(stage.ticks)


def test_people_of_both_sides_with_the_time_that_was_confirmed(made) -> None:
    plan = making.document(made)
    assert [(one.name, one.time) for one in plan.theirs] == [
        ("Ana Moreira", "2 h a week"),
        ("Ben Ortiz", "1.5 h a week"),
        ("Rui Tavares", ""),
    ]
    assert plan.theirs[0].part == "Head of Partnerships, admin of the portal"
    assert [(one.name, one.time) for one in plan.ours] == [
        ("Priya Rao", "within 4 working hours"),
        ("Tomás Lin", "within 4 working hours"),
        ("June Park", "after graduation"),
    ]


def test_what_somebody_wrote_stands_in_place_of_what_is_filled_in(made) -> None:
    people = {
        made.ben.ref: {"does": "Connects the CRM", "time": "4 h a week"},
        made.ana.ref: {"time": "a lot"},
    }
    plan = making.document(
        made, headline="Pay partners on time", results_note="N", changes=["One", "Two"], people=people
    )
    assert (plan.headline, plan.results_note, plan.changes) == ("Pay partners on time", "N", ("One", "Two"))
    ana, ben = plan.theirs[:2]
    assert (ben.does, ben.time) == ("Connects the CRM", "4 h a week")
    assert (ana.does, ana.time) == ("Agrees goals and plan, says when you are done", "a lot")


def test_needs_come_by_date_and_what_is_refused_is_not_asked_for(made) -> None:
    plan = making.document(made)
    days = [one.by for one in plan.needs]
    assert days == sorted(day for day in days if day) + [None] * days.count(None)
    lead = next(one for one in plan.needs if one.key == "need-lead")
    assert (lead.by, lead.detail) == (None, "2 h a week, Expectations to Graduation")
    scope = making.Scope.of(made.onboarding)
    need = scope.need("lead")
    need.refused_mark = need.terms.mark
    assert "need-lead" not in [one.key for one in making.document(made).needs]


def test_scope_is_what_was_agreed_until_the_changed_list_is(made) -> None:
    before = making.document(made).scope
    no = next(one for one in before if one.side == "not_in")
    assert (no.statement, no.why) == ("Approval chains", "They need your finance rules first.")
    scope = making.Scope.of(made.onboarding)
    scope.item("import").statement = "Your partners and their banks are imported"
    assert making.document(made).scope == before
    making.agree_scope(made)
    assert making.document(made).scope != before


def test_without_anything_agreed_there_is_a_draft_all_the_same(app, clock) -> None:
    with app.test_request_context():
        made = making.road(clock, agreed=False)
        plan = making.document(made)
        assert (plan.results, plan.results_note) == ((), "")
        assert plan.scope[0].statement == "Your partner list is imported"


def test_words_are_in_the_plans_language_and_so_are_the_dates(made) -> None:
    plan = compose(made.onboarding, n=1, words={}, locale="de")
    assert "8. Juni" in plan.headline
    assert plan.results[0].target == f"2{SPACE}h"
    assert plan.theirs[1].time.startswith("1,5")


def test_an_amendment_takes_dates_results_and_scope_from_today_and_nothing_else(made) -> None:
    words = {"people": {made.ben.ref: {"does": "Connects the CRM"}}, "changes": ["As we said."]}
    was = making.document(made, **words)
    made.onboarding.target_graduation = date(2026, 6, 12)
    milestone = made.onboarding.milestones[-1]
    milestone.due_on = date(2026, 6, 12)
    made.ben.name = "Benedict"
    made.onboarding.quote = "Another reason"
    now = compose(
        made.onboarding, n=2, words={"reason": "The bank needs a week more."}, locale="en", amends=was
    )
    assert (now.version, now.amends, now.graduates_on) == (2, 1, date(2026, 6, 12))
    assert now.headline == "What Northwind and Partnerly will do by 12 June"
    assert now.summary == "The bank needs a week more."
    assert now.milestones[-1].on == date(2026, 6, 12)
    for name in ("why", "theirs", "ours", "needs", "changes", "results_note", "locale", "customer"):
        assert getattr(now, name) == getattr(was, name), name


def test_what_an_amendment_says_of_its_dates_and_results_follows_them(made) -> None:
    was = making.document(made)
    made.onboarding.start_date = date(2026, 3, 16)
    made.onboarding.target_graduation = date(2026, 7, 10)
    made.account.name = "Northwind Group"
    now = compose(made.onboarding, n=2, words={}, locale="en", amends=was)
    assert now.headline == "What Northwind and Partnerly will do by 10 July", (
        "the name stays as it was signed"
    )
    assert now.summary.startswith("What both will do together between 16 March and 10 July 2026")
    assert "measured after graduation" in was.results_note
    assert now.results_note == "Results marked “must have” are met before graduation."
    written = was.model_copy(update={"results_note": "As we said."})
    now = compose(made.onboarding, n=2, words={}, locale="en", amends=written)
    assert now.results_note == "As we said."


def test_a_draft_costs_a_set_number_of_statements(made, statements) -> None:
    db.session.commit()
    ref = made.onboarding.ref
    db.session.expunge_all()
    road = db.session.scalars(select(Onboarding).where(Onboarding.ref == ref)).one()
    load_road(road)
    load_people(road)
    assert (road.playbook_version.n, road.account.name) == (1, "Northwind")
    with statements() as seen:
        compose(road, n=1, words={}, locale="en")
    assert len(seen) == 12, "\n".join(seen)
    with statements() as seen:
        Sources.of(road)
    assert len(seen) <= 9, "\n".join(seen)


def test_an_amendment_takes_results_and_scope_as_they_are_agreed_now(made) -> None:
    was = making.document(made)
    making.agree(made, replace(making.PAID, statement="Payouts without a question"))
    making.Scope.of(made.onboarding).item("import").statement = "Your partners and their banks are imported"
    making.agree_scope(made)
    now = compose(made.onboarding, n=2, words={}, locale="en", amends=was)
    assert [one.statement for one in now.results][-1] == "Payouts without a question"
    assert [one.statement for one in now.scope if one.key == "import"] == [
        "Your partners and their banks are imported"
    ]
    assert was.scope != now.scope


def test_time_that_nobody_confirmed_stands_nowhere(app, clock) -> None:
    with app.test_request_context():
        made = making.road(clock, agreed=False)
        assert {one.time for one in making.document(made).theirs} == {""}
