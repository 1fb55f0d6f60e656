"""Rolling one road out in waves at the desk, and one wave's part of it on the customer's pages (product.md 2.12)."""

import pytest
from sqlalchemy import func, select

from portal import db
from portal.onboardings.models import Onboarding
from portal.onboardings.people import remove_person
from portal.onboardings.rollout import WaveTerms, add_wave
from portal.onboardings.steps import Step
from portal.onboardings.wave_dates import usual
from portal.onboardings.waves import Wave
from tests import make

WHY = "Finance trains once the quarter is closed."


@pytest.fixture
def at(cast):
    return lambda what: f"/staff/accounts/{cast.account.ref}/road/{what}?o={cast.onboarding.ref}"


@pytest.fixture
def in_waves(acted, clock):
    """Day 0 has come; Sales goes first with nobody named, Finance with Ben follows."""
    clock.forward(days=6)

    def roll_out(now) -> None:
        now.onboarding.begin()
        for name, people in (("Sales", []), ("Finance", [now.ben])):
            add_wave(now.onboarding, WaveTerms(name, people, *usual(now.onboarding)), WHY, by=now.priya)

    acted(roll_out)


def road(cast) -> Onboarding:
    db.session.expire_all()
    return db.session.get_one(Onboarding, cast.onboarding.id)


def count(what) -> int:
    return db.session.scalar(select(func.count()).select_from(what))


def test_a_wave_is_shown_before_it_is_made(visitor, cast, at, acted) -> None:
    priya = visitor(cast.priya)
    page = priya.get(at("waves"))
    assert "Everybody goes through this road together" in page.text
    (link,) = [a for a in page.all("a") if a.text() == "Name the first wave"]
    priya.get(link["href"])
    filled = {"department": "Sales", "reason": "They sell first", "people": [cast.ben.ref]}
    page = priya.submit(f"waves/add?o={cast.onboarding.ref}", filled, status=200)
    assert "1 person" in page.one("section", id="seen").text()
    assert (count(Wave), road(cast).waves_made) == (0, 0)
    sealed = page.one("section", id="seen").one("button")["value"]
    priya.submit(f"waves/add?o={cast.onboarding.ref}", {"looked": sealed})
    assert "Added: the wave of Sales." in priya.follow().text
    assert [wave.department for wave in road(cast).waves] == ["Sales"]
    page = priya.get(f"/staff/accounts/{cast.account.ref}?o={cast.onboarding.ref}")
    assert "Sales" in page.text


def test_what_was_seen_is_made_and_nothing_else(visitor, cast, at, in_waves, acted) -> None:
    priya = visitor(cast.priya)
    priya.get(at("waves/add"))
    page = priya.submit(
        f"waves/add?o={cast.onboarding.ref}", {"department": "Support", "reason": WHY}, status=200
    )
    sealed = page.one("section", id="seen").one("button")["value"]
    acted(lambda now: now.step("signup_page").skip("They have one", by=now.priya))
    steps = count(Step)
    again = priya.submit(f"waves/add?o={cast.onboarding.ref}", {"looked": sealed}, status=200)
    assert count(Step) == steps
    fresh = again.one("section", id="seen").one("button")["value"]
    assert fresh != sealed
    priya.submit(f"waves/add?o={cast.onboarding.ref}", {"looked": fresh})
    assert road(cast).step_called("signup_page@3") is None
    assert road(cast).step_called("import_partners@3").title.endswith(" · Support")


def test_bad_input_says_what_would_be_right_and_keeps_what_was_typed(visitor, cast, at, in_waves) -> None:
    priya = visitor(cast.priya)
    priya.get(at("waves/add"))
    for filled, sentence in [
        ({"department": " ", "reason": WHY}, "Write which department"),
        ({"department": "finance", "reason": WHY}, "There is a wave “finance” already"),
        ({"department": "Support", "reason": WHY, "go_live_on": "2026-03-01"}, "Choose a go-live after"),
        ({"department": "Support", "reason": WHY, "starts_on": "soon"}, "Enter a date like"),
        ({"department": "Support", "reason": ""}, "Write why"),
        ({"department": "S" * 41, "reason": WHY}, "40 characters"),
    ]:
        page = priya.submit(f"waves/add?o={cast.onboarding.ref}", filled, status=422)
        assert sentence in page.one("div", id="problems").text()
        assert page.one("input", name="department")["value"] == filled["department"].strip()
    assert len(road(cast).waves) == 2


def test_two_who_change_one_see_each_other(visitor, cast, at, in_waves) -> None:
    june, priya = visitor(cast.june), visitor(cast.priya)
    june.get(at("waves/2"))
    priya.get(at("waves/2"))
    mine = {"department": "Finances", "reason": WHY}
    page = priya.submit(f"waves/2?o={cast.onboarding.ref}", mine, status=200)
    sealed = page.one("section", id="seen").one("button")["value"]
    priya.submit(f"waves/2?o={cast.onboarding.ref}", {"looked": sealed})
    page = june.submit(f"waves/2?o={cast.onboarding.ref}", {"department": "Money", "reason": WHY}, status=409)
    assert "Somebody changed “Finances” while you were writing." in page.one("div", id="problems").text()
    assert page.one("input", name="department")["value"] == "Money"
    (both,) = [table for table in page.all("table") if "Yours" in table.text()]
    told = [[cell.text() for cell in row.all("td")] for row in both.one("tbody").all("tr")]
    assert told[0] == ["Finances", "Money"]
    assert told[1] == ["Ben Ortiz", "Ben Ortiz"]
    assert [wave.department for wave in road(cast).waves] == ["Sales", "Finances"]


def test_one_is_left_out_with_a_reason(visitor, cast, at, in_waves) -> None:
    priya = visitor(cast.priya)
    priya.get(at("waves/2"))
    page = priya.submit(f"leave_out?o={cast.onboarding.ref}", {"reason": " "}, status=422)
    assert "Write why" in page.one("div", id="problems").text()
    priya.submit(f"leave_out?o={cast.onboarding.ref}", {"reason": "They wait for next year"})
    page = priya.follow()
    assert "They wait for next year" in page.text
    priya.get(at("waves/2"), status=404)
    priya.get(at("waves/7"), status=404)
    page = priya.get(at("waves/1"))
    assert not [form for form in page.all("form") if form.get("action").endswith("leave_out")]


def test_who_writes_about_a_wave_that_somebody_left_out_is_told(visitor, cast, at, in_waves) -> None:
    june, priya = visitor(cast.june), visitor(cast.priya)
    june.get(at("waves/2"))
    priya.get(at("waves/2"))
    priya.submit(f"leave_out?o={cast.onboarding.ref}", {"reason": "They wait for next year"})
    page = june.submit(f"waves/2?o={cast.onboarding.ref}", {"department": "Money", "reason": WHY}, status=409)
    assert "Somebody left “Finance” out while you were writing." in page.one("div", id="problems").text()
    assert "They wait for next year" in page.text


def test_the_customer_sees_the_whole_or_one_part(visitor, cast, in_waves) -> None:
    ana, home = visitor(cast.ana), f"/o/{cast.onboarding.ref}"
    page = ana.get(home)
    links = page.one("nav", **{"aria-label": "Waves"}).all("a")
    assert [(a.text(), a["href"]) for a in links] == [
        ("Everybody", "?"), ("Sales", "?wave=1"), ("Finance", "?wave=2"),
    ]  # fmt: skip
    whole = page.one("p", **{"class": "road-count"}).text()
    part = ana.get(f"{home}?wave=2")
    told = part.one("p", **{"class": "road-count"}).text()
    assert told != whole
    assert "of the road of Finance" in part.text
    stage = ana.get(f"{home}/stages/training?wave=2")
    titles = [heading.text() for heading in stage.all("h2")]
    assert "Finance" in " ".join(titles)
    assert "Sales" not in " ".join(titles)
    for mangled in ("9", "-1", "x", "1 OR 1", "٢"):
        assert ana.get(f"{home}?wave={mangled}").one("p", **{"class": "road-count"}).text() == whole


def test_the_list_says_which_of_the_waves_is_on_its_way(visitor, cast, in_waves, acted) -> None:
    acted(
        lambda now: (
            now.onboarding.stages[1].unlock() or now.onboarding.stages[2].unlock() or now.onboarding.settle()
        )
    )
    assert "wave 1 of 2" in visitor(cast.priya).get("/staff/accounts").text
    acted(lambda now: now.step("go_live").complete(by=now.priya))
    assert road(cast).meter["wave"] == [2, 2]


def test_staff_see_one_part_too(visitor, cast, in_waves) -> None:
    priya, here = visitor(cast.priya), f"/staff/accounts/{cast.account.ref}"
    page = priya.get(f"{here}/road?o={cast.onboarding.ref}")
    (link,) = [a for a in page.one("nav", **{"aria-label": "Waves"}).all("a") if a.text() == "Finance"]
    part = priya.get(f"{here}/road{link['href']}")
    titles = [row.one("th").text() for row in part.all("tr") if row.all("th", scope="row")]
    assert [title for title in titles if "· Finance" in title]
    assert not [title for title in titles if "· Sales" in title]
    assert "goes live" in priya.get(f"{here}{link['href']}").text
    assert not priya.get(f"{here}/people?o={cast.onboarding.ref}&wave=2").all(
        "nav", **{"aria-label": "Waves"}
    )


def test_a_road_without_waves_says_nothing_of_them(visitor, cast) -> None:
    page = visitor(cast.ana).get(f"/o/{cast.onboarding.ref}")
    assert not page.all("nav", **{"aria-label": "Waves"})


def test_pages_cost_as_much_with_twelve_waves(visitor, cast, at, acted, clock, statements) -> None:
    """Two people in each, of whom one has gone meanwhile."""
    clock.forward(days=6)

    def roll_out(now) -> None:
        now.onboarding.begin()
        people = [make.person(now.account, f"Person {n}", email=f"p{n}@northwind.example") for n in range(24)]
        for n in range(12):
            pair = people[2 * n : 2 * n + 2]
            add_wave(now.onboarding, WaveTerms(f"Team {n}", pair, *usual(now.onboarding)), WHY, by=now.priya)
            remove_person(now.onboarding, pair[0], by=now.priya)

    acted(roll_out)
    desk, home = f"/staff/accounts/{cast.account.ref}", f"/o/{cast.onboarding.ref}"
    pages = [
        *[(cast.priya, f"{desk}{tab}?o={cast.onboarding.ref}", 12) for tab in ("", "/road", "/people")],
        *[(cast.priya, at(page), 12) for page in ("waves", "waves/add", "waves/3")],
        *[(cast.ana, page, 8) for page in (home, f"{home}?wave=5", f"{home}/stages/training?wave=5")],
    ]
    for who, page, most in pages:
        reader = visitor(who)
        with statements() as seen:
            reader.get(page)
        assert len(seen) <= most, page + "\n\n".join(seen)
