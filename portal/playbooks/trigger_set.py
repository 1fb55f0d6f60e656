"""The document of a set of triggers: each in frozen pydantic models (product.md 2.10). Shapes only; whether the facts
exist and the numbers can be is judged in trigger_check.py.

A trigger reads the facts of an evening by the names of `health.facts`, or waits for something that a person does.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from flask_babel import gettext as _
from pydantic import Field, StringConstraints, field_validator, model_validator

from portal.playbooks.document import Programme
from portal.playbooks.shape import Key, Line, Segment, Shape, StageKey

Test = Literal["below", "at_most", "at_least", "above", "is", "is_not", "includes", "lacks"]
Happening = Literal["frustration", "surprise", "help"]
Rung = Literal["invite_3", "day_3", "day_7", "day_12"]
TouchKey = Literal["low", "mid", "high"]
TeamRoleKey = Literal["consultant", "integration_specialist", "csm", "account_executive"]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,9}$")]
DaysAfter = Annotated[int, Field(strict=True, ge=0, le=365)]

# Numbers that every trigger has, beside those that its conditions name.
FOR_DAYS, AGAIN_AFTER = "for_days", "again_after"


class Condition(Shape):
    """Either one fact compared with a value, or several conditions of which one (`any`) or each (`all`) has to hold.
    A `value` is a whole number, true, false, a word or a tuple of words; a number with a `name`
    can be changed on the trigger's page."""

    fact: Key | None = None
    test: Test = "is"
    value: Any = None
    name: Key | None = None
    any: "tuple[Condition, ...]" = ()
    all: "tuple[Condition, ...]" = ()

    @field_validator("value", mode="before")
    @classmethod
    def _a_value(cls, value: Any) -> Any:
        if isinstance(value, list | tuple) and value and all(isinstance(one, str) for one in value):
            return tuple(value)
        if isinstance(value, bool | int | str | None):
            return value
        raise ValueError(_("must be a whole number, true, false, a word, or a list of words"))

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        if sum((self.fact is not None, bool(self.any), bool(self.all))) != 1:
            raise ValueError(_("write one of: a fact with its test and value, any, all"))
        if self.fact is None and (self.value is not None or self.name is not None):
            raise ValueError(_("a value stands beside a fact only"))
        if self.fact is not None and self.value is None:
            raise ValueError(_("needs a value to compare the fact with"))
        if self.name is not None and not self.is_number:
            raise ValueError(_("only a whole number can be changed by its name"))
        return self

    @property
    def is_number(self) -> bool:
        """Whether it compares with a whole number; true and false are none."""
        return isinstance(self.value, int) and not isinstance(self.value, bool)

    def leaves(self) -> "Iterator[Condition]":
        """Every comparison in it."""
        if self.fact is not None:
            yield self
        for inner in (*self.any, *self.all):
            yield from inner.leaves()

    def renumbered(self, numbers: Mapping[str, int]) -> Self:
        """The same with these numbers in place of the named ones."""
        changed: dict[str, Any] = {
            group: tuple(inner.renumbered(numbers) for inner in getattr(self, group))
            for group in ("any", "all")
            if getattr(self, group)
        }
        if self.name is not None and self.name in numbers:
            changed["value"] = numbers[self.name]
        return self.model_copy(update=changed) if changed else self


class Scope(Shape):
    """For which onboardings; empty means all. `stages` are current stages."""

    touch: tuple[TouchKey, ...] = ()
    segments: tuple[Segment, ...] = ()
    programmes: tuple[Programme, ...] = ()
    stages: tuple[StageKey, ...] = ()


class Action(Shape):
    """What a trigger does once it fires: the follow-up ladder goes up a rung (`nudge`, which `nudges/` carries out),
    somebody of ours is told inside the portal (`tell`), or a case is opened (`escalate`; without a role its reason says
    who has it). `reason` is what the case is about: `health` is whatever health says, none is what happened. It waits
    for `after` working days, for `when` to hold, and is for these touches only."""

    do: Literal["nudge", "tell", "escalate"]
    rung: Rung | None = None
    whom: Literal["owner", "account_executive"] | None = None
    level: Annotated[int, Field(strict=True, ge=1, le=3)] | None = None
    role: TeamRoleKey | None = None
    play: Key | None = None
    reason: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=40)] | None = None
    touch: tuple[TouchKey, ...] = ()
    after: DaysAfter = 0
    name: Key | None = None
    when: tuple[Condition, ...] = ()

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        wanted = {"nudge": "rung", "tell": "whom", "escalate": "level"}
        for do, field in wanted.items():
            if (getattr(self, field) is not None) != (self.do == do):
                raise ValueError(
                    _("an action has the one its word asks for: nudge a rung, tell whom, escalate a level")
                )
        if self.do == "escalate" and self.play is None:
            raise ValueError(_("escalate needs a play: what whoever takes the case starts with"))
        if self.do != "escalate" and (self.play or self.role or self.reason):
            raise ValueError(_("a play, a role and a reason belong to escalate only"))
        return self

    def renumbered(self, numbers: Mapping[str, int]) -> Self:
        """The same with these numbers in place of the named ones."""
        changed: dict[str, Any] = {"when": tuple(one.renumbered(numbers) for one in self.when)}
        if self.name is not None and self.name in numbers:
            changed["after"] = numbers[self.name]
        return self.model_copy(update=changed)


@dataclass(frozen=True)
class Number:
    """One number of a trigger that can be changed. `place` is where it stands; `condition` is the comparison it belongs
    to, when it is one."""

    name: str
    value: int
    place: Literal["when", "then", "clears", "again", "for"]
    condition: Condition | None = None


class TriggerSpec(Shape):
    """One trigger. It fires when an onboarding in its scope comes to where `when` holds, `for_days` evenings in a row,
    or as soon as one of `events` happens; again not before `again_after` days. It has cleared when `clears_when` holds,
    which without conditions is: when `when` holds no more; one that `a_person_clears` ends with its case."""

    key: Code
    title: Line
    scope: Scope = Field(default_factory=Scope)
    events: tuple[Happening, ...] = ()
    when: tuple[Condition, ...] = ()
    for_days: Annotated[int, Field(strict=True, ge=1, le=14)] = 1
    then: Annotated[tuple[Action, ...], Field(min_length=1)]
    again_after: DaysAfter = 14
    clears_when: tuple[Condition, ...] = ()
    a_person_clears: bool = False

    @model_validator(mode="after")
    def _something_starts_it(self) -> Self:
        if bool(self.events) == bool(self.when):
            raise ValueError(_("a trigger has either events or when"))
        if self.when and any(action.do == "escalate" and not action.reason for action in self.then):
            raise ValueError(_("escalate needs a reason: R1 to R16, a word of cases, or health"))
        if self.a_person_clears and self.clears_when:
            raise ValueError(_("what a person clears has no clears_when"))
        return self

    @property
    def at_once(self) -> bool:
        """Whether it answers something that a person did, whatever the hour."""
        return bool(self.events)

    @property
    def numbers(self) -> dict[str, Number]:
        """What can be changed, by name, in the order of reading."""
        found = [*_named(self.when, "when")]
        if self.for_days > 1:
            found.append(Number(FOR_DAYS, self.for_days, "for"))
        for action in self.then:
            found.extend(_named(action.when, "then"))
            if action.name:
                found.append(Number(action.name, action.after, "then"))
        found.append(Number(AGAIN_AFTER, self.again_after, "again"))
        found.extend(_named(self.clears_when, "clears"))
        kept: dict[str, Number] = {}
        for one in found:  # One that several conditions share is one number.
            kept.setdefault(one.name, one)
        return kept

    def with_numbers(self, numbers: Mapping[str, Any]) -> Self:
        """The same with these numbers; a name that it doesn't have changes nothing."""
        known = {name: int(value) for name, value in numbers.items() if name in self.numbers}
        return self.model_copy(
            update={
                "when": tuple(one.renumbered(known) for one in self.when),
                "then": tuple(action.renumbered(known) for action in self.then),
                "clears_when": tuple(one.renumbered(known) for one in self.clears_when),
                "for_days": known.get(FOR_DAYS, self.for_days),
                "again_after": known.get(AGAIN_AFTER, self.again_after),
            }
        )


def _named(conditions: tuple[Condition, ...], place: Any) -> Iterator[Number]:
    for condition in conditions:
        for leaf in condition.leaves():
            if leaf.name is not None and isinstance(leaf.value, int):
                yield Number(leaf.name, leaf.value, place, leaf)


class TriggerSet(Shape):
    """Triggers that belong together."""

    key: Key
    name: Line
    triggers: Annotated[tuple[TriggerSpec, ...], Field(min_length=1, max_length=60)]
