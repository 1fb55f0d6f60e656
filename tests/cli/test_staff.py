"""`staff set` and `staff list`: who works when, how much they can take on, and who answers while they are away."""

from datetime import timedelta

import pytest

from portal import clock

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
