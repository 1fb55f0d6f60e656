"""What changed on a road in the last two weeks, as its customers read it (product.md 4.5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from portal import web
from portal.onboardings.changes import lately
from portal.onboardings.models import Onboarding
from portal.onboardings.words import SCOPE_CHANGES, facts

ADDED = ("added", "brought_back")


@dataclass(frozen=True)
class Changed:
    """The changes of one day: “2 items added on 4 Mar”, and each of them with its why."""

    line: str
    whys: list[str]


def changed(onboarding: Onboarding, *, stage: str | None = None) -> list[Changed]:
    """What changed by day, latest first; in one stage, where one is named."""
    found = [one for one in lately(onboarding) if stage is None or one["stage"] in (stage, None)]
    days = [(on, list(same)) for on, same in groupby(found, key=lambda one: str(one["on"]))]
    return [
        Changed(_line(date.fromisoformat(on), same), [_why(one) for one in same])
        for on, same in reversed(days)
    ]


def _line(on: date, changes: Sequence[dict[str, Any]]) -> str:
    """How much was added, left out or changed otherwise that day."""
    added = sum(one["code"] in ADDED for one in changes)
    left_out = sum(one["code"] == "left_out" for one in changes)
    other = len(changes) - added - left_out
    what = facts(
        [
            added and ngettext("%(num)s item added", "%(num)s items added", added),
            left_out and ngettext("%(num)s item left out", "%(num)s items left out", left_out),
            other and ngettext("%(num)s change", "%(num)s changes", other),
        ]
    )
    return _("%(what)s on %(date)s", what=what, date=web.short_day(on))


def _why(change: dict[str, Any]) -> str:
    return str(SCOPE_CHANGES[change["code"]]) % change
