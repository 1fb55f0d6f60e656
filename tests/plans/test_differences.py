"""What differs between two plans."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.plans import differences
from portal.plans.differences import Change, between, material, since
from portal.plans.document import (
    Checkpoint,
    MilestonePlan,
    Need,
    PlanDocument,
    Player,
    Result,
    ScopeLine,
    StagePlan,
    Tick,
    Why,
)
from tests.plans.samples import a_document

WORDS = st.sampled_from(["", "a", "b", "Partners paid on time", "“é” 14 h"])
KEYS = st.sampled_from(["one", "two", "three"])
DAYS = st.integers(0, 3).map(lambda n: date(2026, 4, 1) + timedelta(days=n))
CHECKS = st.lists(st.builds(Checkpoint, on=DAYS, says=WORDS), max_size=2).map(tuple)
TICKS = st.lists(
    st.builds(Tick, weight=st.integers(1, 2), done=st.booleans(), begins_module=st.booleans()), max_size=3
).map(tuple)


def several(what):
    return st.lists(what, max_size=3, unique_by=lambda one: getattr(one, "key", None) or one.name).map(tuple)


PLANS = st.builds(
    PlanDocument,
    plan=st.just("plan"),
    version=st.integers(1, 3),
    amends=st.none() | st.integers(1, 2),
    locale=st.just("en"),
    customer=WORDS,
    provider=st.just("Partnerly"),
    headline=WORDS,
    summary=WORDS,
    why=st.builds(Why, quote=WORDS, text=WORDS, said=WORDS),
    results=several(
        st.builds(
            Result,
            key=KEYS,
            statement=WORDS,
            must_have=st.booleans(),
            baseline=WORDS,
            target=WORDS,
            by=DAYS,
            seen=WORDS,
            checkpoints=CHECKS,
        )
    ),
    results_note=WORDS,
    starts_on=DAYS,
    first_value_on=DAYS,
    graduates_on=DAYS,
    stages=several(
        st.builds(
            StagePlan,
            key=KEYS,
            title=WORDS,
            starts=DAYS,
            ends=DAYS,
            items=st.integers(0, 2),
            share=st.just(25),
            ticks=TICKS,
            modules=st.lists(WORDS, max_size=2).map(tuple),
        )
    ),
    milestones=several(
        st.builds(
            MilestonePlan, key=KEYS, title=WORDS, on=DAYS, who=WORDS, stage=KEYS, place=st.integers(1, 2)
        )
    ),
    theirs=several(st.builds(Player, name=KEYS, part=WORDS, does=WORDS, time=WORDS)),
    ours=several(st.builds(Player, name=KEYS, part=WORDS, does=WORDS, time=WORDS)),
    needs=several(st.builds(Need, key=KEYS, by=st.none() | DAYS, what=WORDS, detail=WORDS, who=WORDS)),
    scope=several(
        st.builds(
            ScopeLine,
            key=KEYS,
            side=st.sampled_from(["in", "not_in"]),
            statement=WORDS,
            why=WORDS,
            alternative=WORDS,
        )
    ),
    changes=st.lists(WORDS, max_size=2).map(tuple),
)


def content(plan: PlanDocument) -> dict:
    """All that a reader could miss: without numbers of versions, without what is done, in no order."""
    said = plan.model_dump()
    del said["version"], said["amends"]
    for stage in said["stages"]:
        for tick in stage["ticks"]:
            del tick["done"]
    for name in ("results", "stages", "milestones", "theirs", "ours", "needs", "scope"):
        said[name] = {one.get("key") or one["name"]: one for one in said[name]}
    return said


@given(PLANS, PLANS)
def test_nothing_differs_just_when_both_say_the_same(one, other) -> None:
    assert (between(one, other) == []) == (content(one) == content(other))


def test_who_leaves_one_of_two_parts_has_not_changed_the_other() -> None:
    runs = Player(name="Priya Rao", part="consultant", does="Runs this plan", time="in 4 hours")
    follows = Player(name="Priya Rao", part="manager", does="Is there afterwards", time="after it")
    before = a_document(ours=(runs, follows))
    found = between(before, before.model_copy(update={"ours": (follows,)}))
    assert [(one.title, one.change) for one in found] == [("Priya Rao", Change.GONE)]
    other = follows.model_copy(update={"part": "consultant"})
    found = between(
        before.model_copy(update={"ours": (follows,)}), before.model_copy(update={"ours": (other,)})
    )
    assert [(one.part, one.change) for one in found] == [("part", Change.CHANGED)]


@given(PLANS, st.data())
def test_a_plan_that_differs_in_one_place_differs_in_that_place_alone(plan, data) -> None:
    name = data.draw(st.sampled_from(sorted(set(PlanDocument.model_fields) - {"format", "plan", "locale"})))
    other = plan.model_copy(update={name: getattr(data.draw(PLANS), name)})
    found = between(plan, other)
    assert bool(found) == (content(plan) != content(other))
    assert len({one.section for one in found}) <= 1


@given(PLANS, PLANS)
def test_it_reads_the_same_from_either_side(one, other) -> None:
    turned = {Change.ADDED: Change.GONE, Change.GONE: Change.ADDED, Change.CHANGED: Change.CHANGED}

    def bare(found, *, back: bool):
        rows = []
        for each in found:
            says = (each.now, each.was) if back else (each.was, each.now)
            change = turned[each.change] if back else each.change
            rows.append((each.section, each.key, each.part, change, *says, each.material))
        return sorted(rows, key=repr)

    assert bare(between(one, other), back=False) == bare(between(other, one), back=True)


@given(PLANS)
def test_what_was_done_meanwhile_is_no_difference(plan) -> None:
    stages = tuple(
        stage.model_copy(
            update={"ticks": tuple(tick.model_copy(update={"done": not tick.done}) for tick in stage.ticks)}
        )
        for stage in plan.stages
    )
    assert between(plan, plan.model_copy(update={"stages": stages, "version": 9, "amends": 8})) == []


@given(PLANS, PLANS)
def test_what_is_signed_again_are_dates_results_and_scope(one, other) -> None:
    found = between(one, other)
    assert {each.section for each in material(found)} <= {"success", "road", "scope"}
    assert since(one, other) == material(found)
    said = other.model_copy(
        update={
            name: getattr(one, name)
            for name in (
                "results",
                "stages",
                "milestones",
                "scope",
                "starts_on",
                "first_value_on",
                "graduates_on",
            )
        }
    )
    assert since(one, said) == []


def test_every_field_of_a_plan_is_compared() -> None:
    compared = {*differences._PLAIN, *differences._LISTS, "why", "changes"}
    assert compared == set(PlanDocument.model_fields) - {"format", "plan", "version", "amends", "locale"}
