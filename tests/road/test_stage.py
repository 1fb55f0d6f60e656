"""The page of one stage: its modules, what we need, what we do, and what opens it."""

import pytest


@pytest.mark.parametrize("key", ["welcome", "expectations", "training", "graduation"])
def test_every_item_of_a_stage_is_there_to_read(road, visitor, key) -> None:
    page = visitor(road.cast.ana).get(f"{road.home}/stages/{key}")
    stage = road.cast.onboarding.stage_called(key)
    shown = [a["href"] for a in page.all("a", class_="row-title")]
    assert sorted(shown) == sorted(road.at(s.key) for s in stage.steps if s.visible)
    assert page.one("h1").text() == key.capitalize()
    for part in ("What we need from you", "What we do", "How you will know it worked"):
        assert part in page.text


def test_a_locked_stage_says_what_opens_it(road, visitor) -> None:
    page = visitor(road.cast.ana).get(f"{road.home}/stages/training")
    assert "Not open yet" in page.text
    assert "You can look inside now." in page.text
    assert "about " in page.all("ul", class_="rows")[0].text()


def test_an_optional_item_says_so(road, visitor) -> None:
    page = visitor(road.cast.ana).get(f"{road.home}/stages/welcome")
    optional = {
        s.title for s in road.cast.onboarding.stage_called("welcome").steps if not s.required and s.visible
    }
    rows = page.all("li", class_="row")
    assert optional
    assert sum("optional" in row.text() for row in rows) == len(optional)


def test_there_are_four_stages(road, visitor) -> None:
    visitor(road.cast.ana).get(f"{road.home}/stages/lunch", status=404)
