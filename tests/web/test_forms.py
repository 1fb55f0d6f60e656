"""A refusal of the domain on the form that asked: where it stands, with which status, and nothing kept."""

import pytest
from wtforms import StringField

from portal import db
from portal.accounts.models import Product
from portal.errors import Conflict, Refused
from portal.forms import Form, clean, one_line, short_text
from portal.messages import rules


class Asked(Form):
    email = StringField("E-mail")
    admin_email = StringField("Their admin's e-mail")


class Named(Form):
    name = short_text("Name", 80)


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


@pytest.mark.parametrize(
    "text", ["\u200b", " \u2060\ufeff\u00ad", "\u3164\u2800", "\u0301\u034f", "\u202e\n", None]
)
def test_what_nobody_can_see_is_no_text(text) -> None:
    assert (clean(text), one_line(text), rules.clean(text)) == ("", "", "")


@pytest.mark.parametrize(
    "text", ["Ana", "?", "7", "\U0001f44d\U0001f3fd", "\u5317\u98a8", "\u0639\u200c\u0644"]
)
def test_what_can_be_seen_stays_as_it_is(text) -> None:
    assert (clean(text), one_line(text), rules.clean(text)) == (text, text, text)


def test_a_short_text_is_one_line(app) -> None:
    sent = {"name": "Ana\r\nBcc: all@northwind.example\u2028now"}
    with app.test_request_context(method="POST", data=sent):
        form = Named()
        assert (form.name.data, form.name.errors) == ("Ana Bcc: all@northwind.example now", ())
    assert clean("one\r\ntwo") == "one\r\ntwo"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\u202eevE\u202c Reis", "evE Reis"),
        ("\u2067Ana\u2066", "Ana"),
        ("A\u200bn\u00ada\ufeff", "Ana"),
        ("\u200dAna\u200c ", "Ana"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("👩\u200d💻 Lee", "👩\u200d💻 Lee"),
    ],
)
def test_I01_a_name_keeps_what_is_drawn_and_turns_nothing_around(typed: str, kept: str) -> None:
    assert one_line(typed) == kept
