"""Makes the people and the roads that tests start from. Everything is flushed, nothing committed."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, TypeVar

from portal import clock, db
from portal.accounts.kinds import PortalRole, Segment, StakeholderRole, TeamRole
from portal.accounts.models import Account, Person, Product, Provider, Staff, User
from portal.onboardings import creation
from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step
from portal.playbooks.document import PlaybookDocument, StepSpec
from portal.playbooks.kit import Kit
from portal.playbooks.models import PlaybookVersion, publish
from portal.playbooks.reader import read_checked
from tests.infra import again
from tests.playbooks.first import first_edition
from tests.playbooks.ready import READY

Row = TypeVar("Row")

DAY_0 = date(2026, 3, 9)  # A Monday, six days after the moment at which the tests' clock stands.


@dataclass
class Cast:
    """Partnerly's team and Northwind's people, with the road they share."""

    account: Account
    ana: Person
    ben: Person
    rui: Person
    priya: Staff
    tomas: Staff
    june: Staff
    sam: Staff
    onboarding: Onboarding

    def step(self, key: str) -> Step:
        """The step that the playbook calls `key`."""
        found = self.onboarding.step_called(key)
        assert found is not None, f"no step {key} on this road"
        return found


def provider(**changes: Any) -> Provider:
    """Partnerly, which runs this install."""
    row = db.session.get(Provider, 1)
    return row or _added(
        Provider(**{"id": 1, "name": "Partnerly", "time_zone": "America/Chicago", **changes})
    )


def account(name: str = "Northwind", **changes: Any) -> Account:
    """A customer in Lisbon; `account("Fabrikam", segment=Segment.SMB)` makes another."""
    plain = {
        "name": name,
        "slug": name.lower().replace(" ", "-"),
        "segment": Segment.MID_MARKET,
        "time_zone": "Europe/Lisbon",
        "country": "PT",
    }
    return _added(Account(**{**plain, **changes}))


def person(
    at: Account, name: str = "Ana Moreira", role: PortalRole = PortalRole.ADMIN, **changes: Any
) -> Person:
    """Somebody at a customer; the address is the first name at the customer's."""
    called = name.split()[0]
    plain = {
        "name": name,
        "called": called,
        "email": f"{called.lower()}@{at.slug}.example",
        "portal_role": role,
        "account": at,
    }
    return _added(Person(**{**plain, **changes}))


def staff(name: str = "Priya Rao", *roles: str, **changes: Any) -> Staff:
    """Somebody at the provider, in Chicago; a consultant unless other staff roles are named."""
    called = name.split()[0]
    plain = {
        "name": name,
        "called": called,
        "email": f"{called.lower().replace('á', 'a')}@partnerly.example",
        "staff_roles": list(roles) or ["consultant"],
        "time_zone": "America/Chicago",
        "country": "US",
    }
    return _added(Staff(**{**plain, **changes}))


def playbook(key: str | None = None) -> PlaybookVersion:
    """The shipped playbook, published; under a key of its own if one is given."""
    return publish(_document().model_copy(update={"key": key} if key else {}))


def asking() -> PlaybookVersion:
    """The same playbook with a readiness kit to answer first in Expectations, one thing that an answer may ask to have
    ready, and no rules."""
    document, (kit, step) = _document(), _asking()
    at = next(module for module in document.modules if module.stage == "expectations")
    module = at.model_copy(update={"steps": (step, *at.steps)})
    modules = tuple(module if one is at else one for one in document.modules)
    return publish(document.model_copy(update={"kit": kit, "modules": modules}))


def onboarding(
    of: Account,
    team: dict[TeamRole, Staff],
    *,
    programme: int = 45,
    start_date: date = DAY_0,
    by: User | None = None,
    book: PlaybookVersion | None = None,
) -> Onboarding:
    """A draft on the shipped playbook; a second road of the same customer needs another `book`."""
    version = book or playbook()
    product = _added(Product(key=f"programme_{of.slug}_{version.id}", name="Partner Programme"))
    return creation.create(
        of, version, product=product, programme=programme, start_date=start_date, team=team, by=by
    )


def northwind(*, prepared: bool = True, **changes: Any) -> Cast:
    """Northwind on its 45-day road from 9 March 2026; `prepared` opens it, with the letters that brings.

    `changes` go to `onboarding`. Preparing needs an app context, because letters are written.
    """
    name = ("northwind", prepared, repr(sorted(changes.items())))
    return again.once(name, lambda: _northwind(prepared, changes))


def _northwind(prepared: bool, changes: dict[str, Any]) -> Cast:
    provider()
    at = account()
    ana = person(at, job_title="Head of Partnerships")
    it, invited = [StakeholderRole.IT_CONTACT], clock.now()
    ben = person(at, "Ben Ortiz", PortalRole.TEAMMATE, stakeholder_roles=it, invited_at=invited)
    rui = person(at, "Rui Tavares", PortalRole.SPONSOR, invited_at=invited)
    priya = staff("Priya Rao", city="Chicago")
    tomas = staff("Tomás Lin", "integration_specialist", city="Porto", time_zone="Europe/Lisbon")
    june = staff("June Park", "csm", city="Denver")
    sam = staff("Sam Hale", "account_executive", city="Boston")
    team = {
        TeamRole.CONSULTANT: priya,
        TeamRole.INTEGRATION_SPECIALIST: tomas,
        TeamRole.CSM: june,
        TeamRole.ACCOUNT_EXECUTIVE: sam,
    }
    road = onboarding(at, team, by=sam, **changes)
    if prepared:
        road.prepare(by=priya)
        db.session.flush()
    return Cast(at, ana, ben, rui, priya, tomas, june, sam, road)


@cache
def _document() -> PlaybookDocument:
    return first_edition()


@cache
def _asking() -> tuple[Kit, StepSpec]:
    ready = read_checked(READY)
    assert ready.kit is not None
    sample = tuple(one for one in ready.kit.prerequisites if one.file)
    kit = ready.kit.model_copy(update={"rules": (), "packs": (), "prerequisites": sample})
    return kit, next(step for module in ready.modules for step in module.steps if step.kind == "kit")


def _added(row: Row) -> Row:
    db.session.add(row)
    db.session.flush()
    return row
