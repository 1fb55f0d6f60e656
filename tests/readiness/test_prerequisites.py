"""What a road asks its customer to have ready: laid with it, added and withdrawn by answers, said to be there, moved
with its dates; and the item of the road that is done by it."""

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal import db
from portal.errors import Conflict, Refused
from portal.mail import Letter
from portal.onboardings import shifting
from portal.onboardings.restarting import restart
from portal.onboardings.shifting import Shift
from portal.playbooks.models import publish
from portal.playbooks.reader import read_checked
from portal.readiness.models import ReadinessSubmission
from portal.readiness.prerequisite_asking import add_own, add_prerequisite, lay, withdraw_prerequisite
from portal.readiness.prerequisite_rules import Status
from portal.readiness.prerequisites import Prerequisite, settle_step, wanted_of
from tests import make
from tests.make import Cast
from tests.playbooks.ready import READY


@pytest.fixture
def now(app, cast):
    """The cast as rows of an open session, for what is done without a page."""
    with app.test_request_context():
        rows = {field.name: getattr(cast, field.name) for field in fields(Cast)}
        yield Cast(**{name: db.session.get_one(type(row), row.id) for name, row in rows.items()})


def called(cast, key: str) -> Prerequisite:
    rows = select(Prerequisite).where(Prerequisite.onboarding_id == cast.onboarding.id)
    return db.session.scalars(rows.where(Prerequisite.key == key)).one()


def keys(cast) -> list[str]:
    return [one.key for one in wanted_of(cast.onboarding)]


def all_ready(cast) -> None:
    for one in wanted_of(cast.onboarding):
        one.say(Status.READY, by=cast.ana)


def kit_sent(cast) -> None:
    cast.step("kit").submit(by=cast.ana)


def letters(about: Prerequisite) -> list[Letter]:
    return list(db.session.scalars(select(Letter).where(Letter.about == f"prerequisite:{about.id}")))


def test_a_road_begins_with_what_its_kit_always_asks_for(now) -> None:
    assert keys(now) == ["admin_access", "hours"]
    access, hours = called(now, "admin_access"), called(now, "hours")
    assert (access.due_on, hours.due_on) == (date(2026, 3, 6), date(2026, 3, 11))
    assert (access.owner, hours.owner) == (now.ben, now.ana)
    assert (access.blocking, hours.blocking) == (False, True)


def test_a_road_without_a_kit_asks_for_nothing(app) -> None:
    with app.test_request_context():
        bare = publish(make._document().model_copy(update={"kit": None}))
        assert wanted_of(make.northwind(book=bare).onboarding) == []


def test_one_of_a_kind_on_a_road(now) -> None:
    with pytest.raises(IntegrityError), db.session.begin_nested():
        lay(now.onboarding)


def test_an_answer_adds_one_with_days_enough_and_a_letter_to_whose_it_is(now, clock) -> None:
    clock.forward(days=1)  # The welcome letter has had its day.
    one = add_prerequisite(now.onboarding, "sample", "you said your data is in spreadsheets", by=now.ana)
    again = add_prerequisite(now.onboarding, "sample", "you said so twice", by=now.ana)
    assert one is again
    assert one.because == "you said your data is in spreadsheets"
    assert one.due_on >= now.account.calendar.add_working_days(now.account.today, 3)
    assert letters(one) == []  # Ana said it herself.
    other = add_prerequisite(now.onboarding, "processing", "you have partners in Europe", by=now.ben)
    (letter,) = letters(other)
    assert letter.address == now.ana.email
    assert "you have partners in Europe" in letter.text


def test_a_key_that_the_kit_lacks_is_the_programmers_mistake(now) -> None:
    with pytest.raises(KeyError):
        add_prerequisite(now.onboarding, "moon", "why not")


def test_an_answer_withdraws_it_and_brings_it_back(now) -> None:
    add_prerequisite(now.onboarding, "sample", "first", by=now.ana)
    assert withdraw_prerequisite(now.onboarding, "sample", "you start fresh", by=now.ana)
    assert not withdraw_prerequisite(now.onboarding, "sample", "again", by=now.ana)
    assert "sample" not in keys(now)
    add_prerequisite(now.onboarding, "sample", "second", by=now.ana)
    assert "sample" in keys(now)
    assert called(now, "sample").because == "second"


def test_what_staff_decided_by_hand_beats_an_answer(now) -> None:
    add_prerequisite(now.onboarding, "sample", "first", by=now.ana)
    called(now, "sample").leave_out("We have it already.", by=now.priya)
    assert add_prerequisite(now.onboarding, "sample", "second", by=now.ana) is None
    assert "sample" not in keys(now)
    called(now, "sample").bring_back(by=now.priya)
    assert not withdraw_prerequisite(now.onboarding, "sample", "no more", by=now.ana)
    assert "sample" in keys(now)


def test_staff_add_one_of_their_own_once(now, clock) -> None:
    clock.forward(days=1)
    day = now.account.today + timedelta(days=7)
    asked = {"due_on": day, "blocking": True, "by": now.priya}
    one = add_own(now.onboarding, "The logo", "A vector file.", "Ask design.", **asked)
    assert (one.spec, one.enough, one.guidance, one.file) == (None, "A vector file.", "Ask design.", None)
    assert [letter.address for letter in letters(one)] == [now.ana.email]
    with pytest.raises(Refused, match="asked for already"):
        add_own(now.onboarding, "The logo", "Another.", "", **asked)


def test_the_item_begins_with_the_first_word_and_is_done_with_the_last_and_the_kit(now) -> None:
    step = now.step("prerequisites")
    called(now, "hours").say(Status.READY, by=now.ana)
    assert step.state == "in_progress"
    called(now, "admin_access").say(Status.READY, by=now.ben)
    assert step.state == "in_progress"  # The kit may ask for more.
    kit_sent(now)
    assert settle_step(now.onboarding, by=None)
    assert (step.state, step.done_by_id) == ("done", now.ben.id)


def test_handing_the_kit_in_finishes_it_where_everything_is_ready_already(now) -> None:
    kit = ReadinessSubmission.begin(now.onboarding)
    said = {"problem": "Late payouts", "users": "5", "data": "We start fresh", "sso": "no"}
    for key, value in said.items():
        kit.answer(key, value, by=now.ana, seen=0)
    all_ready(now)
    assert not now.step("prerequisites").is_done
    kit.submit(by=now.ana)
    assert now.step("prerequisites").is_done


def test_what_got_ready_during_a_pause_finishes_it_when_the_road_goes_on(now) -> None:
    kit_sent(now)
    now.onboarding.pause("Your manager is away.", date(2026, 3, 30), by=now.priya)
    all_ready(now)
    assert not now.step("prerequisites").is_done
    now.onboarding.resume(by=now.priya)
    assert settle_step(now.onboarding, by=None)
    assert now.step("prerequisites").done_by_id == now.ana.id


def test_the_last_word_finishes_it_where_the_kit_is_sent(now) -> None:
    kit_sent(now)
    all_ready(now)
    assert now.step("prerequisites").is_done


def test_what_comes_later_reopens_nothing(now) -> None:
    kit_sent(now)
    all_ready(now)
    percent = now.onboarding.percent
    add_prerequisite(now.onboarding, "sample", "you said so", by=now.ana)
    called(now, "hours").say(Status.NOT_READY, by=now.ana)
    assert now.step("prerequisites").is_done
    assert now.onboarding.percent == percent
    assert keys(now)[0] in ("hours", "sample")


def test_what_is_left_out_or_gone_on_without_keeps_the_item_from_nothing(now) -> None:
    kit_sent(now)
    called(now, "hours").go_without("Their manager is away, we begin anyway.", by=now.priya)
    called(now, "admin_access").leave_out("Not needed here.", by=now.priya)
    assert now.step("prerequisites").is_done


def test_saying_it_twice_changes_nothing_and_what_nobody_asks_for_takes_no_word(now) -> None:
    one = called(now, "hours")
    assert one.say(Status.READY, by=now.ana)
    moment = one.said_at
    assert not one.say(Status.READY, by=now.ben)
    assert (one.said_at, one.said_by) == (moment, now.ana)
    one.leave_out("Not needed.", by=now.priya)
    with pytest.raises(Refused, match="isn't asked for any more"):
        one.say(Status.NOT_READY, by=now.ana)


def test_two_editors_of_one(now) -> None:
    one, seen = called(now, "hours"), called(now, "hours").seal
    day = one.due_on + timedelta(days=7)
    one.change(due_on=day, blocking=True, assignee=None, seen=seen, by=now.priya)
    with pytest.raises(Conflict):
        one.change(due_on=day, blocking=False, assignee=None, seen=seen, by=now.june)


def test_a_draft_that_starts_later_asks_later(app) -> None:
    with app.test_request_context():
        make.provider()
        cast = make.northwind(prepared=False, book=publish(read_checked(READY)), programme=90)
        before = called(cast, "hours").due_on
        restart(cast.onboarding, cast.onboarding.start_date + timedelta(days=7), by=cast.priya)
        assert called(cast, "hours").due_on == before + timedelta(days=7)


def test_its_date_moves_with_the_road_and_is_shown_before(now) -> None:
    road, before = now.onboarding, called(now, "hours").due_on
    shift = Shift(5, stage="welcome")
    planned = shifting.preview(road, shift)
    assert "The hours are released" in [move.of.title for move in planned.told if move.what == "beside"]
    shifting.move_dates(road, shift, "Away", seen=planned.seal, by=now.priya)
    assert called(now, "hours").due_on == before + timedelta(days=7)


def test_a_pause_takes_no_days_of_what_was_late_already(now, clock) -> None:
    one = called(now, "hours")
    clock.at(datetime(2026, 3, 16, 12, tzinfo=UTC))
    now.onboarding.begin()
    assert one.late == 3
    now.onboarding.pause("Your manager is away.", date(2026, 3, 30), by=now.priya)
    clock.at(datetime(2026, 3, 25, 12, tzinfo=UTC))
    assert one.late == 0  # On hold nothing is late.
    now.onboarding.resume(by=now.priya)
    assert one.late == 3
