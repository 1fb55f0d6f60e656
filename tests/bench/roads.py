"""The data that the benchmarks run on: roads of any length, all made through domain methods."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from portal import clock, config, db, migrating
from portal.accounts.kinds import PortalRole, Segment, TeamRole
from portal.accounts.models import Account, Person, Product, Provider, Staff
from portal.app import create_app
from portal.auth.models import Session
from portal.onboardings import creation
from portal.onboardings.models import Onboarding
from portal.playbooks.document import PlaybookDocument
from portal.playbooks.models import publish
from portal.playbooks.reader import read_checked, shipped
from portal.playbooks.rules import steps_for


@dataclass(frozen=True)
class Road:
    """One customer's road: whose session opens it, and the addresses of its open steps."""

    account: str
    home: str
    session: str
    steps: list[str]


def settings(folder: Path, url: str) -> dict[str, str]:
    """The environment of an install in `folder`."""
    return {
        "PORTAL_DATABASE_URL": url,
        "PORTAL_SECRET_KEY": secrets.token_hex(32),
        "PORTAL_SEAL_PASSPHRASE": "only-for-tests",
        "PORTAL_DATA_DIR": str(folder / "data"),
        "PORTAL_BASE_URL": "http://127.0.0.1:8000",
        "PORTAL_LOG": "text",
    }


def build(environ: dict[str, str], lengths: list[int]) -> list[Road]:
    """A migrated database with one active road of each length (in steps)."""
    app = create_app(config.read(environ))
    migrating.upgrade()
    with app.test_request_context(), db.transaction():
        db.session.add(Provider(id=1, name="Partnerly"))
        priya = Staff(
            name="Priya Rao", called="Priya", email="priya@partnerly.example", staff_roles=["consultant"]
        )
        product = Product(key="partners", name="Partner programme")
        db.session.add_all([priya, product])
        db.session.flush()
        return [_road(number, length, priya, product) for number, length in enumerate(lengths)]


def _road(number: int, length: int, priya: Staff, product: Product) -> Road:
    account = Account(
        name=f"Customer {number}", slug=f"customer-{number}", segment=Segment.MID_MARKET, country="PT"
    )
    ana = Person(
        account=account,
        name="Ana Nuñez",
        called="Ana",
        email=f"ana@customer-{number}.example",
        portal_role=PortalRole.ADMIN,
        stakeholder_roles=[],
        learning_style=[],
        joined_at=clock.now(),
    )
    db.session.add_all([account, ana])
    db.session.flush()
    onboarding = creation.create(
        account,
        publish(_document(length)),
        product=product,
        programme=45,
        start_date=account.today + timedelta(days=1),
        team={TeamRole.CONSULTANT: priya},
        by=priya,
    )
    onboarding.prepare(by=priya)
    onboarding.begin()
    _row, token = Session.begin(ana, user_agent="bench", ip="127.0.0.1")
    db.session.flush()
    return Road(account.name, f"/o/{onboarding.ref}", token, _open_steps(onboarding))


def _open_steps(onboarding: Onboarding) -> list[str]:
    return [step.ref for step in onboarding.steps if step.state == "ready" and step.kind == "read"]


def _document(length: int) -> PlaybookDocument:
    """The shipped playbook with its first stage stretched by plain reading steps until the road is `length` long."""
    document = read_checked(shipped()[0])
    first = document.modules[0]
    model = next(step for module in document.modules for step in module.steps if step.kind == "read")
    now = sum(len(module.steps) for module in steps_for(document, 45, "mid_market"))
    plain = {"due": "stage 50 %", "gate": False, "programmes": (), "segments": ()}
    extra = tuple(
        model.model_copy(update={**plain, "key": f"read_{n}", "title": f"Read part {n}"})
        for n in range(max(0, length - now))
    )
    added = [
        first.model_copy(
            update={"key": f"more_{n}", "title": f"More reading {n}", "steps": extra[at : at + 40]}
        )
        for n, at in enumerate(range(0, len(extra), 40))
    ]
    return document.model_copy(
        update={"key": f"long-{length}", "modules": (first, *added, *document.modules[1:])}
    )
