"""What happens by itself as days pass: beginning, reminders, our own lateness, digests. Twice is once."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import product

import pytest
from sqlalchemy import delete, select

from portal import db, jobs, mail, worker
from portal.accounts.kinds import Segment, Touch
from portal.accounts.models import User
from portal.notifications.models import DailyLetter, DigestItem, choose
from portal.notifications.rules import Cadence, Channel, Kind
from portal.onboardings.jobs import begin_due, for_each_account, promise_late, remind, reminder_due
from portal.onboardings.models import Onboarding
from portal.onboardings.states import OnboardingState, StepState
from portal.onboardings.steps import WITH_THEM, WITH_US, Step
from portal.playbooks.models import TriggerSetting
from portal.road.jobs import send_digests
from tests import make


@pytest.fixture
def cast(app):
    """Northwind under way, with nothing due before a test says so, and an empty outbox; all committed."""
    with app.app_context():
        mail.configure(app.config["PORTAL"])
        made = make.northwind()
        made.onboarding.begin()
        for step in made.onboarding.steps:
            step.due_on = None
        empty()
        yield made


@pytest.fixture
def work(app) -> Callable[[], None]:
    """Let the worker do what is due."""
    return lambda: worker.work(once=True, around=app.app_context)


def due(cast, key: str, on: date | None, **changes: object) -> Step:
    """Put one step where a test needs it; committed."""
    step = db.session.get_one(Step, cast.step(key).id)
    step.due_on = on
    for name, value in changes.items():
        setattr(step, name, value)
    db.session.commit()
    return step


def letters(**where: object) -> list[tuple[str, str]]:
    """Who has which letter waiting or sent."""
    found = db.session.scalars(
        select(mail.Letter).filter_by(dropped_at=None, **where).order_by(mail.Letter.id)
    )
    return [(letter.kind, letter.address.partition("@")[0]) for letter in found]


def on(clock, day: int, hour: int = 10, month: int = 3) -> None:
    clock.at(datetime(2026, month, day, hour, tzinfo=UTC))


# --- Beginning ------------------------------------------------------------------------------------


def test_an_onboarding_begins_on_its_start_date_in_the_accounts_zone(app, clock):
    with app.app_context():
        road = make.northwind().onboarding
        road.account.time_zone = "Pacific/Auckland"
        db.session.commit()
        ref = road.id
        for day, hour, state in ((8, 10, OnboardingState.PREPARING), (8, 12, OnboardingState.ACTIVE)):
            on(clock, day, hour)  # In Auckland the 9th begins at 11:00 UTC of the 8th.
            begin_due()
            assert db.session.get_one(Onboarding, ref).state is state
        begun = db.session.scalar(
            select(db.Base.metadata.tables["audit_chain"].c.seq).filter_by(id=road.account_id)
        )
        begin_due()
        assert begun == db.session.scalar(
            select(db.Base.metadata.tables["audit_chain"].c.seq).filter_by(id=road.account_id)
        )


def test_a_draft_and_a_pause_do_not_begin(app, clock):
    with app.app_context():
        cast = make.northwind()
        cast.onboarding.pause("Year end", date(2026, 4, 1), by=cast.priya)
        fabrikam = make.account("Fabrikam", segment=Segment.SMB)
        draft = make.onboarding(fabrikam, {"consultant": cast.priya})
        db.session.commit()
        on(clock, 20)
        begin_due()
        states = {row.id: row.state for row in db.session.scalars(select(Onboarding))}
        assert states == {cast.onboarding.id: OnboardingState.ON_HOLD, draft.id: OnboardingState.DRAFT}


# --- Reminders ------------------------------------------------------------------------------------


def test_one_working_day_before_and_one_after_once_each(cast, clock, work):
    due(cast, "readiness_kit", date(2026, 3, 16), assignee_id=cast.ben.id)  # A Monday.
    seen = []
    for day in range(11, 21):
        on(clock, day)
        for _again in range(2):
            remind()
            work()
        seen.append((day, len(letters())))
    assert seen == [(11, 0), (12, 0), (13, 1), (14, 1), (15, 1), (16, 1), (17, 2), (18, 2), (19, 2), (20, 2)]
    assert letters() == [("reminder_before", "ben"), ("reminder_after", "ben")]
    assert db.session.scalars(select(DigestItem)).all() == []


def test_a_moved_date_is_reminded_anew(cast, clock, work):
    due(cast, "readiness_kit", date(2026, 3, 11), assignee_id=cast.ben.id)
    on(clock, 10)
    remind()
    work()
    due(cast, "readiness_kit", date(2026, 3, 19))
    on(clock, 18)
    remind()
    work()
    assert letters() == [("reminder_before", "ben"), ("reminder_before", "ben")]


def test_a_holiday_of_the_account_is_no_working_day(cast, clock, work):
    due(cast, "readiness_kit", date(2026, 4, 6), assignee_id=cast.ben.id)  # Good Friday is the 3rd.
    on(clock, 2, month=4)
    remind()
    work()
    assert letters() == [("reminder_before", "ben")]


def test_what_nobody_has_reminds_the_admin_and_what_we_have_nobody(cast, clock, work):
    due(cast, "readiness_kit", date(2026, 3, 11), assignee_id=None)
    due(cast, "kickoff", date(2026, 3, 11), assignee_id=cast.priya.id, state=StepState.READY)
    on(clock, 10)
    remind()
    work()
    assert letters() == [("reminder_before", "ana")]


@pytest.mark.parametrize(
    "changes",
    [
        {"state": StepState.SUBMITTED},
        {"state": StepState.BLOCKED},
        {"state": StepState.LOCKED},
        {"state": StepState.DONE},
        {"snoozed_until": date(2026, 3, 20)},
        {"required": False},
        {"visible": False},
        {"waiting": True},
    ],
)
def test_no_reminder_when_it_is_not_their_turn(cast, clock, work, changes):
    due(cast, "readiness_kit", date(2026, 3, 11), assignee_id=cast.ben.id, **changes)
    on(clock, 10)
    remind()
    work()
    assert letters() == []


def test_no_reminder_on_hold(cast, clock, work):
    due(cast, "readiness_kit", date(2026, 3, 11), assignee_id=cast.ben.id)
    road = db.session.get_one(Onboarding, cast.onboarding.id)
    road.pause("Year end", date(2026, 4, 1), by=cast.priya)
    db.session.commit()
    for day in (10, 12):
        on(clock, day)
        remind()
        work()
    assert letters() == []


@pytest.mark.parametrize(
    ("day", "touch", "ladder", "heard"),
    [
        (11, Touch.LOW, True, ["reminder_before"]),
        (12, Touch.LOW, True, []),
        (12, Touch.MID, True, ["reminder_before"]),
        (12, Touch.LOW, False, ["reminder_before"]),
    ],
)
def test_dates_are_left_to_the_follow_ups_from_the_third_silent_day_on(
    cast, clock, work, day, touch, ladder, heard
):
    """Their road began on Monday the 9th. Who isn't followed up, or where nobody is, goes on being reminded."""
    cast.account.touch_override = touch
    TriggerSetting.of("T2").on = ladder
    cast.onboarding.started_at = datetime(2026, 3, 9, 9, tzinfo=UTC)
    cast.onboarding.customer_moved_at = cast.onboarding.ball_since = None
    due(cast, "readiness_kit", date(2026, 3, day + 1), assignee_id=cast.ben.id)
    on(clock, day)
    remind()
    work()
    assert [kind for kind, _whom in letters()] == heard


def test_who_has_done_all_that_was_due_hears_of_the_next_date(cast, clock, work):
    """However long ago that was: nobody follows up on what isn't due."""
    cast.account.touch_override = Touch.LOW
    cast.onboarding.started_at = datetime(2026, 3, 9, 9, tzinfo=UTC)
    cast.onboarding.customer_moved_at = cast.onboarding.ball_since = None
    for step in db.session.scalars(select(Step).where(WITH_THEM)):
        step.due_on = date(2026, 4, 30)
    due(cast, "readiness_kit", date(2026, 3, 20), assignee_id=cast.ben.id)
    on(clock, 19)
    remind()
    work()
    assert letters() == [("reminder_before", "ben")]
    on(clock, 23)  # Now it is late, and the follow-ups have the word.
    remind()
    work()
    assert letters() == [("reminder_before", "ben")]


def test_no_reminder_for_who_paused_them(cast, clock, work):
    choose(
        cast.ben,
        cadence=Cadence.AS_IT_HAPPENS,
        channel=Channel.EMAIL,
        letters_off=[],
        paused_until=date(2026, 4, 1),
    )
    due(cast, "readiness_kit", date(2026, 3, 11), assignee_id=cast.ben.id)
    on(clock, 10)
    remind()
    work()
    assert letters() == []


def test_a_pause_agreed_between_queue_and_worker_is_heeded(cast, clock, work):
    due(cast, "readiness_kit", date(2026, 3, 11), assignee_id=cast.ben.id)
    on(clock, 10)
    remind()
    db.session.get_one(Onboarding, cast.onboarding.id).pause("Year end", date(2026, 4, 1), by=cast.priya)
    db.session.commit()
    work()
    assert letters() == []


def test_a_reminder_that_waits_for_the_morning_is_dropped_when_the_step_is_done_in_the_evening(
    cast, clock, work
):
    due(cast, "prerequisites", date(2026, 3, 11), assignee_id=cast.ben.id)
    on(clock, 10, 5)  # Before hours in Lisbon.
    remind()
    work()
    assert letters(sent_at=None) == [("reminder_before", "ben")]
    db.session.get_one(Step, cast.step("prerequisites").id).complete(by=cast.ben)
    db.session.commit()
    on(clock, 10, 10)
    work()
    reminder = db.session.scalars(select(mail.Letter).where(mail.Letter.kind == "reminder_before")).one()
    assert (reminder.sent_at, reminder.dropped_because) == (None, "no longer wanted")


def test_a_reminder_is_dropped_when_the_step_comes_to_wait_for_us(cast, clock, work):
    due(cast, "readiness_kit", date(2026, 3, 11), assignee_id=cast.ben.id)
    on(clock, 10, 5)
    remind()
    work()
    assert letters(sent_at=None) == [("reminder_before", "ben")]
    due(cast, "readiness_kit", date(2026, 3, 11), waiting=True)
    on(clock, 10, 10)
    work()
    assert letters() == []


def test_the_database_and_a_row_agree_on_whose_turn_it_is(cast):
    step = db.session.get_one(Step, cast.step("readiness_kit").id)
    for state, side, waiting in product(StepState, ("us", "customer", "both"), (False, True)):
        step.state, step.owner_side, step.waiting = state, side, waiting
        db.session.flush()
        found = db.session.execute(select(WITH_THEM, WITH_US).where(Step.id == step.id)).one()
        assert tuple(map(bool, found)) == (step.with_them, step.with_us), (state, side, waiting)
        assert step.facts.with_them is step.with_them, (state, side, waiting)


def test_a_step_handed_on_before_the_letter_leaves_writes_only_to_the_last(cast, clock, work):
    on(clock, 10, 5)
    step = db.session.get_one(Step, cast.step("prerequisites").id)
    step.hand_to(cast.ben, by=cast.ana)
    step.assignee, step.assignee_id = cast.ana, cast.ana.id
    db.session.commit()
    on(clock, 10, 10)
    work()
    letter = db.session.scalars(select(mail.Letter).where(mail.Letter.kind == "step_assigned")).one()
    assert (letter.sent_at, letter.dropped_because) == (None, "no longer wanted")


# --- Our own promises -----------------------------------------------------------------------------


def test_the_day_after_our_date_the_admins_hear_it_once(cast, clock, work):
    step = due(cast, "sandbox_access", date(2026, 3, 11), state=StepState.READY)
    on(clock, 11, 23)
    promise_late()
    assert letters() == []
    on(clock, 12)
    for _again in range(3):
        promise_late()
        work()
    assert letters() == [("late", "ana")]
    assert db.session.scalars(select(DigestItem)).all() == []
    assert db.session.get_one(Step, step.id).promised_late_at == clock.now


@pytest.mark.parametrize(
    "changes",
    [{"state": StepState.DONE}, {"state": StepState.LOCKED}, {"required": False}, {"visible": False}],
)
def test_we_are_not_late_with_what_is_done_or_was_never_promised(cast, clock, changes):
    due(cast, "sandbox_access", date(2026, 3, 11), **{"state": StepState.READY, **changes})
    on(clock, 13)
    promise_late()
    assert letters() == []


def handed_in(cast, clock, day: int, **changes: object) -> Step:
    """Ana hands the readiness kit in on this day of March; the letter of it is gone."""
    on(clock, day)
    step = due(cast, "readiness_kit", date(2026, 3, 2), **changes)
    step.submit(by=db.session.get_one(User, cast.ana.id))
    empty()
    return step


def empty() -> None:
    for model in (DailyLetter, DigestItem, mail.Letter, jobs.Job):
        db.session.execute(delete(model))
    db.session.commit()


def test_a_review_that_takes_longer_than_two_working_days_is_owned_up_to_once(cast, clock, work):
    handed_in(cast, clock, 12)  # A Thursday; Friday and Monday are the two days.
    seen = []
    for day in range(12, 20):
        on(clock, day)
        promise_late()
        work()
        seen.append((day, letters()))
    late = [("late", "ana")]
    assert seen == [(day, late if day > 16 else []) for day in range(12, 20)]
    text = " ".join(db.session.scalars(select(mail.Letter)).one().text.split())
    assert "“Answer the readiness kit” was to be reviewed by Mon 16 March. It isn't yet." in text
    assert "Priya Rao is on it" in text


def test_a_holiday_of_the_account_gives_the_review_another_day(cast, clock):
    on(clock, 2, month=4)
    step = due(cast, "readiness_kit", date(2026, 3, 2))
    step.submit(by=db.session.get_one(User, cast.ana.id))
    empty()
    for day, expected in (
        (7, []),
        (8, [("late", "ana")]),
    ):  # Good Friday is the 3rd, a weekend, then two days.
        on(clock, day, month=4)
        promise_late()
        assert letters() == expected


def test_what_is_handed_in_again_is_promised_again(cast, clock):
    handed_in(cast, clock, 12)
    on(clock, 17)
    promise_late()
    step = db.session.get_one(Step, cast.step("readiness_kit").id)
    assert step.promised_late_at == clock.now
    step.send_back("One answer is missing.", by=db.session.get_one(User, cast.priya.id))
    assert handed_in(cast, clock, 18).promised_late_at is None
    for day, expected in ((20, []), (23, [("late", "ana")])):
        on(clock, day)
        promise_late()
        assert letters() == expected


@pytest.mark.parametrize("changes", [{"required": False}, {"visible": False}])
def test_no_letter_about_a_review_that_was_never_promised(cast, clock, changes):
    handed_in(cast, clock, 12, **changes)
    on(clock, 18)
    promise_late()
    assert letters() == []


def test_a_late_letter_that_waits_for_the_morning_is_dropped_when_the_review_comes_first(cast, clock, work):
    handed_in(cast, clock, 12)
    on(clock, 17, 5)  # Before hours in Lisbon.
    promise_late()
    work()
    assert letters(sent_at=None) == [("late", "ana")]
    step = db.session.get_one(Step, cast.step("readiness_kit").id)
    step.complete(by=db.session.get_one(User, cast.priya.id))
    db.session.commit()
    on(clock, 17, 10)
    work()
    assert letters(kind="late") == []


def agreement(cast, **draft: object) -> None:
    """An agreement of the customer's, due on the 11th, and open beside it what we have to write first."""
    due(cast, "goals_draft", date(2026, 3, 10), state=StepState.READY, **draft)
    due(cast, "success_criteria", date(2026, 3, 11), state=StepState.READY, waiting=True)


def test_an_agreement_that_waits_for_what_we_write_is_ours_to_be_late_with(cast, clock):
    agreement(cast)
    on(clock, 10)
    remind()
    assert jobs_waiting() == []
    on(clock, 12)
    promise_late()
    assert letters() == [("late", "ana")]
    text = " ".join(db.session.scalars(select(mail.Letter)).one().text.split())
    assert "What you need for “Agree what success looks like” was to be here by Wed 11 March." in text


def test_what_they_see_us_write_is_promised_once(cast, clock):
    agreement(cast, visible=True)
    on(clock, 12)
    promise_late()
    assert letters() == [("late", "ana")]
    text = " ".join(db.session.scalars(select(mail.Letter)).one().text.split())
    assert "would be done by Tue 10 March. It isn't." in text


def jobs_waiting() -> list[str]:
    return list(db.session.scalars(select(jobs.Job.kind)))


def test_on_hold_no_promise_is_broken(cast, clock):
    due(cast, "sandbox_access", date(2026, 3, 11), state=StepState.READY)
    db.session.get_one(Onboarding, cast.onboarding.id).pause("Year end", date(2026, 4, 1), by=cast.priya)
    db.session.commit()
    on(clock, 13)
    promise_late()
    assert letters() == []


def test_one_account_that_fails_keeps_no_other_from_its_turn(cast):
    fabrikam = make.account("Fabrikam", segment=Segment.SMB)
    make.onboarding(fabrikam, {"consultant": cast.priya})
    db.session.commit()
    seen = []

    def act(account):
        seen.append(account.name)
        if account.name == "Northwind":
            raise RuntimeError

    for_each_account(select(Onboarding.account_id).order_by(Onboarding.account_id), act)
    assert seen == ["Northwind", "Fabrikam"]


# --- Digests --------------------------------------------------------------------------------------


def line(cast, text: str, user=None) -> None:
    row = DigestItem(
        user_id=(user or cast.ben).id, account_id=cast.account.id, kind=Kind.MESSAGE, line=text, path="/o/x"
    )
    db.session.add(row)
    db.session.commit()


def test_the_daily_digest_leaves_the_next_working_morning_once(cast, clock, work):
    choose(cast.ben, cadence=Cadence.DAILY, channel=Channel.EMAIL, letters_off=[], paused_until=None)
    on(clock, 6, 15)  # A Friday.
    line(cast, "Tomás wrote to you")
    for day, hour in ((6, 16), (7, 10), (8, 10), (9, 8)):
        on(clock, day, hour)
        send_digests()
        assert letters() == []
    on(clock, 9, 9)
    for _again in range(2):
        send_digests()
        work()
    assert letters() == [("digest", "ben")]
    assert "- Tomás wrote to you" in db.session.scalars(select(mail.Letter)).one().text


def test_the_weekly_digest_leaves_on_monday(cast, clock, work):
    choose(cast.ben, cadence=Cadence.WEEKLY, channel=Channel.EMAIL, letters_off=[], paused_until=None)
    on(clock, 10)  # A Tuesday.
    line(cast, "Tomás wrote to you")
    due(cast, "readiness_kit", date(2026, 3, 20), assignee_id=cast.ben.id)
    on(clock, 13)
    send_digests()
    assert letters() == []
    on(clock, 16, 9)
    send_digests()
    work()
    letter = db.session.scalars(select(mail.Letter)).one()
    assert letter.kind == "digest"
    assert "You chose one letter a week" in letter.text
    assert "by Fri 20 March" in letter.text  # Due within the week.
    assert letter.sent_at is not None


def test_a_digest_that_cannot_be_written_keeps_no_other_from_leaving(cast, clock, monkeypatch):
    from portal.road import digest

    on(clock, 9)
    line(cast, "For Ana", cast.ana)
    line(cast, "For Ben")
    real = digest.wording

    def failing(to, *rest):
        if to.called == "Ana":
            raise RuntimeError
        return real(to, *rest)

    monkeypatch.setattr(digest, "wording", failing)
    on(clock, 10)
    send_digests()
    assert letters() == [("digest", "ben")]


@pytest.mark.parametrize(
    ("today", "due"),
    [(3, None), (4, "before"), (5, None), (6, "after"), (9, "after")],  # Due on Thursday the 5th.
)
def test_a_reminder_comes_the_day_before_and_after_and_not_on_the_day(cast, clock, today, due):
    step = cast.step("road_preview")
    step.due_on = date(2026, 3, 5)
    clock.at(datetime(2026, 3, today, 12, tzinfo=UTC))
    assert reminder_due(step, cast.account) == due
