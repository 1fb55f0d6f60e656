"""What the demo's customers do in the product can be told apart, and fits the rest of their stories."""

from collections import Counter

from sqlalchemy import func, select

from portal import clock, db
from portal.accounts.models import Account
from portal.onboardings.models import Onboarding
from portal.onboardings.states import RUNNING
from portal.usage.models import UsageDay, UsagePersonDay, UsageUser
from portal.usage.queries import use_of


def road(slug: str) -> Onboarding:
    rows = select(Onboarding).join(Account, Account.id == Onboarding.account_id)
    return db.session.scalars(rows.where(Account.slug == slug).order_by(Onboarding.id)).first()


def use(slug: str):
    found = road(slug)
    return use_of([found])[found.id]


def test_usage_goes_back_for_as_long_as_anybody_uses_it(demo) -> None:
    first, last = db.session.execute(select(func.min(UsageDay.day), func.max(UsageDay.day))).one()
    live = db.session.scalar(select(func.min(Onboarding.went_live_on)))
    assert first <= live
    assert (last - first).days > 600
    assert last < clock.now().date()


def test_one_in_graduation_has_lost_half_of_its_use(demo) -> None:
    found, use_ = road("proseware"), use("proseware")
    assert found.current_stage == "graduation"
    assert use_.week_before.events >= 20
    assert use_.week_before.people >= 3
    assert use_.week.per_working_day < use_.week_before.per_working_day / 2


def test_one_is_live_for_a_month_with_few_of_its_seats(demo) -> None:
    found, use_ = road("lakeshore"), use("lakeshore")
    assert found.state in RUNNING
    assert (found.account.today - found.went_live_on).days >= 30
    assert use_.active_30d < 0.4 * found.account.licensed_seats
    assert not found.step_called("people_activated").is_done


def test_one_never_uses_it_and_one_asks_a_lot(demo) -> None:
    assert use("wide-world-importers").last_at is None
    assert use("adatum").tickets > 5


def test_who_went_quiet_on_the_road_is_quiet_in_the_product(demo) -> None:
    found = road("fabrikam")
    assert use("fabrikam").last_at.date() <= found.customer_moved_at.date()
    assert use("relecloud").last_at > road("relecloud").customer_moved_at


def test_first_value_is_the_day_of_the_first_value_event(demo) -> None:
    roads = list(db.session.scalars(select(Onboarding).where(Onboarding.first_value_on.is_not(None))))
    assert len(roads) > 10
    for one in roads:
        first = db.session.scalar(
            select(func.min(UsageDay.day)).where(
                UsageDay.account_id == one.account_id, UsageDay.metric.in_(one.product.value_events)
            )
        )
        assert first == one.first_value_on, one.account.slug


def test_half_of_the_people_are_active_where_the_road_says_so(demo) -> None:
    for one in db.session.scalars(select(Onboarding).where(Onboarding.went_live_on.is_not(None))):
        step = one.step_called("people_activated")
        if step.is_done:
            assert use_of([one])[one.id].activated * 2 >= one.account.licensed_seats, one.account.slug


def test_people_are_known_by_their_addresses(demo) -> None:
    users = list(db.session.scalars(select(UsageUser)))
    known = Counter(user.person_id is not None for user in users)
    assert known[True] > 40
    assert known[False] > 100
    assert all(user.person is None or user.person.email == user.email for user in users)


def test_an_accounts_days_hold_all_that_its_people_did(demo) -> None:
    own = select(
        UsagePersonDay.account_id, UsagePersonDay.day, UsagePersonDay.metric, func.sum(UsagePersonDay.count)
    )
    counts = select(UsageDay.account_id, UsageDay.day, UsageDay.metric, UsageDay.count)
    of_all = {row[:3]: row[3] for row in db.session.execute(counts)}
    for row in db.session.execute(
        own.group_by(UsagePersonDay.account_id, UsagePersonDay.day, UsagePersonDay.metric)
    ):
        assert row[3] <= of_all[row[:3]]
