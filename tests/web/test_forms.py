"""A refusal of the domain on the form that asked: where it stands, with which status, and nothing kept."""

import pytest
from wtforms import StringField

from portal import db
from portal.accounts.models import Product
from portal.errors import Conflict, Refused
from portal.forms import Form


class Asked(Form):
    email = StringField("E-mail")
    admin_email = StringField("Their admin's e-mail")


@pytest.fixture
def form(app):
    with app.test_request_context(method="POST"):
        yield Asked()


def test_a_refusal_stands_at_its_field_or_above_and_comes_after_what_is_there(form) -> None:
    form.email.errors = ("Enter an address",)
    assert form.refuse(Refused("Taken.", field="email")) == 422
    assert form.refuse(Refused("Not today.")) == 422
    assert form.refuse(Refused("No such field.", field="other")) == 422
    above = [(None, "Not today."), (None, "No such field.")]
    assert form.problems == [*above, ("email", "Enter an address"), ("email", "Taken.")]


def test_a_form_may_call_a_field_otherwise_than_the_domain_does(form) -> None:
    form.refuse(Refused("Taken.", field="email"), email="admin_email")
    assert form.problems == [("admin_email", "Taken.")]


def test_whoever_comes_second_gets_a_conflict(form) -> None:
    assert form.refuse(Conflict("Ben saved this.")) == 409


def test_what_was_begun_is_not_kept(form) -> None:
    db.session.add(Product(key="half", name="Half done"))
    db.session.flush()
    form.refuse(Refused("Not today."))
    assert db.session.query(Product).count() == 0
