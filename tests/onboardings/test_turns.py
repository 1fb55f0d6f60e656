"""Whose turn it is, and the order of the staff's list: the rule, and that it is stored whenever something changes."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from portal import db, mail, migrating
from portal.accounts.kinds import TeamRole
from portal.messages.models import Message, Thread
from portal.onboardings.jobs import pass_turns
from portal.onboardings.models import Onboarding
from portal.onboardings.states import OnboardingState, StepState
from portal.onboardings.turns import MOVING, Turn, TurnFacts, order_of, turn_of
from tests import make

TODAY = date(2026, 3, 3)
MARCH_9, MARCH_12 = date(2026, 3, 9), date(2026, 3, 12)
THEIRS = TurnFacts(
    state=OnboardingState.ACTIVE,
    ball="customer",
    ours_on=None,
    next_on=MARCH_9,
    answer_on=None,
    hosted=False,
    unlogged_on=None,
    blocked=(),
    review_on=None,
    ended_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
)


# --- The rule -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("turn", "day", "changes"),
    [
        (Turn.CUSTOMER, MARCH_9, {}),
        (Turn.CUSTOMER, date.max, {"next_on": None}),
        (Turn.CUSTOMER, MARCH_9, {"ours_on": MARCH_12}),
        (Turn.CUSTOMER, MARCH_9, {"blocked": (TODAY,)}),
        (Turn.US, MARCH_9, {"ours_on": MARCH_9}),
        (Turn.CUSTOMER, date(2026, 3, 2), {"ours_on": TODAY, "next_on": date(2026, 3, 2)}),
        (Turn.CUSTOMER, date.max, {"ours_on": TODAY, "next_on": None}),
        (Turn.US, date(2026, 3, 2), {"ours_on": date(2026, 3, 2), "next_on": date(2026, 3, 1)}),
        (Turn.US, MARCH_12, {"ball": "us", "ours_on": MARCH_12, "next_on": MARCH_12}),
        (Turn.US, MARCH_9, {"ball": "us"}),
        (Turn.US, MARCH_9, {"hosted": True}),
        (Turn.US, MARCH_9, {"hosted": True, "ours_on": MARCH_12}),
        (Turn.US, date(2026, 3, 2), {"unlogged_on": date(2026, 3, 2)}),
        (Turn.US, MARCH_12, {"answer_on": MARCH_12}),
        (Turn.US, MARCH_12, {"answer_on": MARCH_12, "state": OnboardingState.GRADUATED}),
        (Turn.BLOCKED, MARCH_9, {"ball": "nobody", "blocked": (MARCH_12, None, MARCH_9)}),
        (Turn.BLOCKED, date.max, {"ball": "nobody", "blocked": (None,)}),
        (Turn.NOBODY, MARCH_9, {"ball": "nobody"}),
        (Turn.DRAFT, MARCH_9, {"state": OnboardingState.DRAFT, "ball": "us"}),
        (Turn.HOLD, MARCH_12, {"state": OnboardingState.ON_HOLD, "review_on": MARCH_12}),
    ],
)
def test_the_first_that_fits_and_the_day_that_matters_there(turn, day, changes) -> None:
    facts = replace(THEIRS, **changes)
    assert turn_of(facts, TODAY) is turn
    assert order_of(facts, turn) == day.toordinal()


@pytest.mark.parametrize("state", ["graduated", "handed_over", "closed", "cancelled"])
def test_what_is_over_stands_newest_first_and_never_among_the_moving(state) -> None:
    older = replace(THEIRS, state=OnboardingState(state))
    newer = replace(older, ended_at=datetime(2026, 3, 1, 12, 0, 1, tzinfo=UTC))
    assert turn_of(older, TODAY) is Turn.OVER
    assert Turn.OVER not in MOVING
    assert order_of(newer, Turn.OVER) < order_of(older, Turn.OVER)


# --- Stored ---------------------------------------------------------------------------------------


def stored(road: Onboarding) -> tuple[Turn, int]:
    row = db.session.execute(
        select(Onboarding.turn, Onboarding.turn_order).where(Onboarding.id == road.id)
    ).one()
    return row[0], row[1]


def test_it_follows_whatever_changes(cast) -> None:
    road, step = cast.onboarding, cast.onboarding.next_step
    theirs = (Turn.CUSTOMER, step.due_on.toordinal())
    assert stored(road) == theirs
    message = Message.write(road, "When can we start?", by=cast.ana)
    assert stored(road) == (Turn.US, road.answer_due_on.toordinal())
    Message.write(road, "On Monday.", by=cast.priya)
    assert stored(road) == theirs
    Message.write(road, "Thank you!", by=cast.ana)
    Thread.of(road).close(by=cast.priya)
    assert message.account_id == road.account_id
    assert stored(road) == theirs
    step.hand_to(cast.tomas, by=cast.priya)
    assert stored(road) == (Turn.US, step.due_on.toordinal())
    step.hand_to(cast.ana, by=cast.priya)
    assert stored(road) == theirs
    step.needs_review = True
    step.submit(by=cast.ana)
    step.due_on = None
    road.next_step.due_on = None
    road.settle()
    assert stored(road) == (Turn.US, road.our_due_on.toordinal())
    road.pause("The data team is away.", MARCH_12, by=cast.priya)
    assert stored(road) == (Turn.HOLD, MARCH_12.toordinal())
    road.resume(by=cast.priya)
    assert stored(road)[0] is Turn.US
    road.cancel("They went elsewhere.", by=cast.priya)
    assert stored(road) == (Turn.OVER, -int(road.ball_since.timestamp()))


def test_a_road_that_stands_still_says_what_is_in_the_way(cast) -> None:
    while step := cast.onboarding.next_step:
        step.block("access", "IT has to open the port.", "Ben", by=cast.ana)
    for step in cast.onboarding.steps:
        if step.with_us and step.required:
            step.complete(by=cast.priya)
    days = [
        step.due_on for step in cast.onboarding.steps if step.state is StepState.BLOCKED and step.required
    ]
    assert stored(cast.onboarding) == (Turn.BLOCKED, min(days).toordinal())


def promised(*, on: date, zone: str = "Europe/Lisbon", name: str = "Northwind") -> Onboarding:
    """An onboarding in which they are to move first and we later, committed."""
    by = make.staff(email=f"priya@{name.lower()}.example")
    road = make.onboarding(make.account(name, time_zone=zone), {TeamRole.CONSULTANT: by}, by=by)
    road.prepare(by=by)
    road.our_due_on, road.next_due_on = on, date(2026, 3, 1)
    road.take_turn()
    db.session.commit()
    return road


def test_a_promise_passes_at_midnight_of_its_account_and_only_once(app, clock) -> None:
    with app.app_context():
        mail.configure(app.config["PORTAL"])
        make.provider()
        lisbon = promised(on=date(2026, 3, 4))
        auckland = promised(on=date(2026, 3, 4), zone="Pacific/Auckland", name="Kauri")
        paused = promised(on=date(2026, 3, 4), name="Paused")
        paused.state = OnboardingState.ON_HOLD
        paused.take_turn()
        db.session.commit()
        clock.at(datetime(2026, 3, 4, 20, tzinfo=UTC))
        pass_turns()
        assert stored(lisbon)[0] is Turn.CUSTOMER
        assert stored(auckland)[0] is Turn.US
        clock.at(datetime(2026, 3, 5, 0, 1, tzinfo=UTC))
        pass_turns()
        assert stored(lisbon) == stored(auckland) == (Turn.US, date(2026, 3, 4).toordinal())
        pass_turns()
        assert stored(lisbon) == (Turn.US, date(2026, 3, 4).toordinal())
        assert stored(paused)[0] is Turn.HOLD


def test_the_rows_that_were_there_get_the_same_place(real_database: str, app, clock) -> None:
    db.connect(real_database)
    migrating.upgrade()
    with app.app_context():
        mail.configure(app.config["PORTAL"])
        with db.transaction():
            cast = make.northwind()
            for name, change in CHANGES.items():
                change(_another(name, cast), cast)
        before = places()
        assert {turn for turn, _order, _answer in before.values()} == set(Turn)
        migrating.downgrade("0005")
        migrating.upgrade()
        assert places() == before


def places() -> dict[int, tuple[Turn, int, date | None]]:
    with db.reading():
        rows = select(Onboarding.id, Onboarding.turn, Onboarding.turn_order, Onboarding.answer_due_on)
        return {row[0]: (row[1], row[2], row[3]) for row in db.session.execute(rows)}


def _another(name: str, cast) -> Onboarding:
    at = make.account(name)
    make.person(at)
    road = make.onboarding(at, {TeamRole.CONSULTANT: cast.priya, TeamRole.CSM: cast.june}, by=cast.priya)
    if name != "Draft":
        road.prepare(by=cast.priya)
    return road


def _hand_in(road: Onboarding, cast) -> None:
    road.next_step.needs_review = True
    road.next_step.submit(by=road.account.people[0])


def _block(road: Onboarding, cast) -> None:
    while step := road.next_step:
        step.block("access", "IT has to open the port.", "Ben", by=cast.priya)
    for step in road.steps:
        if step.with_us and step.required:
            step.complete(by=cast.priya)


def _wait_for_day_0(road: Onboarding, cast) -> None:
    """Everything that can be done before the start is done."""
    while open_now := [step for step in road.steps if step.with_us or step.with_them]:
        open_now[0].complete(by=cast.priya)


CHANGES = {
    "Draft": lambda road, cast: None,
    "Theirs": lambda road, cast: None,
    "Handed in": _hand_in,
    "Hosted": lambda road, cast: road.next_step.hand_to(cast.june, by=cast.priya),
    "Asked": lambda road, cast: Message.write(road, "When can we start?", by=road.account.people[0]),
    "Blocked": _block,
    "Nobody": _wait_for_day_0,
    "Paused": lambda road, cast: road.pause("Stocktaking.", MARCH_12, by=cast.priya),
    "Ended": lambda road, cast: road.cancel("They went elsewhere.", by=cast.priya),
}
