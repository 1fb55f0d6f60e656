"""Why a customer bought: what sales wrote, whether the customer has confirmed it, and what they say instead."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal import db, web
from portal.handoffs.models import Handoff
from portal.handoffs.rules import HandoffState
from portal.handoffs.words import FIELDS
from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step


@dataclass(frozen=True)
class Correction:
    """One field of the hand-off that the customer has corrected; `now` is empty where they left nothing of it."""

    label: str
    written: str
    now: str


@dataclass(frozen=True)
class Why:
    """`says` is how sure we are that it is the customer's own reason; `corrections` are by the hand-off's fields."""

    confirmed: bool
    says: str
    corrections: dict[str, Correction]


def why_of(onboarding: Onboarding, handoff: Handoff | None, steps: Iterable[Step] | None = None) -> Why:
    """One statement, unless `steps` are those of this road."""
    step = asked_at(onboarding, steps)
    written = handoff if handoff and handoff.state is HandoffState.ACCEPTED else None
    if step is None or step.done_at is None:
        if written:
            return Why(False, _("As %(who)s wrote it, not confirmed yet", who=written.author.called), {})
        return Why(False, _("Not confirmed yet"), {})
    by, date = step.done_by.called if step.done_by else "", web.day(step.done_at, "dMMMM")
    found = _corrections(written, step) if written else {}
    if step.done_for_you:
        return Why(False, _("As %(who)s wrote it for them on %(date)s", who=by, date=date), found)
    if found:
        return Why(True, _("Corrected by %(who)s on %(date)s", who=by, date=date), found)
    return Why(True, _("Confirmed by %(who)s on %(date)s", who=by, date=date), found)


def asked_at(onboarding: Onboarding, steps: Iterable[Step] | None = None) -> Step | None:
    """The step of this road that asks why they bought. One statement, unless `steps` are those of this road."""
    if steps is None:
        query = select(Step).where(Step.onboarding_id == onboarding.id, Step.kind == "form")
        steps = db.session.scalars(query.options(joinedload(Step.done_by)))
    return next((step for step in steps if step.spec.records == "purchase_reason"), None)


def answers(step: Step) -> dict[str, str]:
    """What stands in that step for each field of the hand-off that fills in one of its own; "" where it was emptied."""
    fields = step.spec.form.fields if step.spec.form else ()
    return {field.prefill: str(step.data.get(field.key) or "") for field in fields if field.prefill}


def _corrections(handoff: Handoff, step: Step) -> dict[str, Correction]:
    found: dict[str, Correction] = {}
    for name, now in answers(step).items():
        written = getattr(handoff, name) or ""
        if now.split() != written.split():  # A browser sends its own line ends.
            found[name] = Correction(str(FIELDS[name]), written, now)
    return found
