"""What answers do to a road: the same whatever the order of answering, and never more than a road can bear."""

from collections.abc import Mapping

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from portal.playbooks.kit import Kit
from portal.playbooks.reader import read_checked
from portal.readiness.branching import UNKNOWN, asked
from portal.readiness.rules import Decision, ModuleFacts, RoadFacts, effects_of
from tests.playbooks.ready import READY

KIT = read_checked(READY).kit
HOURS = {"short": 1, "standard": 1, "deep": 1}


def module(key: str, stage: str = "training", **changes) -> ModuleFacts:
    plain = {"here": True, "depth": "standard", "items": HOURS, "minutes": dict.fromkeys(HOURS, 10)}
    return ModuleFacts(key, stage, **{**plain, **changes})


ROAD = RoadFacts(
    (
        module("cleaning", here=False, minutes=dict.fromkeys(HOURS, 45)),
        module("importing", items={**HOURS, "deep": 2}, minutes={**dict.fromkeys(HOURS, 10), "deep": 30}),
        module("signing_on", minutes=dict.fromkeys(HOURS, 50)),
        module("privacy", here=False),
        module("campaign", here=False),
        module("learn"),
    ),
    {"welcome": 1, "expectations": 6, "graduation": 1},
)


def did(answers: Mapping, road: RoadFacts = ROAD) -> list[tuple]:
    return [(one.kind, one.target, one.beside, one.minutes) for one in effects_of(KIT, answers, road)]


def test_each_kind_says_what_it_does_and_what_it_takes() -> None:
    assert did({"data": "Spreadsheets", "quality": "Some gaps"}) == [
        ("include", "cleaning", None, 45),
        ("put_first", "cleaning", None, 0),
        ("prerequisite", "sample", None, 0),
        ("depth", "importing", "deep", 20),
        ("agenda", "Which of your lists is right", "kickoff", 0),
    ]
    assert did({"data": "We start fresh", "sso": "no"}) == [
        ("exclude", "importing", None, -10),
        ("exclude", "signing_on", None, -50),
    ]
    assert did({"sso": "yes", "users": 50}) == [
        ("assign", "signing_on", "it_contact", 0),
        ("wave", "Finance", None, 0),
        ("offer", "campaign", None, 10),
    ]
    assert did({"users": "49"}) == []


def test_a_reason_stands_with_each() -> None:
    (first, *_rest) = effects_of(KIT, {"data": "Spreadsheets"}, ROAD)
    assert (first.rules, first.because) == (("sheets",), ("you said your data is in spreadsheets",))


def test_a_pack_brings_all_that_its_region_asks_for() -> None:
    assert did({"regions": ["Elsewhere", "Europe"]}) == [
        ("include", "privacy", None, 10),
        ("prerequisite", "processing", None, 0),
        ("agenda", "What GDPR asks of partner data", "consultation", 0),
    ]


def test_what_nobody_is_sure_of_is_talked_about() -> None:
    assert did({"data": UNKNOWN, "quality": "Clean", "problem": UNKNOWN}) == [
        ("agenda", "What an import needs", "consultation", 0),
        ("signal", "They don't know where their data is", "blocker", 0),
        ("agenda", "What problem should this solve?", "consultation", 0),
        ("agenda", "Where the partner data comes from", "consultation", 0),
    ]


def test_a_question_that_branching_closed_does_nothing() -> None:
    assert did({"data": "We start fresh", "quality": "Several lists"}) == [
        ("exclude", "importing", None, -10)
    ]
    assert did({"quality": "Several lists"}) == []
    assert did({"data": UNKNOWN, "quality": UNKNOWN})[-1][1] == "Where the partner data comes from"


def test_what_somebody_of_ours_did_by_hand_stays() -> None:
    by_hand = RoadFacts(tuple(module(one.key, here=one.here, fixed=True) for one in ROAD.modules), ROAD.kept)
    answers = {"data": "Spreadsheets", "sso": "no", "quality": "Some gaps", "users": 60}
    assert {kind for kind, *_rest in did(answers, by_hand)} == {"prerequisite", "agenda", "wave"}


def test_no_stage_is_left_without_an_item() -> None:
    alone = RoadFacts((module("importing"), module("signing_on")), {"welcome": 1})
    assert did({"data": "We start fresh", "sso": "no"}, alone) == [("exclude", "importing", None, -10)]
    gate = RoadFacts((module("importing", stays=True), module("learn")), {})
    assert did({"data": "We start fresh"}, gate) == []


def test_what_is_not_there_anyway_is_said_to_be_left_out_and_saves_nothing() -> None:
    absent = RoadFacts((module("signing_on", here=False), module("learn")), {})
    assert did({"sso": "no"}, absent) == [("exclude", "signing_on", None, 0)]


def test_including_wins_and_both_reasons_are_kept() -> None:
    twice = changed(
        [
            {
                "key": "one",
                "when": [{"question": "sso", "is": "no"}],
                "then": [{"exclude": "cleaning"}],
                "because": "a",
            },
            {
                "key": "two",
                "when": [{"question": "sso", "is": "no"}],
                "then": [{"include": "cleaning"}],
                "because": "b",
            },
            {
                "key": "six",
                "when": [{"question": "sso", "is_not": "yes"}],
                "then": [{"include": "cleaning"}],
                "because": "c",
            },
        ]
    )
    (one,) = effects_of(twice, {"sso": "no"}, ROAD)
    assert (one.kind, one.rules, one.because) == ("include", ("two", "six"), ("b", "c"))


def test_the_deepest_and_the_first_role_win() -> None:
    def rule(key, **effect):
        return {"key": key, "when": [{"question": "sso", "is": "no"}], "then": [effect], "because": key}

    many = changed(
        [
            rule("a", depth="short", module="importing"),
            rule("b", depth="deep", module="importing"),
            rule("c", assign="sponsor", module="learn"),
            rule("d", assign="admin", module="learn"),
        ]
    )
    found = [(one.kind, one.beside) for one in effects_of(many, {"sso": "no"}, ROAD)]
    assert found == [("depth", "deep"), ("assign", "sponsor")]


def changed(rules: list[dict]) -> Kit:
    return Kit.model_validate({**KIT.model_dump(by_alias=True, exclude_none=True), "rules": rules})


# --- Whatever is asked, answered, and in which order --------------------------------------------

KEYS = [f"q{n}" for n in range(5)]
MODULES = [f"m{n}" for n in range(6)]
OPTIONS = ("A", "B", "C")
PICK = st.sampled_from


@st.composite
def kits(draw) -> Kit:
    questions = []
    for n, key in enumerate(KEYS):
        kind = draw(PICK(["choice", "choices", "number"]))
        one = {"key": key, "section": "s", "text": f"{key}?", "type": kind, "why_we_ask": "To know."}
        if kind != "number":
            one["options"] = OPTIONS
        if n and draw(st.booleans()):
            one["show_when"] = {"field": draw(PICK(KEYS[:n])), "is": draw(PICK(OPTIONS))}
        questions.append(one)
    rules = [draw(rules_of(n)) for n in range(draw(st.integers(1, 8)))]
    packs = [
        {"key": "p", "title": "P", "modules": draw(st.lists(PICK(MODULES), max_size=2)), "topics": ["T"]}
    ]
    sections = [{"key": "s", "title": "S"}]
    return Kit.model_validate({"sections": sections, "questions": questions, "rules": rules, "packs": packs})


@st.composite
def rules_of(draw, n: int) -> dict:
    kind = draw(PICK(["is", "is_not", "includes", "at_least", "unknown"]))
    value = {"at_least": 2, "unknown": True}.get(kind) or draw(PICK(OPTIONS))
    effect = draw(
        PICK(["include", "exclude", "offer", "put_first", "depth", "assign", "compliance", "agenda"])
    )
    target = draw(PICK(MODULES))
    then = {
        "depth": {"depth": draw(PICK(list(HOURS))), "module": target},
        "assign": {"assign": draw(PICK(["admin", "sponsor"])), "module": target},
        "compliance": {"compliance": "p"},
        "agenda": {"agenda": f"About {target}"},
    }.get(effect, {effect: target})
    return {
        "key": f"r{n}",
        "when": [{"question": draw(PICK(KEYS)), kind: value}],
        "then": [then],
        "because": f"b{n}",
    }


@st.composite
def roads(draw) -> RoadFacts:
    return RoadFacts(
        tuple(
            module(
                key,
                draw(PICK(["training", "graduation"])),
                here=draw(st.booleans()),
                depth=draw(PICK(list(HOURS))),
                items={depth: draw(st.integers(0, 2)) for depth in HOURS},
                fixed=draw(st.integers(0, 5)) == 0,
                stays=draw(st.integers(0, 5)) == 0,
            )
            for key in MODULES
        ),
        draw(st.dictionaries(PICK(["training", "graduation"]), st.integers(1, 2))),
    )


VALUES = st.one_of(
    PICK([*OPTIONS, UNKNOWN]), st.lists(PICK(OPTIONS), unique=True), st.integers(0, 4), st.just("")
)
ANSWERS = st.lists(st.tuples(PICK(KEYS), VALUES), unique_by=lambda pair: pair[0], max_size=5)


@settings(max_examples=60)
@given(kit=kits(), answers=ANSWERS, road=roads(), data=st.data())
def test_the_order_of_answering_changes_nothing(kit, answers, road, data) -> None:
    turned = data.draw(st.permutations(answers))
    other = {key: value[::-1] if isinstance(value, list) else value for key, value in turned}
    assert effects_of(kit, dict(answers), road) == effects_of(kit, other, road)


@settings(max_examples=60)
@given(kit=kits(), answers=ANSWERS, road=roads())
def test_only_open_answered_questions_do_something(kit, answers, road) -> None:
    told = dict(answers)
    heard = {key: value for key, value in asked(kit, told).given.items() if value not in ("", [])}
    found = effects_of(kit, told, road)
    assert found == effects_of(kit, heard, road)
    rules = {rule.key: rule for rule in kit.rules}
    for one in found:
        sources = {condition.question for key in one.rules for condition in rules[key].when} | (
            {one.unsure} - {None}
        )
        assert sources
        assert sources <= heard.keys()


@settings(max_examples=60)
@given(kit=kits(), answers=ANSWERS, road=roads())
def test_a_road_can_bear_all_of_it_and_hears_it_once(kit, answers, road) -> None:
    found = effects_of(kit, dict(answers), road)
    by_kind = {
        kind: {one.target for one in found if one.kind == kind} for kind in {one.kind for one in found}
    }
    brought, gone = by_kind.get("include", set()), by_kind.get("exclude", set())
    assert not brought & gone
    assert not by_kind.get("offer", set()) & (brought | gone)
    assert len({(one.kind, one.target, one.beside) for one in found}) == len(found)
    fixed = {one.key for one in road.modules if one.fixed}
    assert not fixed & {one.target for one in found if one.kind != "agenda"}
    for stage in {one.stage for one in road.modules}:
        before = items(road, stage)
        assume(before)
        assert items(road, stage, found)


def items(road: RoadFacts, stage: str, decisions: tuple[Decision, ...] = ()) -> int:
    """How many items a stage has once this is done."""
    kinds = {(one.kind, one.target) for one in decisions}
    depth = {one.target: one.beside for one in decisions if one.kind == "depth"}
    there = [
        one
        for one in road.modules
        if one.stage == stage
        and (one.here or ("include", one.key) in kinds)
        and ("exclude", one.key) not in kinds
    ]
    return road.kept.get(stage, 0) + sum(one.items[depth.get(one.key, one.depth)] for one in there)
