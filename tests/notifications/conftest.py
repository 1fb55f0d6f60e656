import email
import email.policy

import pytest

from portal import db, mail
from portal.accounts.kinds import PortalRole, Segment
from portal.accounts.models import Account, Person, Staff
from portal.notifications.letters import hold_back


def make_people():
    """Ana of Northwind in Lisbon, and Priya of the provider in Toronto."""
    account = Account(
        name="Northwind",
        slug="northwind",
        segment=Segment.MID_MARKET,
        time_zone="Europe/Lisbon",
        country="PT",
    )
    db.session.add(account)
    db.session.flush()
    ana = Person(
        account_id=account.id, name="Ana Duarte", called="Ana", email="ana@northwind.example",
        portal_role=PortalRole.ADMIN,
    )  # fmt: skip
    priya = Staff(
        name="Priya Nair", called="Priya", email="priya@partnerly.example", staff_roles=["consultant"],
        time_zone="America/Toronto", country="CA",
    )  # fmt: skip
    db.session.add_all([ana, priya])
    db.session.commit()
    return ana, priya


@pytest.fixture
def people(session):
    return make_people()


@pytest.fixture
def ana(people):
    return people[0]


@pytest.fixture
def priya(people):
    return people[1]


@pytest.fixture
def arrived(session, settings, tmp_path, monkeypatch):
    """Reads the letters that have left: their subjects, in the order of their dates."""
    monkeypatch.setattr(mail, "_settings", None)
    monkeypatch.setattr(mail, "_gate", hold_back)
    mail.configure(settings())

    def read():
        files = (tmp_path / "data" / "mail").glob("*.eml")
        letters = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
        return [letter["Subject"] for letter in sorted(letters, key=lambda letter: letter["Date"].datetime)]

    return read
