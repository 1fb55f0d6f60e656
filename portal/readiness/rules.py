"""What the answers of a readiness kit do to a road, each with its reason (product.md 2.7). Nothing is changed here."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, get_args

from portal.playbooks.kit import Condition, Depth, Effect, EffectKind, Kit, KitQuestion, KitRule
from portal.readiness.branching import UNKNOWN, Given, asked

DEPTHS: Final[tuple[Depth, ...]] = get_args(Depth)  # The shallowest first.


@dataclass(frozen=True)
class ModuleFacts:
    """A module of the playbook, as the road would have it if no answer had changed anything.

    `here`: it is on the road. `fixed`: somebody of ours added it, left it out or brought it back. `stays`: it can't be
    left out, since it holds a gate or nothing of it is open. `items` and `minutes` say for each depth how many of its
    steps the meter counts and what they take of the customer's time.
    """

    key: str
    stage: str
    here: bool
    depth: Depth
    items: Mapping[Depth, int]
    minutes: Mapping[Depth, int]
    fixed: bool = False
    stays: bool = False


@dataclass(frozen=True)
class RoadFacts:
    """`modules` in the playbook's order; `kept` are the items of each stage that no rule can leave out."""

    modules: tuple[ModuleFacts, ...]
    kept: Mapping[str, int]


@dataclass(frozen=True)
class Decision:
    """One thing that the answers do.

    `target` is a module, a prerequisite, a topic, a department or what our team is told; `beside` is the depth, the
    role, the call or the kind of signal. `rules` are those that ask for it, `because` their reasons; both are empty for
    a topic that comes from “not sure yet” alone, whose question is `unsure`. `minutes` is what it adds to the
    customer's time, negative for what it saves.
    """

    kind: EffectKind
    target: str
    beside: str | None = None
    rules: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    minutes: int = 0
    unsure: str | None = None


def effects_of(kit: Kit, given: Given, road: RoadFacts) -> tuple[Decision, ...]:
    """What these answers do to this road, in the order of the kit's rules; topics nobody is sure of come last.

    What two rules ask for is done once, with both reasons. Including wins over leaving out, the deepest over the
    shallower, the first to be given a module over the second. No stage is left without an item.
    """
    heard = asked(kit, given)
    wishes = _merged(
        decision
        for rule in kit.rules
        if all(_holds(condition, heard.given) for condition in rule.when)
        for effect in rule.then
        for decision in _expanded(effect, rule, kit)
    )
    modules = {module.key: module for module in road.modules if not module.fixed}
    wanted = {one.target for one in wishes if one.kind == "include"}
    here = {key for key, module in modules.items() if module.here}
    gone = _left_out(wishes, road, modules, wanted)
    there = (here | wanted & modules.keys()) - gone
    offered = {one.target for one in wishes if one.kind == "offer"}
    stand = {
        "include": wanted & modules.keys() - here,
        # What isn't there anyway is said to be left out, too, so that the customer can ask for it.
        "exclude": gone | (modules.keys() - here - wanted - offered),
        "offer": modules.keys() - here - wanted,
        "put_first": there,
        "assign": there,
    }
    depths = _depths(wishes, road, modules, there)
    kept = [
        _timed(one, modules)
        for one in wishes
        if (
            depths.get(one.target) == one.beside
            if one.kind == "depth"
            else one.target in stand.get(one.kind, {one.target})
        )
    ]
    return (*_one_role_each(kept), *_unsure(kit, heard.questions, heard.given, kept))


def _holds(condition: Condition, given: Given) -> bool:
    value = given.get(condition.question)
    if value in (None, "", []):
        return False
    if condition.unknown or value is UNKNOWN:
        return condition.unknown is not None and value is UNKNOWN
    if condition.at_least is not None:
        return str(value).isdecimal() and int(value) >= condition.at_least
    said = value if isinstance(value, list) else [value]
    named = any(one in condition.values for one in said)
    return not named if condition.is_not is not None else named


# --- What the rules ask for ---------------------------------------------------------------------


def _expanded(effect: Effect, rule: KitRule, kit: Kit) -> Iterator[Decision]:
    plain = Decision(effect.kind, effect.value, rules=(rule.key,), because=(rule.because,))
    if effect.kind == "compliance":
        pack = next(pack for pack in kit.packs if pack.key == effect.value)
        yield from (replace(plain, kind="include", target=key) for key in pack.modules)
        yield from (replace(plain, kind="prerequisite", target=key) for key in pack.prerequisites)
        yield from (
            replace(plain, kind="agenda", target=topic, beside=kit.consultation) for topic in pack.topics
        )
    elif effect.kind == "agenda":
        yield replace(plain, beside=effect.call or kit.consultation)
    elif about := effect.module or effect.text:
        yield replace(plain, target=about, beside=effect.value)
    else:
        yield plain


def _merged(wishes: Iterable[Decision]) -> list[Decision]:
    """Each thing once, with every rule that asks for it."""
    found: dict[tuple[str, str, str | None], Decision] = {}
    for one in wishes:
        same = (one.kind, one.target, one.beside)
        if before := found.get(same):
            one = replace(
                before,
                rules=tuple(dict.fromkeys((*before.rules, *one.rules))),
                because=tuple(dict.fromkeys((*before.because, *one.because))),
            )
        found[same] = one
    return list(found.values())


def _unsure(
    kit: Kit, questions: Iterable[KitQuestion], given: Given, kept: Collection[Decision]
) -> Iterator[Decision]:
    topics = {(one.beside, one.target) for one in kept if one.kind == "agenda"}
    for question in questions:
        topic = (kit.consultation, question.topic or question.text)
        if given.get(question.key) is UNKNOWN and topic not in topics:
            topics.add(topic)
            yield Decision("agenda", topic[1], topic[0], unsure=question.key)


# --- What of it stands --------------------------------------------------------------------------


def _left_out(
    wishes: Iterable[Decision],
    road: RoadFacts,
    modules: Mapping[str, ModuleFacts],
    wanted: Collection[str],
) -> set[str]:
    """What is left out, in the order of the rules, as long as its stage keeps an item."""
    items = _items(road, {key for key, module in modules.items() if module.here or key in wanted})
    gone: set[str] = set()
    for one in wishes:
        module = modules.get(one.target)
        if one.kind != "exclude" or module is None or not module.here or module.stays or one.target in wanted:
            continue
        rest = items.get(module.stage, 0) - module.items[module.depth]
        if rest > 0:
            items[module.stage] = rest
            gone.add(module.key)
    return gone


def _depths(
    wishes: Iterable[Decision], road: RoadFacts, modules: Mapping[str, ModuleFacts], there: Collection[str]
) -> dict[str, Depth]:
    """How deep modules go that go otherwise than usual."""
    items = _items(road, there)
    found: dict[str, Depth] = {}
    for key in dict.fromkeys(one.target for one in wishes if one.kind == "depth"):
        if key not in there:
            continue
        module = modules[key]
        deepest = max(
            (
                depth
                for depth in DEPTHS
                for one in wishes
                if (one.kind, one.target, one.beside) == ("depth", key, depth)
            ),
            key=DEPTHS.index,
        )
        rest = items.get(module.stage, 0) - module.items[module.depth] + module.items[deepest]
        if deepest != module.depth and rest > 0:
            items[module.stage] = rest
            found[key] = deepest
    return found


def _items(road: RoadFacts, there: Collection[str]) -> dict[str, int]:
    """How many items each stage has with these modules, and those that are by hand."""
    items = dict(road.kept)
    for module in road.modules:
        if module.key in there or (module.fixed and module.here):
            items[module.stage] = items.get(module.stage, 0) + module.items[module.depth]
    return items


def _timed(one: Decision, modules: Mapping[str, ModuleFacts]) -> Decision:
    if one.kind not in ("include", "exclude", "offer", "depth"):
        return one
    module = modules[one.target]
    usual = module.minutes[module.depth]
    if one.kind == "depth":
        depth = next(depth for depth in DEPTHS if depth == one.beside)
        return replace(one, minutes=module.minutes[depth] - usual)
    if one.kind == "exclude":
        return replace(one, minutes=-usual if module.here else 0)
    return replace(one, minutes=usual)


def _one_role_each(kept: Iterable[Decision]) -> Iterator[Decision]:
    given: set[str] = set()
    for one in kept:
        if one.kind == "assign":
            if one.target in given:
                continue
            given.add(one.target)
        yield one
