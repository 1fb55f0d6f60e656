"""How onboardings use the product, read for many at once."""

from datetime import date, timedelta

from portal.accounts.kinds import TeamRole
from portal.usage.queries import use_of
from portal.usage.rules import ORDER, TICKET
from tests import make
from tests.usage.seen import JOINED, PAID, REFERRED, SET_UP, SIGNED_IN, means, saw

TODAY = date(2026, 3, 3)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def test_nothing_seen_is_nothing(cast, road) -> None:
    use = use_of([road])[road.id]
    assert (use.active_30d, use.activated, use.last_at, use.tickets, use.loop_seen) == (0, 0, None, 0, ())
    assert (use.week.events, use.week_before.people) == (0, 0)
    assert use_of([]) == {}


def test_active_people_are_those_of_the_last_thirty_days(cast, road) -> None:
    saw(cast.account, SIGNED_IN, ago(29), person=cast.ana)
    saw(cast.account, SIGNED_IN, ago(30), who="gone")
    saw(cast.account, SIGNED_IN, ago(2), who="stranger@elsewhere.example")
    assert use_of([road])[road.id].active_30d == 2


def test_who_only_asks_for_help_or_orders_is_not_active(cast, road) -> None:
    saw(cast.account, SIGNED_IN, ago(2), person=cast.ana)
    saw(cast.account, TICKET, ago(2), person=cast.ana)
    saw(cast.account, TICKET, ago(2), person=cast.ben)
    saw(cast.account, ORDER, ago(2), who="orders@elsewhere.example")
    assert use_of([road])[road.id].active_30d == 1


def test_it_says_since_when_anything_and_anybody_was_counted(cast, road) -> None:
    assert (use_of([road])[road.id].counted, use_of([road])[road.id].people_counted) == (None, None)
    saw(cast.account, TICKET, ago(50), person=cast.ben)
    saw(cast.account, REFERRED, ago(40))
    saw(cast.account, REFERRED, ago(9), person=cast.ana)
    saw(cast.account, REFERRED, ago(3), person=cast.ben)
    use = use_of([road])[road.id]
    assert (use.counted, use.people_counted) == (ago(50), ago(9))


def test_activated_people_have_done_every_action_whenever_it_was(cast, road) -> None:
    saw(cast.account, SIGNED_IN, ago(200), person=cast.ana)
    saw(cast.account, SET_UP, ago(2), person=cast.ana)
    saw(cast.account, SIGNED_IN, ago(1), person=cast.ben)
    assert use_of([road])[road.id].activated == 1
    road.product.activation_actions = []
    assert use_of([road])[road.id].activated == 0


def test_weeks_are_full_days_before_today_without_tickets(cast, road) -> None:
    for day, count in [(0, 100), (1, 3), (7, 4), (8, 10), (14, 20), (15, 100)]:
        saw(cast.account, REFERRED, ago(day), who=f"user {day % 2}", count=count)
    saw(cast.account, TICKET, ago(1), who="support", count=9)
    use = use_of([road])[road.id]
    assert (use.week.events, use.week.people, use.week.per_working_day) == (7, 1, 7 / 5)
    assert (use.week_before.events, use.week_before.people) == (30, 1)


def test_tickets_count_from_day_0_on(cast, road) -> None:
    road.start_date = ago(5)
    for day in (6, 5, 1):
        saw(cast.account, TICKET, ago(day), count=2)
    assert use_of([road])[road.id].tickets == 4


def test_the_loop_counts_what_came_since_go_live(cast, road) -> None:
    saw(cast.account, PAID, ago(20))
    saw(cast.account, JOINED, ago(9))
    assert use_of([road])[road.id].loop_seen == (JOINED, PAID)
    road.went_live_on = ago(10)
    assert use_of([road])[road.id].loop_seen == (JOINED,)


def test_a_day_in_the_past_knows_nothing_of_what_came_after(cast, road) -> None:
    for day in (40, 12):
        saw(cast.account, SIGNED_IN, ago(day), person=cast.ana)
    saw(cast.account, SET_UP, ago(12), person=cast.ana)
    saw(cast.account, JOINED, ago(12), person=cast.ana)
    then = use_of([road], {road.id: ago(20)})[road.id]
    assert (then.active_30d, then.activated, then.loop_seen) == (1, 0, ())
    assert then.last_at.date() == ago(40)
    now = use_of([road])[road.id]
    assert (now.activated, now.loop_seen, now.last_at.date()) == (1, (JOINED,), ago(12))


def test_each_account_has_its_own_day_and_its_own_people(cast, road, clock) -> None:
    clock.forward(hours=3)  # Past midnight in Auckland.
    east = make.account("Relecloud", time_zone="Pacific/Auckland")
    other = make.onboarding(east, {TeamRole.CONSULTANT: road.owner}, book=make.playbook("elsewhere"))
    for account in (cast.account, east):
        saw(account, SIGNED_IN, ago(29), who="ana")
    found = use_of([road, other])
    assert (found[road.id].active_30d, found[other.id].active_30d) == (1, 0)


def test_many_roads_cost_as_many_statements_as_one(road, statements) -> None:
    roads, team = [road], {TeamRole.CONSULTANT: road.owner}
    for n in range(6):
        another = make.account(f"Customer {n}")
        roads.append(make.onboarding(another, team, book=make.playbook(f"book_{n}")))
        means(roads[-1].product)
        saw(another, PAID, ago(n), who="somebody")
    with statements() as one:
        use_of(roads[:1])
    with statements() as many:
        found = use_of(roads)
    assert len(found) == 7
    assert len(many) == len(one) <= 9
