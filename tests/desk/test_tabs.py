"""The account's people, calls and documents: who plays which part and when they were here, what came of each call,
and files that are shared from the desk."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal import db, uploads
from portal.accounts.kinds import PortalRole, StakeholderRole
from portal.activity.models import Activity, Audience, Verb, record
from portal.auth.models import Session
from portal.calls.models import Call
from portal.calls.rules import CallState
from tests import make

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture
def at(cast):
    return lambda what="": f"/staff/accounts/{cast.account.ref}{what}?o={cast.onboarding.ref}"


# --- People -------------------------------------------------------------------------------------


def parts(page) -> dict[str, str]:
    return {
        one.one("dt").text(): " / ".join(dd.text() for dd in one.all("dd"))
        for one in page.one("dl", class_="map").all("div")
    }


def test_the_map_names_who_plays_each_part_and_what_is_missing(visitor, cast, at, acted) -> None:
    acted(lambda now: setattr(now.ana, "stakeholder_roles", [StakeholderRole.CHAMPION]))
    found = parts(visitor(cast.priya).get(at("/people")))
    assert found["Champions it"].startswith("Ana Moreira Head of Partnerships")
    assert found["IT contact"].startswith("Ben Ortiz")
    assert found["Sponsors and signs"].startswith("Rui Tavares")
    assert found["Decides"].startswith("Nobody yet")
    assert "Will use it" not in found


def test_somebody_who_left_plays_no_part(visitor, cast, at, acted) -> None:
    def left(now) -> None:
        now.rui.joined_at = now.rui.created_at
        now.rui.leave()

    acted(left)
    page = visitor(cast.priya).get(at("/people"))
    assert parts(page)["Sponsors and signs"].startswith("Nobody yet")
    assert "left 3 Mar" in page.text


def row(page, name: str) -> str:
    return next(row.text() for row in page.one("table").all("tr") if name in row.text())


def test_when_somebody_was_last_here(visitor, cast, at, acted, clock) -> None:
    """Their browser says it; who never came is said to have never come, and to since when they are invited."""
    now = clock.now

    def came(then) -> None:
        then.ana.joined_at, then.rui.invited_at = now - timedelta(days=20), now - timedelta(days=1)
        then.ben.joined_at = now - timedelta(days=2)
        session, _token = Session.begin(then.ana)
        session.seen_at = session.ended_at = now - timedelta(days=4)

    acted(came)
    page = visitor(cast.priya).get(at("/people"))
    assert "seen 27 Feb" in row(page, "Ana Moreira")
    assert "seen 1 Mar" in row(page, "Ben Ortiz")
    assert "invited 2 Mar, never here" in row(page, "Rui Tavares")
    acted(lambda then: record(then.ben, Verb.PROFILE_CHANGED, by=then.ben, audience=Audience.STAFF))
    assert "seen today" in row(visitor(cast.priya).get(at("/people")), "Ben Ortiz")


def test_a_champion_who_is_silent_for_two_weeks_is_marked(visitor, cast, at, acted, clock) -> None:
    def champion(now) -> None:
        now.ana.stakeholder_roles, now.ana.joined_at = [StakeholderRole.CHAMPION], clock.now

    acted(champion)
    for days, marked in ((14, False), (1, True)):
        clock.forward(days=days)
        page = visitor(cast.priya).get(at("/people"))
        warned = [one.text() for one in page.one("dl", class_="map").all("small", class_="is-warn")]
        assert ("seen 3 Mar" in warned) is marked


# --- Calls --------------------------------------------------------------------------------------


def test_calls_say_when_with_whom_and_what_came_of_them(visitor, cast, at, acted, clock) -> None:
    def booked(now) -> None:
        start = clock.now.replace(hour=15, minute=0) + timedelta(days=1)
        plain = {"kind": "check_in", "minutes": 30, "agenda": [], "owner": now.priya, "by": now.ana}
        Call.book(now.onboarding, title="Check-in", start=start, people=[now.ana, now.ben], **plain)
        held = Call.book(
            now.onboarding, title="First talk", start=start + timedelta(hours=1), people=[now.ana], **plain
        )
        held.start, held.state, held.notes = clock.now - timedelta(days=1), CallState.HELD, "All agreed"
        held.next_steps = [{"text": "Send the CSV", "who": "Ben", "due": None}]

    acted(booked)
    page = visitor(cast.priya).get(at("/calls"))
    ahead, behind = page.all("table")
    assert "Check-in" in ahead.text()
    assert "Priya, Ana, Ben" in ahead.text()
    assert "First talk" in behind.text()
    assert "All agreed → Send the CSV, Ben" in behind.text()
    unbooked = next(one.text() for one in page.all("section") if "Not booked yet" in one.text())
    assert cast.step("kickoff").title in unbooked
    assert "to log it when it took place already" in unbooked
    assert not visitor(cast.sam).get(at("/calls")).one("main").all("th", scope="row")[0].all("a")


def test_the_calls_tab_reads_as_much_for_many_calls_as_for_one(
    visitor, cast, at, acted, statements, clock
) -> None:
    def book(now, count: int) -> None:
        for n in range(count):
            start = clock.now - timedelta(hours=5 * n + 5)
            call = Call(
                account_id=now.account.id, onboarding_id=now.onboarding.id, kind="check_in", title=f"Call {n}",
                owner_id=now.priya.id, start=start, minutes=30, state=CallState.HELD, notes="x",
            )  # fmt: skip
            db.session.add(call)

    priya = visitor(cast.priya)
    seen = []
    for count in (2, 20):
        acted(lambda now, count=count: book(now, count))
        with statements() as made:
            priya.get(at("/calls"))
        seen.append(len(made))
    assert seen[0] == seen[1] <= 12


# --- Documents ----------------------------------------------------------------------------------


def test_a_file_is_shared_from_the_desk_with_everybody_or_kept_for_the_team(visitor, cast, at) -> None:
    priya = visitor(cast.priya)
    for name, audience, said in (
        ("plan.pdf", "shared", "“plan.pdf” is shared with everybody on this road."),
        ("margins.pdf", "staff", "“margins.pdf” is kept for your team."),
    ):
        priya.get(at("/documents"))
        priya.submit(at("/documents/upload"), {"file": (io.BytesIO(PDF), name), "audience": audience})
        assert said in priya.follow().text
    page = priya.get(at("/documents"))
    inside = [one.text() for one in page.all("li", class_="inside")]
    assert len(inside) == 1
    assert "margins.pdf" in inside[0]
    assert "Only your team sees this." in inside[0]
    theirs = visitor(cast.ana).get(f"/o/{cast.onboarding.ref}/documents").text
    assert "plan.pdf" in theirs
    assert "margins.pdf" not in theirs
    told = list(db.session.scalars(select(Activity).where(Activity.verb == Verb.DOCUMENT_SHARED)))
    assert [one.audience for one in told] == [Audience.CUSTOMER, Audience.STAFF]
    assert "margins.pdf" not in visitor(cast.ana).get(f"/o/{cast.onboarding.ref}").text


def test_what_the_team_shared_is_removed_at_the_desk_and_the_customer_s_stays(visitor, cast, at) -> None:
    priya, ana, road = visitor(cast.priya), visitor(cast.ana), f"/o/{cast.onboarding.ref}/documents"
    priya.get(at("/documents"))
    priya.submit(at("/documents/upload"), {"file": (io.BytesIO(PDF), "plan.pdf"), "audience": "shared"})
    ana.get(road)
    ana.submit(
        "/documents/upload", {"file": (io.BytesIO(PDF), "hers.pdf")}, content_type="multipart/form-data"
    )
    refs = {one.name: one.ref for one in uploads.documents(cast.onboarding.id, for_staff=True)}
    priya.get(at("/documents"))
    page = priya.post(at(f"/documents/{refs['hers.pdf']}/remove"), status=422)
    assert "“hers.pdf” was shared by the customer." in page.one("div", id="problems").text()
    priya.get(at("/documents"))
    priya.submit(f"/documents/{refs['plan.pdf']}/remove?o={cast.onboarding.ref}")
    assert "“plan.pdf” is removed." in priya.follow().text
    assert "plan.pdf" not in ana.get(road).text
    assert "hers.pdf" in ana.page.text


def test_a_file_that_is_refused_changes_nothing_and_keeps_what_was_chosen(visitor, cast, at) -> None:
    priya = visitor(cast.priya)
    priya.get(at("/documents"))
    page = priya.submit(at("/documents/upload"), {"audience": "staff"}, status=422)
    assert "Choose a file to send." in page.one("div", id="problems").text()
    assert "checked" in next(one for one in page.all("input") if one.get("value") == "staff").attrs
    sent = {"file": (io.BytesIO(b"MZ\x90"), "run.exe"), "audience": "shared"}
    assert "pdf" in priya.submit(at("/documents/upload"), sent, status=422).one("div", id="problems").text()
    sent = {"file": (io.BytesIO(PDF), "plan.pdf"), "audience": "public"}
    assert "Choose one of the answers shown" in priya.post(at("/documents/upload"), sent, status=422).text
    assert uploads.documents(cast.onboarding.id, for_staff=True) == []


def test_a_stranger_shares_nothing_here(app, visitor, cast, at) -> None:
    with app.test_request_context():
        fay = make.person(make.account("Fabrikam"), "Fay Lind", PortalRole.ADMIN)
        db.session.commit()
    for who in (fay, cast.ana):
        browser = visitor(who)
        for tab in ("/people", "/calls", "/documents"):
            browser.get(at(tab), status=404)
        browser.get("/preferences")
        browser.post(at("/documents/upload"), {"file": (io.BytesIO(PDF), "plan.pdf")}, status=404)
    assert uploads.documents(cast.onboarding.id, for_staff=True) == []
