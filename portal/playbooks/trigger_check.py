"""What makes a set of triggers usable: facts that exist, and numbers that can be reached and needn't be.

The facts are given, by name: they belong to `health/`, which stands above playbooks.
"""

import difflib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

from flask_babel import gettext as _

from portal.playbooks.contents import Finding
from portal.playbooks.source import Loc
from portal.playbooks.trigger_set import Action, Condition, TriggerSet, TriggerSpec


class Known(Protocol):
    """What has to be known of a fact: whether it is a number, percent, days, flag or word, and what it is called."""

    @property
    def kind(self) -> str: ...

    @property
    def label(self) -> Any: ...


Vocabulary = Mapping[str, Known]
# The least and the most that a fact can be, by its kind; and of those that may be negative.
RANGES = {"percent": (0, 100), "days": (0, 3650), "number": (0, 1_000_000)}
BOTH_WAYS = {
    "pace": (-100, 100),
    "day": (-365, 3650),
    "first_value_due_in": (-3650, 3650),
    "first_value_late_by": (-3650, 3650),
}
BY_KIND: dict[str, tuple[str, ...]] = {
    "flag": ("is", "is_not"),
    "word": ("is", "is_not", "includes", "lacks"),
}
COMPARED = ("below", "at_most", "at_least", "above", "is", "is_not")

Range = tuple[int, int]


class Nonsense(NamedTuple):
    """A number that makes no sense: what it is called (or nothing), where it stands in its trigger, and why."""

    name: str | None
    loc: Loc
    why: str


def findings(document: TriggerSet, facts: Vocabulary, plays: Collection[str]) -> list[Finding]:
    """Place in the document and sentence, each once."""
    found: list[Finding] = list(_doubles(document))
    for t, spec in enumerate(document.triggers):
        wrong = list(_unusable(spec, facts, plays))
        wrong = wrong or [(one.loc, one.why) for one in nonsense(spec, facts)]
        found += [(("triggers", t, *loc), message) for loc, message in wrong]
    return list(dict.fromkeys(found))


def _doubles(document: TriggerSet) -> Iterator[Finding]:
    for key, times in Counter(spec.key for spec in document.triggers).items():
        if times > 1:
            last = max(n for n, spec in enumerate(document.triggers) if spec.key == key)
            yield ("triggers", last, "key"), _("“%(key)s” is used twice; each must differ", key=key)


# --- Facts and what they are compared with ------------------------------------------------------


def _unusable(spec: TriggerSpec, facts: Vocabulary, plays: Collection[str]) -> Iterator[Finding]:
    for loc, condition in _conditions(spec):
        if condition.fact is not None:
            yield from _compared(loc, condition, facts)
    for a, action in enumerate(spec.then):
        if action.play is not None and action.play not in plays:
            known = ", ".join(sorted(plays))
            message = _("there is no play “%(key)s”. Write one of: %(known)s", key=action.play, known=known)
            yield ("then", a, "play"), message


def _conditions(spec: TriggerSpec) -> Iterator[tuple[Loc, Condition]]:
    yield from _inside(("when",), spec.when)
    for a, action in enumerate(spec.then):
        yield from _inside(("then", a, "when"), action.when)
    yield from _inside(("clears_when",), spec.clears_when)


def _inside(loc: Loc, conditions: Sequence[Condition]) -> Iterator[tuple[Loc, Condition]]:
    for c, condition in enumerate(conditions):
        here = (*loc, c)
        yield here, condition
        yield from _inside((*here, "any"), condition.any)
        yield from _inside((*here, "all"), condition.all)


def _compared(loc: Loc, condition: Condition, facts: Vocabulary) -> Iterator[Finding]:
    name = str(condition.fact)
    if name not in facts:
        close = difflib.get_close_matches(name, facts, n=1, cutoff=0.6)
        if close:
            message = _("there is no fact “%(name)s”; did you mean “%(close)s”?", name=name, close=close[0])
        else:
            known = ", ".join(facts)
            message = _("there is no fact “%(name)s”. Known are: %(known)s", name=name, known=known)
        yield (*loc, "fact"), message
        return
    kind = facts[name].kind
    allowed = BY_KIND.get(kind, COMPARED)
    if condition.test not in allowed:
        message = _(
            "“%(test)s” can't be asked of %(name)s. Write one of: %(allowed)s",
            test=condition.test, name=name, allowed=", ".join(allowed),
        )  # fmt: skip
        yield (*loc, "test"), message
        return
    fits = {"flag": isinstance(condition.value, bool), "word": isinstance(condition.value, str | tuple)}
    if not fits.get(kind, condition.is_number):
        yield (*loc, "value"), _wanted(kind, name)


def _wanted(kind: str, name: str) -> str:
    if kind == "flag":
        return _("%(name)s is either true or false", name=name)
    if kind == "word":
        return _("%(name)s is a word; write a word, or a list of words", name=name)
    return _("%(name)s is a whole number", name=name)


# --- Numbers ------------------------------------------------------------------------------------


def nonsense(spec: TriggerSpec, facts: Vocabulary) -> Iterator[Nonsense]:
    """The numbers with which a condition could never or would always be true, or with which it clears while it holds,
    or acts before it has fired. Every fact has to be known."""
    box: dict[str, Range] = {}
    yield from _boxed(_placed(("when",), spec.when), facts, box)
    yield from _overlaps(spec, facts, box)
    rungs: list[tuple[Loc, Condition]] = []
    for a, action in enumerate(spec.then):
        loc: Loc = ("then", a, "when")
        yield from _boxed(_placed(loc, action.when), facts, {})
        yield from _too_early(loc, action, facts, box)
        rungs += [one for one in _placed(loc, action.when) if one[1].test == "at_least"]
    yield from _falling(rungs)
    yield from _boxed(_placed(("clears_when",), spec.clears_when), facts, {})


def _placed(loc: Loc, conditions: Sequence[Condition]) -> list[tuple[Loc, Condition]]:
    return [((*loc, c), condition) for c, condition in enumerate(conditions)]


def _boxed(
    placed: Sequence[tuple[Loc, Condition]], facts: Vocabulary, box: dict[str, Range]
) -> Iterator[Nonsense]:
    """What can't be, of conditions that all have to hold; `box` is filled with what is left for each fact."""
    for loc, condition in placed:
        yield from _boxed(_placed((*loc, "all"), condition.all), facts, box)
        if condition.is_number and condition.fact is not None:
            why = _senseless(condition, condition.fact, facts, box)
            if why:
                yield Nonsense(condition.name, (*loc, "value"), why)
    for loc, condition in placed:
        for one in _placed((*loc, "any"), condition.any):
            yield from _boxed([one], facts, dict(box))


def _senseless(condition: Condition, fact: str, facts: Vocabulary, box: dict[str, Range]) -> str | None:
    """Why a comparison makes no sense; one that does narrows the box."""
    whole, label = _range(fact, facts), facts[fact].label
    inside = _both(whole, interval(condition))
    if inside is None:
        return _("This could never be true: “%(fact)s” has no such value.", fact=label)
    if inside == whole and condition.test != "is_not":
        return _("This would always be true: “%(fact)s” has no other value.", fact=label)
    left = _both(box.get(fact, whole), inside)
    if left is None:
        return _("This could never be true beside what else is asked of “%(fact)s”.", fact=label)
    box[fact] = left
    return None


def _overlaps(spec: TriggerSpec, facts: Vocabulary, box: Mapping[str, Range]) -> Iterator[Nonsense]:
    for loc, condition, fact in _numeric(("clears_when",), spec.clears_when, box):
        both = _both(box[fact], _both(_range(fact, facts), interval(condition)))
        if both is not None:
            why = _(
                "With “%(fact)s” at %(value)s it would fire and clear at once. Leave a gap between the two.",
                fact=facts[fact].label,
                value=both[0],
            )
            yield Nonsense(condition.name, (*loc, "value"), why)


def _too_early(loc: Loc, action: Action, facts: Vocabulary, box: Mapping[str, Range]) -> Iterator[Nonsense]:
    for place, condition, fact in _numeric(loc, action.when, box):
        own = _both(_range(fact, facts), interval(condition))
        if own is not None and _both(box[fact], own) != own:
            why = _(
                "This comes before the trigger itself fires: that asks for more of “%(fact)s”.",
                fact=facts[fact].label,
            )
            yield Nonsense(condition.name, (*place, "value"), why)


def _falling(rungs: Sequence[tuple[Loc, Condition]]) -> Iterator[Nonsense]:
    """What comes later in the list of actions but not in time."""
    for (_at, before), (place, rung) in pairwise(rungs):
        if before.fact == rung.fact and before.name != rung.name and rung.value <= before.value:
            why = _("This has to come after %(value)s, which stands before it.", value=before.value)
            yield Nonsense(rung.name, (*place, "value"), why)


def _numeric(
    loc: Loc, conditions: Sequence[Condition], box: Mapping[str, Range]
) -> Iterator[tuple[Loc, Condition, str]]:
    """Those that compare a number which the trigger's own conditions limit too."""
    for place, condition in _placed(loc, conditions):
        if condition.is_number and condition.fact is not None and condition.fact in box:
            yield place, condition, condition.fact


def interval(condition: Condition) -> Range:
    """The whole numbers of which a comparison is true."""
    least, most, value = -1_000_000, 1_000_000, int(condition.value)
    found: dict[str, Range] = {
        "below": (least, value - 1),
        "at_most": (least, value),
        "at_least": (value, most),
        "above": (value + 1, most),
        "is": (value, value),
    }
    return found.get(condition.test, (least, most))


def _range(fact: str, facts: Vocabulary) -> Range:
    return BOTH_WAYS.get(fact) or RANGES[facts[fact].kind]


def _both(one: Range | None, other: Range | None) -> Range | None:
    if one is None or other is None:
        return None
    low, high = max(one[0], other[0]), min(one[1], other[1])
    return (low, high) if low <= high else None
