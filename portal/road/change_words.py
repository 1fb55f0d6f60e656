"""What changed on a road in the last two weeks, as its customers read it (product.md 4.5)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from portal import web
from portal.onboardings.changes import lately
from portal.onboardings.models import Onboarding
from portal.onboardings.words import SCOPE_CHANGES, STAGE_TITLES, facts

ADDED = ("added", "brought_back", "module_added", "module_back", "module_deeper", "wave_added")
LEFT_OUT = ("left_out", "module_left_out", "module_shorter", "wave_left_out")


@dataclass(frozen=True)
class Changed:
    """The changes of one day: “2 items added on 4 Mar”, and each of them with its why; whether answers made any."""

    line: str
    whys: list[str]
    ruled: bool


def changed(onboarding: Onboarding, *, stage: str | None = None) -> list[Changed]:
    """What changed by day, latest first; in one stage, where one is named."""
    found = [one for one in lately(onboarding) if stage is None or one["stage"] in (stage, None)]
    days = [(on, list(same)) for on, same in groupby(found, key=lambda one: str(one["on"]))]
    return [
        Changed(
            _line(date.fromisoformat(on), same),
            [_why(one) for one in same],
            any(one.get("ruled") for one in same),
        )
        for on, same in reversed(days)
    ]


def _line(on: date, changes: Sequence[dict[str, Any]]) -> str:
    """How much was added, left out or changed otherwise that day."""
    added, left_out = _count(changes, ADDED), _count(changes, LEFT_OUT)
    other = sum(one["code"] not in ADDED + LEFT_OUT for one in changes)
    what = facts(
        [
            added and ngettext("%(num)s item added", "%(num)s items added", added),
            left_out and ngettext("%(num)s item left out", "%(num)s items left out", left_out),
            other and ngettext("%(num)s change", "%(num)s changes", other),
        ]
    )
    return _("%(what)s on %(date)s", what=what, date=web.short_day(on))


def _count(changes: Sequence[dict[str, Any]], codes: Collection[str]) -> int:
    """How many items these changes brought or took; a module has several."""
    return sum(one.get("items", 1) for one in changes if one["code"] in codes)


def _why(change: dict[str, Any]) -> str:
    code, words = change["code"], dict(change)
    if "to" in change:
        words["to"] = str(STAGE_TITLES[change["to"]])
    if "day" in change:
        words["day"] = web.day(date.fromisoformat(change["day"])) if change["day"] else ""
        code = code if change["day"] else "undated"
    if change.get("ruled"):
        code = f"{code}_ruled"
    return str(SCOPE_CHANGES[code]) % words
