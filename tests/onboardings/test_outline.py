"""A road settled from its outline is the road settled from all its rows, and costs few statements however long."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from portal import db
from portal.accounts.models import User
from portal.errors import Refused
from portal.onboardings.models import Onboarding
from portal.onboardings.outline import Line, Outline
from portal.onboardings.record import StepRecord
from portal.onboardings.stages import Milestone, Stage
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step

MOVES = 60
DERIVED = {
    Onboarding: "state progress percent items_done items_total minutes_left current_stage next_step_id next_due_on "
    "meter ball ball_since our_due_on went_live_on first_value_on",
    Stage: "state opened_at completed_at base base_done base_remaining",
    Step: "state due_on first_due_on waiting ours_since gain",
    Milestone: "reached_on",
}


def kept() -> dict[str, Any]:
    """What is stored of everything that settling decides, as the database has it."""
    db.session.flush()
    db.session.expunge_all()
    return {
        f"{table.__tablename__} {row.id} {name}": getattr(row, name)
        for table, names in DERIVED.items()
        for row in db.session.scalars(select(table).order_by(table.id))
        for name in names.split()
    }


def settled_from_rows(road_id: int) -> dict[str, Any]:
    """The same, once everything has been read whole and settled again."""
    db.session.expunge_all()
    road = db.session.get_one(Onboarding, road_id)
    assert all(isinstance(step, StepRecord) for step in road.steps)
    road.settle()
    return kept()


def act(step: Step, name: str, ana: User, priya: User) -> None:
    by = ana if name.endswith("ana") else priya
    verb = name.partition(" ")[0]
    if verb in ("reopen", "skip", "bring_back", "send_back"):
        getattr(step, verb)("Because.", by=priya)
    elif verb == "block":
        step.block("time", "Because.", "Ana", by=by)
    elif verb == "save":
        step.save({"note": "x" * (step.data_version + 1)}, version=step.data_version, by=by)
    else:
        getattr(step, verb)(by=by)


NAMES = (
    "complete ana", "complete us", "complete us", "complete us", "start ana", "save ana", "submit ana", "send_back us",
    "undo ana", "undo us", "reopen us", "block ana", "unblock ana", "skip us", "bring_back us",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_settling_from_the_outline_leaves_nothing_to_settle(cast, clock, seed) -> None:
    chance = random.Random(seed)
    clock.forward(days=6)
    cast.onboarding.begin()
    road_id, users = cast.onboarding.id, (cast.ana.id, cast.priya.id)
    ids = [step.id for step in cast.onboarding.steps]
    moved = 0
    for _ in range(MOVES):
        db.session.flush()
        db.session.expunge_all()
        step, name = db.session.get_one(Step, chance.choice(ids)), chance.choice(NAMES)
        try:
            act(step, name, *(db.session.get_one(User, user) for user in users))
            moved += 1
        except Refused:
            pass
        before = kept()
        assert settled_from_rows(road_id) == before, f"{name} of {step.key}"
        clock.forward(minutes=chance.choice([1, 11, 600]))
    assert moved > MOVES / 6, "chance moved hardly anything"


def test_only_what_changes_is_read_whole(cast) -> None:
    road_id, step_id, count = cast.onboarding.id, cast.step("road_preview").id, len(cast.onboarding.steps)
    db.session.flush()
    db.session.expunge_all()
    road, step = db.session.get_one(Onboarding, road_id), db.session.get_one(Step, step_id)
    outline = Outline(road)
    assert [one for one in outline if not isinstance(one, Line)] == [step]
    assert len(list(outline)) == count
    locked = [one for one in outline if one.state == StepState.LOCKED][:3]
    rows = outline.rows(locked)
    assert [row.key for row in rows] == [line.key for line in locked]
    assert all(isinstance(row, StepRecord) for row in rows)
    rows[0].weight = 5
    assert next(one for one in outline if one.id == rows[0].id).weight == 5


@contextmanager
def statements() -> Iterator[list[str]]:
    said: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_finishing_a_step_is_few_statements_and_one_write_of_each_row(cast) -> None:
    step_id, ana = cast.step("road_preview").id, cast.ana.id
    db.session.flush()
    db.session.expunge_all()
    step, by = db.session.get_one(Step, step_id), db.session.get_one(User, ana)
    assert by.account is not None  # Read with whoever is signed in.
    with statements() as said:
        step.complete(by=by)
        db.session.flush()
    writes = [text.split()[0:2] for text in said if not text.startswith("SELECT")]
    assert sorted(map(" ".join, writes)) == [
        "INSERT INTO", "UPDATE audit_chain", "UPDATE onboarding", "UPDATE step",
    ]  # fmt: skip
    assert len(said) <= 11, said
