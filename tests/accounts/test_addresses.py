"""One spelling for each address: on the pages, in the brakes, in commands, and for the rows of an older release."""

import pytest
from flask import Flask
from sqlalchemy import select

from portal import db, migrating
from portal.accounts.models import User
from portal.addresses import canonical
from tests import make

LOOKALIKES = [
    "ben@northwind。example",
    "ben@northwind．example",
    "Ben@ＮＯＲＴＨＷＩＮＤ.example",
    "ben@ⓝorthwind.example",
    " BEN@Northwind.Example ",
]


@pytest.mark.parametrize("typed", LOOKALIKES)
def test_lookalikes_are_one_address(typed: str) -> None:
    assert canonical(typed) == "ben@northwind.example"


def test_a_domain_of_other_letters_is_kept_as_mail_servers_write_it() -> None:
    assert (
        canonical("Eva@Bücher.example")
        == canonical("eva@xn--bcher-kva.example")
        == "eva@xn--bcher-kva.example"
    )


@pytest.mark.parametrize(
    "typed", ["", "ben", "ü@northwind.example", "ｂen@northwind.example", "😀@x.example", "b@x\u200b.example"]
)
def test_what_no_mail_server_takes_is_no_address(typed: str) -> None:
    with pytest.raises(ValueError):
        canonical(typed)


def test_everybody_is_found_by_any_spelling(session) -> None:
    ben = make.person(make.account(), "Ben Ortiz")
    assert {User.by_email(typed) for typed in LOOKALIKES} == {ben}
    assert User.by_email("ü@northwind.example") is None


def test_rows_of_an_older_release_get_the_one_spelling(real_database: str, shared_app: Flask) -> None:
    db.connect(real_database)
    with shared_app.app_context(), db.transaction():
        at = make.account()
        make.person(at, "Ben Ortiz")
        old = {
            "Rui": "rui@bücher.example", "Fay": "ben@northwind。example", "Lee": "ü@northwind.example",
            "Lou": "lou@ｌitware.example", "Max": "lou@litware。example",
        }  # fmt: skip
        ids = {name: make.person(at, name, email=email).id for name, email in old.items()}
    migrating.downgrade("0007")
    migrating.upgrade()
    with shared_app.app_context(), db.transaction():
        now = {user.id: user for user in db.session.scalars(select(User))}
        kept = {name: (now[row].email, now[row].asked_email) for name, row in ids.items()}
    assert kept["Rui"] == ("rui@xn--bcher-kva.example", None)
    assert kept["Lee"] == ("ü@northwind.example", None)
    assert kept["Lou"] == ("lou@litware.example", None)
    for name, asked in (("Fay", "ben@northwind.example"), ("Max", "lou@litware.example")):
        assert kept[name][0].endswith("@nobody.invalid")
        assert kept[name][1] == asked
