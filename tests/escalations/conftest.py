"""Northwind on its road, with a lead and a leader above June and Priya."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from portal import db
from portal.accounts.kinds import TeamRole, Touch
from portal.accounts.models import Staff
from portal.escalations import cases
from portal.escalations.cases import Why
from portal.escalations.models import Escalation
from portal.onboardings.models import Onboarding
from tests import make
from tests.desk.conftest import statements  # noqa: F401
from tests.make import Cast

QUIET = Why("R1", {"stage_age_days": 9, "stage_budget_days": 7}, "T14")
ASKED = Why("person", {"text": "They don't know which export to send", "who": "Priya Rao"})


@dataclass
class Team(Cast):
    """The cast of low touch with whom its cases go to: June first, Lena above her, Mira beside her."""

    lena: Staff
    mira: Staff
    nora: Staff


def build() -> Team:
    """Northwind, prepared, of low touch."""
    made = make.northwind()
    made.account.touch_override = Touch.LOW
    lena = make.staff("Lena Voss", "csm", time_zone="Europe/Berlin", country="DE")
    nora = make.staff("Nora Quist", "cs_leader", time_zone="Europe/Berlin", country="DE")
    mira = make.staff("Mira Sato", "csm")
    made.june.lead_id = made.priya.lead_id = lena.id
    db.session.flush()
    return Team(**vars(made), lena=lena, mira=mira, nora=nora)


@pytest.fixture
def team(app) -> Iterator[Team]:
    """Northwind's team inside a request, as whoever writes letters has to be."""
    with app.test_request_context():
        yield build()


@pytest.fixture
def case(team) -> Escalation:
    """Northwind is too long in its stage: June is asked."""
    return cases.open_case(team.onboarding, [QUIET])


@pytest.fixture
def cast(app) -> Team:
    """The same for pages: committed."""
    with app.test_request_context():
        made = build()
        db.session.commit()
    return made


@pytest.fixture
def opened(app, cast) -> str:
    """The address of Northwind's case; June is asked."""
    with app.test_request_context():
        case = cases.open_case(db.session.get_one(Onboarding, cast.onboarding.id), [QUIET])
        db.session.commit()
        return f"/staff/escalations/{case.ref}"


@pytest.fixture
def more_cases(app, cast):
    """Opens that many cases more, of an account each."""

    def open_them(count: int) -> None:
        with app.test_request_context():
            june = db.session.get_one(Staff, cast.june.id)
            for n in range(count):
                account = make.account(f"Account {n}")
                road = make.onboarding(account, {TeamRole.CONSULTANT: june}, by=june)
                cases.open_case(road, [QUIET])
            db.session.commit()

    return open_them
