"""Next steps of a call go on the road: with whom, by when, once, and off it again when the log is taken back."""

from datetime import date, timedelta

import pytest

from portal import db
from portal.accounts.kinds import PortalRole
from portal.accounts.models import Person
from portal.calls.forms import HeldForm
from portal.calls.models import Call
from portal.errors import Refused
from portal.onboardings.states import StepState
from tests.calls.cast import FRIDAY, in_app, send, step_of

CSV = {"text": "Send the CSV", "who": "Ana Moreira", "due": "2026-03-13", "on_road": True}
SANDBOX = {"text": "Open the sandbox", "who": "Priya Shah", "due": "2026-03-12", "on_road": True}
NOTE = {"text": "Think about names", "who": "Ben Ortiz", "due": None}


@pytest.fixture
def held(book, cast, clock) -> Call:
    call = book()
    clock.at(FRIDAY + timedelta(hours=1))
    call.hold(notes="All good", next_steps=[CSV, SANDBOX, NOTE], by=cast.priya)
    db.session.commit()
    return call


def test_next_steps_become_steps_of_whoever_does_them(held, cast) -> None:
    csv, sandbox, note = (one["item"] for one in held.agreed)
    assert note is None
    assert [(s.title, s.owner_side, s.assignee, s.due_on) for s in (csv, sandbox)] == [
        ("Send the CSV", "customer", cast.ana, date(2026, 3, 13)),
        ("Open the sandbox", "us", cast.priya, date(2026, 3, 12)),
    ]
    assert csv.spec.why == "Agreed in “Kickoff” on 6 Mar."
    assert csv.stage is cast.onboarding.stage


def test_other_notes_double_nothing(held, cast) -> None:
    before = len(cast.onboarding.steps)
    held.rewrite(
        notes="Better said", next_steps=[NOTE], recording_link=None, seen=held.log_seal, by=cast.priya
    )
    assert len(cast.onboarding.steps) == before
    assert [one["text"] for one in held.next_steps] == [
        "Send the CSV",
        "Open the sandbox",
        "Think about names",
    ]


def test_a_log_taken_back_leaves_out_what_is_not_done(held, cast) -> None:
    csv, sandbox, _note = (one["item"] for one in held.agreed)
    sandbox.complete(by=cast.priya)
    held.take_back("It was cancelled", by=cast.priya)
    assert (csv.state, csv.skip_reason) == (StepState.SKIPPED, "It was cancelled")
    assert sandbox.is_done
    assert held.next_steps == []


def test_a_day_that_has_passed_changes_nothing(book, cast, clock) -> None:
    call = book()
    db.session.commit()
    clock.at(FRIDAY + timedelta(days=4))
    with pytest.raises(Refused, match="That day has passed"):
        call.hold(notes="x", next_steps=[{**CSV, "due": "2026-03-09"}], by=cast.priya)


# --- On the page --------------------------------------------------------------------------------

LOG = {"notes": "By telephone", "text_1": "Send the CSV", "due_1": "2026-03-13"}


def log(cast, **more: str) -> dict[str, str]:
    return {**LOG, "who_1": cast.ana.ref, **more}


@pytest.fixture
def path(app, cast, clock) -> str:
    with in_app(app):
        onboarding = db.session.get(type(cast.onboarding), cast.onboarding.id)
        ana = db.session.get(type(cast.ana), cast.ana.id)
        call = Call.book(
            onboarding, kind="kickoff", title="Kickoff", minutes=60, agenda=[], owner=onboarding.owner,
            start=FRIDAY, by=ana, people=[ana], step=step_of(onboarding, "book_call", "kickoff"),
        )  # fmt: skip
        db.session.commit()
        found = f"/staff/calls/{call.ref}"
    clock.at(FRIDAY + timedelta(hours=1))
    return found


def test_the_tick_is_there_from_the_start_and_ana_reads_what_was_added(app, cast, enter, path, clock) -> None:
    priya = enter(cast.priya)
    priya.get(path)
    priya.submit("/held", log(cast))
    assert "On the road already" in priya.follow().text
    link = next(a for a in priya.page.all("a") if a.text() == "Send the CSV")
    assert "“Send the CSV”" in priya.get(link["href"]).text or "Send the CSV" in priya.page.text
    ana = enter(cast.ana)
    home = ana.get(f"/o/{cast.onboarding.ref}")
    assert "1 item added on 6 Mar" in home.text
    assert "“Send the CSV” is added. Agreed in “Kickoff” on 6 Mar." in home.text
    shown = ana.get(path.replace("/staff", f"/o/{cast.onboarding.ref}"))
    link = next(a for a in shown.all("a") if a.text() == "Send the CSV")
    assert ana.get(link["href"]).one("h1").text() == "Send the CSV"


def test_without_a_tick_or_a_day_it_stays_a_note(app, cast, enter, path) -> None:
    priya = enter(cast.priya)
    priya.get(path)
    fields = {**log(cast), "due_1": "", "text_2": "Ask IT", "who_2": cast.ben.ref, "due_2": "2026-03-13"}
    form = priya.page.form("/held")
    assert [box.get("checked") is not None for box in form.all("input", type="checkbox")] == [True] * 4
    send(priya, priya.token(), f"{path}/held", {**fields, "road_1": "y"}, 303)
    with in_app(app):
        assert [one.get("step") for one in db.session.query(Call).one().next_steps] == [None, None]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"who_1": "rui"}, "Rui can't finish items."),
        ({"due_1": "2026-03-05"}, "The call was on"),
        ({"who_1": "fay"}, "Choose someone who works on this onboarding"),
    ],
)
def test_what_cannot_go_on_the_road_is_said_and_kept(app, cast, enter, path, wrong, sentence) -> None:
    priya = enter(cast.priya)
    priya.get(path)
    wrong = {name: getattr(cast, text).ref if name == "who_1" else text for name, text in wrong.items()}
    page = priya.submit("/held", {**log(cast), **wrong}, 422)
    assert sentence in page.text
    assert page.one("input", name="text_1")["value"] == "Send the CSV"
    with in_app(app):
        assert db.session.query(Call).one().next_steps == []


def test_a_day_past_by_the_time_of_the_log_is_said_at_its_field(cast, enter, path, clock) -> None:
    clock.at(FRIDAY + timedelta(days=4))
    priya = enter(cast.priya)
    priya.get(path)
    page = priya.submit("/held", {**log(cast), "due_1": "2026-03-09"}, 422)
    assert "Choose today or later, or leave it off the road" in page.text


def test_the_rivals_admin_finds_neither_call_nor_step(app, cast, enter, path) -> None:
    priya = enter(cast.priya)
    priya.get(path)
    priya.submit("/held", log(cast))
    with in_app(app):
        step = db.session.query(Call).one().next_steps[0]["step"]
    fay, call = enter(cast.fay), path.replace("/staff", f"/o/{cast.onboarding.ref}")
    assert enter(cast.ana).get(call).status == 200
    assert fay.get(call, 404).source == fay.get(f"{call}x", 404).source, "as if there were none"
    theirs = fay.get(f"/o/{cast.rival.ref}/steps/{step}", 404)
    assert theirs.source == fay.get(f"/o/{cast.rival.ref}/steps/{step}x", 404).source
    assert LOG["text_1"] not in theirs.text


def test_in_a_pause_nothing_goes_on_the_road(app, cast, enter, path) -> None:
    with in_app(app):
        onboarding = db.session.get(type(cast.onboarding), cast.onboarding.id)
        onboarding.pause("Audit", date(2026, 4, 1), by=onboarding.owner)
        db.session.commit()
    priya = enter(cast.priya)
    priya.get(path)
    assert priya.page.form("/held").all("input", type="checkbox") == []
    send(priya, priya.token(), f"{path}/held", {**log(cast), "road_1": "y"}, 303)
    with in_app(app):
        assert db.session.query(Call).one().next_steps[0].get("step") is None
        assert step_of(db.session.get(type(cast.onboarding), cast.onboarding.id), "attend_call", "kickoff")


# --- Who ----------------------------------------------------------------------------------------


@pytest.fixture
def twins(app, cast) -> list[str]:
    """The refs of two more people called Ana Moreira: one at Northwind, one of ours."""
    with in_app(app):
        ana, priya = (db.session.get(type(one), one.id) for one in (cast.ana, cast.priya))
        theirs = Person(
            name=ana.name, called="Ana", email="ana.two@northwind.example", portal_role=PortalRole.TEAMMATE,
            account=ana.account,
        )  # fmt: skip
        db.session.add(theirs)
        priya.name = ana.name
        db.session.commit()
        return [theirs.ref, priya.ref]


def test_of_three_people_of_one_name_the_chosen_one_gets_it(app, cast, enter, path, twins) -> None:
    priya = enter(cast.priya)
    shown = {one["value"]: one.text() for one in priya.get(path).one("select", id="who_1").all("option")}
    assert shown[cast.ana.ref] == "Ana Moreira (ana@northwind.example)"
    assert shown[twins[0]] == "Ana Moreira (ana.two@northwind.example)"
    assert shown[twins[1]] == "Ana Moreira (Partnerly)"
    assert shown[cast.ben.ref] == "Ben Ortiz"
    more = {"text_2": "Open the sandbox", "who_2": twins[1], "due_2": "2026-03-13"}
    priya.submit("/held", log(cast, who_1=twins[0], **more))
    with in_app(app):
        (one, two) = db.session.query(Call).one().agreed
        assert [one["item"].assignee.ref, two["item"].assignee.ref] == twins
        assert [one["item"].owner_side, two["item"].owner_side] == ["customer", "us"]


def test_whoever_is_renamed_keeps_what_they_agreed_to(app, cast, enter, path) -> None:
    priya = enter(cast.priya)
    priya.get(path)
    priya.submit("/held", log(cast, due_1=""))
    with in_app(app):
        db.session.get(type(cast.ana), cast.ana.id).name = "Ana Moreira Duarte"
        db.session.commit()
    page = priya.get(path)
    assert "Send the CSV · Ana Moreira Duarte" in page.text
    assert page.one("select", id="who_1").one("option", selected="")["value"] == cast.ana.ref
    tab = priya.get(f"/staff/accounts/{cast.northwind.ref}/calls")
    assert "Send the CSV, Ana Moreira Duarte" in tab.text
    priya.get(path)
    priya.submit("/notes", {"due_1": "2026-03-13", "road_1": "y"})
    with in_app(app):
        (one,) = db.session.query(Call).one().agreed
        assert one["item"].assignee.ref == cast.ana.ref


def test_a_log_from_before_names_its_person_still(held, cast) -> None:
    assert held.agreed[2]["who"] == "Ben Ortiz"
    assert HeldForm.of(held).who_1.data == cast.ben.ref
    cast.rui.name = "Ben Ortiz"
    assert HeldForm.of(held).who_1.data == "", "which of the two isn't known"
