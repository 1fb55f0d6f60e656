"""A step that the playbook doesn't have (product.md 2.6.5 and 2.6.6)."""

from datetime import date

import pytest
from flask_babel import force_locale

from portal import db
from portal.activity.models import Activity
from portal.errors import Refused
from portal.onboardings.models import Onboarding
from portal.onboardings.queries import load_road
from portal.onboardings.scope import NewStep, add_step
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step
from portal.road.change_words import changed
from tests.i18n.wide import speaking
from tests.make import account, northwind, person
from tests.onboardings.road import finish

WHY = "Finance asked for it in the kickoff."


def test_it_stands_where_it_was_put_and_says_what_was_written(cast) -> None:
    road, behind = cast.onboarding, cast.step("purchase_reason")
    before, total = road.progress, road.items_total
    lines = ["Names", "Addresses"]
    new = NewStep(
        "Send the March list", WHY, cast.ben, date(2026, 3, 12), kind="checklist", items=lines, minutes=15
    )
    step = add_step(road, new, by=cast.priya, behind=behind)
    assert (road.progress, road.items_total) == (before, total + 1), "the percentage stands, the count tells"
    assert road.steps.index(step) == road.steps.index(behind) + 1
    assert [one.position for one in road.steps] == list(range(len(road.steps)))
    assert (step.state, step.module, step.owner_side, step.weight) == (
        StepState.READY, behind.module, "customer", 1,
    )  # fmt: skip
    spec = step.spec
    assert (spec.title, spec.why, spec.done_when) == ("Send the March list", WHY, "Every line is ticked")
    assert [item.text for item in spec.content.items] == ["Names", "Addresses"]  # type: ignore[attr-defined]
    (day,) = changed(road)
    assert (day.line, day.whys) == ("1 item added on 3 Mar", [f"“Send the March list” is added. {WHY}"])


@pytest.mark.parametrize("kind", ["confirm", "upload", "read"])
def test_each_kind_can_be_finished_and_ends_at_the_whole(cast, kind) -> None:
    road = cast.onboarding
    step = add_step(road, NewStep("One more", WHY, kind=kind, body="## Read this"), by=cast.priya)
    assert step.spec.content
    before = road.progress
    step.complete(by=cast.ana)
    assert road.progress > before
    assert step.is_done


def test_what_nobody_wrote_is_said_in_the_readers_language(cast) -> None:
    with speaking(), force_locale("zh"):
        step = add_step(cast.onboarding, NewStep("列", "因"), by=cast.priya)
        assert "done" not in step.spec.done_when + step.spec.button
    assert step.spec.done_when == "One of you says that it is done"


def test_a_date_set_by_hand_is_not_counted_anew(cast, clock) -> None:
    step = add_step(cast.onboarding, NewStep("One more", WHY, due_on=date(2026, 3, 19)), by=cast.priya)
    clock.forward(days=6)
    cast.onboarding.begin()
    finish(cast.onboarding, cast, "welcome")
    assert step.due_on == date(2026, 3, 19)


def test_nothing_is_put_into_a_complete_stage_but_into_the_current_one(cast, clock) -> None:
    road = cast.onboarding
    clock.forward(days=6)
    road.begin()
    behind = cast.step("road_preview")
    finish(road, cast, "welcome")
    with pytest.raises(
        Refused, match=r"Welcome is complete, so nothing can be put there\. Choose Expectations"
    ):
        add_step(road, NewStep("Late", WHY), by=cast.priya, module=behind.module)
    step = add_step(road, NewStep("Late", WHY), by=cast.priya, behind=behind)
    assert (step.stage.key, step.state) == ("expectations", StepState.READY)
    assert road.stage_called("welcome").is_complete


def test_what_is_added_later_on_the_road_waits_for_its_stage(cast) -> None:
    step = add_step(cast.onboarding, NewStep("Later", WHY), by=cast.priya, behind=cast.step("admin_guide"))
    assert (step.state, step.stage.key) == (StepState.LOCKED, "training")


@pytest.mark.parametrize(
    ("wrong", "sentence", "field"),
    [
        ({"due_on": date(2026, 3, 2)}, "has passed", "due_on"),
        ({"visible": False}, "can't do what they don't see", "visible"),
        ({"assignee": "stranger"}, "who works on this onboarding", "person"),
        ({"assignee": "rui"}, "who works on this onboarding", "person"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_and_changes_nothing(cast, wrong, sentence, field) -> None:
    if who := wrong.get("assignee"):
        stranger = person(account("Fabrikam"), "Fay Lind")
        wrong = {"assignee": stranger if who == "stranger" else cast.rui}
    with pytest.raises(Refused, match=sentence) as refusal:
        add_step(cast.onboarding, NewStep("One more", WHY, **wrong), by=cast.priya)
    assert refusal.value.field == field
    db.session.flush()
    assert cast.onboarding.step_called("own_1") is None
    assert db.session.query(Step).filter_by(title="One more").count() == 0


def test_a_paused_road_does_not_grow(cast) -> None:
    cast.onboarding.pause("Away.", date(2026, 4, 1), by=cast.priya)
    with pytest.raises(Refused, match="paused until 1 April"):
        add_step(cast.onboarding, NewStep("One more", WHY), by=cast.priya)


def test_a_draft_may_grow_and_tells_nobody(app, session) -> None:
    with app.app_context():
        cast = northwind(prepared=False)
        add_step(cast.onboarding, NewStep("One more", WHY), by=cast.priya)
        assert changed(cast.onboarding) == []


def test_what_customers_do_not_see_is_told_to_nobody_but_us(cast) -> None:
    step = add_step(cast.onboarding, NewStep("Ask legal", WHY, cast.tomas, visible=False), by=cast.priya)
    assert changed(cast.onboarding) == []
    rows = db.session.query(Activity).filter_by(subject_type="step", subject_id=step.id)
    assert {row.audience for row in rows} == {"staff"}


def test_several_stand_in_the_order_in_which_they_were_added_and_are_read_back(cast) -> None:
    road = cast.onboarding
    added = [add_step(road, NewStep(f"Step {n}", WHY), by=cast.priya) for n in range(3)]
    db.session.flush()
    db.session.expire_all()
    fresh = db.session.get_one(Onboarding, road.id)
    load_road(fresh)
    assert [step.title for step in fresh.steps if step.own] == ["Step 0", "Step 1", "Step 2"]
    assert [step.key for step in added] == ["own_1", "own_2", "own_3"]
    (day,) = changed(fresh)
    assert day.line == "3 items added on 3 Mar"
