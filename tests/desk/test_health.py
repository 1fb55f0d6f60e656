"""How onboardings stand, on the list, beside it and on the account's page; and what somebody says instead."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal import db
from portal.activity.models import Activity, Audience, Verb
from portal.health import jobs, standing
from portal.health.models import HealthOverride
from portal.health.rules import RISK, WATCH, Reason
from portal.onboardings.models import Onboarding
from portal.onboardings.signals import Signal, SignalKind
from portal.onboardings.standings import Health, Quiet

CASES = {
    "Fabrikam": (Health.STALLED, Quiet.GHOSTING, [], {"silent": 8, "life": 8, "limit": 5}),
    "Tailspin": (
        Health.AT_RISK,
        None,
        [Reason("R16", RISK, {"value": 4, "limit": 3}), Reason("R9", WATCH, {"value": 4, "limit": 3})],
        {},
    ),
    "Adatum": (Health.WATCH, None, [Reason("R6", WATCH, {"value": 1, "limit": 1})], {}),
    "Litware": (Health.ON_TRACK, None, [], {}),
}


@pytest.fixture
def four(more, clock) -> dict[str, Onboarding]:
    """One of Priya's in each of four states of health, looked at just now."""
    made = {}
    for name, (label, quiet, reasons, evidence) in CASES.items():
        (made[name],) = more(
            name,
            health=label,
            quiet=quiet,
            health_reasons=[one.as_json() for one in reasons],
            health_evidence=evidence,
            health_since=clock.now,
            health_at=clock.now,
        )
    return made


def row(page, name: str) -> str:
    return next(one.text() for one in page.all("tr") if one.all("a") and one.all("a")[0].text() == name)


# --- The list -------------------------------------------------------------------------------------


def test_a_row_says_its_health_and_why_in_a_few_words(visitor, cast, four):
    page = visitor(cast.priya).get("/staff/accounts")
    assert "Stalled Silent 8 days" in row(page, "Fabrikam")
    assert "At risk Kickoff not booked, 1 more" in row(page, "Tailspin")
    assert "Watch 1 missed call" in row(page, "Adatum")
    assert row(page, "Litware").endswith("On track")


def test_counts_and_a_filter_find_those_of_one_health(visitor, cast, four):
    priya = visitor(cast.priya)
    page = priya.get("/staff/accounts")
    counts = {link.text(): link.get("href") for link in page.one("ul", **{"class": "counts"}).all("a")}
    assert {"Stalled 1", "At risk 1"} <= set(counts)
    found = priya.get(counts["At risk 1"])
    assert [
        one.text() for one in found.one("table").all("a") if one.get("href").startswith("/staff/accounts/")
    ] == ["Tailspin"]
    assert "1 of 1 shown" in found.text
    assert found.one("select", id="health").one("option", selected="").text() == "At risk"


def test_a_filter_that_finds_none_says_so_kindly(visitor, cast, four):
    page = visitor(cast.priya).get("/staff/accounts?health=waiting_on_us&who=all")
    assert "No account is “Waiting on us”. Good week." in page.text


def test_a_saved_view_keeps_the_health(visitor, cast, four):
    priya = visitor(cast.priya)
    priya.get("/staff/accounts?health=stalled")
    priya.post("/staff/accounts/views?health=stalled&who=mine", {"name": "Silent ones"})
    page = priya.get("/staff/accounts")
    link = next(one for one in page.all("a") if one.text() == "Silent ones")
    assert "health=stalled" in link.get("href")


def test_the_file_has_health_and_why(visitor, cast, four):
    page = visitor(cast.priya).get("/staff/accounts.csv")
    lines = list(csv.reader(io.StringIO(page.source.lstrip("\ufeff"))))
    at = lines[0].index("Health")
    said = {line[0]: line[at] for line in lines[1:]}
    assert (lines[0][at + 1], said["Adatum"], said["Northwind"]) == ("Why", "Watch", "")


def test_health_that_is_a_day_old_says_as_of_when(visitor, cast, four, clock):
    clock.forward(hours=23)
    assert "Health as of" not in visitor(cast.priya).get("/staff/accounts").text
    clock.forward(hours=2)
    assert "Health as of Tue 3 Mar, 03:00" in row(visitor(cast.priya).get("/staff/accounts"), "Adatum")


def test_beside_the_list_stands_every_reason_with_its_limit(visitor, cast, four):
    page = visitor(cast.priya).get(f"/staff/accounts?peek={four['Tailspin'].ref}")
    said = page.one("aside", **{"class": "peek"}).text()
    assert "Kickoff not booked 4 working days after the start; limit 3" in said
    assert "4 support tickets since the start; limit 3" in said


# --- The account's page ---------------------------------------------------------------------------


@pytest.fixture
def running(cast, acted, clock):
    """Northwind on its day 0, with a signal of frustration, looked at just now."""
    clock.forward(days=6)
    acted(lambda now: now.onboarding.begin())
    acted(lambda now: Signal.give(now.onboarding, SignalKind.FRUSTRATION, "Too many calls", by=now.priya))
    jobs.refresh_changed()
    return cast


@pytest.fixture
def at(running):
    def place(more: str = "") -> str:
        return f"/staff/accounts/{running.account.ref}{more}?o={running.onboarding.ref}"

    return place


def fields(page, **changes: str) -> dict[str, str]:
    return {"label": "on_track", "why": "They agreed the new date by phone", **changes}


def road(cast) -> Onboarding:
    return db.session.get_one(Onboarding, cast.onboarding.id)


def test_the_head_says_it_in_short_and_the_overview_every_reason(visitor, running, at):
    page = visitor(running.priya).get(at())
    assert "At risk: Frustration, 2 more" in page.one("h1").parent.text()
    attention = page.one("section", **{"aria-labelledby": "calling-h"}).text()
    assert "Watch Kickoff not booked 0 working days after the start; limit 3" in attention
    assert "“Too many calls”" in attention


def test_what_changed_stands_in_the_history_for_our_team(visitor, running, at, acted):
    acted(lambda now: db.session.scalars(select(Signal)).one().settle("Fewer calls", by=now.priya))
    jobs.refresh_changed()
    assert "Health changed" in visitor(running.priya).get(at("/history")).text
    told = db.session.scalars(select(Activity).where(Activity.verb == Verb.HEALTH_CHANGED)).one()
    assert told.audience is Audience.STAFF


def test_set_by_hand_it_holds_for_a_week_whatever_happens(visitor, running, at, clock):
    priya = visitor(running.priya)
    page = priya.get(at())
    priya.post(at("/health"), fields(page))
    assert road(running).health is Health.ON_TRACK
    said = priya.get(at()).text
    assert "Priya Rao set it on 9 Mar, until 16 Mar: “They agreed the new date by phone”" in said
    seen = {}
    for day in range(9, 19):
        clock.at(clock.now.replace(day=day, hour=20))
        jobs.evening()
        seen[day] = road(running).health
    assert {day for day, label in seen.items() if label is Health.ON_TRACK} == set(range(9, 17))
    assert db.session.scalars(select(HealthOverride)).one().ended_by_id is None


def test_it_ends_early_by_hand(visitor, running, at):
    priya = visitor(running.priya)
    page = priya.get(at())
    priya.post(at("/health"), fields(page))
    priya.post(at("/health/end"))
    assert road(running).health is Health.AT_RISK
    assert db.session.scalars(select(HealthOverride)).one().ended_by_id == running.priya.id
    page = priya.post(at("/health/end"), status=422)
    assert "Health follows the facts already." in page.text


def test_the_newest_word_counts_and_the_one_before_is_kept(visitor, running, at):
    priya, june = visitor(running.priya), visitor(running.june)
    priya.post(at("/health"), fields(priya.get(at())))
    june.post(at("/health"), fields(june.get(at()), label="watch", why="Not so sure"))
    june.post(at("/health"), fields(june.get(at()), label="watch", why="Not so sure"))  # A second click.
    rows = db.session.scalars(select(HealthOverride).order_by(HealthOverride.id)).all()
    assert [(one.label, one.ended_at is None) for one in rows] == [
        (Health.ON_TRACK, False),
        (Health.WATCH, True),
    ]
    assert road(running).health is Health.WATCH


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"why": ""}, "Write why; your colleagues read it"),
        ({"label": "stalled"}, "Choose one of the answers shown"),
        ({"label": ""}, "Choose what it is"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(visitor, running, at, changes, sentence):
    priya = visitor(running.priya)
    page = priya.post(at("/health"), fields(priya.get(at()), **changes), status=422)
    assert sentence in page.text
    assert page.one("textarea", id="health-why").text() == changes.get(
        "why", "They agreed the new date by phone"
    )
    assert road(running).health is Health.AT_RISK


def test_a_pause_is_a_pause_whatever_somebody_said(visitor, running, at, acted):
    priya = visitor(running.priya)
    priya.post(at("/health"), fields(priya.get(at())))
    acted(lambda now: now.onboarding.pause("Year end", now.account.today + timedelta(days=9), by=now.priya))
    jobs.refresh_changed()
    assert road(running).health is Health.ON_HOLD
    page = priya.post(at("/health"), fields(page=None), status=422)
    assert "Health can be set while the onboarding runs" in page.text


def test_only_who_may_is_offered_to(visitor, running, at):
    offered = {
        who.called: "Set it by hand" in visitor(who).get(at()).text
        for who in (running.priya, running.june, running.tomas, running.sam)
    }
    assert offered == {"Priya": True, "June": True, "Tomás": False, "Sam": False}


def test_a_call_that_nobody_booked_is_the_consultants_to_see(visitor, running, at, acted):
    missing = Reason("R6", WATCH, {"missing": ["module_discussion"], "limit": 80})
    acted(lambda now: setattr(now.onboarding, "health_reasons", [missing.as_json()]))
    shown = {
        who.called: "Neither held nor booked: Module discussion" in visitor(who).get(at()).text
        for who in (running.priya, running.june)
    }
    assert shown == {"Priya": True, "June": False}


def test_the_overview_takes_at_most_twelve_statements_when_health_is_set(
    visitor, running, at, acted, statements
):
    acted(lambda now: standing.override(now.onboarding, Health.WATCH, "Why not", by=now.priya))
    priya = visitor(running.priya)
    priya.get(at())
    with statements() as seen:
        priya.get(at())
    assert len(seen) <= 12, "\n\n".join(seen)


def test_T06_the_customer_reads_nothing_of_it(visitor, running):
    ana = visitor(running.ana)
    for page in ("", "/stages/welcome", "/messages", "/team"):
        said = ana.get(f"/o/{running.onboarding.ref}{page}").source.lower()
        assert not [word for word in ("at risk", "stalled", "frustration", "health") if word in said], page
