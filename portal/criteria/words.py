"""Results in words: numbers with their unit, what is wrong with some, where they are seen."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.criteria.numbers import written
from portal.criteria.rules import Achievement, Direction, Evidence, Flaw, Pace

if TYPE_CHECKING:
    from portal.criteria.wordings import CriterionCheckpoint, CriterionWording

FLAWS = {
    Flaw.SAME: _l("The target is where you are today. Enter what will be different."),
    Flaw.GOES_DOWN: _l(
        "The target is lower than today, and it should go up. Choose “down”, or change a number."
    ),
    Flaw.GOES_UP: _l(
        "The target is higher than today, and it should go down. Choose “up”, or change a number."
    ),
    Flaw.LATE: _l("A checkpoint comes before the day of the target. Choose an earlier day."),
    Flaw.BEYOND: _l("A checkpoint lies between today's value and the target. Enter a value between them."),
    Flaw.BACKWARDS: _l("Each checkpoint is later and nearer to the target than the one before it."),
}

EVIDENCE = {
    Evidence.USAGE: _l("Your account shows it"),
    Evidence.UPLOAD: _l("A report or a file"),
    Evidence.STATEMENT: _l("One of you says so"),
}

DIRECTIONS = {
    Direction.UP: _l("It goes up"),
    Direction.DOWN: _l("It goes down"),
    Direction.BY_DATE: _l("It is there by a day"),
}

COUNTS = (_l("none"), _l("one"), _l("two"), _l("three"), _l("four"), _l("five"))

PACES = {Pace.ON_TRACK: _l("on track"), Pace.BEHIND: _l("behind")}

ACHIEVEMENTS = {
    Achievement.NOT_STARTED: _l("not measured yet"),
    Achievement.TRACKING: _l("being measured"),
    Achievement.MET: _l("you got there"),
    Achievement.NOT_MET: _l("not met"),
    Achievement.ADJUSTED: _l("changed by agreement"),
}


def counted(n: int, *, first: bool = False) -> str:
    """A small number as a word, with a capital where it is the first of its sentence."""
    word = str(COUNTS[n]) if n < len(COUNTS) else str(n)
    return word[:1].upper() + word[1:] if first else word


def value_of(terms: CriterionWording, value: Decimal) -> str:
    """A value of this result: “98 %”, or whether it is there."""
    if terms.direction is Direction.BY_DATE:
        return _("there") if value >= terms.target else _("not yet")
    return written(value, terms.unit)


def target_of(terms: CriterionWording) -> str:
    return value_of(terms, terms.target)


def span(terms: CriterionWording, value: Decimal | None = None) -> str:
    """“Partners paid on time: 71 % → 98 %”, or with the value that was measured."""
    if value is not None:
        return _("%(what)s: %(value)s", what=terms.statement, value=value_of(terms, value))
    if terms.direction is Direction.BY_DATE:
        return terms.statement
    return _(
        "%(what)s: %(baseline)s → %(target)s",
        what=terms.statement,
        baseline=written(terms.baseline, terms.unit),
        target=target_of(terms),
    )


def checkpoint(terms: CriterionWording, one: CriterionCheckpoint, day: str) -> str:
    """“8 h in the test run, 2 Apr”, “90 % by 20 Apr”."""
    if one.value is None:
        return _("%(what)s, %(day)s", what=one.what or "", day=day)
    value = written(one.value, terms.unit)
    if one.what:
        return _("%(value)s %(what)s, %(day)s", value=value, what=one.what, day=day)
    return _("%(value)s by %(day)s", value=value, day=day)
