"""The history of an onboarding: by day, who and for whom, what was and what is, filtered in the address."""

from datetime import date, timedelta

import pytest

from portal import db
from portal.accounts.kinds import PortalRole
from portal.activity.kinds import Kind
from portal.activity.models import Activity, Audience, Verb, record
from portal.onboardings.notes import Note
from tests import make


@pytest.fixture
def at(cast):
    return lambda more="": f"/staff/accounts/{cast.account.ref}/history?o={cast.onboarding.ref}{more}"


def lines(page) -> list[str]:
    return [
        one.one("div", class_="told").text()
        for ul in page.all("ul", class_="history")
        for one in ul.all("li")
    ]


def test_what_was_is_struck_through_and_what_is_is_bold_with_words_for_both(visitor, cast, at, acted) -> None:
    def changed(now) -> None:
        record(
            now.ben, Verb.ROLE_CHANGED, by=now.ana, before={"role": PortalRole.TEAMMATE},
            after={"role": PortalRole.ADMIN}, personal={"whom": "Ben Ortiz"},
        )  # fmt: skip
        record(
            now.onboarding, Verb.HELD, by=now.priya, onboarding=now.onboarding, before={"review_on": date(2026, 3, 13)},
            after={"review_on": date(2026, 3, 16)}, personal={"why": "Rui is travelling"},
        )  # fmt: skip

    acted(changed)
    page = visitor(cast.priya).get(at())
    held, role = lines(page)[:2]
    assert role == "Ana Moreira changed what Ben Ortiz may do: before: Teammate now: Admin"
    assert held.endswith("on hold: before: Fri 13 Mar now: Mon 16 Mar: “Rui is travelling”")
    first = page.one("ul", class_="history").all("li")[0]
    assert [one.text() for one in (first.one("s"), *first.all("b"))] == [
        "before: Fri 13 Mar", "Priya Rao", "now: Mon 16 Mar",
    ]  # fmt: skip


def test_a_call_that_moved_says_from_when_to_when_on_the_readers_wall(
    visitor, cast, at, acted, clock
) -> None:
    start = clock.now.replace(hour=15, minute=0, second=0)

    def moved(now) -> None:
        before, after = {"start": start}, {"start": start + timedelta(days=1)}
        what = {"what": "Kickoff"}
        record(now.account, Verb.CALL_MOVED, by=now.ben, onboarding=now.onboarding, before=before, after=after,
               personal=what)  # fmt: skip

    acted(moved)
    assert lines(visitor(cast.priya).get(at()))[0].endswith("before: Tue 3 Mar 09:00 now: Wed 4 Mar 09:00")


@pytest.mark.parametrize("words", ["2026-99-99", "2026-04-01", "2026-04-01 99: x"])
@pytest.mark.parametrize("name", ["title", "module", "department"])
def test_words_that_look_like_a_day_stay_words(visitor, cast, at, acted, name, words) -> None:
    """Somebody may call an item or a wave so; every page that tells of it goes on working."""
    acted(
        lambda now: record(
            now.step("api_keys"), Verb.STEP_CHANGED, by=now.priya, onboarding=now.onboarding,
            before={name: "Plain"}, after={name: words},
        )
    )  # fmt: skip
    priya = visitor(cast.priya)
    assert lines(priya.get(at()))[0].endswith(f"before: Plain now: {words}")
    assert words in priya.get(at().replace("/history", "")).text


def test_what_was_done_for_somebody_says_for_whom(visitor, cast, at, acted) -> None:
    acted(
        lambda now: record(
            now.step("road_preview"), Verb.STEP_COMPLETED, by=now.priya, onboarding=now.onboarding,
            on_behalf_of=now.ana,
        )
    )  # fmt: skip
    assert lines(visitor(cast.priya).get(at()))[0].endswith("for Ana Moreira")


def test_days_are_named_and_day_0_is_marked(visitor, cast, at, acted, clock) -> None:
    clock.forward(days=6)
    acted(lambda now: now.onboarding.begin())
    heads = [one.text() for one in visitor(cast.priya).get(at()).all("div", class_="part-head")]
    assert heads[:2] == ["Today, Mon 9 March day 0", "Tue 3 March"]


# --- Filters ------------------------------------------------------------------------------------


@pytest.fixture
def story(acted) -> None:
    def happen(now) -> None:
        on = {"onboarding": now.onboarding}
        record(now.step("road_preview"), Verb.STEP_COMPLETED, by=now.ana, **on)
        record(now.account, Verb.CALL_BOOKED, by=now.ana, personal={"what": "Kickoff"}, **on)
        record(now.ben, Verb.PERSON_JOINED, by=now.ben)
        record(now.account, Verb.MESSAGE_WRITTEN, by=now.priya, **on)
        Note.write(now.onboarding, "Quiet since then", by=now.priya)
        paid = {"what": "Partners paid on time"}
        record(now.account, Verb.CRITERION_AGREED, by=now.ana, personal=paid, **on)
        record(now.onboarding, Verb.ONBOARDING_BEGAN, by=None, **on)

    acted(happen)


KINDS = {
    "steps": "Ana Moreira finished “",
    "calls": "Ana Moreira booked Kickoff",
    "people": "Ben Ortiz joined",
    "messages": "Priya Rao wrote about “Northwind”",
    "notes": "Priya Rao wrote a note",
    "goals": "Ana Moreira agreed to the result Partners paid on time",
    "dates": "Day 0: the onboarding began",
}


def test_every_kind_that_is_offered_is_tried_here():
    assert set(KINDS) == set(Kind) - {Kind.SYSTEM}


@pytest.mark.parametrize("kind", KINDS)
def test_one_kind_shows_its_own_and_none_of_the_others(visitor, cast, at, story, kind) -> None:
    priya = visitor(cast.priya)
    page = priya.get(at())
    words = next(
        a for nav in page.all("nav", class_="sieve") for a in nav.all("a") if f"kind={kind}" in a["href"]
    )
    page = priya.get(words["href"])
    found = lines(page)
    for one, said in KINDS.items():
        assert any(line.startswith(said) for line in found) is (one == kind), found
    chosen = [
        a.text() for nav in page.all("nav", class_="sieve") for a in nav.all("a", **{"aria-current": "true"})
    ]
    assert chosen == [f"Everybody {len(found)}", words.text()]
    assert words.text().endswith(f" {len(found)}")


@pytest.mark.parametrize(
    ("who", "some", "none"),
    [("customer", "Ben Ortiz joined", "Priya"), ("us", "Priya Rao wrote a note", "Ana"),
     ("system", "Day 0: the onboarding began", "Rao")],
)  # fmt: skip
def test_one_side_shows_its_own_and_both_filters_fit_together(
    visitor, cast, at, story, who, some, none
) -> None:
    priya = visitor(cast.priya)
    found = lines(priya.get(at(f"&who={who}")))
    assert any(line.startswith(some) for line in found)
    assert not [line for line in found if line.startswith(none)]
    both = priya.get(at(f"&who={who}&kind=calls"))
    assert lines(both) == (["Ana Moreira booked Kickoff"] if who == "customer" else [])
    assert ("Nothing of this kind has happened here." in both.text) is (who != "customer")


@pytest.mark.parametrize(
    "more", ["&who=%00&kind=none", "&who=us,customer", "&kind=system", "&before=-1", "&before=1e9"]
)
def test_a_mangled_address_is_no_filter(visitor, cast, at, story, more) -> None:
    assert len(lines(visitor(cast.priya).get(at(more)))) == len(lines(visitor(cast.priya).get(at())))


def test_pages_go_back_within_the_filter_and_to_the_latest_again(visitor, cast, at, acted) -> None:
    acted(
        lambda now: [
            record(now.account, Verb.STEP_SAVED, by=who, onboarding=now.onboarding)
            for _ in range(60)
            for who in (now.ana, now.priya)
        ]
    )
    priya = visitor(cast.priya)
    page = priya.get(at("&who=customer&kind=steps"))
    assert len(lines(page)) == 50
    page = priya.get(next(a for a in page.all("a") if a.text() == "Earlier")["href"])
    assert len(lines(page)) == 10
    assert {line.partition(" saved")[0] for line in lines(page)} == {"Ana Moreira"}
    page = priya.get(next(a for a in page.all("a") if a.text() == "Latest")["href"])
    assert len(lines(page)) == 50


def test_a_long_history_takes_as_many_statements_as_a_short_one(visitor, cast, at, acted, statements) -> None:
    priya, counts = visitor(cast.priya), []
    for more in (1, 400):
        acted(
            lambda now, more=more: [
                record(now.account, Verb.STEP_SAVED, by=now.ana, onboarding=now.onboarding)
                for _ in range(more)
            ]
        )
        for tab in (at(), at("&who=us&kind=notes"), at("&q=saved+ana"), at().replace("/history", "")):
            with statements() as seen:
                priya.get(tab)
            counts.append(len(seen))
    assert counts[:4] == counts[4:]
    assert max(counts) <= 12


def test_what_only_the_team_sees_is_marked_and_nothing_else(visitor, cast, at, story) -> None:
    page = visitor(cast.priya).get(at())
    marked = [one for one in page.all("li") if "Only your team sees this." in one.text() and one.all("time")]
    inside = (
        db.session.query(Activity)
        .filter_by(onboarding_id=cast.onboarding.id, audience=Audience.STAFF)
        .count()
    )
    assert len(marked) == inside == 1
    assert "inside" in marked[0]["class"]


def test_a_stranger_finds_no_history(app, visitor, cast, at) -> None:
    with app.test_request_context():
        fay = make.person(make.account("Fabrikam"), "Fay Lind", PortalRole.ADMIN)
        ada = make.staff("Ada Quist", "account_executive")
        db.session.commit()
    for who in (fay, ada, cast.ana):
        visitor(who).get(at("&kind=notes"), status=404)
