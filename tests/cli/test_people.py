"""`staff add` is the only way in on an empty install; `signin-link` opens the door to whoever is known."""

import re

import pytest

LINK = re.compile(r"^http://127\.0\.0\.1:8000/login/[\w-]{40,}$")
LENA = ("staff", "add", "lena@partnerly.example", "--name", "Lena Voss", "--role", "cs_leader")


def test_staff_add_makes_a_person_and_prints_one_link(portal, install, sql):
    sentence, link = portal(*LENA, "--role", "site_admin", "--role", "cs_leader").worked().splitlines()
    assert sentence == "Lena Voss is in. This link works once, for ten minutes:"
    assert LINK.match(link)
    ((name, called, email),) = sql("SELECT name, called, email FROM app_user")
    assert (name, called, email) == ("Lena Voss", "Lena", "lena@partnerly.example")
    ((roles,),) = sql("SELECT staff_roles FROM staff")
    assert str(roles).replace('"', "'") == "['cs_leader', 'site_admin']"
    assert sql("SELECT verb FROM activity ORDER BY id") == [("staff_added",), ("signin_link_made",)]
    assert link.rpartition("/")[2] not in str(sql("SELECT * FROM sign_in_link")), "the link rests as a hash"


def test_a_link_opens_the_door(portal, install):
    """From the command to a session: GET shows the button, POST signs in."""
    from portal import config
    from portal.app import create_app
    from tests.infra.visit import Visitor

    portal(*LENA).worked()
    path = (
        portal("signin-link", " LENA@partnerly.example")
        .worked()
        .strip()
        .removeprefix("http://127.0.0.1:8000")
    )
    settings = {
        "PORTAL_DATABASE_URL": install,
        "PORTAL_SECRET_KEY": "only-for-tests-" * 3,
        "PORTAL_SEAL_PASSPHRASE": "only-for-tests",
        "PORTAL_DATA_DIR": "/tmp",
    }
    lena = Visitor(create_app(config.read(settings)).test_client())
    lena.get(path)
    lena.submit(path)
    lena.get("/staff/accounts")


@pytest.mark.parametrize(
    "address",
    ["lena", "lena@", "@partnerly.example", "le na@partnerly.example", "a@b@c.example", "",
     "lena@x\r\nBcc: y@z.example"],
)  # fmt: skip
def test_a_bad_address_is_refused(portal, install, sql, address):
    told = portal("staff", "add", address, "--name", "Lena Voss", "--role", "csm").refused()
    assert "is not an e-mail address. Write it like lena@partnerly.example." in told
    assert sql("SELECT count(*) FROM app_user") == [(0,)]


def test_an_address_that_no_mail_server_takes_is_refused(portal, install, sql):
    told = portal("staff", "add", "ü@partnerly.example", "--name", "Lena Voss", "--role", "csm").refused()
    assert told.startswith("Before the @ of ü@partnerly.example stand characters that mail servers refuse.")
    assert sql("SELECT count(*) FROM app_user") == [(0,)]


@pytest.mark.parametrize("name", ["", "  ", "x" * 121, "Lena\nVoss\x07"])
def test_a_name_that_is_none_is_refused(portal, install, sql, name):
    told = portal("staff", "add", "lena@partnerly.example", "--name", name, "--role", "csm").refused()
    assert "--name 'Lena Voss'" in told
    assert sql("SELECT count(*) FROM app_user") == [(0,)]


def test_the_longest_name_that_is_allowed_is_kept(portal, install, sql):
    portal("staff", "add", "lena@partnerly.example", "--name", "x" * 120, "--role", "csm").worked()
    assert sql("SELECT length(name), length(called) FROM app_user") == [(120, 60)]


def test_an_address_that_is_taken_is_refused(portal, install, sql):
    portal(*LENA).worked()
    again = portal("staff", "add", "LENA@Partnerly。example", "--name", "Other", "--role", "csm").refused()
    assert again == "lena@partnerly.example already belongs to someone here."
    assert sql("SELECT name FROM app_user") == [("Lena Voss",)]
    assert sql("SELECT count(*) FROM sign_in_link") == [(1,)]


def test_an_unknown_person_gets_no_link(portal, install, sql):
    told = portal("signin-link", "nobody@partnerly.example").refused()
    assert told == "Nobody here has the address nobody@partnerly.example. Check it, or add them first."
    assert sql("SELECT count(*) FROM sign_in_link") == [(0,)]


def test_somebody_who_left_gets_no_link(portal, install, sql):
    portal(*LENA).worked()
    sql("UPDATE app_user SET left_at = '2026-01-01 00:00:00+00:00'")
    assert portal("signin-link", "lena@partnerly.example").refused().startswith("Lena Voss has left")
    assert sql("SELECT count(*) FROM sign_in_link") == [(1,)]


def test_the_link_begins_with_the_base_url(portal, install):
    portal(*LENA, PORTAL_BASE_URL="https://onboarding.partnerly.example").worked()
    told = portal(
        "signin-link", "lena@partnerly.example", PORTAL_BASE_URL="https://onboarding.partnerly.example/"
    )
    assert told.worked().startswith("https://onboarding.partnerly.example/login/")
