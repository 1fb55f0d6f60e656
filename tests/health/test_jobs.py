"""What is stored of health by itself: on change, every evening with the facts of the day, and nothing twice."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from portal import db
from portal.accounts.kinds import Segment, TeamRole
from portal.activity.models import Activity, Audience, Verb
from portal.health import jobs, standing
from portal.health.facts import FACTS
from portal.health.models import FactsDay, HealthChange
from portal.health.queries import gather
from portal.onboardings.models import Onboarding
from portal.onboardings.signals import Signal, SignalKind
from portal.onboardings.standings import Health, Quiet
from portal.onboardings.states import OnboardingState
from portal.onboardings.visits import Visit
from tests import make
from tests.infra.statements import statements
from tests.usage.seen import SIGNED_IN, means, saw


@pytest.fixture
def cast(context, clock):
    """Northwind on its day 0, at 10:00 in Lisbon; committed."""
    made = make.northwind()
    clock.at(datetime(2026, 3, 9, 10, tzinfo=UTC))
    made.onboarding.begin()
    db.session.commit()
    return made


def road(cast) -> Onboarding:
    return db.session.get_one(Onboarding, cast.onboarding.id)


def changes() -> list[tuple[Health, Quiet | None]]:
    rows = select(HealthChange).order_by(HealthChange.id)
    return [(one.label, one.quiet) for one in db.session.scalars(rows)]


def frustrated(cast) -> Signal:
    made = Signal.give(road(cast), SignalKind.FRUSTRATION, "Too many calls", by=cast.priya)
    db.session.commit()
    return made


def test_a_signal_puts_it_at_risk_within_five_minutes_and_settling_it_ends_that(cast, clock):
    jobs.refresh_changed()
    before = road(cast).health
    signal = frustrated(cast)
    clock.forward(minutes=5)
    jobs.refresh_changed()
    there = road(cast)
    assert (before, there.health, there.health_since) == (Health.WATCH, Health.AT_RISK, clock.now)
    assert {one.key for one in standing.reasons_of(there)} >= {"R4:risk"}
    db.session.get_one(Signal, signal.id).settle("They have fewer now", by=cast.priya)
    db.session.commit()
    clock.forward(minutes=5)
    jobs.refresh_changed()
    assert road(cast).health is Health.WATCH
    assert [label for label, _quiet in changes()] == [Health.WATCH, Health.AT_RISK, Health.WATCH]
    told = db.session.scalars(select(Activity).where(Activity.verb == Verb.HEALTH_CHANGED)).all()
    assert [(one.data["before"], one.data["after"]["health"]) for one in told] == [
        ({"health": "watch"}, "at_risk"),
        ({"health": "at_risk"}, "watch"),
    ]
    assert {one.audience for one in told} == {Audience.STAFF}


def test_where_nothing_happened_nothing_is_looked_at_again(cast, clock, monkeypatch):
    jobs.refresh_changed()
    looked = []
    monkeypatch.setattr(standing, "look", lambda ids: looked.append(list(ids)) or {})
    clock.forward(minutes=5)
    jobs.refresh_changed()
    assert looked == []
    frustrated(cast)
    jobs.refresh_changed()
    assert looked == [[cast.onboarding.id]]


def test_what_another_account_did_meanwhile_hides_nothing(cast, clock):
    """Northwind's act has its number and is not there yet when Fabrikam's, with a higher one, is."""
    fabrikam = make.onboarding(make.account("Fabrikam"), {TeamRole.CONSULTANT: cast.priya})
    fabrikam.prepare(by=cast.priya)
    db.session.commit()
    newest = dict(
        db.session.execute(select(Activity.chain, func.max(Activity.id)).group_by(Activity.chain)).all()
    )
    assert newest[fabrikam.account_id] > newest[cast.account.id]
    jobs.refresh_changed()
    assert road(cast).health_seen == newest[cast.account.id]


def test_roads_are_locked_before_anything_is_put_on_record(cast, clock):
    """Of two roads of one account the first changes its label; whoever has the second and waits for the account's
    chain would else be waited for in turn."""
    second = make.onboarding(cast.account, {TeamRole.CONSULTANT: cast.priya}, book=make.playbook("add_on"))
    second.prepare(by=cast.priya)
    db.session.commit()
    jobs.refresh_changed()
    frustrated(cast)
    with statements() as seen:
        standing.refresh([cast.onboarding.id, second.id])
    db.session.commit()
    noted = [n for n, one in enumerate(seen) if one.startswith("UPDATE onboarding") and "health_at" in one]
    chained = [n for n, one in enumerate(seen) if "audit_chain" in one]
    assert road(cast).health is Health.AT_RISK
    assert max(noted) < min(chained)


def test_who_looks_in_on_their_evening_is_not_silent_though_the_date_here_is_the_next(cast, clock):
    """In San Francisco it is still the 17th."""
    clock.at(datetime(2026, 3, 18, 2, tzinfo=UTC))
    jobs.refresh_changed()
    there = road(cast)
    there.health, there.quiet = Health.STALLED, Quiet.GHOSTING
    db.session.add(
        Visit(account_id=there.account_id, onboarding_id=there.id, person_id=cast.ana.id, page="home",
              day=date(2026, 3, 17))
    )  # fmt: skip
    db.session.commit()
    clock.forward(minutes=5)
    jobs.refresh_changed()
    assert road(cast).health_at == clock.now


def test_a_count_that_goes_on_is_stored_and_is_no_change(cast, clock):
    days = []
    for day in (10, 11):
        clock.at(datetime(2026, 3, day, 19, tzinfo=UTC))
        for step in road(cast).steps:
            step.due_on = None  # So that nothing new is late.
        db.session.commit()
        jobs.evening()
        days.append(
            next(one.evidence for one in standing.reasons_of(road(cast)) if one.code == "R16")["value"]
        )
    assert days == [1, 2]
    assert len(changes()) == 1


def test_every_evening_one_row_of_facts_once_the_day_there_is_over(cast, clock):
    for hour in (17, 18, 19, 20):
        clock.at(datetime(2026, 3, 9, hour, 30, tzinfo=UTC))
        jobs.evening()
        kept = db.session.scalars(select(FactsDay)).all()
        assert len(kept) == (hour >= 18)
    (row,) = kept
    assert (row.day, row.account_id) == (date(2026, 3, 9), cast.account.id)
    assert set(row.facts) == set(FACTS)
    assert (row.facts["state"], row.facts["health"]) == ("active", road(cast).health.value)


def test_what_was_missed_while_nothing_ran_stays_unknown(cast, clock):
    clock.at(datetime(2026, 3, 9, 18, 30, tzinfo=UTC))
    jobs.evening()
    clock.at(datetime(2026, 3, 13, 18, 30, tzinfo=UTC))
    jobs.evening()
    assert [row.day.day for row in db.session.scalars(select(FactsDay).order_by(FactsDay.day))] == [9, 13]


def test_before_day_0_facts_are_kept_and_no_health_and_on_hold_both(context, clock):
    cast = make.northwind()
    db.session.commit()
    clock.at(datetime(2026, 3, 4, 18, 30, tzinfo=UTC))
    jobs.evening()
    assert road(cast).health is None
    clock.at(datetime(2026, 3, 9, 10, tzinfo=UTC))
    road(cast).begin()
    road(cast).pause("Year end", date(2026, 4, 1), by=cast.priya)
    db.session.commit()
    clock.at(datetime(2026, 3, 9, 18, 30, tzinfo=UTC))
    jobs.evening()
    facts = [row.facts for row in db.session.scalars(select(FactsDay).order_by(FactsDay.day))]
    assert [(one["state"], one["health"]) for one in facts] == [("preparing", None), ("on_hold", "on_hold")]
    assert facts[0]["reasons"] == []


def test_what_is_over_has_no_health(cast, clock):
    jobs.refresh_changed()
    road(cast).cancel("They were bought", by=cast.priya)
    db.session.commit()
    jobs.refresh_changed()
    there = road(cast)
    assert there.state is OnboardingState.CANCELLED
    assert (there.health, there.health_reasons, there.health_since) == (None, None, None)


def test_days_at_risk_are_working_days_since_it_is_so(cast, clock):
    frustrated(cast)
    seen = []
    for day in (9, 10, 13, 14, 16):
        clock.at(datetime(2026, 3, day, 18, 30, tzinfo=UTC))
        road(cast).customer_moved_at = clock.now
        db.session.commit()
        jobs.evening()
        row = db.session.scalars(select(FactsDay).order_by(FactsDay.day.desc())).first()
        seen.append(row.facts["at_risk_days"])
    assert seen == [0, 1, 4, 4, 5]


def test_the_statements_do_not_grow_with_the_onboardings(context, clock):
    make.provider()
    priya, counted = make.staff(), []
    for names in (("One",), ("Two", "Three", "Four")):
        for name in names:
            account = make.account(name, segment=Segment.SMB)
            ana = make.person(account)
            road = make.onboarding(account, {TeamRole.CONSULTANT: priya})
            means(road.product)
            road.prepare(by=priya)
            for weeks in range(6):
                saw(account, SIGNED_IN, clock.now.date() - timedelta(days=1, weeks=weeks), person=ana)
        db.session.flush()
        roads = list(db.session.scalars(select(Onboarding)))
        db.session.expunge_all()
        with statements() as seen:
            found = gather(roads, clock.now)
        counted.append(len(seen))
        assert {facts.week_events for facts in found.values()} == {1}, "use is read for all of them"
    assert len(roads) == 4
    assert counted[0] == counted[1]
    assert counted[0] <= 30
