"""What somebody of ours sees to first on the desk's page of a plan, beside writing and signing."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from portal import web
from portal.plans.differences import between
from portal.plans.drafts import Draft
from portal.plans.models import Plan, PlanVersion
from portal.plans.rules import PlanState


def notice_of(plan: Plan, draft: Draft) -> dict[str, Any] | None:
    """The first that applies: a file that isn't sealed, a no, or a version that ran out. With `post` one click does
    it."""
    sealing = next((one for one in reversed(plan.versions) if one.seal_failed_at and one.seal is None), None)
    if sealing is not None:
        return {
            "label": _("Not sealed yet"),
            "title": _("Version %(n)s could not be sealed", n=sealing.n),
            "text": sealing.seal_failure or "",
            "quote": "",
            "post": "/seal-again",
            "button": _("Seal it again"),
            "n": sealing.n,
        }
    last = plan.last_sent
    if last is None or (plan.to_sign is not None and plan.to_sign is not last):
        return None
    if last.state is PlanState.DECLINED:
        return _declined(last)
    return _ran_out(last, draft) if last.is_overdue and plan.onboarding.is_running else None


def is_as_declined(plan: Plan, draft: Draft) -> bool:
    """Whether the draft says word for word what they have just declined."""
    last = plan.last_sent
    if last is None or last.state is not PlanState.DECLINED:
        return False
    return not between(last.document, draft.document)


def _declined(last: PlanVersion) -> dict[str, Any]:
    who = last.declined_by.name if last.declined_by else _("Somebody")
    return {
        "label": _("Declined on %(date)s", date=web.day(last.declined_at, "dMMMM")),
        "title": _("%(who)s won't sign version %(n)s", who=who, n=last.n),
        "text": _("Talk to them today. The next draft begins from what they read."),
        "quote": last.declined_why or "",
        "post": "",
    }


def _ran_out(last: PlanVersion, draft: Draft) -> dict[str, Any]:
    found: dict[str, Any] = {
        "label": _("A fresh copy is asked for") if last.fresh_asked_at else _("Run out"),
        "title": _("Nobody signed version %(n)s in time", n=last.n),
        "text": _("Sent again, the same version can be signed for 14 more days."),
        "quote": "",
        "post": "/again",
        "button": _("Send it again"),
        "n": last.n,
    }
    if last.late_dates:
        text = _(
            "Dates that it promises have passed, so it can't be sent again. A new version takes its place."
        )
        return {**found, "text": text, "post": ""}
    if last.unable(draft.able):
        text = _("Not everybody who was asked can still sign it. A new version goes to those who can.")
        return {**found, "text": text, "post": ""}
    return found
