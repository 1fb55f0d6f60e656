"""A road as its playbook says: its own days, its milestones, who does what; and one road at a time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select

from portal import db
from portal.accounts.kinds import PortalRole, StakeholderRole, TeamRole
from portal.accounts.models import Account, Product, Staff
from portal.errors import Refused
from portal.onboardings import creation
from portal.onboardings.models import Onboarding
from portal.playbooks.models import Playbook, publish
from portal.playbooks.reader import read
from tests import make
from tests.make import DAY_0
from tests.playbooks.small import broken

FOR_MID_MARKET = broken("segments: [smb]", "segments: [mid_market]")
MILESTONE = "{key: finished, title: Finished, steps: [done]}"


def created(text: str = FOR_MID_MARKET, *, at: Account | None = None, programme: int = 90) -> Onboarding:
    """A draft from a playbook's text, for a customer in Lisbon unless another is given."""
    at = at or make.account()
    return creation.create(
        at,
        publish(read(text)),
        product=Product(key=f"product_{at.slug}", name="Product"),
        programme=programme,
        start_date=DAY_0,
        team={TeamRole.CONSULTANT: db.session.scalar(select(Staff)) or make.staff()},
        by=None,
    )


def days(road: Onboarding) -> dict[str, tuple[int, int]]:
    return {
        stage.key: ((stage.planned_start - DAY_0).days, (stage.planned_end - DAY_0).days)
        for stage in road.stages
    }


@pytest.mark.usefixtures("session")
def test_a_road_takes_the_days_that_its_playbook_sets() -> None:
    road = created(FOR_MID_MARKET.replace("welcome: [-7, 2]", "welcome: [-3, 1]"))
    assert days(road) == {
        "welcome": (-3, 1),
        "expectations": (1, 10),
        "training": (11, 50),
        "graduation": (51, 90),
    }
    # Opening on day 50 and a third of 40 days: day 63 is a Monday. The 90th day is a Sunday.
    assert (road.first_value_due, road.target_graduation) == (date(2026, 5, 11), date(2026, 6, 8))


@pytest.mark.usefixtures("session")
def test_a_road_whose_playbook_sets_no_days_takes_the_usual_ones() -> None:
    assert days(created(programme=30)) == {
        "welcome": (-7, 2),
        "expectations": (1, 5),
        "training": (6, 20),
        "graduation": (21, 30),
    }


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize(
    ("milestone", "due"),
    [
        (MILESTONE, date(2026, 6, 5)),  # Its step is due at the end, Sunday 7 June; the Friday before.
        ("{key: finished, title: Finished, steps: [done], due: stage 50 %}", date(2026, 5, 18)),
        ("{key: finished, title: Finished, steps: [hello, done], due: stage 50 %}", date(2026, 5, 18)),
        ("{key: finished, title: Finished, steps: [done], due: start+4}", date(2026, 3, 13)),
        ("{key: finished, title: Finished, steps: [done], due: stage_open+1}", date(2026, 4, 30)),
        ("{key: finished, title: Finished, steps: [yes, done], due: after(hello)+2}", date(2026, 3, 9)),
        ("{key: finished, title: Finished, steps: [hello, yes]}", date(2026, 3, 10)),
    ],
)
def test_a_milestone_is_due_when_its_rule_says_else_with_the_last_of_its_steps(milestone, due) -> None:
    (only,) = created(FOR_MID_MARKET.replace(MILESTONE, milestone)).milestones
    assert (only.due_on, only.original_due_on) == (due, due)


@pytest.mark.usefixtures("session")
def test_what_end_users_do_is_given_to_one_who_works_there() -> None:
    at = make.account()
    reader = make.person(at, "Rui Tavares", PortalRole.SPONSOR, stakeholder_roles=[StakeholderRole.END_USER])
    road = created(at=at)
    page = road.step_called("page")
    assert (page.assignee, road.step_called("hello").assignee) == (None, None), f"{reader.name} only reads"
    ben = make.person(at, "Ben Ortiz", PortalRole.TEAMMATE, stakeholder_roles=[StakeholderRole.END_USER])
    creation.assign_by_role(road)
    assert (page.assignee, page.assignee_id) == (ben, ben.id)


@pytest.mark.usefixtures("session")
def test_one_road_at_a_time_of_each_playbook() -> None:
    at, other = make.account(), make.account("Fabrikam")
    first = created(at=at)
    with pytest.raises(Refused, match="Northwind is on this road already") as refusal:
        again(at, first)
    assert refusal.value.field == "account"
    created(FOR_MID_MARKET.replace("key: small", "key: other"), at=other)
    again(other, first)
    first.cancel("They start again in spring.", by=first.on_team(TeamRole.CONSULTANT))
    assert again(at, first).state == "draft"


def again(at: Account, like: Onboarding) -> Onboarding:
    """Another road of the same playbook as `like`."""
    return creation.create(
        at,
        like.playbook_version,
        product=like.product,
        programme=90,
        start_date=DAY_0,
        team={TeamRole.CONSULTANT: like.on_team(TeamRole.CONSULTANT)},
        by=None,
    )


def test_two_clicks_at_once_make_one_road(real_database: str, clock, shared_app: Flask) -> None:
    db.connect(real_database)
    with db.transaction():
        at, priya = make.account(), make.staff()
        db.session.add(Product(key="core", name="Core"))
        publish(read(FOR_MID_MARKET))
    both = Barrier(2)

    def click() -> str:
        with shared_app.app_context(), db.transaction():
            both.wait(timeout=30)
            try:
                creation.create(
                    db.session.get_one(Account, at.id),
                    db.session.scalars(select(Playbook)).one().latest,
                    product=db.session.scalars(select(Product)).one(),
                    programme=90,
                    start_date=DAY_0,
                    team={TeamRole.CONSULTANT: db.session.get_one(Staff, priya.id)},
                    by=None,
                )
            except Refused as refused:
                return str(refused)
            return "made"

    with ThreadPoolExecutor(2) as pool:
        ends = sorted(one.result() for one in [pool.submit(click), pool.submit(click)])
    assert ends == ["Northwind is on this road already. Open their page instead.", "made"]
    with db.transaction():
        assert len(db.session.scalars(select(Onboarding)).all()) == 1


def test_it_may_start_today_and_not_before(app, session) -> None:
    with app.app_context():
        account = make.account()
        creation.check_start_date(account, account.today)
        with pytest.raises(Refused, match="start date has passed"):
            creation.check_start_date(account, account.today - timedelta(days=1))
