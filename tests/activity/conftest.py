from types import SimpleNamespace

import pytest
from sqlalchemy import text

from portal.accounts.kinds import PortalRole, Segment
from portal.accounts.models import Account, Person


@pytest.fixture
def northwind(session):
    """An account with its admin Ana."""
    account = Account(name="Northwind", slug="northwind", segment=Segment.MID_MARKET)
    session.add(account)
    session.flush()
    ana = Person(
        account_id=account.id,
        name="Ana Duarte",
        called="Ana",
        email="ana@northwind.example",
        portal_role=PortalRole.ADMIN,
    )
    session.add(ana)
    session.commit()
    return SimpleNamespace(account=account, ana=ana)


@pytest.fixture
def fabrikam(session):
    """A rival."""
    account = Account(name="Fabrikam", slug="fabrikam", segment=Segment.SMB)
    session.add(account)
    session.commit()
    return account


@pytest.fixture
def loose(session):
    """Lets rows name an onboarding that is not there; the test is rolled back before anybody checks."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    session.execute(
        text("PRAGMA defer_foreign_keys = ON" if sqlite else "SET session_replication_role = replica")
    )
