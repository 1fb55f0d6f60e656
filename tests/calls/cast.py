"""Northwind on the shipped playbook with Ana, Ben and Rui; their team at Partnerly; and Fabrikam's Fay, a stranger."""

from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from types import SimpleNamespace

from flask import Flask

from portal import clock, db
from portal.accounts.kinds import PortalRole, Segment, TeamRole
from portal.accounts.models import Account, Person, Product, Provider, Staff
from portal.onboardings.creation import create
from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step
from portal.playbooks.document import PlaybookDocument
from portal.playbooks.models import publish
from tests.infra.visit import Page, Visitor
from tests.playbooks.first import first_edition

FRIDAY = datetime(2026, 3, 6, 15, 30, tzinfo=UTC)  # 15:30 in Lisbon, 09:30 in Chicago
MONDAY = datetime(2026, 3, 9, 15, 0, tzinfo=UTC)
NEXT = [{"text": "Send the CSV", "who": "Ana Moreira", "due": "2026-03-13"}]


@cache
def playbook() -> PlaybookDocument:
    return first_edition()


def make_cast() -> SimpleNamespace:
    """Everybody, and both onboardings running; committed. Needs an app context."""
    db.session.add(Provider(id=1, name="Partnerly", locale="en", time_zone="America/Chicago", reply_hours=4))
    product = Product(key="payouts", name="Payouts")
    northwind = Account(
        name="Northwind",
        slug="northwind",
        segment=Segment.MID_MARKET,
        time_zone="Europe/Lisbon",
        country="PT",
    )
    fabrikam = Account(
        name="Fabrikam", slug="fabrikam", segment=Segment.MID_MARKET, time_zone="Europe/Lisbon"
    )
    db.session.add_all([product, northwind, fabrikam])
    db.session.flush()
    cast = SimpleNamespace(
        product=product,
        northwind=northwind,
        fabrikam=fabrikam,
        ana=_person("Ana Moreira", PortalRole.ADMIN, northwind),
        ben=_person("Ben Ortiz", PortalRole.TEAMMATE, northwind),
        rui=_person("Rui Lopes", PortalRole.SPONSOR, northwind),
        fay=_person("Fay Lind", PortalRole.ADMIN, fabrikam),
        priya=_staff("Priya Shah", "consultant", "America/Chicago"),
        tomas=_staff("Tomás Novak", "integration_specialist", "Europe/Prague"),
        june=_staff("June Park", "csm", "Europe/London"),
    )
    db.session.add_all(vars(cast).values())
    db.session.flush()
    cast.onboarding = begin(northwind, cast)
    cast.rival = begin(fabrikam, cast)
    db.session.commit()
    return cast


def _person(name: str, role: PortalRole, account: Account) -> Person:
    called = name.split()[0]
    address = f"{called.lower()}@{account.slug}.example"
    return Person(name=name, called=called, email=address, portal_role=role, account=account)


def _staff(name: str, role: str, zone: str) -> Staff:
    called = name.split()[0]
    address = f"{called.lower().replace('á', 'a')}@partnerly.example"
    return Staff(name=name, called=called, email=address, staff_roles=[role], time_zone=zone)


def begin(account: Account, cast: SimpleNamespace, document: PlaybookDocument | None = None) -> Onboarding:
    """One more onboarding of this account, running; on another playbook than the shipped one if it is given."""
    team = {
        TeamRole.CONSULTANT: cast.priya,
        TeamRole.INTEGRATION_SPECIALIST: cast.tomas,
        TeamRole.CSM: cast.june,
    }
    made = create(
        account,
        publish(document or playbook()),
        product=cast.product,
        programme=45,
        start_date=clock.now().date(),
        team=team,
        by=cast.priya,
    )
    made.prepare(by=cast.priya)
    made.begin()
    return made


def step_of(onboarding: Onboarding, kind: str, call: str | None = None) -> Step:
    """The first step of this kind, about this kind of call if one is named."""
    return next(
        step
        for step in onboarding.steps
        if step.kind == kind and (call is None or (step.spec.call and step.spec.call.kind == call))
    )


@contextmanager
def in_app(app: Flask):
    """An app context for what a test sets up; none stays open around a request."""
    with app.test_request_context():
        yield


def send(browser: Visitor, token: str, path: str, fields: dict[str, str], status: int) -> Page:
    """Post with a token taken earlier: pages that refuse have no form to take the next one from."""
    return browser._open("POST", path, status, data={"csrf_token": token, **fields})
