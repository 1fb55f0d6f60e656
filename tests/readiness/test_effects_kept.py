"""What people said about an effect, and what our team is told by one, once the answers are confirmed."""

from sqlalchemy import update

from portal import db
from portal.activity.models import Audience, Verb
from portal.activity.queries import timeline
from portal.activity.sentences import sentence
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step
from portal.readiness.asks import ReadinessAsk
from portal.readiness.branching import UNKNOWN
from portal.readiness.effects import EffectState
from tests.readiness.sent import PLAIN, answer


def confirmed(kit, cast, **answers):
    answer(kit, cast.ana, **{**PLAIN, **answers})
    kit.submit(by=cast.ana)
    kit.confirm(by=cast.priya)
    return kit


def effect(kit, kind: str):
    return next(one for one in kit.effects if one.kind == kind)


def test_what_somebody_chose_waits_for_us_whatever_is_answered_meanwhile(kit, spoken) -> None:
    chosen = effect(confirmed(kit, spoken, users=60), "offer")
    assert not chosen.take(by=spoken.ana)
    answer(kit, spoken.ana, sso="no")
    assert chosen.state is EffectState.PROPOSED
    answer(kit, spoken.ana, users=3)
    assert chosen.state is EffectState.PROPOSED
    chosen.decide(holds=True, why="", by=spoken.priya)
    assert chosen.state is EffectState.TAKEN


def test_what_our_team_is_told_stands_in_no_line_of_theirs(kit, spoken) -> None:
    road = spoken.onboarding
    confirmed(kit, spoken)
    answer(kit, spoken.ana, data=UNKNOWN)
    effect(kit, "signal").decide(holds=True, why="Between us", by=spoken.priya)
    lines = [sentence(one, spoken.ana.id) for one in timeline(road.id, road.account_id)]
    assert any("changed the answer" in line for line in lines)
    assert not any("They don't know" in line for line in lines)
    ours = timeline(road.id, road.account_id, audience=Audience.STAFF)
    assert Verb.EFFECT_ACCEPTED in {one.verb for one in ours}


def test_an_answer_through_a_link_finds_the_road_as_it_is_when_it_comes(kit, spoken) -> None:
    answer(kit, spoken.ana, **{**PLAIN, "data": "Spreadsheets"})
    kit.submit(by=spoken.ana)
    nora = {"name": "Nora Vale", "email": "nora@else.example"}
    ask = ReadinessAsk.send(spoken.onboarding, "data", **nora, by=spoken.ana)
    token = ask.mint()
    db.session.commit()
    found = ReadinessAsk.by_token(token)
    assert found is not None
    assert not found.why_shut
    clean = spoken.onboarding.step_called("clean")
    begun = update(Step).where(Step.id == clean.id).values(state=StepState.IN_PROGRESS)
    db.session.execute(begun.execution_options(synchronize_session=False))  # As another request does.
    assert found.give("We start fresh", {}, unknown=False)
    assert effect(kit, "include").is_on
    assert clean.state is StepState.IN_PROGRESS
