"""What differs between two plans, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal import web
from portal.onboardings.words import listed
from portal.plans.differences import COVER, ITEM, Change, Difference, Said
from portal.plans.words import TITLES

SECTIONS = {COVER: _l("What stands on top"), **TITLES}
PARTS = {
    "headline": _l("Headline"),
    "summary": _l("Summary"),
    "customer": _l("Name of the customer"),
    "provider": _l("Name of the provider"),
    "quote": _l("In their words"),
    "text": _l("What stands behind it"),
    "said": _l("Who said it"),
    "results_note": _l("Note on the results"),
    "starts_on": _l("First day"),
    "first_value_on": _l("First value"),
    "graduates_on": _l("Graduation"),
    "changes": _l("How changes work"),
    "statement": _l("words"),
    "must_have": _l("must have"),
    "baseline": _l("today"),
    "target": _l("target"),
    "by": _l("by"),
    "seen": _l("where it is seen"),
    "checkpoints": _l("checked on the way"),
    "title": _l("name"),
    "starts": _l("begins"),
    "ends": _l("ends"),
    "items": _l("items"),
    "share": _l("share of the meter"),
    "ticks": _l("order of the items"),
    "modules": _l("what is in it"),
    "on": _l("date"),
    "who": _l("who"),
    "stage": _l("stage"),
    "place": _l("place"),
    "part": _l("part"),
    "does": _l("does"),
    "time": _l("time"),
    "what": _l("words"),
    "detail": _l("detail"),
    "side": _l("list"),
    "why": _l("reason"),
    "alternative": _l("instead"),
}
SIDES = {"in": _l("In"), "not_in": _l("Not in")}
UNTOLD = {"ticks", "place", "stage"}  # Where something stands on the drawing: no reader looks for it.
FORMER = {Change.ADDED: _l("new"), Change.GONE: _l("gone")}


@dataclass(frozen=True)
class DifferenceRow:
    """One line of “changes since version 1”. `mark` says that something is new or gone."""

    section: str
    title: str
    was: str
    now: str
    mark: str
    material: bool


def rows(differences: Iterable[Difference]) -> list[DifferenceRow]:
    """One line for each difference that a reader looks for, in the order of the page."""
    return [_row(one) for one in differences if one.part not in UNTOLD]


def _row(one: Difference) -> DifferenceRow:
    was, now = (_said(one, value) for value in (one.was, one.now))
    if one.part == "modules":
        was, now = _only(one.was, one.now), _only(one.now, one.was)
    part = "" if one.part == ITEM else str(PARTS[one.part])
    title = _("%(what)s: %(part)s", what=one.title, part=part) if one.title and part else one.title or part
    if one.part == ITEM:
        was = now = ""
    return DifferenceRow(
        section=str(SECTIONS[one.section]),
        title=title,
        was=was,
        now=now,
        mark=str(FORMER.get(one.change, "")),
        material=one.material,
    )


def _said(one: Difference, value: Said) -> str:
    if one.part == "checkpoints" and isinstance(value, tuple):
        return listed(_checkpoint(text) for text in value) if value else _("none")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date):
        return web.day(value, "dMMMM")
    if isinstance(value, tuple):
        return " ".join(value)
    if one.part == "side":
        return str(SIDES[str(value)])
    return _("not given") if value in (None, "") else str(value)


def _checkpoint(text: str) -> str:
    on, _space, says = text.partition(" ")
    return _("%(what)s, %(day)s", what=says, day=web.short_day(date.fromisoformat(on)))


def _only(these: Said, those: Said) -> str:
    """Of the modules of a stage, those that the other version doesn't have."""
    assert isinstance(these, tuple)
    assert isinstance(those, tuple)
    return listed(one for one in these if one not in those) or _("as it was")
