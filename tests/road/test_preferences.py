"""How the portal speaks to one person, the same page for customers and staff, and where they are signed in."""

import pytest

from portal import db
from portal.accounts.models import User
from portal.auth.models import Session
from portal.notifications.models import wishes_of
from portal.notifications.rules import STAFFS
from tests import make

PAGE = "/preferences"


def test_what_is_chosen_is_kept_and_shown_again(app, visitor, road) -> None:
    ana = visitor(road.cast.ana)
    page = ana.get(PAGE)
    assert chosen_zone(page) == "Europe/Lisbon"
    ana.submit(
        PAGE,
        {
            "called": "Anita",
            "time_zone": "Asia/Tokyo",
            "work_start": "10:00",
            "work_end": "18:30",
            "cadence": "daily",
            "channel": "none",
            "letters": ["welcome", "message"],
            "learning_style": ["watch", "do"],
        },
    )
    page = ana.follow()
    assert "Saved. From now on we write to you like this." in page.text
    assert page.one("input", id="called")["value"] == "Anita"
    assert page.one("input", id="work_end")["value"] == "18:30"
    assert chosen_zone(page) == "Asia/Tokyo"
    assert len(page.all("input", name="letters", checked="")) == 2
    with app.app_context():
        kept = db.session.get_one(User, road.cast.ana.id)
        assert str(kept.zone) == "Asia/Tokyo"
        wishes = wishes_of(kept)
        assert (wishes.cadence, wishes.channel) == ("daily", "none")
        assert "digest" in wishes.letters_off
        assert "message" not in wishes.letters_off


def test_customers_are_not_asked_about_what_only_our_own_people_get(app, visitor, road) -> None:
    theirs = {one["value"] for one in visitor(road.cast.ana).get(PAGE).all("input", name="letters")}
    priya = visitor(road.cast.priya)
    ours = {one["value"] for one in priya.get(PAGE).all("input", name="letters")}
    assert ours - theirs == set(STAFFS)
    assert theirs < ours
    priya.submit(PAGE, {"letters": [one for one in ours if one != "staff_digest"]})
    with app.app_context():
        kept = db.session.get_one(User, road.cast.priya.id)
        assert wishes_of(kept).letters_off == {"staff_digest"}


def chosen_zone(page) -> str:
    """The time zone that the page has chosen, which is chosen once."""
    (option,) = page.one("select", id="time_zone").all("option", selected="")
    return option["value"]


def test_time_zones_are_cities_by_region_with_ones_own_first(visitor, road) -> None:
    page = visitor(road.cast.ana).get(PAGE)
    first, *regions = page.one("select", id="time_zone").all("optgroup")
    assert (first["label"], first.text()) == ("Yours now", "Lisbon")
    told = {group["label"]: [option.text() for option in group.all("option")] for group in regions}
    assert next(iter(told)) == "Africa"
    assert "Lisbon" not in told["Europe"], "it stands on top"
    assert {"Buenos Aires", "Indianapolis", "Knox, Indiana", "New York"} <= set(told["The Americas"])
    assert told["Europe"] == sorted(told["Europe"])
    assert told["Everywhere"] == ["UTC"]
    zones = [option["value"] for option in page.one("select", id="time_zone").all("option")]
    assert len(zones) == len(set(zones)) > 400


def test_a_zone_that_is_offered_to_nobody_any_more_stays_ones_own(app, visitor, road) -> None:
    with road.changing():
        db.session.get_one(User, road.cast.ana.id).time_zone = "US/Central"
    ana = visitor(road.cast.ana)
    assert chosen_zone(ana.get(PAGE)) == "US/Central"
    ana.submit(PAGE, {})
    assert chosen_zone(ana.follow()) == "US/Central"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"time_zone": "Mars/Olympus"},
            "“Mars/Olympus” is not a time zone we know. Choose one like Europe/Lisbon.",
        ),
        ({"time_zone": "../../etc/passwd"}, "is not a time zone we know"),
        ({"called": " "}, "Enter what we should call you"),
        ({"work_start": "18:00", "work_end": "09:00"}, "Your day must end after it starts"),
        ({"work_start": "nine"}, "Enter a time like 09:00"),
        ({"paused_until": "2026-03-03"}, "Choose a day after today, or leave it empty"),
        ({"paused_until": "soon"}, "Enter a date like 2026-03-31"),
        ({"cadence": "hourly"}, "Choose one of the answers shown"),
        ({"letters": ["spam"]}, "Choose only answers that are shown"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(app, visitor, road, fields, sentence) -> None:
    ana = visitor(road.cast.ana)
    ana.get(PAGE)
    page = ana.submit(PAGE, {"called": "Anita", **fields}, status=422)
    assert sentence in page.one("div", id="problems").text()
    for name in set(fields) & {"work_start", "paused_until"}:
        assert page.one("input", id=name)["value"] == fields[name]
    with app.app_context():
        assert db.session.get_one(User, road.cast.ana.id).called == "Ana"


def test_nobody_sets_what_the_page_does_not_ask(app, visitor, road) -> None:
    ben = visitor(road.cast.ben)
    ben.get(PAGE)
    page = ben.post(
        PAGE,
        {"called": "Ben", "work_start": "09:00", "work_end": "17:00", "portal_role": "admin"},
        status=422,
    )
    assert "no field called portal_role" in page.text


def test_other_sessions_are_listed_and_ended(app, visitor, road) -> None:
    here, there = visitor(road.cast.ana), visitor(road.cast.ana)
    there.get(PAGE)
    page = here.get(PAGE)
    assert page.text.count("this one") == 1
    form = next(form for form in page.all("form") if form["action"].endswith("/end"))
    here.post(form["action"])
    assert not [form for form in here.get(PAGE).all("form") if form["action"].endswith("/end")]
    there.get(PAGE, status=303)
    with app.app_context():
        living = db.session.query(Session).filter_by(user_id=road.cast.ana.id, ended_at=None)
        assert living.count() == 1


def test_staff_have_the_page_on_the_desk(visitor, road) -> None:
    page = visitor(road.cast.priya).get(PAGE)
    assert page.one("body")["class"] == "staff"
    assert page.all("a", href="/staff/accounts")
    assert "How do you like to learn?" not in page.text


def test_who_only_looks_after_the_install_lands_on_a_page_that_says_what_they_can_do(
    app, visitor, session
) -> None:
    with app.app_context():
        make.provider()
        root = make.staff("Root Admin", "site_admin")
        both = make.staff("Lena Ruiz", "site_admin", "cs_leader")
        db.session.commit()
    browser = visitor(root)
    browser.get("/", status=303)
    page = browser.follow()
    assert page.status == 200
    assert "so there is no desk here for you" in page.text
    assert not page.all("a", href="/staff/accounts")
    page = browser.get("/staff", status=403)
    assert page.all("a", href="/")
    assert (
        "Here it is done by onboarding consultants, integration specialists, CSMs, account executives, and CS leaders."
        in page.text
    )
    visitor(both).get("/", status=303)
    assert "no desk here for you" not in visitor(both).get(PAGE).text
