"""One customer's story, told from the sale to today: acts in the order in which they happened."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

from portal import clock, db
from portal.accounts.kinds import PortalRole
from portal.accounts.models import Account, Person, User
from portal.activity.models import Audience, Verb, record
from portal.demo import acts, post
from portal.demo.cast import Cast
from portal.demo.companies import Company, Someone
from portal.demo.days import Days, clock_at
from portal.onboardings.creation import create
from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step
from portal.playbooks.models import PlaybookVersion


class Story:
    """A customer, their road, and how far their story has been told."""

    road: Onboarding
    admin: Person

    def __init__(self, company: Company, cast: Cast, version: PlaybookVersion, days: Days) -> None:
        self.company, self.cast, self.version, self.days = company, cast, version, days
        self.chance = random.Random(f"{company.slug} {days.today.isoformat()}")
        self.people: dict[str, Person] = {}
        self.last = datetime.min.replace(tzinfo=UTC)
        self.loud: datetime | None = None

    # --- Time ---

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """Tell what happened at this moment. Nothing is told out of order, and nothing of today or later."""
        with self._standing(moment), post.unwritten():
            yield

    @contextmanager
    def aloud(self, moment: datetime) -> Iterator[None]:
        """Like `at`, but the letters that this brings are written, and leave when the worker starts."""
        self.loud = self.loud or moment
        with self._standing(moment):
            yield

    @contextmanager
    def _standing(self, moment: datetime) -> Iterator[None]:
        if not self.last <= moment <= self.days.end:
            raise ValueError(f"{self.company.name}: {moment} is not between {self.last} and {self.days.end}")
        self.last = moment
        with clock.frozen(moment):
            yield
            db.session.flush()  # Each row carries the moment of its act.

    def on(self, day: date, wall: str, who: User | Account | None = None) -> datetime:
        """The moment a clock near `who` (the customer when left out) shows `wall` that day."""
        return clock_at(day, wall, who or self.road.account)

    def ago(self, working_days: int, wall: str, who: User | None = None) -> datetime:
        """That many of the customer's working days before today."""
        return self.on(self.company.calendar.add_working_days(self.days.today, -working_days), wall, who)

    # --- Beginning ---

    def sell(self, start_date: date, moment: datetime) -> None:
        """The account, its admin and a draft of its road, with what the account executive wrote down."""
        company, sam = self.company, self.cast["Sam"]
        with self.at(moment):
            account = _account(company)
            record(account, Verb.ACCOUNT_CREATED, by=sam, audience=Audience.STAFF)
            self.admin = self.add(account, company.people[0])
            self.road = create(
                account,
                self.version,
                product=self.cast.product,
                programme=company.programme,
                start_date=start_date,
                team=self.cast.team(*company.staff),
                by=sam,
            )
            self.road.quote, self.road.quoted_by = company.quote, self.admin.called
            self.road.quoted_on = account.today

    def open(self, moment: datetime) -> None:
        """Welcome begins: the portal opens and the admin is invited."""
        owner = self.cast[self.company.staff[0]]
        with self.at(moment):
            acts.invite_first(self.admin, self.road, by=owner)
            self.road.prepare(by=owner)

    def begin(self) -> None:
        """Day 0, just after midnight."""
        with self.at(max(self.last, self.on(self.road.start_date, "00:05"))):
            self.road.begin()

    def add(self, account: Account, someone: Someone) -> Person:
        """One of the customer's people, not invited yet."""
        role = PortalRole.ADMIN if not self.people else PortalRole(someone.portal_role)
        person = acts.add_person(account, someone.name, role, title=someone.title, stakeholders=someone.roles)
        self.people[person.called] = person
        return person

    def bring_colleagues(self) -> None:
        """The admin invites everybody else."""
        for someone in self.company.people[1:]:
            if someone.name.split()[0] not in self.people:
                acts.welcome_in(self.add(self.road.account, someone), self.road, by=self.admin)

    # --- Reading ---

    def step(self, key: str) -> Step:
        found = self.road.step_called(key)
        if found is None:
            raise KeyError(f"{self.company.name} has no step {key}")
        return found

    def __getitem__(self, called: str) -> Person:
        return self.people[called]


def _account(company: Company) -> Account:
    account = Account(
        name=company.name,
        slug=company.slug,
        external_id=company.slug,
        segment=company.segment,
        touch_override=company.touch,
        region=company.region,
        country=company.country,
        time_zone=company.zone,
        locale=company.locale,
        currency=company.currency,
        acv=company.acv,
        contract_signed_on=clock.now().date(),
        licensed_seats=company.seats,
    )
    db.session.add(account)
    db.session.flush()
    return account
