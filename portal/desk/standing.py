"""How an onboarding's health reads on staff pages: in a row, beside the list, and on the account's page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import ngettext

from portal import clock, web
from portal.access import Can, Role, viewer
from portal.desk.account_forms import HealthForm
from portal.health import words
from portal.health.models import HealthOverride
from portal.health.rules import KEPT, RISK, Reason
from portal.health.standing import override_of, reasons_of
from portal.onboardings.models import Onboarding
from portal.onboardings.standings import Health
from portal.onboardings.states import OnboardingState

STALE: Final = timedelta(days=1)
# Labels that say why by themselves: the row, or the head of the page, has it already.
PLAIN: Final = (Health.ON_HOLD, Health.WAITING_ON_US)
SIGNALLED: Final = ("R4", "R5")  # Whose signals stand beside them on the account's page.


@dataclass(frozen=True)
class Line:
    """Shape (components/icons.html), word, the same without the way somebody is quiet, why in a few words, and what it
    is as of where that is old. What is `plain` stands on the account's page already: whose turn it is, or that it is
    paused."""

    kind: str
    word: str
    short: str
    why: str
    as_of: str
    plain: bool


def line_of(road: Onboarding) -> Line | None:
    """In short; None where no health is kept, or it was never looked at."""
    if road.health is None or road.state not in KEPT:
        return None
    label = Health.ON_HOLD if road.state is OnboardingState.ON_HOLD else road.health
    word, short = words.label_text(label, road.quiet), str(words.LABELS[label])
    return Line(words.SHAPES[label], word, short, _why(road, label), _as_of(road), label in PLAIN)


def _why(road: Onboarding, label: Health) -> str:
    if label in PLAIN:
        return ""
    said = [words.reason_in_short(reason) for reason in _worst_first(readable(road))]
    evidence = road.health_evidence or {}
    if evidence.get("by_hand"):
        said.insert(0, _("set by hand"))
    if road.quiet is not None and "silent" in evidence:
        said.insert(0, words.quiet_in_short(road.quiet, evidence))
    if len(said) < 2:
        return said[0] if said else ""
    return ngettext("%(first)s, %(num)s more", "%(first)s, %(num)s more", len(said) - 1, first=said[0])


def _as_of(road: Onboarding) -> str:
    """When it was looked at, once that is a day ago: then something doesn't run."""
    if road.health_at is None or clock.now() - road.health_at < STALE:
        return ""
    at = f"{web.day(road.health_at, 'EEEdMMM')}, {web.clock_time(road.health_at)}"
    return _("Health as of %(when)s", when=at)


def readable(road: Onboarding) -> list[Reason]:
    """The reasons that this reader is shown: a call that we didn't book is the consultant's to see to."""
    is_consultant = Role.CONSULTANT in viewer().roles
    return [reason for reason in reasons_of(road) if is_consultant or not reason.is_ours_to_book]


def _worst_first(reasons: Iterable[Reason]) -> list[Reason]:
    return sorted(reasons, key=lambda reason: reason.level != RISK)


# --- Beside the list, and on the account's page ---------------------------------------------------


def whole_of(road: Onboarding) -> dict[str, Any] | None:
    """With every reason, what somebody says instead, and the form to say so; None as in `line_of`. One statement, where
    somebody does."""
    line = line_of(road)
    if line is None:
        return None
    evidence = road.health_evidence or {}
    silence = words.quiet_text(road.quiet, evidence) if road.quiet and "silent" in evidence else ""
    by_hand = override_of(road) if evidence.get("by_hand") else None
    may = viewer().may(Can.OVERRIDE_HEALTH) and road.state is OnboardingState.ACTIVE
    return {
        "line": line,
        "since": _("since %(date)s", date=web.short_day(road.health_since)) if road.health_since else "",
        "silence": silence,
        "reasons": [_spoken(reason) for reason in _worst_first(readable(road))],
        "said": _said(by_hand) if by_hand else "",
        "why": by_hand.why if by_hand else "",
        "form": HealthForm(formdata=None).called("health") if may else None,
        "ends": by_hand is not None and may,
    }


def _spoken(reason: Reason) -> dict[str, str]:
    level = _("Risk") if reason.level == RISK else _("Watch")
    return {
        "kind": "at_risk" if reason.level == RISK else "watch",
        "level": level,
        "text": words.reason_text(reason),
        "shown_beside": "yes" if reason.code in SIGNALLED else "",
        "note": _("Yours to book; it changes no label.") if reason.is_ours_to_book else "",
    }


def _said(override: HealthOverride) -> str:
    return _(
        "%(who)s set it on %(day)s, until %(until)s",
        who=override.by.name,
        day=web.short_day(override.at),
        until=web.short_day(override.until),
    )
