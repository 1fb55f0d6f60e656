"""The demo's portfolio: who is in it, what Northwind shows, and that the same day gives the same rows."""

import pytest
from sqlalchemy import func, select

from portal import clock, db, tables
from portal.accounts.kinds import PortalRole, Segment
from portal.accounts.models import Account, Person, Staff, User
from portal.activity import queries as activity
from portal.calls import queries as calls
from portal.criteria.models import SuccessCriterion
from portal.criteria.rules import Side
from portal.demo.portfolio import build
from portal.errors import Refused
from portal.jobs import Job
from portal.mail import Letter
from portal.messages.models import Message
from portal.notifications.models import DigestItem
from portal.onboardings.models import Onboarding
from portal.onboardings.states import OnboardingState
from portal.onboardings.whose import holder_of
from portal.readiness.models import ReadinessSubmission
from portal.readiness.prerequisite_rules import Status
from portal.readiness.prerequisites import wanted_of
from portal.readiness.states import SubmissionState
from portal.uploads import Document
from tests.demo.conftest import TUESDAY, everything, opened


def road_of(slug: str) -> Onboarding:
    query = select(Onboarding).join(Account, Account.id == Onboarding.account_id).where(Account.slug == slug)
    return db.session.scalars(query).one()


def count(model: type, *where: object) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0


# --- Who ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("email", "roles"),
    [
        ("priya@partnerly.example", {"consultant"}),
        ("tomas@partnerly.example", {"integration_specialist"}),
        ("june@partnerly.example", {"csm"}),
        ("sam@partnerly.example", {"account_executive"}),
        ("lena@partnerly.example", {"cs_leader", "site_admin"}),
        ("ana@northwind.example", {"admin"}),
        ("ben@northwind.example", {"teammate"}),
        ("rui@northwind.example", {"sponsor"}),
        ("fay@fabrikam.example", {"admin"}),
        ("carl@contoso.example", {"admin"}),
        ("lee@tailspin.example", {"admin"}),
        ("lou@litware.example", {"admin"}),
    ],
)
def test_the_people_of_the_contract_are_there(demo, email, roles):
    user = User.by_email(email)
    assert user is not None
    assert user.is_active
    assert set(user.roles) == roles


@pytest.mark.parametrize(
    ("slug", "segment", "touch", "stage"),
    [
        ("northwind", Segment.MID_MARKET, "mid", "expectations"),
        ("fabrikam", Segment.SMB, "low", "training"),
        ("contoso", Segment.ENTERPRISE, "high", "training"),
        ("tailspin", Segment.SMB, "low", "welcome"),
        ("litware", Segment.SMB, "low", "graduation"),
    ],
)
def test_the_accounts_of_the_contract_stand_where_it_says(demo, slug, segment, touch, stage):
    road = road_of(slug)
    assert road.account.external_id == slug
    assert (road.account.segment, road.account.touch, road.current_stage) == (segment, touch, stage)


def test_about_forty_more_accounts_lie_over_two_years(demo):
    accounts = list(db.session.scalars(select(Account)))
    assert 45 <= len(accounts) <= 60
    assert all(account.external_id == account.slug for account in accounts)
    oldest = min(account.created_at for account in accounts)
    assert 700 <= (clock.now() - oldest).days <= 800
    assert len({account.country for account in accounts}) >= 20
    assert count(Onboarding, Onboarding.state == OnboardingState.GRADUATED) >= 12


def test_one_of_us_is_away_and_somebody_stands_in(demo):
    owen = db.session.scalars(select(Staff).where(Staff.called == "Owen")).one()
    assert owen.is_away
    assert owen.acting.called == "Priya"


# --- Northwind ----------------------------------------------------------------------------------


def test_northwind_stands_at_22_percent_with_11_of_46_items(demo):
    road = road_of("northwind")
    welcome, expectations = road.stages[0], road.stages[1]
    assert (road.percent, road.items_done, road.items_total) == (22, 11, 46)
    assert (welcome.items_done, len(welcome.items)) == (6, 6)
    assert (expectations.items_done, len(expectations.items)) == (5, 9)
    assert (road.day, road.programme) == (1, 45)


def test_northwinds_next_item_is_the_success_criteria_in_two_days(demo):
    road = road_of("northwind")
    assert road.next_step is not None
    assert road.next_step.key == "success_criteria"
    assert (road.next_step.due_on - road.account.today).days == 2


def test_northwinds_answers_added_and_left_out_modules_each_with_its_reason(demo):
    road = road_of("northwind")
    kit = ReadinessSubmission.of(road)
    assert kit.state is SubmissionState.CONFIRMED
    assert {answer.by.called for answer in kit.answers} == {"Ana", "Ben"}
    done = {(one.kind, one.target) for one in kit.effects if one.is_on}
    assert {("include", "clean_data"), ("include", "partner_privacy"), ("exclude", "learn_managers")} <= done
    assert all(one.because for one in kit.effects if one.kind in ("include", "exclude"))
    assert "How your people sign in, and who reviews security" in {topic["text"] for topic in road.topics}


def test_northwind_has_two_results_agreed_and_a_counter_proposal_waiting(demo):
    road = road_of("northwind")
    results = SuccessCriterion.of(road)
    assert [one.is_agreed for one in results] == [False, True, True]
    waiting = results[0].open
    assert (waiting.side, waiting.target, waiting.by.called) == (Side.US, 98, "Priya")
    assert results[0].before.target == 95


def test_one_account_is_on_hold_for_what_it_hasnt_ready(demo):
    road = road_of("harrow-lane")
    assert (road.state, road.current_stage) == (OnboardingState.ON_HOLD, "expectations")
    missing = [one for one in wanted_of(road) if one.hold_id == road.hold.id]
    assert [(one.key, one.status, one.blocking) for one in missing] == [("it_hours", Status.NEED_HELP, True)]


def test_northwind_waits_for_its_sandbox_until_tomorrow_and_for_its_plan(demo):
    ours = {step.key: step for step in road_of("northwind").steps if step.visible and step.with_us}
    assert set(ours) == {"sandbox_access", "sign_plan"}
    assert ours["sandbox_access"].assignee.called == "Tomás"
    assert (ours["sandbox_access"].due_on - ours["sandbox_access"].onboarding.account.today).days == 1
    assert holder_of(ours["sign_plan"]).called == "Priya"


def test_northwind_has_a_call_ahead_messages_and_files(demo):
    road = road_of("northwind")
    ahead, behind = calls.calls_of(road)
    assert [call.step.key for call in ahead] == ["plan_walk_through"]
    assert {call.kind for call in behind} == {"kickoff", "integration_scope"}
    assert count(Message, Message.onboarding_id == road.id) >= 4
    assert {
        kind.value
        for kind in db.session.scalars(select(Document.kind).where(Document.onboarding_id == road.id))
    } == {"csv", "pdf"}


def test_northwinds_sponsor_was_invited_and_never_came(demo):
    rui = User.by_email("rui@northwind.example")
    assert isinstance(rui, Person)
    assert rui.portal_role is PortalRole.SPONSOR
    assert rui.invited_at is not None
    assert rui.joined_at is None


# --- The record and the post ----------------------------------------------------------------------


def test_the_record_of_two_years_verifies(demo):
    assert activity.verify() == []


def test_nothing_in_the_demo_lies_ahead_of_it_but_calls(demo):
    midnight = TUESDAY.replace(hour=0, minute=0)
    for name in ("activity", "message", "letter", "document"):
        table = tables.metadata.tables[name]
        column = table.c.at if name == "activity" else table.c.created_at
        assert db.session.scalar(select(func.max(column))) <= midnight


def test_only_last_nights_letters_wait(demo):
    waiting = list(
        db.session.scalars(select(Letter).where(Letter.sent_at.is_(None), Letter.dropped_at.is_(None)))
    )
    assert {letter.kind for letter in waiting} == {"message", "invitation"}
    assert 2 <= len(waiting) <= 4
    assert count(Job, Job.done_at.is_(None), ~Job.kind.startswith("plans.")) == len(waiting)
    assert count(DigestItem, DigestItem.letter_id.is_(None)) == 0


def test_files_of_the_demo_are_on_the_disk(demo):
    documents = list(db.session.scalars(select(Document)))
    assert len(documents) > 40
    assert all(document.path.stat().st_size == document.size for document in documents)


# --- Building -----------------------------------------------------------------------------------


def test_it_is_built_quickly(demo, record_property):
    record_property("demo_build_seconds", round(demo.seconds, 1))
    assert demo.seconds < 60


def test_the_same_day_gives_the_same_rows(demo_on_sqlite, build_demo):
    again = build_demo("sqlite")
    first, second = everything(demo_on_sqlite), everything(again)
    for name in first:
        assert first[name] == second[name], name


def test_another_day_gives_a_demo_too(build_demo):
    """A Monday after a weekend with holidays on both sides: everything moves, the numbers stay."""
    built = build_demo("sqlite", TUESDAY.replace(month=12, day=28))
    for _opened in opened(built):
        road = road_of("northwind")
        assert (road.percent, road.items_done, road.items_total) == (22, 11, 46)
        assert db.session.scalar(select(func.count()).select_from(Onboarding)) >= 45


def test_postgresql_holds_the_same_demo(on_postgresql, demo_on_sqlite):
    there, here = everything(on_postgresql), everything(demo_on_sqlite)
    for name in here:
        assert len(there[name]) == len(here[name]), name
    assert there["onboarding"] == here["onboarding"]
    for _opened in opened(on_postgresql):
        db.start()
        assert activity.verify() == []


def test_a_database_in_use_is_left_alone(demo):
    db.start()
    with pytest.raises(Refused, match="empty"):
        build()
    assert db.session.scalar(select(func.count()).select_from(Account)) >= 45
    assert count(Onboarding, Onboarding.state == OnboardingState.DRAFT) == 2
