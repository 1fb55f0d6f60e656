"""A customer comes into being once, however often somebody clicks, and whoever has one of that name already."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select

from portal import db
from portal.accounts.kinds import Segment
from portal.accounts.models import Account, Staff
from portal.accounts.opening import open_account
from portal.errors import Refused
from tests import make


def opened(name: str, by: Staff, time_zone: str = "") -> Account:
    return open_account(name, segment=Segment.SMB, country="PT", time_zone=time_zone, by=by)


@pytest.mark.usefixtures("session")
def test_a_customer_is_known_by_its_name_and_lives_by_its_countrys_clock() -> None:
    account = opened("Wide World", make.staff())
    assert (account.slug, account.external_id, account.time_zone) == ("wide-world",) * 2 + ("Europe/Lisbon",)
    assert opened("Azores", make.staff("Ada Byron"), "Atlantic/Azores").time_zone == "Atlantic/Azores"
    assert opened("???", make.staff("Lena Voss")).slug.startswith("customer-")


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize("name", ["Wide World", "wide world", "Wide-World"])
def test_a_customer_whom_one_sees_is_not_made_again(name) -> None:
    priya = make.staff()
    opened("Wide World", priya)
    with pytest.raises(Refused, match=f"{name} is a customer already") as refusal:
        opened(name, priya)
    assert refusal.value.field == "name"


@pytest.mark.usefixtures("session")
def test_i01_another_sellers_customer_of_that_name_is_not_told_of() -> None:
    first = opened("Wide World", make.staff())
    second = opened("Wide World", make.staff("Sam Hale", "account_executive"))
    assert first.id != second.id
    assert second.slug.startswith("wide-world-")
    assert second.external_id == second.slug


def test_two_clicks_at_once_make_one_customer(real_database: str, clock, shared_app: Flask) -> None:
    db.connect(real_database)
    with db.transaction():
        priya = make.staff()
    both = Barrier(2)

    def click() -> str:
        with shared_app.app_context(), db.transaction():
            by = db.session.get_one(Staff, priya.id) if not db.is_sqlite() else None
            both.wait(timeout=30)
            try:
                opened("Wide World", by or db.session.get_one(Staff, priya.id))
            except Refused as refused:
                return str(refused)
            return "made"

    with ThreadPoolExecutor(2) as pool:
        ends = sorted(one.result() for one in [pool.submit(click), pool.submit(click)])
    assert ends == ["Wide World is a customer already. Use “A customer we already have”.", "made"]
    with db.transaction():
        assert len(db.session.scalars(select(Account)).all()) == 1
