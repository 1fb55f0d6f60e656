"""What is true in the evening fires at the next working moment, once; what clears, ends or is on hold doesn't."""

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select

from portal import clock as clocks
from portal import db
from portal.accounts.kinds import StakeholderRole, TeamRole, Touch
from portal.activity.models import Verb, record
from portal.escalations import closing, trigger_run, words
from portal.escalations.models import TriggerLook
from portal.notifications.notices import Notice
from portal.onboardings.models import Onboarding
from portal.onboardings.signals import Signal, SignalKind
from portal.playbooks.models import TriggerSetting
from tests import make
from tests.escalations.days import (
    FRIDAY,
    MONDAY,
    TUESDAY,
    answered,
    at,
    counted,
    evening,
    firings,
    looked,
    morning,
    no_case,
    the_case,
    the_facts_are,
)

WEDNESDAY, NEXT_MONDAY = date(2026, 3, 11), date(2026, 3, 16)
LEFT = {"champion_left": True}


@pytest.fixture
def road(team, clock) -> Onboarding:
    """Northwind on its first day, low touch; everybody has been there."""
    at(clock, MONDAY, 9)
    team.onboarding.begin()
    for one in (team.ana, team.rui):
        one.joined_at = clocks.now()
    team.ana.stakeholder_roles = [StakeholderRole.CHAMPION]
    db.session.commit()
    return team.onboarding


def again(road: Onboarding) -> Onboarding:
    return db.session.get_one(Onboarding, road.id)


def champion_leaves(team) -> None:
    db.session.merge(team.ana).left_at = clocks.now()
    db.session.commit()


# --- Time ---------------------------------------------------------------------------------------


def test_what_is_true_on_friday_evening_calls_somebody_in_on_monday_morning(team, road, clock) -> None:
    champion_leaves(team)
    evening(clock, FRIDAY)
    (fired,) = firings("T15")
    assert (fired.entered_on, fired.fired_at) == (FRIDAY, None)
    assert fired.fire_at.isoformat() == "2026-03-16T09:00:00+00:00"
    morning(clock, FRIDAY, 22)
    morning(clock, date(2026, 3, 15))
    assert no_case()
    morning(clock, NEXT_MONDAY)
    case = the_case()
    assert [(one.code, one.trigger) for one in case.reasons if one.trigger == "T15"] == [("R12", "T15")]
    assert case.owner_id == team.june.id
    assert (firings("T15")[0].escalation_id, firings("T15")[0].fired_at) == (case.id, clock.now)


def test_looking_and_firing_again_changes_nothing(team, road, clock) -> None:
    champion_leaves(team)
    for _time in range(3):
        evening(clock, TUESDAY)
        db.session.execute(delete(TriggerLook))  # As if the evening had never been looked at.
    assert len(firings("T15")) == 1
    for _time in range(3):
        morning(clock, WEDNESDAY)
    assert len(the_case().reasons) == len({(one.code, one.trigger) for one in the_case().reasons})
    evening(clock, WEDNESDAY)
    evening(clock, date(2026, 3, 12))
    assert len(firings("T15")) == 1


def test_what_is_over_by_the_morning_never_fires(team, road, clock) -> None:
    champion_leaves(team)
    evening(clock, TUESDAY)
    db.session.merge(team.ana).left_at = None
    morning(clock, WEDNESDAY)
    (fired,) = firings("T15")
    assert (fired.fired_at, fired.cleared_on, fired.escalation_id) == (None, WEDNESDAY, None)


def test_a_worker_that_was_away_all_night_still_waits_for_a_working_moment(road, clock, monkeypatch) -> None:
    the_facts_are(monkeypatch, road, TUESDAY, **LEFT)
    looked(clock, TUESDAY)
    morning(clock, WEDNESDAY, 20)
    assert no_case()
    assert firings("T15")[0].fire_at.isoformat() == "2026-03-12T09:00:00+00:00"


def test_an_evening_that_was_missed_for_days_says_nothing_about_now(road, clock, monkeypatch) -> None:
    the_facts_are(monkeypatch, road, MONDAY, **LEFT)
    looked(clock, FRIDAY)
    assert firings() == []


# --- It ends ------------------------------------------------------------------------------------


def test_what_clears_tells_the_case(road, clock, monkeypatch) -> None:
    the_facts_are(monkeypatch, road, TUESDAY, **LEFT)
    looked(clock, TUESDAY)
    morning(clock, WEDNESDAY)
    assert the_case().clear_since is None
    the_facts_are(monkeypatch, road, WEDNESDAY, champion_left=False)
    looked(clock, WEDNESDAY)
    assert firings("T15")[0].cleared_on == WEDNESDAY
    assert the_case().clear_since == WEDNESDAY


def test_it_fires_again_only_after_its_cool_down(road, clock, monkeypatch) -> None:
    for day, facts in (
        (TUESDAY, LEFT),
        (WEDNESDAY, {}),
        (date(2026, 3, 12), LEFT),
        (date(2026, 3, 25), LEFT),
    ):
        the_facts_are(monkeypatch, road, day, **facts)
        looked(clock, day)
        morning(clock, day + timedelta(days=1))
    assert [one.entered_on for one in firings("T15")] == [TUESDAY, date(2026, 3, 25)]


def test_a_closed_case_ends_it_and_it_fires_again_if_it_still_holds_after_the_cool_down(
    team, road, clock, monkeypatch
) -> None:
    the_facts_are(monkeypatch, road, TUESDAY, **LEFT)
    looked(clock, TUESDAY)
    morning(clock, WEDNESDAY)
    closing.dismiss(the_case(), "They have somebody new", by=db.session.merge(team.june))
    for day in (WEDNESDAY, date(2026, 3, 12), date(2026, 3, 24), date(2026, 3, 25)):
        the_facts_are(monkeypatch, road, day, **LEFT)
        looked(clock, day)
    assert [(one.entered_on, one.cleared_on) for one in firings("T15")] == [
        (TUESDAY, WEDNESDAY),
        (date(2026, 3, 25), None),
    ]


def test_a_road_that_is_over_has_nothing_that_lasts(team, road, clock, monkeypatch) -> None:
    the_facts_are(monkeypatch, road, TUESDAY, **LEFT)
    looked(clock, TUESDAY)
    again(road).cancel("They have gone another way", by=db.session.merge(team.june))
    looked(clock, WEDNESDAY)
    assert [one.cleared_on for one in firings()] == [WEDNESDAY]


# --- On hold, and off ---------------------------------------------------------------------------


def test_on_hold_nothing_fires_and_what_is_still_true_afterwards_is_entered_then(
    team, road, clock, monkeypatch
) -> None:
    the_facts_are(monkeypatch, road, MONDAY, **LEFT)
    looked(clock, MONDAY)
    at(clock, TUESDAY, 8)
    again(road).pause("Busy", date(2026, 3, 20), by=db.session.merge(team.june))
    morning(clock, TUESDAY)
    the_facts_are(monkeypatch, road, TUESDAY, **LEFT, state="on_hold")
    looked(clock, TUESDAY)
    assert no_case()
    assert [(one.entered_on, one.fired_at, one.cleared_on) for one in firings()] == [(MONDAY, None, TUESDAY)]
    at(clock, WEDNESDAY, 8)
    again(road).resume(by=db.session.merge(team.june))
    the_facts_are(monkeypatch, road, WEDNESDAY, **LEFT)
    looked(clock, WEDNESDAY)
    morning(clock, date(2026, 3, 12))
    assert [one.entered_on for one in firings()] == [MONDAY, WEDNESDAY]
    assert the_case().reasons[0].trigger == "T15"


def test_what_a_hold_ended_is_over_for_its_case_once_the_hold_is(team, road, clock, monkeypatch) -> None:
    """The champion left, June was asked, they paused, and came back with another champion."""
    the_facts_are(monkeypatch, road, MONDAY, **LEFT)
    looked(clock, MONDAY)
    morning(clock, TUESDAY)
    again(road).pause("Busy", date(2026, 3, 20), by=db.session.merge(team.june))
    the_facts_are(monkeypatch, road, TUESDAY, **LEFT, state="on_hold")
    looked(clock, TUESDAY)
    at(clock, WEDNESDAY, 8)
    again(road).resume(by=db.session.merge(team.june))
    the_facts_are(monkeypatch, road, WEDNESDAY, champion_left=False)
    looked(clock, WEDNESDAY)
    assert the_case().clear_since == WEDNESDAY


def switch(key: str, *, on: bool, by) -> None:
    TriggerSetting.of(key).switch("It", on=on, by=db.session.merge(by))
    db.session.commit()


def test_switched_off_nothing_is_entered_and_on_again_what_is_true_is_new(
    team, road, clock, monkeypatch
) -> None:
    switch("T15", on=False, by=team.nora)
    the_facts_are(monkeypatch, road, MONDAY, **LEFT)
    looked(clock, MONDAY)
    assert firings() == []
    switch("T15", on=True, by=team.nora)
    the_facts_are(monkeypatch, road, TUESDAY, **LEFT)
    looked(clock, TUESDAY)
    assert [one.entered_on for one in firings()] == [TUESDAY]


def test_what_was_due_does_not_fire_on_a_road_that_ended_meanwhile(team, road, clock, monkeypatch) -> None:
    the_facts_are(monkeypatch, road, TUESDAY, **LEFT)
    looked(clock, TUESDAY)
    at(clock, WEDNESDAY, 8)
    again(road).cancel("They were bought", by=db.session.merge(team.june))
    morning(clock, WEDNESDAY)
    assert no_case()
    assert firings("T15")[0].cleared_on == WEDNESDAY


def test_switched_off_before_the_morning_it_does_not_fire(team, road, clock, monkeypatch) -> None:
    the_facts_are(monkeypatch, road, MONDAY, **LEFT)
    looked(clock, MONDAY)
    switch("T15", on=False, by=team.nora)
    morning(clock, TUESDAY)
    assert no_case()
    assert [one.fired_at for one in firings()] == [None]


def test_a_changed_number_counts_from_the_next_evening(team, road, clock, monkeypatch) -> None:
    facts = {"active_percent": 31, "live_days": 40}
    the_facts_are(monkeypatch, road, MONDAY, **facts)
    TriggerSetting.of("T6").change({"for_days": 1, "share": 31}, "It", by=db.session.merge(team.nora))
    looked(clock, MONDAY)
    assert firings("T6") == []
    TriggerSetting.of("T6").change({"for_days": 1, "share": 32}, "It", by=db.session.merge(team.nora))
    the_facts_are(monkeypatch, road, TUESDAY, **facts)
    looked(clock, TUESDAY)
    assert [one.facts for one in firings("T6")] == [facts]


# --- What they do -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "then", "level", "key"),
    [
        ({"first_value_seen": False, "first_value_due_in": -1}, {"first_value_due_in": -5}, 2, "T9"),
        ({"gap_days": 5}, {"gap_days": 10}, 3, "T10"),
    ],
)
def test_a_case_that_goes_on_rises(road, clock, monkeypatch, first, then, level, key) -> None:
    the_facts_are(monkeypatch, road, MONDAY, **first)
    looked(clock, MONDAY)
    morning(clock, TUESDAY)
    assert the_case().level == 1
    the_facts_are(monkeypatch, road, NEXT_MONDAY, **{**first, **then})
    looked(clock, NEXT_MONDAY)
    morning(clock, date(2026, 3, 17))
    assert the_case().level == level
    assert [one.done for one in firings(key)] == [[0, 1]]


def test_two_missed_calls_bring_the_account_executive_in(team, road, clock, monkeypatch) -> None:
    the_facts_are(monkeypatch, road, MONDAY, no_shows=2)
    looked(clock, MONDAY)
    morning(clock, TUESDAY)
    assert the_case().owner_id == team.june.id
    told = db.session.scalars(select(Notice).where(Notice.user_id == team.sam.id)).one()
    assert told.line == "Northwind needs you too: They missed two calls"
    assert told.path == f"/staff/accounts/{again(road).account.ref}?o={again(road).ref}"


def test_at_mid_touch_the_owner_is_told_and_a_case_follows_after_five_working_days(
    team, road, clock, monkeypatch
) -> None:
    again(road).account.touch_override = Touch.MID
    stalled = {"touch": "mid", "health": "stalled", "stalled_days": 1, "quiet": "ghosting"}
    the_facts_are(monkeypatch, road, MONDAY, **stalled)
    looked(clock, MONDAY)
    morning(clock, TUESDAY)
    lines = list(db.session.scalars(select(Notice.line).where(Notice.user_id == team.priya.id)))
    assert lines == ["Northwind has stalled"]
    for day in (FRIDAY, date(2026, 3, 15)):
        the_facts_are(monkeypatch, road, day, **stalled)
        looked(clock, day)
        morning(clock, day + timedelta(days=1))
        assert no_case()
    the_facts_are(monkeypatch, road, NEXT_MONDAY, **stalled)
    looked(clock, NEXT_MONDAY)
    morning(clock, date(2026, 3, 17))
    assert (the_case().play, the_case().owner_id) == ("ghosting", team.priya.id)


def test_who_is_at_risk_because_one_of_us_said_so_has_that_as_the_reason(road, clock, monkeypatch) -> None:
    the_facts_are(monkeypatch, road, TUESDAY, health="at_risk", at_risk_days=1, reasons=[])
    looked(clock, TUESDAY)
    morning(clock, WEDNESDAY)
    case = the_case()
    assert [(one.code, one.trigger) for one in case.reasons] == [("by_hand", "T14")]
    assert words.short(case) == "A colleague sees it at risk"
    the_facts_are(monkeypatch, road, WEDNESDAY, health="on_track", reasons=[])
    looked(clock, WEDNESDAY)
    assert the_case().clear_since == WEDNESDAY


def test_the_ladder_is_the_follow_ups_own_and_a_person_is_called_on_day_twelve(
    road, clock, monkeypatch
) -> None:
    quiet = {"customers_turn": True, "anyone_signed_in": True, "engaged": False}
    the_facts_are(monkeypatch, road, MONDAY, **quiet, silent_days=3)
    looked(clock, MONDAY)
    morning(clock, TUESDAY)
    assert no_case()
    the_facts_are(monkeypatch, road, FRIDAY, **quiet, silent_days=12)
    looked(clock, FRIDAY)
    morning(clock, NEXT_MONDAY)
    assert the_case().play == "ghosting"
    assert [one.done for one in firings("T2")] == [[0, 1, 2, 3]]


# --- At once ------------------------------------------------------------------------------------


def noticed(road: Onboarding, kind: SignalKind, text: str, by) -> Signal:
    made = Signal.give(again(road), kind, text, by=db.session.merge(by))
    db.session.commit()
    return made


def test_frustration_calls_somebody_in_at_once_whatever_the_hour(team, road, clock) -> None:
    at(clock, date(2026, 3, 14), 23)  # A Saturday night.
    noticed(road, SignalKind.FRUSTRATION, "Fourth export that fails", team.priya)
    assert answered() == 1
    case = the_case()
    assert [(one.code, one.trigger) for one in case.reasons] == [("R4", "T13")]
    assert (case.play, case.opened_at) == ("back_on_path", clock.now)
    noticed(road, SignalKind.SURPRISE, "They expected SSO", team.priya)
    noticed(road, SignalKind.PRAISE, "They like the guide", team.priya)
    answered()
    assert [one.code for one in the_case().reasons] == ["R4", "R5"]
    assert len(firings()) == 1


def test_what_was_noticed_on_hold_waits_for_its_end(team, road, clock) -> None:
    again(road).pause("Busy", date(2026, 3, 20), by=db.session.merge(team.june))
    noticed(road, SignalKind.FRUSTRATION, "Fourth export that fails", team.priya)
    answered()
    evening(clock, MONDAY)
    assert no_case()
    at(clock, TUESDAY, 8)
    again(road).resume(by=db.session.merge(team.june))
    evening(clock, TUESDAY)
    morning(clock, TUESDAY, 20)
    assert [one.code for one in the_case().reasons if one.trigger == "T13"] == ["R4"]


def test_a_settled_signal_clears_it(team, road, clock) -> None:
    made = noticed(road, SignalKind.FRUSTRATION, "Fourth export that fails", team.priya)
    answered()
    evening(clock, MONDAY)
    assert firings("T13")[0].cleared_on is None
    db.session.merge(made).settle("The export works", by=db.session.merge(team.priya))
    evening(clock, TUESDAY)
    assert firings("T13")[0].cleared_on == TUESDAY
    assert the_case().reasons[0].cleared_on == TUESDAY


def test_what_was_settled_before_anybody_came_to_answer_needs_no_answer(team, road, clock) -> None:
    made = noticed(road, SignalKind.SURPRISE, "They expected SSO", team.priya)
    db.session.merge(made).settle("They read it in the plan", by=db.session.merge(team.priya))
    assert answered() == 1
    assert no_case()


@pytest.mark.parametrize(("touch", "opened"), [(Touch.LOW, True), (Touch.MID, False)])
def test_who_asks_for_help_gets_a_person_where_nobody_is_there_anyway(team, road, touch, opened) -> None:
    again(road).account.touch_override = touch
    ana = db.session.merge(team.ana)
    record(again(road), Verb.PREREQUISITE_HELP, by=ana, onboarding=again(road))
    assert answered() == 1
    assert no_case() is not opened
    assert [one.key for one in firings()] == (["T4"] if opened else [])


# --- Many ---------------------------------------------------------------------------------------


def test_the_statements_of_an_evening_do_not_grow_with_the_onboardings(road, clock, monkeypatch) -> None:
    roads = [again(road)]
    for n in range(6):
        account = make.account(f"Company {n}")
        team = {TeamRole.CONSULTANT: make.staff(f"Kim{n} Lee")}
        roads.append(make.onboarding(account, team, book=make.playbook(f"book{n}")))
    counts = []
    for day, some in ((MONDAY, roads[:1]), (TUESDAY, roads)):
        for one in some:
            the_facts_are(monkeypatch, one, day, **(LEFT if day == TUESDAY else {}))
        at(clock, day, 19)
        with counted() as statements:
            trigger_run.evaluate()
        counts.append(len(statements))
    assert len(firings("T15")) == 7
    assert counts[1] <= counts[0] + 1, counts  # What is entered is one more.
