"""A result is agreed by the side that did not write it; what is in force stays so until other words are agreed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal import db, mail
from portal.activity.models import Activity, Verb
from portal.criteria.models import CriterionCheckpoint, SuccessCriterion
from portal.criteria.rules import Agreement, Side
from portal.criteria.wanted import Way
from portal.errors import Conflict, Refused
from portal.notifications import letters as notifications
from portal.onboardings.states import StageState, StepState
from portal.onboardings.turns import Turn
from tests.criteria.conftest import HOURS, PAID


def states(criterion: SuccessCriterion) -> list[str]:
    return [one.state.value for one in criterion.wordings]


def test_nobody_agrees_with_themselves(spoken, paid) -> None:
    with pytest.raises(Refused, match="Priya wrote it, so the other side agrees"):
        paid.agree(seen=paid.shown.ref, by=spoken.priya)
    assert paid.agree(seen=paid.shown.ref, by=spoken.ana)
    assert (paid.in_force.decided_by, paid.in_force.by) == (spoken.ana, spoken.priya)
    assert not paid.agree(seen=paid.shown.ref, by=spoken.ana), "a second click is one"


def test_from_hand_to_hand(spoken, paid) -> None:
    assert paid.talk.turn is Side.CUSTOMER
    paid.suggest(replace(PAID, target=Decimal(98)), "We can.", seen=paid.shown.ref, by=spoken.ana)
    assert (states(paid), paid.talk.turn) == (["superseded", "proposed"], Side.US)
    assert paid.before.target == 95
    with pytest.raises(Refused, match="Ana wrote it"):
        paid.agree(seen=paid.shown.ref, by=spoken.rui)
    paid.suggest(replace(PAID, target=Decimal(98)), "Is that safe?", seen=paid.shown.ref, by=spoken.priya)
    assert (states(paid), paid.talk.turn) == (["superseded", "changes_requested"], Side.CUSTOMER)
    paid.keep("It is.", seen=paid.shown.ref, by=spoken.rui)
    assert (paid.talk.turn, paid.shown.note) == (Side.US, "It is.")
    paid.agree(seen=paid.shown.ref, by=spoken.priya)
    assert (states(paid), paid.talk.turn, paid.in_force.target) == (["superseded", "agreed"], None, 98)


def test_an_edit_after_agreement_leaves_the_old_words_in_force(spoken, paid) -> None:
    paid.agree(seen=paid.shown.ref, by=spoken.ana)
    paid.suggest(replace(PAID, target=Decimal(90)), None, seen=paid.shown.ref, by=spoken.ana)
    assert (paid.in_force.target, paid.open.target, paid.before.target) == (95, 90, 95)
    paid.withdraw(None, seen=paid.shown.ref, by=spoken.ana)
    assert (states(paid), paid.is_withdrawn) == (["agreed", "withdrawn"], False)
    paid.suggest(replace(PAID, target=Decimal(90)), None, seen=paid.shown.ref, by=spoken.ana)
    paid.agree(seen=paid.shown.ref, by=spoken.priya)
    assert (states(paid), paid.in_force.target) == (["superseded", "withdrawn", "agreed"], 90)


def test_who_agrees_to_what_they_have_not_read_sees_both(spoken, paid) -> None:
    read = paid.shown
    paid.suggest(replace(PAID, target=Decimal(97)), None, seen=read.ref, by=spoken.priya)
    with pytest.raises(Conflict) as refusal:
        paid.agree(seen=read.ref, by=spoken.ana)
    assert (refusal.value.yours, refusal.value.theirs) == (read, paid.shown)
    assert paid.talk.turn is Side.CUSTOMER


def test_words_that_change_nothing_need_a_note(spoken, paid) -> None:
    with pytest.raises(Refused, match="write what you'd like"):
        paid.suggest(PAID, None, seen=paid.shown.ref, by=spoken.ana)
    with pytest.raises(Refused, match="Nothing is different yet"):
        paid.suggest(replace(PAID), "x", seen=paid.shown.ref, by=spoken.tomas)


def test_withdrawing(spoken, paid) -> None:
    with pytest.raises(Refused, match="only their side takes it back"):
        paid.withdraw("No.", seen=paid.shown.ref, by=spoken.ana)
    paid.agree(seen=paid.shown.ref, by=spoken.ana)
    with pytest.raises(Refused, match="Suggest a change instead"):
        paid.withdraw("No.", seen=paid.shown.ref, by=spoken.priya)
    with pytest.raises(Refused, match="Write why"):
        paid.withdraw(None, seen=paid.shown.ref, by=spoken.rui)
    assert paid.withdraw("Sold that part.", seen=paid.shown.ref, by=spoken.rui)
    assert not paid.withdraw("Sold that part.", seen=paid.shown.ref, by=spoken.rui)
    assert (SuccessCriterion.of(spoken.onboarding), paid.withdrawn_why) == ([], "Sold that part.")
    with pytest.raises(Conflict):
        paid.suggest(HOURS, "x", seen=paid.shown.ref, by=spoken.ana)


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (replace(PAID, target=Decimal(71)), "The target is where you are today"),
        (replace(PAID, target=Decimal(70)), "The target is lower than today"),
        (replace(HOURS, target=Decimal(20)), "The target is higher than today"),
        (replace(PAID, target_on=date(2026, 3, 8)), "That day has passed"),
        (
            replace(PAID, checkpoints=[Way(date(2026, 4, 30), Decimal(90), None)]),
            "before the day of the target",
        ),
        (replace(PAID, checkpoints=[Way(date(2026, 4, 20), Decimal(99), None)]), "between today's value"),
        (replace(PAID, checkpoints=[Way(date(2026, 4, n), None, "x") for n in (1, 2, 3, 4)]), "Keep to 3"),
    ],
)
def test_terms_that_cannot_be_agreed(spoken, wanted, why) -> None:
    with pytest.raises(Refused, match=why):
        SuccessCriterion.add(spoken.onboarding, wanted, None, by=spoken.ana)
    assert SuccessCriterion.of(spoken.onboarding) == []


def test_at_most_five_and_none_twice(spoken) -> None:
    for n in range(5):
        SuccessCriterion.add(spoken.onboarding, replace(HOURS, statement=f"Result {n}"), None, by=spoken.ana)
    with pytest.raises(Refused, match="There are 5 already"):
        SuccessCriterion.add(spoken.onboarding, HOURS, None, by=spoken.ana)
    first = SuccessCriterion.of(spoken.onboarding)[0]
    first.withdraw(None, seen=first.shown.ref, by=spoken.ana)
    added = SuccessCriterion.add(spoken.onboarding, HOURS, None, by=spoken.ana)
    assert added.n == 6
    assert SuccessCriterion.add(spoken.onboarding, HOURS, None, by=spoken.ana) is added
    with pytest.raises(Refused, match="is on the list already"):
        SuccessCriterion.add(spoken.onboarding, replace(HOURS, target=Decimal(3)), None, by=spoken.rui)


def test_numbers_come_back_exactly(spoken) -> None:
    ways = [Way(date(2026, 4, 1), Decimal("0.2"), "test run")]
    wanted = replace(PAID, baseline=Decimal("0.1"), target=Decimal("0.3"), checkpoints=ways)
    SuccessCriterion.add(spoken.onboarding, wanted, None, by=spoken.ana)
    db.session.commit()
    db.session.expire_all()
    (again,) = SuccessCriterion.of(spoken.onboarding)
    assert (again.shown.baseline, again.shown.target) == (Decimal("0.1"), Decimal("0.3"))
    assert db.session.scalars(select(CriterionCheckpoint.value)).all() == [Decimal("0.2")]


def test_the_database_keeps_one_wording_open_and_one_in_force(spoken, paid) -> None:
    paid.agree(seen=paid.shown.ref, by=spoken.ana)
    paid.suggest(HOURS, None, seen=paid.shown.ref, by=spoken.ana)
    paid.open.state = Agreement.AGREED
    with pytest.raises(IntegrityError):
        db.session.flush()


# --- The road -----------------------------------------------------------------------------------


def test_the_roads_item_goes_along(spoken) -> None:
    step, road = spoken.step("criteria"), spoken.onboarding
    paid = SuccessCriterion.add(road, PAID, None, by=spoken.ana)
    assert (step.state, step.with_us) == (StepState.IN_PROGRESS, True)
    hours = SuccessCriterion.add(road, HOURS, None, by=spoken.priya)
    assert not step.with_us, "it waits for them as well"
    hours.agree(seen=hours.shown.ref, by=spoken.rui)
    assert (step.state, step.with_us) == (StepState.IN_PROGRESS, True)
    paid.agree(seen=paid.shown.ref, by=spoken.priya)
    assert (step.state, step.done_by_id, step.waiting) == (StepState.DONE, spoken.priya.id, False)
    hours.withdraw("Not ours.", seen=hours.shown.ref, by=spoken.ana)
    assert (step.state, len(SuccessCriterion.of(road))) == (StepState.DONE, 1), (
        "what was agreed once stays done"
    )


def test_one_that_waits_keeps_the_item_open(spoken, paid) -> None:
    hours = SuccessCriterion.add(spoken.onboarding, HOURS, None, by=spoken.priya)
    third = SuccessCriterion.add(
        spoken.onboarding, replace(HOURS, statement="Third one"), None, by=spoken.priya
    )
    for one in (paid, hours):
        one.agree(seen=one.shown.ref, by=spoken.ana)
    assert not spoken.step("criteria").is_done
    third.withdraw(None, seen=third.shown.ref, by=spoken.priya)
    assert spoken.step("criteria").is_done


def test_our_turn_is_the_onboardings(spoken) -> None:
    road = spoken.onboarding
    for step in road.steps:
        if step.stage.key == "expectations" and step.kind != "criteria":
            step.complete(by=spoken.priya)
    paid = SuccessCriterion.add(road, PAID, None, by=spoken.ana)
    assert (road.turn, road.our_due_on) == (Turn.US, date(2026, 3, 11))
    paid.suggest(HOURS, None, seen=paid.shown.ref, by=spoken.priya)
    assert road.turn is Turn.CUSTOMER


def test_nothing_before_it_opens_or_while_it_is_paused(app, clock, spoken, paid) -> None:
    spoken.onboarding.pause("Away.", date(2026, 3, 20), by=spoken.priya)
    with pytest.raises(Refused, match="paused until"):
        paid.agree(seen=paid.shown.ref, by=spoken.ana)
    spoken.onboarding.resume(by=spoken.priya)
    assert spoken.onboarding.stage_called("training").state is StageState.LOCKED
    assert paid.agree(seen=paid.shown.ref, by=spoken.ana)


def test_it_is_all_remembered(spoken, paid) -> None:
    paid.suggest(HOURS, "Rather this.", seen=paid.shown.ref, by=spoken.ana)
    paid.agree(seen=paid.shown.ref, by=spoken.priya)
    db.session.flush()
    rows = db.session.scalars(
        select(Activity).where(Activity.subject_type == "success_criterion").order_by(Activity.id)
    ).all()
    assert [row.verb for row in rows] == [
        Verb.CRITERION_PROPOSED,
        Verb.CRITERION_PROPOSED,
        Verb.CRITERION_AGREED,
    ]
    assert rows[1].personal["what"] == "Hours spent on each payout run: 14\u00a0h → 2\u00a0h"
    assert rows[1].personal["why"] == "Rather this."
    assert spoken.onboarding.customer_moved_at is not None


# --- Letters ------------------------------------------------------------------------------------


def waits(cast) -> set[str]:
    """Whom a letter about their turn waits for, by itself or in the digest."""
    db.session.flush()
    each = {("customer", user) for user in (cast.ana, cast.ben, cast.rui)} | {
        ("us", cast.priya),
        ("us", cast.june),
    }
    return {
        user.called
        for side, user in each
        if notifications.leaves(user, f"criteria:{cast.onboarding.id}:turn:{side}")
    }


def test_a_newer_proposal_replaces_a_letter_that_has_not_left(spoken, clock) -> None:
    clock.forward(days=1)  # The first day has its letter already.
    paid = SuccessCriterion.add(spoken.onboarding, PAID, "As similar teams do.", by=spoken.priya)
    assert waits(spoken) == {"Ana", "Rui"}
    SuccessCriterion.add(spoken.onboarding, HOURS, None, by=spoken.priya)
    letters = select(mail.Letter.text).where(mail.Letter.address == spoken.rui.email)
    live = letters.where(mail.Letter.dropped_at.is_(None), mail.Letter.about.contains(":turn:"))
    (text,) = db.session.scalars(live).all()
    assert "Partners paid on time: 71 % → 95 %" in " ".join(text.split())
    assert "Hours spent on each payout run" in text
    paid.agree(seen=paid.shown.ref, by=spoken.ana)
    assert waits(spoken) == {"Ana", "Rui"}, "one of the two waits still"
    hours = SuccessCriterion.of(spoken.onboarding)[1]
    hours.suggest(replace(HOURS, target=Decimal(3)), None, seen=hours.shown.ref, by=spoken.ana)
    assert waits(spoken) == {"Priya"}
    hours.agree(seen=hours.shown.ref, by=spoken.priya)
    assert waits(spoken) == set()


def test_both_sides_hear_what_is_agreed_but_not_whoever_agreed(spoken, paid) -> None:
    paid.agree(seen=paid.shown.ref, by=spoken.ana)
    db.session.flush()
    about = f"criteria:{spoken.onboarding.id}:agreed"
    people = (spoken.ana, spoken.ben, spoken.rui, spoken.priya, spoken.june)
    assert {one.called for one in people if notifications.leaves(one, about)} == {"Rui", "Priya"}
