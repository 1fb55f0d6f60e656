"""What is kept as facts is read in the language of whoever reads it, whoever's language it was when it happened."""

from datetime import date, datetime

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import select, text

from portal import db, migrating
from portal.accounts.kinds import TeamRole
from portal.onboardings.models import Onboarding
from portal.onboardings.states import SkipRule, StepState
from portal.onboardings.steps import Step
from portal.road.change_words import changed
from tests import make
from tests.i18n.wide import speaking, wide
from tests.infra.still import START, Clock

WHY = "No CRM, no prerequisites."


def test_what_changed_is_said_in_the_readers_language(cast) -> None:
    step = cast.step("prerequisites")
    step.skip(WHY, by=cast.priya)
    (day,) = changed(cast.onboarding)
    assert (day.line, day.whys) == ("1 item left out on 3 Mar", [f"“{step.title}” is left out. {WHY}"])
    with speaking(), force_locale("zh"):
        (day,) = changed(cast.onboarding)
        assert day.whys == [f"“{step.title}” {wide('is left out. ')}{WHY}"]
        step.bring_back("They have one.", by=cast.priya)
    (day,) = changed(cast.onboarding)
    assert day.line == "1 item added, 1 item left out on 3 Mar"
    assert day.whys[1] == f"“{step.title}” is back. They have one."


def test_why_a_step_is_left_out_is_the_persons_own_words_or_the_rules_in_the_readers_language(cast) -> None:
    step, other = cast.step("prerequisites"), cast.step("readiness_kit")
    step.skip(WHY, by=cast.priya)
    with speaking(), force_locale("zh"):
        other.retire()
        assert other.why_left_out == wide("Not needed any more")
    assert step.why_left_out == WHY
    assert other.why_left_out == "Not needed any more"
    step.bring_back("They have one.", by=cast.priya)
    assert (step.skip_reason, step.skip_rule) == (None, None)


def test_a_long_title_and_a_long_reason_fit(cast) -> None:
    step = cast.step("prerequisites")
    step.title = "“" * 200
    step.skip("”" * 400, by=cast.priya)
    db.session.flush()
    db.session.expire(cast.onboarding)
    (kept,) = cast.onboarding.changes
    assert (kept["code"], kept["title"], kept["why"]) == ("left_out", "“" * 200, "”" * 400)


@pytest.mark.parametrize("code", ["left_out", "brought_back"])
def test_what_was_kept_as_sentences_becomes_facts_and_sentences_again(
    real_database: str, clock: Clock, code: str
) -> None:
    db.connect(real_database)
    kept = {"on": "2026-03-03", "stage": None}
    facts = [{"code": code, "title": "Bring “all” of it", "why": "No: CRM\nleft out: %s", **kept}]
    with db.transaction():
        road = make.northwind(prepared=False).onboarding
        road.changes = facts
        road.steps[0].state, road.steps[0].skip_rule = StepState.SKIPPED, SkipRule.GRADUATED
        road.graduated_at = road.created_at
        road.steps[1].state, road.steps[1].skip_reason = StepState.SKIPPED, "Theirs"
    migrating.downgrade("0003")
    with db.writing_engine().connect() as connection:
        (said,) = connection.exec_driver_sql("SELECT scope_change FROM onboarding").scalars()
        reasons = "SELECT skip_reason FROM step WHERE state = 'skipped' ORDER BY position"
        assert list(connection.exec_driver_sql(reasons).scalars()) == ["Not needed any more", "Theirs"]
    assert said.startswith("“Bring “all” of it” ")
    migrating.upgrade()
    with db.transaction():
        assert db.session.scalars(select(Onboarding)).one().changes == facts
        skipped = db.session.scalars(select(Step).where(Step.state == "skipped").order_by(Step.position))
        assert [(one.skip_reason, one.skip_rule) for one in skipped] == [
            (None, "graduated"),
            ("Theirs", None),
        ]


SENTENCES = {"own": "We take the old CRM away: nobody uses it.", "cut": "“Bring all of it"}


@pytest.mark.parametrize("said", SENTENCES.values(), ids=SENTENCES)
def test_a_sentence_of_no_known_shape_is_kept_and_read_as_it_stands(
    real_database: str, clock: Clock, shared_app: Flask, said: str
) -> None:
    db.connect(real_database)
    with db.transaction():
        make.northwind(prepared=False)
    migrating.downgrade("0003")
    with db.writing_engine().begin() as connection:
        kept = text("UPDATE onboarding SET scope_change = :said, scope_changed_on = :on")
        connection.execute(kept, {"said": said, "on": date(2026, 3, 2)})
    migrating.upgrade()
    with shared_app.app_context(), db.transaction():
        road = db.session.scalars(select(Onboarding)).one()
        what = {"code": "other", "title": "", "why": said}
        assert road.changes == [{**what, "on": "2026-03-02", "stage": None}]
        (day,) = changed(road)
        assert (day.line, day.whys) == ("1 change on 2 Mar", [said])
    migrating.downgrade("0003")
    with db.writing_engine().connect() as connection:
        (back,) = connection.exec_driver_sql("SELECT scope_change FROM onboarding").scalars()
    assert back == said


def test_since_when_steps_are_ours_and_what_is_promised_first_is_found_in_the_rows_that_were_there(
    real_database: str, clock: Clock, shared_app: Flask
) -> None:
    """What migration 0002 finds is what was kept since, but for the weekend that it can't know of."""
    db.connect(real_database)
    with shared_app.app_context(), db.transaction():
        cast = make.northwind()
        fabrikam, draft = (
            make.onboarding(make.account(name), {TeamRole.CONSULTANT: cast.priya})
            for name in ("Fabrikam", "Contoso")
        )
        fabrikam.prepare(by=cast.priya)
        fabrikam.begin()
        fabrikam.stages[1].unlock()
        fabrikam.settle()
        clock.forward(days=3)  # A Friday.
        handed_in = cast.step("purchase_reason")
        handed_in.state, handed_in.submitted_at = StepState.SUBMITTED, clock.now
        cast.onboarding.settle()
        roads = cast.onboarding.id, fabrikam.id, draft.id
    kept, (reviewed, drafted, nothing) = ours(), promised(*roads)
    assert kept[handed_in.id] == clock.now
    assert set(kept.values()) == {START, clock.now}
    assert (reviewed, nothing) == (date(2026, 3, 10), None)
    assert drafted is not None
    migrating.downgrade("0001")
    migrating.upgrade()
    assert ours() == kept
    assert promised(*roads) == [date(2026, 3, 8), drafted, None]


def ours() -> dict[int, datetime]:
    """Since when each step has been with us."""
    with db.transaction():
        rows = db.session.execute(select(Step.id, Step.ours_since).where(Step.ours_since.is_not(None)))
        return dict(rows.all())


def promised(*onboardings: int) -> list[date | None]:
    with db.transaction():
        return [db.session.get_one(Onboarding, one).our_due_on for one in onboardings]
