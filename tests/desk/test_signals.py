"""Signals: recorded in two clicks, on top until somebody says what came of them, and silent towards the customer."""

import pytest
from sqlalchemy import select

from portal import db
from portal.accounts.kinds import PortalRole
from portal.accounts.models import Person
from portal.activity.models import Activity, Audience, Verb
from portal.onboardings.signals import KINDS, Signal, SignalKind
from tests import make


@pytest.fixture
def at(cast):
    return lambda what="": f"/staff/accounts/{cast.account.ref}{what}?o={cast.onboarding.ref}"


@pytest.fixture
def given(acted):
    """A signal of earlier: `given("surprise", "They expected SSO")`."""

    def give(kind: str, text: str, *, by: str = "priya", step: str = "", person: str = "") -> Signal:
        return acted(
            lambda now: Signal.give(
                now.onboarding,
                SignalKind(kind),
                text,
                by=getattr(now, by),
                step=now.step(step) if step else None,
                person=getattr(now, person) if person else None,
            )
        )

    return give


def signals() -> list[Signal]:
    return list(db.session.scalars(select(Signal).order_by(Signal.id)))


def attention(page) -> str:
    return " / ".join(one.text() for one in page.all("section", class_="calling"))


@pytest.mark.parametrize("kind", SignalKind)
def test_each_kind_is_recorded_with_a_sentence_and_stands_in_the_history(visitor, cast, at, kind) -> None:
    june = visitor(cast.june)
    page = june.get(at())
    assert attention(page) == ""
    june.submit(f"{at('/signals')}&from=overview", {"kind": kind.value, "text": "It came up in the call"})
    page = june.follow()
    calls = kind is not SignalKind.PRAISE
    assert (f"{KINDS[kind]}: “It came up in the call” June, 3 Mar" in attention(page)) is calls
    line = page.one("ul", class_="history").all("li")[0].text()
    assert f"June Park recorded: {KINDS[kind]}: “It came up in the call”" in line
    assert "Only your team sees this." in line
    (kept,) = db.session.scalars(select(Activity).where(Activity.verb == Verb.SIGNAL_RECORDED))
    assert (kept.audience, kept.data) == (Audience.STAFF, {"after": {"kind": kind.value}})


def test_what_is_missing_is_said_and_what_was_typed_stays(visitor, cast, at) -> None:
    june = visitor(cast.june)
    june.get(at("/history"))
    action = f"{at('/signals')}&from=history"
    page = june.submit(action, {"text": "Something happened"}, status=422)
    assert "Choose what you noticed" in page.one("div", id="problems").text()
    assert page.one("input", id="signal-text")["value"] == "Something happened"
    page = june.submit(action, {"kind": "blocker", "text": " "}, status=422)
    assert "Write in one sentence what happened" in page.one("div", id="problems").text()
    assert "checked" in page.one("input", type="radio", value="blocker").attrs
    page = june.submit(action, {"kind": "blocker", "text": "x" * 401}, status=422)
    assert "under 400 characters" in page.text
    assert "Choose one of the answers" in june.post(action, {"kind": "boredom", "text": "x"}, status=422).text
    assert signals() == []


# --- Settling -----------------------------------------------------------------------------------


def test_it_stays_on_top_until_somebody_says_what_came_of_it(visitor, cast, at, given) -> None:
    signal = given("frustration", "The import failed twice")
    june = visitor(cast.june)
    assert "Frustration: “The import failed twice” Priya, 3 Mar" in attention(june.get(at()))
    page = june.submit(at(f"/signals/{signal.ref}/settle"), {"outcome": ""}, status=422)
    assert "Write in one sentence what came of it" in page.one("div", id="problems").text()
    june.submit(at(f"/signals/{signal.ref}/settle"), {"outcome": "We imported it together"})
    page = june.follow()
    assert attention(page) == ""
    assert "June Park settled: Frustration: “We imported it together”" in page.text
    kept = db.session.get_one(Signal, signal.id)
    assert (kept.settled_by_id, kept.outcome) == (cast.june.id, "We imported it together")
    assert kept.settled_at is not None


def test_whoever_is_second_reads_what_the_first_said(visitor, cast, at, given) -> None:
    signal = given("blocker", "The bank is slow")
    june, priya = visitor(cast.june), visitor(cast.priya)
    june.get(at())
    priya.get(at())
    june.submit(at(f"/signals/{signal.ref}/settle"), {"outcome": "They pay by card"})
    page = priya.submit(at(f"/signals/{signal.ref}/settle"), {"outcome": "The bank answered"}, status=422)
    assert (
        "June Park settled this on Tue 3 March: “They pay by card”" in page.one("div", id="problems").text()
    )
    assert "You wrote: “The bank answered”" in page.text
    assert db.session.get_one(Signal, signal.id).outcome == "They pay by card"


# --- Who left -----------------------------------------------------------------------------------


def test_who_left_is_named_and_loses_nothing_by_the_signal_alone(visitor, cast, at, acted) -> None:
    june = visitor(cast.june)
    june.get(at())
    sent = {"kind": "sponsor_left", "text": "Rui went to a bank", "person": cast.rui.ref}
    june.submit(f"{at('/signals')}&from=overview", sent)
    page = june.follow()
    assert db.session.get_one(Person, cast.rui.id).is_active
    link = next(a for a in page.all("a") if a.text() == "Mark Rui as gone, which ends their access")
    assert link["href"] == at("/people") + f"#p-{cast.rui.ref}"
    acted(lambda now: setattr(now.rui, "joined_at", now.rui.created_at))
    page = june.get(link["href"].partition("#")[0])
    assert page.one("tr", id=f"p-{cast.rui.ref}")
    june.submit(at(f"/people/{cast.rui.ref}/left"))
    page = june.follow()
    assert "Rui Tavares is marked as gone and can't sign in any more." in page.text
    assert not db.session.get_one(Person, cast.rui.id).is_active
    assert "Mark Rui as gone" not in june.get(at()).text
    assert "June Park noted that Rui Tavares has left" in june.get(at("/history")).text
    visitor(cast.rui).get(f"/o/{cast.onboarding.ref}", status=303)


def test_the_only_admin_is_replaced_first(visitor, cast, at, acted) -> None:
    acted(lambda now: setattr(now.ana, "joined_at", now.ana.created_at))
    priya = visitor(cast.priya)
    priya.get(at("/people"))
    page = priya.submit(at(f"/people/{cast.ana.ref}/left"), status=422)
    assert "Make someone else an admin first." in page.one("div", id="problems").text()
    assert db.session.get_one(Person, cast.ana.id).is_active
    page = priya.post(at("/people/nobody/left"), status=404)


def test_somebody_who_isnt_listed_may_have_left(visitor, cast, at, given) -> None:
    given("champion_left", "Their head of sales is gone")
    page = visitor(cast.priya).get(at())
    assert "Say who left, on the people page" in attention(page)
    given("frustration", "Loud in the call", person="ben")
    assert signals()[1].person_id is None


# --- Who may ------------------------------------------------------------------------------------


def test_a_specialist_records_and_reads_what_is_technical(visitor, cast, at, given) -> None:
    hidden = given("frustration", "The price is too high")
    given("blocker", "The port is closed", step="api_keys")
    tomas = visitor(cast.tomas)
    page = tomas.get(at())
    assert "The port is closed" in attention(page)
    assert "The price" not in page.text
    sent = {"kind": "blocker", "text": "No key yet"}
    page = tomas.submit(f"{at('/signals')}&from=overview", sent, status=422)
    assert "Choose the technical step that it is about." in page.text
    tomas.submit(f"{at('/signals')}&from=overview", {**sent, "step": cast.step("api_keys").ref})
    tomas.post(at(f"/signals/{hidden.ref}/settle"), {"outcome": "x"}, status=404)
    assert "The price" not in tomas.get(at("/history")).text


def test_nobody_else_records_or_settles_one(app, visitor, cast, at, given) -> None:
    signal = given("surprise", "They expected SSO")
    with app.test_request_context():
        fay = make.person(make.account("Fabrikam"), "Fay Lind", PortalRole.ADMIN)
        db.session.commit()
    sent = {"kind": "praise", "text": "x", "person": "", "step": ""}
    for who, status in ((cast.sam, 403), (cast.ana, 404), (fay, 404)):
        browser = visitor(who)
        settled = (f"/signals/{signal.ref}/settle", {"outcome": "x"})
        for what, fields in (("/signals", sent), settled, (f"/people/{cast.rui.ref}/left", {})):
            browser.get("/preferences")
            browser.post(at(what), fields, status=status)
    assert "They expected SSO" in attention(visitor(cast.sam).get(at()))
    assert "SSO" not in visitor(cast.ana).get(f"/o/{cast.onboarding.ref}").source
    assert len(signals()) == 1
