"""Two people edit the same onboarding from pages that they opened before: no change of either is lost unseen.

Either both are kept, or one is kept and whoever came second is told, with what they typed still there.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from portal import db
from portal.accounts.kinds import TeamRole
from portal.accounts.models import TeamMember
from portal.app import create_app
from portal.calls.models import Call
from portal.desk.wave_page import Before, preview_of
from portal.onboardings.models import Hold, Onboarding
from portal.onboardings.notes import Note
from portal.onboardings.rollout import MOST, WaveTerms, add_wave, change_wave
from portal.onboardings.signals import Signal
from portal.onboardings.stages import Module
from portal.onboardings.steps import Step
from portal.onboardings.wave_dates import usual
from portal.onboardings.waves import Wave
from tests.infra.html import read
from tests.security import world as w
from tests.security.asking import Caller, told
from tests.security.routes import NEW_STEP, SHIFT, TERMS, WAVE
from tests.security.world import JUNE, OWN, THEIRS, Side, World

Values = dict[str, Any]
ONE, OTHER = "The first reason", "The other reason"
DESK = "/staff/accounts/{account}"
WAVE_TERMS = WaveTerms(
    WAVE["department"], [], date.fromisoformat(WAVE["starts_on"]), date.fromisoformat(WAVE["go_live_on"])
)


@dataclass(frozen=True)
class Meeting:
    """What Priya (`one`) and Lena (`other`) send to `path` at the same moment. `kept` finds which of the two stand in
    the database afterwards; `both` when neither excludes the other."""

    path: str
    sent: Callable[[World], tuple[Values, Values]]
    kept: Callable[[Side], Iterable[str]]
    both: bool = False
    before: Callable[[Side], None] | None = None


def words(name: str, **fields: str) -> Callable[[World], tuple[Values, Values]]:
    """The same form with the one reason and with the other; `seen` names its seal."""

    def fill(world: World) -> tuple[Values, Values]:
        side = world.sides[OWN]
        rest = {key: value.format(**side.refs) for key, value in fields.items()}
        if "seen" in rest:
            rest["seen"] = side.seals[rest["seen"]]
        return {**rest, name: ONE}, {**rest, name: OTHER}

    return fill


def terms(world: World) -> tuple[Values, Values]:
    """One changes the minutes of a step, the other its weight."""
    plain = {**TERMS, "due_on": "", "seen": world.sides[OWN].seals["list"]}
    return {**plain, "minutes": "55"}, {**plain, "weight": "3"}


def shifts(world: World) -> tuple[Values, Values]:
    plain = {**SHIFT, "seen": world.sides[OWN].seals["dates"]}
    return {**plain, "reason": ONE}, {**plain, "reason": OTHER}


def hand_overs(world: World) -> tuple[Values, Values]:
    """June's part goes to one colleague, and to another."""
    side, other = world.sides[OWN], world.sides[THEIRS]
    plain = {"pick": side.refs["road"], "know": "They like mornings"}
    return {**plain, "to": side.staff["another csm"]}, {**plain, "to": other.staff["another csm"]}


def is_previewed(side: Side) -> None:
    """Both have seen what the same new wave would be."""
    road = db.session.get_one(Onboarding, side.road_id)
    before = Before.of(road)
    side.seals["new wave"] = preview_of(add_wave(road, WAVE_TERMS, ONE, by=road.team[0].staff), before).seal
    db.session.rollback()


def is_previewed_again(side: Side) -> None:
    """Both have seen what other dates of the second wave would be."""
    w.is_in_waves(side)
    road = db.session.get_one(Onboarding, side.road_id)
    before, wave = Before.of(road), road.wave_called(2)
    change_wave(wave, WAVE_TERMS, ONE, seen=side.seals["wave"], by=road.team[0].staff)
    side.seals["new wave"] = preview_of(wave, before).seal
    db.session.rollback()


def waves(world: World) -> tuple[Values, Values]:
    plain = {**WAVE, "looked": world.sides[OWN].seals["new wave"]}
    return {**plain, "reason": ONE}, {**plain, "reason": OTHER}


def changed_waves(world: World) -> tuple[Values, Values]:
    one, other = waves(world)
    seen = {"seen": world.sides[OWN].seals["wave"]}
    return {**one, **seen}, {**other, **seen}


def column(values: Any) -> Callable[[Side], Iterable[str]]:
    """The words that stand in this column."""

    def find(_side: Side) -> Iterable[str]:
        return db.session.scalars(select(values))

    return find


def of_terms(side: Side) -> Iterable[str]:
    step = db.session.get_one(Step, side.ids["list"])
    return [ONE] * (step.minutes == 55) + [OTHER] * (step.weight == 3)


def of_changes(side: Side) -> Iterable[str]:
    return [change["why"] for change in db.session.get_one(Onboarding, side.road_id).changes]


def of_left_out(_side: Side) -> Iterable[str]:
    return {reason for reason in db.session.scalars(select(Step.skip_reason)) if reason}


def of_added(_side: Side) -> Iterable[str]:
    return [step.own["why"] for step in db.session.scalars(select(Step).where(Step.own.is_not(None)))]


def of_csm(side: Side) -> Iterable[str]:
    (csm,) = db.session.scalars(
        select(TeamMember).where(TeamMember.onboarding_id == side.road_id, TeamMember.role == TeamRole.CSM)
    )
    return [ONE if csm.staff.ref == side.staff["another csm"] else OTHER]


MEETINGS = {
    "a step": Meeting(f"{DESK}/steps/{{list}}/edit", terms, of_terms),
    "a new step": Meeting(
        f"{DESK}/road/add",
        words("reason", **{k: v for k, v in NEW_STEP(Side()).items() if k != "reason"}),
        of_added,
        both=True,
    ),
    "a step left out": Meeting(f"{DESK}/steps/{{asked}}/skip", words("reason"), of_left_out),
    "a module added": Meeting(
        f"{DESK}/road/modules", words("reason", module="data_warehouse"), column(Module.added_why)
    ),
    "a module left out": Meeting(
        f"{DESK}/modules/connections/leave_out", words("reason", seen="connections"), of_left_out
    ),
    "the dates": Meeting(f"{DESK}/road/dates", shifts, of_changes),
    "a stage": Meeting(
        f"{DESK}/stages/graduation/open", words("reason"), of_changes, before=w.is_shut
    ),
    "a wave added": Meeting(f"{DESK}/road/waves/add", waves, of_changes, before=is_previewed),
    "a wave changed": Meeting(
        f"{DESK}/road/waves/2", changed_waves, of_changes, before=is_previewed_again
    ),
    "a wave left out": Meeting(
        f"{DESK}/road/waves/2/leave_out",
        words("reason", seen="wave"),
        column(Wave.left_out_why),
        before=w.is_in_waves,
    ),
    "a hold": Meeting(f"{DESK}/hold", words("reason", review_on="2026-04-01"), column(Hold.reason)),
    "holds": Meeting(
        "/staff/accounts/bulk/hold",
        words("reason", pick="{road}", review_on="2026-04-01"),
        column(Hold.reason),
    ),
    "a hand-over": Meeting(f"/staff/team/{JUNE}/hand-over", hand_overs, of_csm),
    "a note": Meeting(f"{DESK}/notes", words("body", step=""), column(Note.body), both=True),
    "a signal": Meeting(
        f"{DESK}/signals", words("text", kind="praise", person="", step=""), column(Signal.text), both=True
    ),
    "what came of a signal": Meeting(
        f"{DESK}/signals/{{signal}}/settle", words("outcome"), column(Signal.outcome)
    ),
    "an agenda": Meeting(
        "/staff/calls/{call}/agenda",
        lambda world: ({"points": ONE, "seen": ""}, {"points": OTHER, "seen": ""}),
        lambda side: db.session.get_one(Call, side.ids["call"]).agenda,
    ),
    "the log of a call": Meeting(
        "/staff/calls/{call}/held",
        words("notes", text_1="Send the CSV", who_1="{admin}"),
        column(Call.notes),
        before=w.call_is_over,
    ),
    "what was logged": Meeting(
        "/staff/calls/{call}/notes",
        words("notes", text_1="Send the CSV", who_1="{admin}", seen="log"),
        column(Call.notes),
        before=w.call_was_logged,
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", MEETINGS)
def test_two_who_edit_at_once_lose_nothing_unseen(world_copy, settings, clock, what):
    url, world = world_copy
    app = create_app(settings(PORTAL_DATABASE_URL=url))
    meeting, side = MEETINGS[what], world.sides[OWN]
    if meeting.before:
        with app.test_request_context():
            db.start()
            meeting.before(side)
            db.session.remove()
    path, answers = meeting.path.format(**side.refs), {}
    gate = threading.Barrier(2)

    def send(name: str, word: str, data: Values) -> None:
        me = Caller(app, world.cookies[name])
        assert me.token
        gate.wait()
        answers[word] = me.send("POST", path, data)

    pairs = zip(("priya", "lena"), (ONE, OTHER), meeting.sent(world), strict=True)
    threads = [threading.Thread(target=send, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    said = {word: (answer.status_code, told(answer)) for word, answer in answers.items()}
    taken = {word for word, answer in answers.items() if answer.status_code == 303}
    with db.transaction():
        kept = {word for word in meeting.kept(side) if word in (ONE, OTHER)}
    assert kept == taken, said
    assert len(taken) == (2 if meeting.both else 1), said
    for answer in answers.values():
        if answer.status_code != 303:
            assert answer.status_code in (409, 422), said
            assert told(answer), said


@pytest.mark.parametrize("there", [2, MOST - 1])
def test_two_who_add_a_wave_at_once(world_copy, settings, clock, there):
    """One is made; whoever came second sees what theirs would be now, or that there is no room for it."""
    url, world = world_copy
    app = create_app(settings(PORTAL_DATABASE_URL=url))
    side, path = world.sides[OWN], f"{DESK}/road/waves/add".format(**world.sides[OWN].refs)
    with app.test_request_context():
        db.start()
        w.is_in_waves(side)
        road = db.session.get_one(Onboarding, side.road_id)
        for n in range(2, there):
            add_wave(road, WaveTerms(f"Part {n}", [], *usual(road)), "They follow", by=road.team[0].staff)
        db.session.commit()
        db.session.remove()
    sent, answers, gate = {}, {}, threading.Barrier(2)
    for name, department in (("priya", "Support"), ("lena", "Legal")):
        fields = {**WAVE, "department": department}
        sent[name] = {
            **fields,
            "looked": _looked(Caller(app, world.cookies[name]).send("POST", path, fields)),
        }

    def send(name: str) -> None:
        me = Caller(app, world.cookies[name])
        assert me.token
        gate.wait()
        answers[name] = me.send("POST", path, sent[name])

    threads = [threading.Thread(target=send, args=(name,)) for name in sent]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    full = there + 1 == MOST
    said = {name: (answer.status_code, told(answer)) for name, answer in answers.items()}
    assert sorted(answer.status_code for answer in answers.values()) == (
        [303, 422] if full else [200, 303]
    ), said
    (second,) = (name for name, answer in answers.items() if answer.status_code != 303)
    with db.transaction():
        numbers = list(db.session.scalars(select(Wave.n).where(Wave.onboarding_id == side.road_id)))
    assert sorted(numbers) == list(range(1, there + 2))
    if full:
        assert "at most 12 waves" in said[second][1]
    else:
        again = {**sent[second], "looked": _looked(answers[second])}
        assert again["looked"] != sent[second]["looked"]
        assert Caller(app, world.cookies[second]).send("POST", path, again).status_code == 303


def _looked(answer: Any) -> str:
    """The seal of the preview that this answer shows."""
    assert answer.status_code == 200, told(answer)
    (button,) = read(answer.text).root.all("button", name="looked")
    return button.get("value")
