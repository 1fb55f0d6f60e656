"""What differs between two versions of a plan, section by section, and what of it has to be signed again.

Whether a tick is done, the order of a list and the numbers of the versions are no difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, auto
from typing import Final

from portal.plans.document import SECTIONS, PlanDocument
from portal.playbooks.shape import Shape

COVER: Final = "cover"
Said = str | int | bool | date | tuple[str, ...] | None


class Change(StrEnum):
    """What became of one thing that the plan says."""

    ADDED = auto()
    GONE = auto()
    CHANGED = auto()


@dataclass(frozen=True)
class Difference:
    """One thing that differs. `title` is what it is called, `part` which field of it is another one (`item` where
    the whole came or went), `was` and `now` what that says. `material`: both sides sign again before it holds."""

    section: str
    key: str
    title: str
    part: str
    change: Change
    was: Said
    now: Said
    material: bool


# --- What there is to compare -----------------------------------------------------------------------

ITEM: Final = "item"
_PLAIN: Final = {  # Each field of a plan that stands alone, with its section and whether it is signed again.
    "headline": (COVER, False),
    "summary": (COVER, False),
    "customer": (COVER, False),
    "provider": (COVER, False),
    "results_note": ("success", False),
    "starts_on": ("road", True),
    "first_value_on": ("road", True),
    "graduates_on": ("road", True),
}
_LISTS: Final = {  # Each list with its section and what of an item is signed again; all that is left isn't.
    "results": (
        "success",
        {ITEM, "statement", "must_have", "baseline", "target", "by", "seen", "checkpoints"},
    ),
    "stages": ("road", {ITEM, "starts", "ends", "modules"}),
    "milestones": ("road", {ITEM, "title", "on"}),
    "theirs": ("people", set()),
    "ours": ("people", set()),
    "needs": ("needs", set()),
    "scope": ("scope", {ITEM, "side", "statement", "why", "alternative"}),
}


def between(before: PlanDocument, after: PlanDocument) -> list[Difference]:
    """All that differs, in the order of the page."""
    found = [*_plain(before, after), *_why(before, after)]
    for name, (section, signed) in _LISTS.items():
        found += _list(section, signed, getattr(before, name), getattr(after, name))
    if before.changes != after.changes:
        found.append(
            Difference(
                "changes", "changes", "", "changes", Change.CHANGED, before.changes, after.changes, False
            )
        )
    order = [COVER, *SECTIONS]
    return sorted(found, key=lambda one: order.index(one.section))


def material(differences: Iterable[Difference]) -> list[Difference]:
    """Those that hold only once both sides have signed again: dates, results and scope."""
    return [one for one in differences if one.material]


def since(in_force: PlanDocument, now: PlanDocument) -> list[Difference]:
    """What a new version changes of the one in force and has to be signed for: nothing where only the rest differs."""
    return material(between(in_force, now))


def _plain(before: PlanDocument, after: PlanDocument) -> Iterator[Difference]:
    for name, (section, signed) in _PLAIN.items():
        was, now = getattr(before, name), getattr(after, name)
        if was != now:
            yield Difference(section, name, "", name, Change.CHANGED, was, now, signed)


def _why(before: PlanDocument, after: PlanDocument) -> Iterator[Difference]:
    for name in ("quote", "text", "said"):
        was, now = getattr(before.why, name), getattr(after.why, name)
        if was != now:
            yield Difference("why", name, "", name, Change.CHANGED, was, now, False)


# --- Lists ------------------------------------------------------------------------------------------


def _list(
    section: str, signed: set[str], before: Sequence[Shape], after: Sequence[Shape]
) -> Iterator[Difference]:
    for key, old, new in _pairs(before, after):
        if old is None or new is None:
            change = Change.ADDED if old is None else Change.GONE
            yield Difference(
                section, key, _title(new or old), ITEM, change, _title(old), _title(new), ITEM in signed
            )
            continue
        for name in type(old).model_fields:
            then, here = _said(old, name), _said(new, name)
            if then != here:
                yield Difference(section, key, _title(new), name, Change.CHANGED, then, here, name in signed)


def _pairs(
    before: Sequence[Shape], after: Sequence[Shape]
) -> Iterator[tuple[str, Shape | None, Shape | None]]:
    """Each thing as it was and is, by what stays when the words change. People have their names alone, and one may play
    two parts: first who plays the same part, then who has the same name."""
    left, found = list(after), {}
    for same in (lambda one: (_name(one), getattr(one, "part", "")), _name):
        for at, old in enumerate(before):
            new = None if at in found else next((one for one in left if same(one) == same(old)), None)
            if new is not None:
                found[at] = new
                left.remove(new)
    for at, old in enumerate(before):
        yield _name(old), old, found.get(at)
    for new in left:
        yield _name(new), None, new


def _name(one: Shape) -> str:
    return str(getattr(one, "key", None) or getattr(one, "name", ""))


def _title(one: Shape | None) -> str:
    """What a reader calls it."""
    names = ("statement", "title", "what", "name")
    return next((str(getattr(one, name)) for name in names if hasattr(one, name)), "")


def _said(one: Shape, name: str) -> Said:
    """What a field says, as far as it can differ."""
    value = getattr(one, name)
    if name == "ticks":
        return tuple(f"{tick.weight}{'+' if tick.begins_module else ''}" for tick in value)
    if name == "checkpoints":
        return tuple(f"{point.on.isoformat()} {point.says}" for point in value)
    said: Said = value
    return said
