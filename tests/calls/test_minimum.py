"""The calls every road has: held, booked or missing, each with its way."""

from datetime import timedelta

from portal import db
from portal.calls.minimum import minimum_of
from portal.calls.models import Call
from tests.calls.cast import FRIDAY, MONDAY, NEXT, in_app, step_of


def test_each_says_where_it_stands(book, cast, clock) -> None:
    kickoff = book()
    clock.at(FRIDAY + timedelta(hours=1))
    kickoff.hold(notes="x", next_steps=NEXT, by=cast.priya)
    scope = book(
        MONDAY, kind="integration_scope", step=step_of(cast.onboarding, "attend_call", "integration_scope")
    )
    found = minimum_of(cast.onboarding, [kickoff, scope])
    assert [one.said for one in found] == ["held on 6 Mar", "booked for 9 Mar", "missing"]
    assert [one.is_missing for one in found] == [False, False, True]
    assert found[0].url == f"/staff/calls/{kickoff.ref}"
    assert found[2].url.endswith("/call")


def test_priya_reads_them_on_the_account_and_leads_on(app, cast, enter) -> None:
    priya = enter(cast.priya)
    page = priya.get(f"/staff/accounts/{cast.northwind.ref}/calls")
    assert "The calls every road has" in page.text
    link = next(a for a in page.all("a") if a.text() == "Meet for kickoff")
    assert "not booked" in priya.get(link["href"]).text
    enter(cast.ana).get(f"/staff/accounts/{cast.northwind.ref}/calls", 404)
    with in_app(app):
        assert db.session.query(Call).count() == 0
