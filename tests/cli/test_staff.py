"""`staff set` and `staff list`: who works when, how much they can take on, and who answers while they are away."""

from datetime import timedelta

import pytest

from portal import clock
from tests.cli.test_provider import png

LENA, OWEN = "lena@partnerly.example", "owen@partnerly.example"
TODAY = clock.now().date()
NEXT_WEEK = (TODAY + timedelta(days=7)).isoformat()


@pytest.fixture
def two(portal, install):
    """Lena and Owen work here."""
    for email, name in ((LENA, "Lena Voss"), (OWEN, "Owen Clarke")):
        portal("staff", "add", email, "--name", name, "--role", "consultant").worked()


@pytest.fixture
def change(portal, two):
    """`change("--capacity", "25")` of Owen's."""
    return lambda *options, of=OWEN: portal("staff", "set", of, *options)


def test_hours_zone_and_capacity_are_kept(change, sql):
    told = change("--hours", "8:30-16", "--zone", "Europe/Lisbon", "--capacity", "25").worked()
    assert told == "Owen Clarke  owen@partnerly.example  consultant  0 of 25  08:30-16:00 Europe/Lisbon\n"
    who = {"email": OWEN}
    ((start, end, zone),) = sql(
        "SELECT work_start, work_end, time_zone FROM app_user WHERE email = :email", **who
    )
    assert (str(start)[:5], str(end)[:5], zone) == ("08:30", "16:00", "Europe/Lisbon")
    assert sql("SELECT verb FROM activity ORDER BY id DESC LIMIT 1") == [("profile_changed",)]


def test_away_with_a_stand_in_and_back(change, sql):
    told = change("--away-until", NEXT_WEEK, "--stand-in", LENA.upper()).worked()
    assert told.rstrip().endswith(f"away until {NEXT_WEEK}, Lena Voss stands in")
    assert sql("SELECT verb FROM activity ORDER BY id DESC LIMIT 1") == [("staff_away",)]
    assert "away" not in change("--back").worked()
    assert sql("SELECT count(*) FROM staff WHERE away_until IS NOT NULL OR stand_in_id IS NOT NULL") == [(0,)]


def test_away_without_a_stand_in_is_said(change):
    assert (
        "Nobody stands in: what comes meanwhile waits for them." in change("--away-until", NEXT_WEEK).worked()
    )


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((), "Say what to change, like --capacity 25"),
        (("--away-until", "soon"), "“soon” is not a date. Write it like 2026-03-31."),
        (("--away-until", "2020-01-01"), "2020-01-01 has passed. Give the last day they are away"),
        (("--away-until", "2199-01-01"), "is more than a year ahead"),
        (("--stand-in", OWEN), "Owen Clarke can't stand in for themselves. Name a colleague."),
        (("--stand-in", "nobody@partnerly.example"), "Nobody who works here has the address nobody@"),
        (("--hours", "9"), "“9” is no working day. Write it like 9-17 or 08:30-16:45."),
        (("--hours", "9-25"), "“9-25” is no working day."),
        (("--hours", "17-9"), "A working day ends after it starts; 17-9 doesn't."),
        (("--zone", "Lisbon"), "is not a time zone we know; choose one like Europe/Lisbon."),
        (("--capacity", "0"), "--capacity"),
        (("--back", "--stand-in", LENA), "Either they are back, or they are away"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_is_refused_and_nothing_changes(change, sql, options, sentence):
    looked = "SELECT away_until, stand_in_id, capacity FROM staff ORDER BY id"
    before, told = sql(looked), change("--capacity", "30", *options) if options else change()
    assert sentence in told.refused()
    assert sql(looked) == before


def test_an_unknown_address_is_refused(change):
    told = change("--capacity", "3", of="ann@partnerly.example").refused()
    assert (
        told
        == "Nobody who works here has the address ann@partnerly.example. See who does with: portal staff list"
    )


def test_whoever_stands_in_has_to_be_here(change):
    change("--away-until", NEXT_WEEK, of=LENA).worked()
    told = change("--away-until", NEXT_WEEK, "--stand-in", LENA).refused()
    assert told == f"Lena Voss is away until {NEXT_WEEK} too. Name somebody who is here."


def test_whoever_stands_in_for_somebody_stays(change, sql):
    change("--away-until", NEXT_WEEK, "--stand-in", LENA).worked()
    told = change("--away-until", NEXT_WEEK, "--stand-in", OWEN, of=LENA).refused()
    assert told == f"Owen Clarke is away until {NEXT_WEEK} too. Name somebody who is here."
    told = change("--away-until", NEXT_WEEK, of=LENA).refused()
    assert told.startswith(f"Lena Voss stands in for Owen Clarke until {NEXT_WEEK}. First name another:")
    assert sql("SELECT count(*) FROM staff WHERE away_until IS NOT NULL") == [(1,)]


def test_a_stand_in_kept_from_last_time_has_to_be_here_too(change):
    change("--stand-in", LENA).worked()
    change("--away-until", NEXT_WEEK, of=LENA).worked()
    assert "Lena Voss is away" in change("--away-until", NEXT_WEEK).refused()


def test_the_list_has_one_line_each_in_columns(portal, change):
    change("--away-until", NEXT_WEEK, "--stand-in", LENA).worked()
    lena, owen = portal("staff", "list").worked().splitlines()
    assert lena.split() == ["Lena", "Voss", LENA, "consultant", "0", "of", "20", "09:00-17:00", "UTC"]
    assert owen.endswith("Lena Voss stands in")
    assert lena.index(LENA) == owen.index(OWEN)


def test_an_empty_list_says_how_to_begin(portal, install):
    assert portal("staff", "list").refused().endswith("portal staff add")


# --- Roles --------------------------------------------------------------------------------------


def test_roles_are_replaced_by_those_that_are_given(change, sql):
    told = change("--role", "site_admin", "--role", "cs_leader", "--role", "site_admin").worked()
    assert "cs_leader, site_admin" in told
    ((data, personal),) = sql("SELECT data, personal FROM activity WHERE verb = 'role_changed'")
    assert "consultant" in str(data)
    assert "Owen Clarke" in str(personal)
    change("--role", "csm", of=LENA).worked()


def test_the_last_site_admin_stays_one_and_stays_here(change, sql):
    change("--role", "site_admin").worked()
    for options in (("--role", "csm"), ("--left",)):
        told = change(*options).refused()
        assert told.startswith("Owen Clarke is the only site admin. First make another: portal staff set")
    change("--role", "site_admin", "--role", "csm", of=LENA).worked()
    change("--role", "csm").worked()
    assert "site_admin" not in str(
        sql("SELECT staff_roles FROM staff JOIN app_user USING (id) WHERE email = :e", e=OWEN)
    )


# --- What customers read ------------------------------------------------------------------------


def test_what_customers_read_is_kept(change, sql):
    change(
        "--country", "pt", "--city", " Porto ", "--phone", "+351 22 555 0100", "--bio", "Connects  CRMs.",
        "--language", "en", "--language", "pt",
    ).worked()  # fmt: skip
    ((country, city, phone, bio, languages),) = sql(
        "SELECT country, city, phone, bio, languages FROM staff JOIN app_user USING (id) WHERE email = :e",
        e=OWEN,
    )
    assert (country, city, phone, bio) == ("PT", "Porto", "+351 22 555 0100", "Connects CRMs.")
    assert str(languages).replace('"', "'") == "['en', 'pt']"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            ("--country", "Portugal"),
            "“Portugal” is not a country code we know; choose a two-letter one like PT.",
        ),
        (
            ("--language", "Portuguese"),
            "“Portuguese” is not a language code we know; write it like en or pt.",
        ),
        (("--bio", "x" * 301), "The bio is too long; 300 characters at most."),
        (("--city", "  "), "The city is empty; leave the option out to keep what it is."),
        (("--phone", "1" * 41), "The phone is too long; 40 characters at most."),
    ],
)
def test_what_nobody_could_read_is_refused(change, sql, options, sentence):
    assert change("--capacity", "25", *options).refused() == sentence
    assert sql("SELECT DISTINCT capacity FROM staff") == [(20,)], "nothing of it is changed"


def test_a_photo_is_kept_under_a_name_of_its_content(change, sql, tmp_path):
    file = tmp_path / "me.jpg"
    file.write_bytes(png())
    change("--photo", str(file)).worked()
    ((name,),) = sql("SELECT photo FROM staff WHERE photo IS NOT NULL")
    assert name.endswith(".png"), "the content decides"
    assert (tmp_path / "data" / "faces" / name).read_bytes() == png()
    file.write_bytes(b"<svg onload=alert(1)>")
    assert change("--photo", str(file)).refused() == "The photo must be a png or jpg picture."


# --- Leaving ------------------------------------------------------------------------------------


def test_who_has_left_is_out(change, portal, sql):
    change("--away-until", NEXT_WEEK, "--stand-in", LENA).worked()
    assert (
        change("--left").worked()
        == "Owen Clarke has left. They are signed out, and no link of theirs works.\n"
    )
    assert "Owen" not in portal("staff", "list").worked()
    assert portal("signin-link", OWEN).refused().startswith("Owen Clarke has left")
    assert sql("SELECT count(*) FROM sign_in_link WHERE revoked_at IS NULL AND used_at IS NULL") == [(1,)], (
        "Lena's"
    )
    assert change("--left").refused().startswith("Nobody who works here has the address")


def test_leaving_is_all_that_is_said(change):
    assert change("--left", "--capacity", "3").refused().startswith("Leave --left alone")


def test_who_stands_in_for_somebody_away_does_not_leave(change):
    change("--away-until", NEXT_WEEK, "--stand-in", LENA).worked()
    assert "Lena Voss stands in for Owen Clarke" in change("--left", of=LENA).refused()
