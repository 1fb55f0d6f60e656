"""What the customer brings, as the plan says it: what must be there by a day, and what is needed all along."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask_babel import gettext as _

from portal.onboardings.words import STAGE_TITLES, facts
from portal.plans.document import Need
from portal.readiness.prerequisites import Prerequisite
from portal.scope.models import ResourceNeed, Scope
from portal.scope.rules import NeedKind
from portal.scope.words import hours, whom


def needs_of(scope: Scope, prerequisites: Iterable[Prerequisite]) -> tuple[Need, ...]:
    """By date, and what is needed all along at the end. What they can't release isn't asked for."""
    dated = [
        Need(
            key=f"ready-{one.key}",
            by=one.due_on,
            what=one.title,
            detail=one.enough,
            who=one.owner.called if one.owner else "",
        )
        for one in prerequisites
    ]
    brought = [_need(scope, one) for one in scope.wanted if not one.is_refused]
    return tuple(sorted([*dated, *brought], key=lambda one: (one.by is None, one.by or date.max)))


def _need(scope: Scope, one: ResourceNeed) -> Need:
    if one.kind is not NeedKind.PEOPLE:
        by = one.window(scope.windows)[0]
        return Need(key=f"need-{one.key}", by=by, what=one.what, who=whom(scope, one))
    first, last = STAGE_TITLES[one.first_stage], STAGE_TITLES[one.last_stage]
    span = str(first) if first == last else _("%(first)s to %(last)s", first=first, last=last)
    detail = facts([hours(one.minutes or 0), span])
    return Need(key=f"need-{one.key}", by=None, what=one.what, detail=detail, who=whom(scope, one))
