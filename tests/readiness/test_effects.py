"""The answers change the road when they are sent, propose once they are confirmed, and people have the last word."""

import pytest
from sqlalchemy import select

from portal import db
from portal.errors import Refused
from portal.onboardings.modules import add_module, bring_back, leave_out, offered
from portal.onboardings.signals import Signal
from portal.onboardings.states import StepState
from portal.playbooks.models import publish
from portal.playbooks.reader import read_checked
from portal.readiness.branching import UNKNOWN
from portal.readiness.effects import EffectState
from portal.readiness.models import ReadinessSubmission
from portal.readiness.reacting import react
from tests import make
from tests.playbooks.ready import READY
from tests.readiness.sent import PLAIN, answer

WHY = "We do use it."


@pytest.fixture
def send(kit, spoken):
    """Answers everything, some of it otherwise, and sends it."""

    def sent(**answers):
        answer(kit, spoken.ana, **{**PLAIN, **answers})
        kit.submit(by=spoken.ana)
        return kit

    return sent


def states(kit) -> dict[tuple[str, str], str]:
    return {(one.kind, one.target): one.state.value for one in kit.effects}


def effect(kit, kind: str, target: str | None = None):
    return next(one for one in kit.effects if one.kind == kind and target in (None, one.target))


def step(cast, key: str) -> StepState | None:
    found = cast.onboarding.step_called(key)
    return found.state if found else None


def test_sending_changes_the_road_at_once_and_the_meter_stands_still(send, spoken) -> None:
    road = spoken.onboarding
    before = road.progress
    kit = send(data="Spreadsheets", quality="Some gaps", sso="no", users=60)
    assert states(kit) == {
        ("include", "cleaning"): "applied",
        ("put_first", "cleaning"): "applied",
        ("prerequisite", "sample"): "applied",
        ("depth", "importing"): "applied",
        ("agenda", "Which of your lists is right"): "applied",
        ("exclude", "signing_on"): "applied",
        ("wave", "Finance"): "proposed",
        ("offer", "campaign"): "offered",
    }
    assert road.progress == before
    assert [(one.key, one.state.value) for one in road.stage_called("training").steps] == [
        ("clean", "locked"),
        ("import_list", "locked"),
        ("compare_lists", "locked"),
        ("sign_on", "skipped"),
        ("consult", "locked"),
    ]
    assert road.topics == [{"call": "kickoff", "text": "Which of your lists is right"}]
    assert step(spoken, "kit") is StepState.SUBMITTED


def test_what_nobody_is_sure_of_is_a_topic_and_tells_our_team_once(send, spoken, clock) -> None:
    kit = send(data=UNKNOWN)
    assert spoken.onboarding.topics == [
        {"call": "consultation", "text": "What an import needs"},
        {"call": "consultation", "text": "Where the partner data comes from"},
    ]
    answer(kit, spoken.ana, data="We start fresh")
    assert spoken.onboarding.topics is None
    clock.forward(minutes=5)
    answer(kit, spoken.ana, data=UNKNOWN)
    (signal,) = db.session.scalars(select(Signal))
    assert signal.text == "From their readiness answers: They don't know where their data is"


def test_other_answers_before_the_confirmation_take_back_what_no_longer_holds(send, spoken) -> None:
    road = spoken.onboarding
    kit = send(data="Spreadsheets", sso="no")
    before = road.progress
    kit.send_back("Which list?", by=spoken.priya)
    answer(kit, spoken.ana, data="We start fresh", sso="yes")
    assert step(spoken, "clean") is StepState.LOCKED
    kit.submit(by=spoken.ana)
    assert states(kit)["include", "cleaning"] == "withdrawn"
    assert (step(spoken, "clean"), step(spoken, "sign_on")) == (StepState.SKIPPED, StepState.LOCKED)
    assert step(spoken, "import_list") is StepState.SKIPPED
    assert road.step_called("sign_on").assignee == spoken.ben
    answer(kit, spoken.ana, data="Spreadsheets")
    assert states(kit)["include", "cleaning"] == "applied"
    assert step(spoken, "clean") is StepState.LOCKED
    assert road.progress == before


def test_a_module_in_which_somebody_worked_stays_when_the_answer_changes(send, spoken) -> None:
    kit = send(data="Spreadsheets")
    spoken.onboarding.step_called("clean").state = StepState.IN_PROGRESS
    answer(kit, spoken.ana, data="We start fresh")
    row = effect(kit, "include")
    assert (row.state, row.is_on, step(spoken, "clean")) == (
        EffectState.WITHDRAWN,
        True,
        StepState.IN_PROGRESS,
    )


def test_what_somebody_of_ours_did_by_hand_beats_the_rules(kit, spoken, send) -> None:
    road, signing_on = spoken.onboarding, spoken.step("sign_on").module
    leave_out(signing_on, "Later.", seen=signing_on.seal, by=spoken.priya)
    bring_back(signing_on, "Now.", seen=signing_on.seal, by=spoken.priya)
    cleaning = next(one for one in offered(road) if one.key == "cleaning")
    add_module(road, cleaning, "They asked.", by=spoken.priya)
    send(data="Spreadsheets", sso="no")
    assert set(states(kit)) == {("prerequisite", "sample")}
    assert step(spoken, "sign_on") is StepState.LOCKED
    answer(kit, spoken.ana, data="We start fresh")
    assert step(spoken, "clean") is StepState.LOCKED


def test_doing_it_twice_changes_nothing(send, spoken) -> None:
    kit = send(data="Spreadsheets", quality="Some gaps", sso="no")
    road = spoken.onboarding
    before = (states(kit), [(one.key, one.state) for one in road.steps], list(road.changes))
    react(kit, by=spoken.ana)
    assert (states(kit), [(one.key, one.state) for one in road.steps], list(road.changes)) == before


# --- After the confirmation ---------------------------------------------------------------------


def test_after_the_confirmation_a_changed_answer_proposes_and_our_consultant_decides(send, spoken) -> None:
    kit = send(sso="no")
    kit.confirm(by=spoken.priya)
    answer(kit, spoken.ana, sso="yes", data="Spreadsheets")
    assert states(kit) == {
        ("exclude", "signing_on"): "proposed",
        ("assign", "signing_on"): "proposed",
        ("include", "cleaning"): "proposed",
        ("put_first", "cleaning"): "proposed",
        ("prerequisite", "sample"): "proposed",
    }
    assert (step(spoken, "clean"), step(spoken, "sign_on")) == (None, StepState.SKIPPED)
    (signal,) = db.session.scalars(select(Signal))
    assert signal.text.startswith("Ana changed answers")
    effect(kit, "include").decide(holds=True, why="", by=spoken.priya)
    assert step(spoken, "clean") is StepState.LOCKED
    effect(kit, "exclude").decide(holds=False, why="They have it.", by=spoken.priya)
    assert (step(spoken, "sign_on"), effect(kit, "exclude").state) == (
        StepState.LOCKED,
        EffectState.WITHDRAWN,
    )
    effect(kit, "put_first").decide(holds=False, why="No hurry.", by=spoken.priya)
    effect(kit, "assign").decide(holds=True, why="", by=spoken.priya)
    assert signal.settled_at is None
    effect(kit, "prerequisite").decide(holds=True, why="", by=spoken.priya)
    assert signal.settled_at is not None
    assert states(kit)["put_first", "cleaning"] == "declined"


def test_a_proposal_goes_when_the_answer_goes_back(send, spoken) -> None:
    kit = send(sso="no")
    kit.confirm(by=spoken.priya)
    answer(kit, spoken.ana, sso="yes")
    answer(kit, spoken.ana, sso="no")
    assert states(kit) == {("exclude", "signing_on"): "applied", ("assign", "signing_on"): "withdrawn"}
    with pytest.raises(Refused, match="answers have changed since"):
        effect(kit, "assign").decide(holds=True, why="", by=spoken.priya)


def test_what_was_declined_is_not_proposed_again(send, spoken) -> None:
    kit = send(sso="yes")
    kit.confirm(by=spoken.priya)
    answer(kit, spoken.ana, sso="no")
    row = effect(kit, "exclude")
    row.decide(holds=False, why="It is in the contract.", by=spoken.priya)
    answer(kit, spoken.ana, data="We start fresh")
    assert row.state is EffectState.DECLINED
    with pytest.raises(Refused, match="decided like that already"):
        row.decide(holds=False, why="", by=spoken.priya)


def test_a_proposal_whose_module_somebody_has_begun_is_refused_with_what_to_do(send, spoken) -> None:
    kit = send(data="Spreadsheets")
    kit.confirm(by=spoken.priya)
    answer(kit, spoken.ana, data="We start fresh")
    spoken.onboarding.step_called("clean").state = StepState.IN_PROGRESS
    with pytest.raises(Refused, match="Somebody has begun"):
        effect(kit, "include").decide(holds=False, why="", by=spoken.priya)


def test_what_no_road_has_of_itself_comes_when_somebody_asks_for_it(app) -> None:
    with app.test_request_context():
        text = READY.replace("- exclude: signing_on", "- exclude: privacy")
        cast = make.northwind(book=publish(read_checked(text)), programme=90)
        kit = ReadinessSubmission.begin(cast.onboarding)
        answer(kit, cast.ana, **{**PLAIN, "sso": "no"})
        kit.submit(by=cast.ana)
        row = effect(kit, "exclude")
        assert (row.is_on, row.minutes, step(cast, "read_privacy")) == (True, 0, None)
        answer(kit, cast.ana, sso="yes")
        assert (row.state, step(cast, "read_privacy")) == (EffectState.WITHDRAWN, None)
        answer(kit, cast.ana, sso="no")
        assert row.contest(WHY, by=cast.ana)
        assert step(cast, "read_privacy") is StepState.LOCKED


# --- What the customer says ---------------------------------------------------------------------


def test_the_customer_takes_back_what_is_safe_at_once(send, spoken) -> None:
    kit = send(data="Spreadsheets", sso="no")
    row = effect(kit, "exclude")
    assert row.contest(WHY, by=spoken.ana)
    assert (row.state, row.is_on, row.contested_why) == (EffectState.CONTESTED, False, WHY)
    assert step(spoken, "sign_on") is StepState.LOCKED
    with pytest.raises(Refused, match="Ana has said that already"):
        row.contest(WHY, by=spoken.ben)
    answer(kit, spoken.ana, data="We start fresh")
    answer(kit, spoken.ana, data="Spreadsheets")
    assert (row.state, step(spoken, "sign_on")) == (EffectState.CONTESTED, StepState.LOCKED)
    kit.confirm(by=spoken.priya)


def test_our_consultant_may_put_it_back_or_overrule(send, spoken) -> None:
    kit = send(sso="no", data="We start fresh")
    row, other = effect(kit, "exclude", "signing_on"), effect(kit, "exclude", "importing")
    row.contest(WHY, by=spoken.ana)
    row.decide(holds=True, why="It comes in May.", by=spoken.priya)
    assert (row.state, step(spoken, "sign_on")) == (EffectState.ACCEPTED, StepState.SKIPPED)
    other.decide(holds=False, why="You have ten partners.", by=spoken.priya)
    assert (other.state, step(spoken, "import_list")) == (EffectState.OVERRULED, StepState.LOCKED)
    answer(kit, spoken.ana, users=60)
    assert (other.state, step(spoken, "import_list")) == (EffectState.OVERRULED, StepState.LOCKED)


def test_what_is_not_safe_asks_our_consultant_before_the_confirmation(send, spoken) -> None:
    kit = send(data="Spreadsheets")
    spoken.onboarding.step_called("clean").state = StepState.IN_PROGRESS
    row = effect(kit, "include")
    assert not row.contest("It is clean.", by=spoken.ana)
    assert (row.is_on, row.waits_for_us) == (True, True)
    with pytest.raises(Refused, match="Decide first about “Module cleaning”"):
        kit.confirm(by=spoken.priya)
    row.decide(holds=True, why="You began.", by=spoken.priya)
    kit.confirm(by=spoken.priya)


def test_after_the_confirmation_it_asks_our_consultant(send, spoken) -> None:
    kit = send(sso="no")
    kit.confirm(by=spoken.priya)
    row = effect(kit, "exclude")
    assert not row.contest(WHY, by=spoken.ana)
    assert (row.is_on, step(spoken, "sign_on")) == (True, StepState.SKIPPED)


def test_an_offer_is_taken_once(send, spoken) -> None:
    kit = send(users=60)
    row = effect(kit, "offer")
    assert row.take(by=spoken.ana)
    assert row.take(by=spoken.ana)
    module = spoken.onboarding.step_called("invite_all").module
    assert (module.included_because, row.state) == ("chosen", EffectState.TAKEN)
    answer(kit, spoken.ana, users=3)
    assert (row.state, step(spoken, "invite_all")) == (EffectState.TAKEN, StepState.LOCKED)
    row.decide(holds=False, why="Not in your plan.", by=spoken.priya)
    assert step(spoken, "invite_all") is StepState.SKIPPED


def test_an_offer_after_the_confirmation_waits_for_us(send, spoken) -> None:
    kit = send(users=60)
    kit.confirm(by=spoken.priya)
    row = effect(kit, "offer")
    assert not row.take(by=spoken.ana)
    assert row.waits_for_us
    row.decide(holds=True, why="", by=spoken.priya)
    assert step(spoken, "invite_all") is StepState.LOCKED


def test_nothing_is_said_or_decided_while_it_is_paused_or_over(send, spoken, clock) -> None:
    kit = send(sso="no", users=60)
    row, offer = effect(kit, "exclude"), effect(kit, "offer")
    spoken.onboarding.pause("Audit", spoken.account.today.replace(day=20), by=spoken.priya)
    for act in (
        lambda: row.contest(WHY, by=spoken.ana),
        lambda: offer.take(by=spoken.ana),
        lambda: row.decide(holds=False, why="", by=spoken.priya),
    ):
        with pytest.raises(Refused, match="paused until"):
            act()
    spoken.onboarding.cancel("They stop.", by=spoken.priya)
    with pytest.raises(Refused, match="is over"):
        row.contest(WHY, by=spoken.ana)


def test_one_that_is_withdrawn_or_a_topic_is_not_contested(send, spoken) -> None:
    kit = send(data=UNKNOWN)
    with pytest.raises(Refused, match="changed meanwhile"):
        effect(kit, "agenda").contest(WHY, by=spoken.ana)
