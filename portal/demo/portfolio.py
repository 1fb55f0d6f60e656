"""Everything the demo holds: the provider, its playbook, and each customer's story in the order of their sales."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from flask import current_app
from sqlalchemy import select

from portal import clock, db
from portal.accounts.models import Account, provider
from portal.activity.models import Audience, Verb, record
from portal.demo import (
    acts,
    asides,
    called_in,
    companies,
    follow_ups,
    named,
    northwind,
    obstacles,
    plan_turns,
    post,
    signing,
    sold,
    triggered,
    turns,
    using,
)
from portal.demo import cast as casting
from portal.demo.cast import Cast
from portal.demo.companies import Company
from portal.demo.days import Days, clock_at
from portal.demo.story import Story
from portal.demo.walk import Walk
from portal.desk.models import SavedView
from portal.errors import Refused
from portal.health import jobs as health_jobs
from portal.health import standing
from portal.onboardings import jobs
from portal.onboardings.creation import create
from portal.onboardings.models import Onboarding
from portal.onboardings.staggered import start_after, start_of
from portal.onboardings.states import OnboardingState, StepState
from portal.plans import keys
from portal.playbooks.models import Playbook, PlaybookVersion, publish
from portal.playbooks.reader import read_checked, shipped
from portal.playbooks.rules import budgets_for
from portal.usage.products import new_product

FOUNDED = timedelta(days=800)
LATE_TO_SIGN = 12  # Days after day 0.
UNTOUCHED = (StepState.LOCKED, StepState.READY)
SOLD_BEFORE = 9  # Working days from the sale to the first day of Welcome.

ENDINGS = turns.TURNS | obstacles.TURNS | plan_turns.TURNS


def build() -> None:
    """Fill the connected database, which is migrated and empty. Needs an app context. Raises Refused when it is not.

    The same day gives the same rows: dates follow from it, refs and choices from seeds.
    """
    days = Days(clock.now().date())
    with db.reproducible(days.today.toordinal()), _nothing_collected():
        with db.transaction(), clock.frozen(days.end - FOUNDED):
            if db.session.scalar(select(Account.id).limit(1)) is not None:
                raise Refused("This database holds accounts already. The demo is built into an empty one.")
            cast, version = _found()
            keys.ensure(current_app.config["PORTAL"], provider().name)
        for company in sorted(_customers(), key=lambda company: -company.starts):
            _tell(company, cast, version, days)
        with clock.frozen(days.end - timedelta(hours=1)):
            with db.transaction():
                casting.send_away(cast, days.today)
                _name_a_view(cast)
            jobs.promise_late()
            jobs.pass_turns()
        with clock.frozen(days.end - timedelta(minutes=40)), db.transaction(), post.unwritten():
            _meet_the_stand_in(days)
            _sell_a_second_product(cast)
            using.tell(days)
        _leave_behind(days)
        _judge(days)
        triggered.tell(days)
    with db.transaction():
        signing.leave_to_the_worker()


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """No search for garbage: most of what is made is kept for its whole transaction, and looking through it again
    and again takes a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _name_a_view(cast: Cast) -> None:
    """What Priya looks at on Mondays."""
    SavedView.save(
        "Small ones in training", {"who": "mine", "stage": "training", "segment": "smb"}, by=cast["Priya"]
    )


def _meet_the_stand_in(days: Days) -> None:
    """Adatum's consultant is away, and the call they book is with whoever stands in."""
    adatum = select(Onboarding).join(Account, Account.id == Onboarding.account_id)
    road = db.session.scalars(adatum.where(Account.slug == "adatum")).one()
    step = road.step_called("consultation")
    assert step is not None
    after = max((call.end for call in acts.calls_ahead(road)), default=days.end)
    acts.book(step, next(person for person in road.account.people if person.is_admin), after=after)


def _sell_a_second_product(cast: Cast) -> None:
    """Woodgrove bought another product, which begins once the first has brought its first value."""
    running = select(Onboarding).join(Account, Account.id == Onboarding.account_id)
    first = db.session.scalars(running.where(Account.slug == "woodgrove")).one()
    product = new_product("payout_automation", "Payout automation", core=False)
    db.session.add(product)
    book = db.session.scalars(select(Playbook).where(Playbook.key == "payout-automation")).one()
    second = create(
        first.account,
        book.latest,
        product=product,
        programme=30,
        start_date=start_of(first),
        team={member.role: member.staff for member in first.team},
        by=cast["Sam"],
    )
    start_after(second, first, by=cast["Sam"])
    sold.expansion(second, by=cast["Sam"])
    drafts = running.where(Account.slug == "alpine-ski-house", Onboarding.state == OnboardingState.DRAFT)
    if draft := db.session.scalars(drafts).first():
        sold.begun(draft, by=cast["Sam"])


def _judge(days: Days) -> None:
    """How each of them stands: as it was yesterday evening, when its facts were kept, and this morning."""
    every = select(Onboarding.id).where(Onboarding.state.in_(health_jobs.NOTED)).order_by(Onboarding.id)
    yesterday = days.today - timedelta(days=1)
    for moment in (days.end - timedelta(hours=20), days.end - timedelta(minutes=20)):
        with clock.frozen(moment), db.transaction():
            found = standing.look(db.session.scalars(every).all())
            standing.keep(found)
            health_jobs.note(found, dict.fromkeys(found, yesterday))


def _found() -> tuple[Cast, PlaybookVersion]:
    cast = casting.hire()
    first, *_more = versions = [publish(read_checked(path)) for path in shipped()]
    for version in versions:
        name = {"what": version.document.name}
        record(version, Verb.PLAYBOOK_IMPORTED, by=cast["Lena"], audience=Audience.STAFF, personal=name)
    return cast, first


def _customers() -> list[Company]:
    return [northwind.NORTHWIND, *named.EVERYBODY, *companies.portfolio()]


def _tell(company: Company, cast: Cast, version: PlaybookVersion, days: Days) -> None:
    """One customer's story, in a transaction of its own."""
    with db.transaction():
        story = Story(company, cast, version, days)
        if company is northwind.NORTHWIND:
            northwind.tell(story)
        else:
            _walk(story)
        post.deliver_past(story.road.account_id, story.loud or days.end)


def _walk(story: Story) -> None:
    company, days = story.company, story.days
    start = company.calendar.next_working_day(days.today - timedelta(days=company.starts))
    owner, end = story.cast[company.staff[0]], _last_day(story, 1)
    opening = start + timedelta(days=budgets_for(story.version.document, company.programme).welcome[0])
    opening = min(owner.calendar.next_working_day(opening), owner.calendar.previous_working_day(end))
    sold = company.calendar.add_working_days(opening, -SOLD_BEFORE)
    story.sell(start, clock_at(sold, "10:40", story.cast["Sam"]))
    if company.turn == "draft":
        return
    story.open(clock_at(opening, "10:05", owner))
    if company.turn == "first_visit":
        return
    walk = Walk(story, story.ago(company.quiet, "00:00") if company.quiet else None, set(company.leave))
    if past := called_in.past_of(company.slug):
        walk.go(until=min(called_in.begins(story, past), days.end))
        called_in.tell_past(story, past)
    ending, case = ENDINGS.get(company.turn or ""), called_in.NOW.get(company.slug)
    calling = case.tell(story) if case else iter(())
    early = case is not None and case.days > max(ending.days if ending else 0, 1)
    if case and early:
        walk.go(until=min(story.ago(case.days, "00:00"), days.end))
        next(calling)
    if ending:
        walk.go(until=min(story.ago(ending.days, "00:00"), days.end))
        if company.starts >= LATE_TO_SIGN and "sign_plan" not in company.leave:
            plan_turns.be_signed(story)
        ending.tell(story)
        if not ending.goes_on:
            walk.leave |= {
                step.key for step in story.road.steps if step.state not in UNTOUCHED or step.reopen_reason
            }
    for moment in follow_ups.moments(story):
        walk.go(until=max(moment, story.last))
        follow_ups.tell(story, moment)
    if case and not early:
        next(calling)
    walk.go(until=days.end)
    next(calling, None)
    asides.tell(story)


def _last_day(story: Story, working_days: int) -> date:
    return story.company.calendar.add_working_days(story.days.today, -working_days)


def _leave_behind(days: Days) -> None:
    """What was written about our own late dates in the past was read there."""
    with db.transaction():
        for account_id in db.session.scalars(
            select(Account.id).where(Account.slug != northwind.NORTHWIND.slug)
        ):
            post.deliver_past(account_id, days.end)
