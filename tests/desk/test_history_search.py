"""A history's words and counts, and the file of what the filters find."""

import csv
import io
from datetime import date

import pytest

from portal import db
from portal.activity.models import Activity, Verb, record
from portal.desk import history_filters, history_sheet
from portal.onboardings.notes import Note
from portal.onboardings.signals import Signal, SignalKind
from tests import make
from tests.desk.test_history import at, lines, story

__all__ = ["at", "story"]


def choices(page) -> dict[str, str]:
    """What each filter says behind its name."""
    shown = [a for nav in page.all("nav", class_="sieve") for a in nav.all("a")]
    return {a.text().removesuffix(b.text()).strip(): b.text() for a in shown for b in a.all("b")}


def note(text: str):
    return lambda now: Note.write(now.onboarding, text, by=now.priya)


# --- Counts -------------------------------------------------------------------------------------


def test_every_filter_says_how_many_lines_it_has_within_what_else_is_chosen(visitor, cast, at, story) -> None:
    priya = visitor(cast.priya)
    page = priya.get(at())
    for a in [a for nav in page.all("nav", class_="sieve") for a in nav.all("a")]:
        assert a.one("b").text() == str(len(lines(priya.get(a["href"])))), a.text()
    within = choices(priya.get(at("&who=us")))
    assert (within["Notes and signals"], within["Messages and files"], within["Calls"]) == ("1", "1", "0")
    assert int(within["Everybody"]) > int(within["Us"]) == len(lines(priya.get(at("&who=us"))))


def test_a_history_too_long_to_count_says_so(visitor, cast, at, acted, monkeypatch) -> None:
    monkeypatch.setattr(history_filters, "COUNTED", 10)
    acted(
        lambda now: [
            record(now.account, Verb.STEP_SAVED, by=now.ana, onboarding=now.onboarding) for _n in range(30)
        ]
    )
    said = choices(visitor(cast.priya).get(at()))
    assert (said["Everybody"], said["Customer"]) == ("10+", "10+")
    assert "Calls" not in said, "further back there may be some"


# --- Words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("kickoff", "Ana Moreira booked Kickoff"),
        ("BOOKED ana", "Ana Moreira booked Kickoff"),
        ("quiet", "Priya Rao wrote a note"),
        ("ben joined", "Ben Ortiz joined"),
        ("  Quiet   since ", "Priya Rao wrote a note"),
    ],
)
def test_a_line_is_found_by_the_words_on_it(visitor, cast, at, story, words, found) -> None:
    page = visitor(cast.priya).get(at(f"&q={words.replace(' ', '+')}"))
    assert [line.startswith(found) for line in lines(page)] == [True]
    assert page.one("input", type="search")["value"] == words.strip()


def test_any_alphabet_is_found_in_small_letters_and_capitals(visitor, cast, at, acted) -> None:
    acted(note("ŽLUŤOUČKÝ kůň, Ελλάδα"))
    priya = visitor(cast.priya)
    for words in ("žluťoučký", "KŮŇ", "ελλάδα"):
        assert len(lines(priya.get(at(f"&q={words}")))) == 1, words


def test_a_signal_is_found_by_its_kind(visitor, cast, at, acted) -> None:
    acted(lambda now: Signal.give(now.onboarding, SignalKind.FRUSTRATION, "Twice.", by=now.priya))
    (line,) = lines(visitor(cast.priya).get(at("&q=frustrat")))
    assert line.startswith("Priya Rao recorded: ")


@pytest.mark.parametrize(
    "words", ["%25", "_", "\\", "'", "%22", "%27%29+or+1=1", "%00", "%ED%A0%80", "%E2%80%AE", "("]
)
def test_hostile_words_are_letters_and_find_nothing_else(visitor, cast, at, story, words) -> None:
    page = visitor(cast.priya).get(at(f"&q={words}"))
    everything = lines(visitor(cast.priya).get(at()))
    assert lines(page) in ([], everything), "either none of it, or no word was left to look for"
    visitor(cast.priya).get(at(f"&q={'x+' * 400}"))


def test_nothing_is_found_by_where_it_came_from(visitor, cast, at, acted) -> None:
    """The address and the salt of a row are kept with it, and no line shows them."""

    def mark(now) -> None:
        row = record(now.account, Verb.MESSAGE_WRITTEN, by=now.ana, onboarding=now.onboarding)
        row.personal = {**(row.personal or {}), "ip": "192.0.2.77", "salt": "feedbeef"}

    acted(mark)
    priya = visitor(cast.priya)
    for words in ("192.0.2.77", "feedbeef"):
        page = priya.get(at(f"&q={words}"))
        assert lines(page) == []
        assert "No line here has all of these words." in page.text


def test_words_stay_from_page_to_page_and_with_the_filters(visitor, cast, at, acted) -> None:
    acted(
        lambda now: [
            record(now.account, Verb.STEP_SAVED, by=who, onboarding=now.onboarding, personal={"what": f"Row {n}"})
            for n in range(60)
            for who in (now.ana, now.priya)
        ]
    )  # fmt: skip
    priya = visitor(cast.priya)
    page = priya.get(at("&q=saved+row"))
    us = next(a for nav in page.all("nav", class_="sieve") for a in nav.all("a") if a.text() == "Us 60")
    page = priya.get(us["href"])
    assert len(lines(page)) == 50
    page = priya.get(next(a for a in page.all("a") if a.text() == "Earlier")["href"])
    assert len(lines(page)) == 10
    assert page.one("input", name="who")["value"] == "us"


def test_who_may_not_read_a_note_finds_it_by_no_word_and_in_no_count(visitor, cast, at, acted) -> None:
    acted(note("They think of leaving"))
    page = visitor(cast.priya).get(at("&q=leaving"))
    assert choices(page)["Notes and signals"] == "1"
    page = visitor(cast.tomas).get(at("&q=leaving"))
    assert lines(page) == []
    assert choices(page)["Notes and signals"] == "0"


# --- The file -----------------------------------------------------------------------------------


@pytest.fixture
def fetch(visitor, at):
    def fetched(person, more: str = "", status: int = 200) -> list[dict[str, str]]:
        answer = visitor(person).client.get(at(more).replace("/history?", "/history.csv?"))
        assert answer.status_code == status
        text = answer.get_data().decode("utf-8-sig") if status == 200 else ""
        return list(csv.DictReader(io.StringIO(text, newline="")))

    return fetched


def test_a_line_of_the_file_says_what_the_page_says(visitor, cast, at, fetch, acted, story) -> None:
    def held(now) -> None:
        record(
            now.onboarding, Verb.HELD, by=now.priya, onboarding=now.onboarding, before={"review_on": date(2026, 3, 13)},
            after={"review_on": date(2026, 3, 16)}, personal={"why": "Rui is travelling"},
        )  # fmt: skip

    acted(held)
    rows = fetch(cast.priya)
    assert len(rows) == len(lines(visitor(cast.priya).get(at())))
    assert rows[0] == {
        "Day": "2026-03-03", "Time": rows[0]["Time"], "By whom": "Priya Rao", "For whom": "", "About what": "Dates",
        "What happened": "Priya Rao put the onboarding on hold", "Before": "Fri 13 Mar", "Now": "Mon 16 Mar",
        "Words": "", "Why": "Rui is travelling", "Who sees it": "The customer too",
    }  # fmt: skip
    (written,) = [row for row in rows if row["Words"]]
    assert (written["Words"], written["Who sees it"]) == ("Quiet since then", "Only your team")


def test_the_file_holds_every_page_of_what_the_filters_find_once(cast, fetch, acted, monkeypatch) -> None:
    monkeypatch.setattr(history_sheet, "CHUNK", 7)
    acted(
        lambda now: [
            record(now.account, Verb.STEP_SAVED, by=who, onboarding=now.onboarding, personal={"what": f"Row {n}"})
            for n in range(30)
            for who in (now.ana, now.priya)
        ]
    )  # fmt: skip
    rows = fetch(cast.priya, "&who=us&q=row")
    assert [row["What happened"] for row in rows] == [
        f"Priya Rao saved answers in Row {n}" for n in range(29, -1, -1)
    ]


def test_chunks_of_the_file_cost_one_statement_each(cast, fetch, acted, statements, monkeypatch) -> None:
    monkeypatch.setattr(history_sheet, "CHUNK", 20)
    counts = []
    for more in (1, 100):
        acted(
            lambda now, more=more: [
                record(now.account, Verb.STEP_SAVED, by=now.ana, onboarding=now.onboarding)
                for _n in range(more)
            ]
        )
        with statements() as seen:
            rows = fetch(cast.priya)
        counts.append(len(seen) - len(rows) // 20)
    assert counts[0] == counts[1] <= 12


@pytest.mark.parametrize("text", ["=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")'])
def test_I06_what_a_spreadsheet_would_calculate_is_text(cast, fetch, acted, text) -> None:
    acted(note(text))
    acted(
        lambda now: record(
            now.onboarding, Verb.HELD, by=now.priya, onboarding=now.onboarding, personal={"why": text}
        )
    )
    rows = fetch(cast.priya)
    assert any(f"'{text}" in row.values() for row in rows)
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t"))]


def test_the_file_leaves_out_what_the_reader_may_not_read(cast, fetch, acted) -> None:
    acted(note("They think of leaving"))
    assert any(row["Words"] == "They think of leaving" for row in fetch(cast.priya))
    assert not any("leaving" in " ".join(row.values()) for row in fetch(cast.tomas))


def test_a_customer_a_rival_and_a_seller_of_others_get_no_file(app, cast, fetch) -> None:
    with app.test_request_context():
        fay = make.person(make.account("Fabrikam"), "Fay Lind")
        ada = make.staff("Ada Quist", "account_executive")
        db.session.commit()
    for who in (cast.ana, fay, ada):
        fetch(who, status=404)
    assert db.session.query(Activity).count()
