"""The staff's list as a CSV file: every row, harmless in a spreadsheet, and nothing of an account one doesn't see."""

import csv
import io
from datetime import date

import pytest

from portal import sheets
from portal.desk import list_queries, list_sheet
from tests.desk.conftest import handed_in

SHEET = "/staff/accounts.csv"


def read(answer) -> list[dict[str, str]]:
    text = answer.get_data().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture
def fetch(visitor):
    """The file as this person gets it."""

    def fetched(person, **asked):
        answer = visitor(person).client.get(SHEET, query_string=asked)
        assert answer.status_code == 200
        return answer

    return fetched


def test_a_line_says_what_the_row_says(fetch, cast, acted) -> None:
    title = acted(lambda now: handed_in(now).title)
    answer = fetch(cast.priya)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == "attachment; filename=accounts-2026-03-03.csv"
    (line,) = read(answer)
    assert line["Account"] == "Northwind"
    assert (line["Whose turn"], line["Who"], line["Next"]) == ("Waiting on us", "You", f"review “{title}”")
    assert (line["Due"], line["Since"], line["Late"]) == ("2026-03-05", "2026-03-03", "")
    assert (line["Stage"], line["Items"]) == ("Welcome", str(cast.onboarding.items_total))
    assert (line["Done, percent"], line["Plan, percent"]) == ("2", "1")
    assert (line["Day"], line["Start"]) == ("-6", "2026-03-09"), "numbers stay numbers"
    assert (line["Onboarding consultant"], line["CSM"]) == ("Priya Rao", "June Park")


def test_every_row_of_every_page_is_there_once_in_the_order_of_the_list(
    fetch, cast, more, monkeypatch
) -> None:
    monkeypatch.setattr(list_queries, "PAGE", 2)
    monkeypatch.setattr(list_sheet, "CHUNK", 3)
    more(*(f"Company {n}" for n in range(8)), ball="us", our_due_on=date(2026, 3, 9))
    names = [line["Account"] for line in read(fetch(cast.priya, who="all"))]
    assert names == [*(f"Company {n}" for n in range(8)), "Northwind"]
    assert [line["Account"] for line in read(fetch(cast.priya, q="company 3"))] == ["Company 3"]


def test_chunks_cost_the_same_number_of_statements_whatever_stands_in_them(
    fetch, cast, more, statements
) -> None:
    fetch(cast.priya)
    with statements() as few:
        fetch(cast.priya)
    more(*(f"Company {n}" for n in range(8)), ball="us")
    with statements() as many:
        fetch(cast.priya)
    assert len(many) == len(few) <= 8, "\n".join(many)


@pytest.mark.parametrize("name", ["=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")'])
def test_I06_what_a_spreadsheet_would_calculate_is_text(fetch, app, cast, acted, name) -> None:
    def rename(now) -> None:
        now.account.name = name
        now.onboarding.next_step.title = name

    acted(rename)
    text = fetch(cast.priya).get_data().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert f"'{name}" in rows[1]
    assert not [
        cell for row in rows for cell in row if cell.startswith(sheets.FORMULAS) and not is_number(cell)
    ]


def is_number(cell: str) -> bool:
    return cell.lstrip("-").isdigit()


@pytest.mark.parametrize(
    ("value", "cell"), [(-5, -5), (0, 0), ("-5", "'-5"), (None, ""), (date(2026, 3, 9), "2026-03-09")]
)
def test_numbers_stay_numbers(value, cell) -> None:
    assert sheets.cell(value) == cell


def test_who_sold_gets_only_what_they_sold_and_a_customer_nothing(fetch, visitor, cast, more) -> None:
    more("Elsewhere")
    assert [line["Account"] for line in read(fetch(cast.sam, who="all"))] == ["Northwind"]
    assert "Elsewhere" not in fetch(cast.sam, who=cast.priya.ref).get_data(as_text=True)
    visitor(cast.ana).get(SHEET, status=404)


def test_an_empty_list_has_headings(fetch, cast) -> None:
    assert fetch(cast.priya, q="nobody").get_data(as_text=True).count("\r\n") == 1
