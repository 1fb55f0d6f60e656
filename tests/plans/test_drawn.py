"""The plan as pages and paper draw it: every text of it, as text; the road in percent."""

import re
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser
from itertools import permutations
from typing import Any

import pytest
from flask import Flask, render_template_string

from portal.plans.document import SECTIONS, MilestonePlan, Shape, StagePlan, Tick
from portal.plans.drawing import road
from portal.plans.words import TITLES
from tests.plans.samples import a_document

DRAW = '{% from "plans/_document.html" import document %}{{ document(plan) }}'
FACTS = {"format", "plan", "version", "locale", "key", "stage", "side"}  # For machines, or in the head.


@pytest.fixture
def drawn(app: Flask):
    """Draws a document as the page does."""

    def draw(plan: Any) -> str:
        with app.app_context():
            return render_template_string(DRAW, plan=plan)

    return draw


def test_sections_stand_in_the_order_in_which_everything_names_them(drawn) -> None:
    assert tuple(re.findall(r'id="(\w+)-h"', drawn(a_document()))) == SECTIONS == tuple(TITLES)


class Read(HTMLParser):
    """The words of a page as its reader meets them, and its tags."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words, self.tags = "", []
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.words += f"{data} "

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def texts(shape: Shape) -> list[str]:
    """Every text that somebody wrote in it, however deep."""
    found = []
    for name, value in shape:
        if name in FACTS:
            continue
        for one in value if isinstance(value, tuple) else (value,):
            found += texts(one) if isinstance(one, Shape) else [one] if isinstance(one, str) and one else []
    return found


def hostile(shape: Shape, more: Callable[[], str]) -> Shape:
    """The same with more behind every text in it."""
    changed = {}
    for name, value in shape:
        if name in FACTS:
            continue
        if isinstance(value, Shape):
            changed[name] = hostile(value, more)
        elif isinstance(value, str):
            changed[name] = value + more()
        elif isinstance(value, tuple):
            changed[name] = tuple(
                hostile(one, more) if isinstance(one, Shape) else one + more() for one in value
            )
    return shape.model_copy(update=changed)


def test_everything_that_a_plan_says_is_drawn(drawn):
    plan = a_document(amends=1)
    words = " ".join(Read(drawn(plan)).words.split())
    assert [text for text in texts(plan) if " ".join(text.split()) not in words] == []
    for day in ("2–11 March", "16 March – 8 April", "20 April", "13 April 2026", "by 27 March"):
        assert day in words


def test_f05_markup_in_every_field_is_text(drawn):
    hook = '"><img src=x onerror=y><link rel=attachment href=file:///etc/passwd>{{ 7*7 }}<svg>'
    plain, attacked = Read(drawn(a_document())), Read(drawn(hostile(a_document(), lambda: hook)))
    assert attacked.words.count("onerror=y") >= len(texts(a_document()))
    # Longer words may hang elsewhere on the road, but nothing is drawn that is not drawn without them.
    assert {tag for tag, _attrs in attacked.tags} == {tag for tag, _attrs in plain.tags}
    assert {name for _tag, attrs in attacked.tags for name in attrs} == {
        name for _tag, attrs in plain.tags for name in attrs
    }
    assert "49" not in attacked.words


def test_a_plan_over_new_year_says_the_year(drawn):
    words = Read(drawn(a_document(graduates_on=date(2027, 1, 23)))).words
    assert "20 April 2026" in words


def test_a_plan_of_which_nothing_is_known_yet_keeps_its_numbers(drawn):
    bare = a_document(
        results=(), results_note="", milestones=(), theirs=(), ours=(), needs=(), scope=(), changes=()
    )
    words = " ".join(Read(drawn(bare)).words.split())
    for n, title in enumerate(("Who does what", "What we need from you", "In, not in, and why"), 4):
        assert f"{n} {title} Nothing stands here yet." in words


def test_tables_say_what_their_cells_are(drawn):
    page = drawn(a_document())
    for table in re.findall(r"<table.*?</table>", page, re.DOTALL):
        rows = re.findall(r"<tr>.*?</tr>", table, re.DOTALL)
        assert all('<th scope="' in row for row in rows)
    assert "style=" not in page


@pytest.mark.parametrize("items", [1, 20, 120])
def test_ticks_keep_their_order_and_never_touch(items):
    many = tuple(Tick(weight=1 + n % 5, done=n < 9, begins_module=n % 10 == 0) for n in range(items))
    stages = tuple(one.model_copy(update={"ticks": many}) for one in a_document().stages)
    for leg in road(a_document(stages=stages)).legs:
        ends = [tick.x + tick.width for tick in leg.ticks]
        assert all(before < after.x for before, after in zip(ends, leg.ticks[1:], strict=False))
        assert leg.ticks[0].x > 0
        assert ends[-1] < leg.across


def test_stages_share_the_road_whatever_their_shares():
    def stage(n: int, share: int) -> StagePlan:
        return a_document().stages[n].model_copy(update={"share": share})

    for shares in ((25, 25, 25, 25), (1, 1, 97, 1), (0, 0, 0, 100), (0, 0, 0, 0)):
        wide = [leg.wide for leg in road(a_document(stages=tuple(map(stage, range(4), shares)))).legs]
        assert sum(wide) == 100
        assert min(wide) >= 16


def test_words_below_the_road_never_meet():
    crowd = tuple(
        MilestonePlan(
            key=f"m{n}",
            title="First payment out",
            on=date(2026, 3, 2),
            who="",
            stage="training",
            place=n % 20,
        )
        for n in range(14)
    )
    marks = road(a_document(milestones=crowd)).marks
    assert {mark.lane for mark in marks} == {0, 1, 2}
    for one, other in permutations(marks, 2):
        (first, last), (start, end) = one.words, other.words
        assert one.lane != other.lane or last <= start or end <= first
        assert one.lane <= other.lane or not start < one.at < end


def test_what_hangs_from_the_road_of_the_sample_is_named_where_there_is_room():
    marks = road(a_document()).marks
    assert [mark.milestone.key for mark in marks] == ["plan", "data", "test", "live", "first", "done"]
    assert sum(mark.named for mark in marks) >= 5


def test_a_milestone_of_no_stage_stands_in_the_list_alone():
    lost = MilestonePlan(key="m", title="Lost", on=date(2026, 3, 2), who="", stage="elsewhere", place=1)
    assert road(a_document(milestones=(lost,))).marks == ()
