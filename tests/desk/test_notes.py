"""Notes of our team: who writes and reads which, on which day they are corrected, and that no customer reads one."""

import pytest
from sqlalchemy import select

from portal import db
from portal.accounts.kinds import TeamRole
from portal.activity.models import Activity, Audience, Verb
from portal.onboardings.notes import Note, technical
from tests import make


@pytest.fixture
def at(cast):
    return lambda what="": f"/staff/accounts/{cast.account.ref}{what}?o={cast.onboarding.ref}"


@pytest.fixture
def written(acted):
    """Something written earlier: `written("Quiet")`, `written("Keys", by="tomas", step="api_keys")`."""

    def write(body: str, *, by: str = "priya", step: str = "") -> Note:
        return acted(
            lambda now: Note.write(
                now.onboarding, body, by=getattr(now, by), step=now.step(step) if step else None
            )
        )

    return write


def notes() -> list[Note]:
    return list(db.session.scalars(select(Note).order_by(Note.id)))


def told(*verbs: Verb) -> list[Activity]:
    return list(db.session.scalars(select(Activity).where(Activity.verb.in_(verbs)).order_by(Activity.id)))


@pytest.mark.parametrize("tab", ["overview", "history"])
def test_a_note_is_written_on_the_overview_and_on_the_history(visitor, cast, at, tab) -> None:
    priya = visitor(cast.priya)
    priya.get("/preferences")
    where = at() if tab == "overview" else at("/history")
    priya.get(where)
    priya.submit(f"{at('/notes')}&from={tab}", {"body": "Rui went quiet.\nSam offers to call."})
    assert priya.page.location == where
    page = priya.follow()
    assert "Kept. Only your team sees it." in page.text
    (line,) = page.one("ul", class_="history").all("li", class_="inside")
    assert "Priya Rao wrote a note" in line.text()
    assert "Only your team sees this." in line.text()
    assert line.one("p", class_="written").text() == "Rui went quiet. Sam offers to call."
    assert [one.audience for one in told(Verb.NOTE_WRITTEN)] == [Audience.STAFF]


def test_a_note_about_a_step_stands_on_its_page(visitor, cast, at) -> None:
    step = cast.step("api_keys")
    priya = visitor(cast.priya)
    page = priya.get(at(f"/steps/{step.ref}"))
    page = priya.get(next(a for a in page.all("a") if a.text() == "Write a note about it")["href"])
    chosen = next(
        one for one in page.form(f"{at('/notes')}&from=overview").all("option") if "selected" in one.attrs
    )
    assert chosen.text() == step.title
    priya.submit(f"{at('/notes')}&from=overview", {"body": "Their IT is slow on Mondays"})
    page = priya.get(at(f"/steps/{step.ref}"))
    assert "Their IT is slow on Mondays" in page.one("div", class_="inside-note").text()
    assert f"wrote a note about “{step.title}”" in priya.get(at("/history")).text


def test_what_is_refused_keeps_what_was_typed(visitor, cast, at) -> None:
    priya = visitor(cast.priya)
    priya.get(at())
    action = f"{at('/notes')}&from=overview"
    assert "Write something first." in priya.submit(action, {"body": " \n "}, status=422).text
    page = priya.submit(action, {"body": "y" * 2001}, status=422)
    assert "Keep a note under 2,000 characters" in page.one("div", id="problems").text()
    assert "y" * 2001 in page.one("textarea", id="note-body").text()
    page = priya.post(action, {"body": "x", "step": "nothing"}, status=422)
    assert "Choose one of the answers shown" in page.text
    assert notes() == []


# --- Correcting ---------------------------------------------------------------------------------


def corrections(page) -> list[str]:
    return [form["action"] for form in page.all("form") if "/correct" in form["action"]]


def test_ones_own_note_is_corrected_on_its_day_and_the_record_keeps_both(visitor, cast, at, written) -> None:
    note = written("Rui leaves in May")
    priya = visitor(cast.priya)
    priya.get(at("/history"))
    priya.submit(at(f"/notes/{note.ref}/correct"), {"body": "Rui leaves in June"})
    line = priya.follow().one("ul", class_="history").all("li")[0]
    assert "corrected a note: before: Rui leaves in May now: Rui leaves in June" in line.text()
    assert line.one("s").text() == "before: Rui leaves in May"
    assert "Only your team sees this." in line.text()
    assert db.session.get_one(Note, note.id).body == "Rui leaves in June"
    (kept,) = told(Verb.NOTE_CORRECTED)
    assert (kept.audience, kept.data) == (Audience.STAFF, {})


def test_a_note_of_yesterday_stays_as_it_is(visitor, cast, at, written, clock) -> None:
    note = written("As it was")
    clock.forward(days=1)
    priya = visitor(cast.priya)
    assert corrections(priya.get(at("/history"))) == []
    page = priya.post(at(f"/notes/{note.ref}/correct"), {"body": "Otherwise"}, status=422)
    assert "on its own day only" in page.one("div", id="problems").text()
    assert db.session.get_one(Note, note.id).body == "As it was"


def test_a_colleagues_note_is_theirs(visitor, cast, at, written) -> None:
    note = written("Mine")
    june = visitor(cast.june)
    assert corrections(june.get(at("/history"))) == []
    page = june.post(at(f"/notes/{note.ref}/correct"), {"body": "Ours"}, status=422)
    assert "This note is Priya Rao's." in page.one("div", id="problems").text()


def test_an_empty_correction_is_refused_beside_its_note(visitor, cast, at, written) -> None:
    note = written("Mine")
    priya = visitor(cast.priya)
    priya.get(at("/history"))
    page = priya.submit(at(f"/notes/{note.ref}/correct"), {"body": ""}, status=422)
    assert "Write something first." in page.one("div", id="problems").text()
    fold = next(one for one in page.all("details") if one.all("textarea", id=f"note-{note.ref}-body"))
    assert "open" in fold.attrs


# --- Who ----------------------------------------------------------------------------------------


def test_a_specialist_writes_and_reads_of_technical_modules_only(visitor, cast, at, written) -> None:
    written("About the money")
    written("About the keys", step="api_keys")
    mine = written("Seen by me", by="tomas", step="api_keys")
    tomas = visitor(cast.tomas)
    for page in (tomas.get(at()), tomas.get(at("/history")), tomas.get(at("/history") + "&kind=notes")):
        assert "About the money" not in page.text
        assert "About the keys" in page.text
        assert "Seen by me" in page.text
    offered = [one.get("value") for one in tomas.get(at()).one("select", id="note-step").all("option")]
    assert set(offered) == {"", *(step.ref for step in technical(cast.onboarding))}
    page = tomas.submit(f"{at('/notes')}&from=overview", {"body": "About nothing"}, status=422)
    assert "Choose the technical step that it is about." in page.one("div", id="problems").text()
    assert page.one("textarea", id="note-body").text() == "About nothing"
    other = next(note for note in notes() if note.body == "About the money")
    tomas.post(at(f"/notes/{other.ref}/correct"), {"body": "x"}, status=404)
    assert db.session.get_one(Note, mine.id).step_id == cast.step("api_keys").id


def test_an_account_executive_reads_their_own_and_writes_none(app, visitor, cast, at, written) -> None:
    written("About the money")
    sam = visitor(cast.sam)
    page = sam.get(at("/history"))
    assert "About the money" in page.text
    assert not [form for form in page.all("form") if "/notes" in form["action"]]
    sam.post(at("/notes"), {"body": "x", "step": ""}, status=403)
    with app.test_request_context():
        stranger = make.staff("Ada Quist", "account_executive")
        db.session.commit()
    visitor(stranger).get(at("/history"), status=404)


def test_no_customer_reads_or_writes_one(visitor, cast, at, written) -> None:
    step = next(step for step in cast.onboarding.steps if step.visible)
    note = written("Careful with the new boss", step=step.key)
    ana = visitor(cast.ana)
    road = f"/o/{cast.onboarding.ref}"
    for path in (road, f"{road}/steps/{step.ref}", f"{road}/messages", f"{road}/team", f"{road}/mine"):
        assert "new boss" not in ana.get(path).source
    for what, sent in (("/notes", {"body": "x", "step": ""}), (f"/notes/{note.ref}/correct", {"body": "x"})):
        ana.get("/preferences")
        ana.post(at(what), sent, status=404)
    assert len(notes()) == 1


def test_a_note_of_another_customer_is_not_here(app, visitor, cast, at, written) -> None:
    note = written("Northwind's")
    with app.test_request_context():
        other = make.account("Fabrikam")
        theirs = make.onboarding(other, {TeamRole.CONSULTANT: cast.priya}, by=cast.priya)
        db.session.commit()
    priya = visitor(cast.priya)
    priya.get("/preferences")
    where = f"/staff/accounts/{other.ref}/notes/{note.ref}/correct?o={theirs.ref}"
    priya.post(where, {"body": "Fabrikam's"}, status=404)


def test_a_second_click_is_one_note_and_the_same_words_about_another_step_are_another(written) -> None:
    first = written("Waits for IT.", step="api_keys")
    assert written("Waits for IT.", step="api_keys").id == first.id
    assert len(notes()) == 1
    assert (
        len({first.id, written("Waits for IT.").id, written("Waits for IT.", step="account_created").id}) == 3
    )
