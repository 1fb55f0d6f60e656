"""What stands around the cards of the results, the same for both sides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _

from portal.accounts.kinds import PortalRole
from portal.accounts.models import User
from portal.criteria import road_step
from portal.criteria.choosing import suggestions_for
from portal.criteria.forms import MeasureForm, MissedForm, WithdrawForm
from portal.criteria.models import SuccessCriterion
from portal.criteria.page import cards_of
from portal.criteria.words import counted, target_of
from portal.errors import Conflict, Refused
from portal.forms import Named
from portal.onboardings.letters import everyone
from portal.onboardings.models import Onboarding
from portal.onboardings.words import listed


def sheet_of(
    onboarding: Onboarding,
    reader: User,
    address: Callable[[SuccessCriterion, str], str],
    *,
    acts: bool,
    refusal: Refused | None = None,
) -> dict[str, Any]:
    """The cards and what the templates say around them. `acts`: the reader may agree and suggest here; `refusal` may
    hold two wordings to compare."""
    found = SuccessCriterion.of(onboarding)
    cards = cards_of(onboarding, reader, address, acts=acts, found=found)
    content = road_step.content(onboarding)
    return {
        "found": found,
        "step": road_step.step_of(onboarding),
        "cards": cards,
        "agreed": sum(one.is_agreed for one in found),
        "turn_of": next((card.ref for card in cards if card.turn), ""),
        "content": content,
        "offered": suggestions_for(
            content.suggestions,
            onboarding.quote or "",
            onboarding.account.segment,
            [card.words.statement for card in cards],
        ),
        "may_add": acts and onboarding.is_running and len(found) < content.most,
        "measuring": road_step.is_measuring(onboarding),
        "asks": {one.ref: _forms(onboarding, one) for one in found},
        "both": (refusal.yours, refusal.theirs) if isinstance(refusal, Conflict) else (None, None),
        "target_of": target_of,
        "counted": counted,
    }


def _forms(onboarding: Onboarding, one: SuccessCriterion) -> dict[str, Named]:
    """The small forms of one result, each with ids of its own."""
    value = MeasureForm(formdata=None).called(f"value-{one.ref}")
    value.on.data = onboarding.account.today
    missed = MissedForm(formdata=None).called(f"missed-{one.ref}")
    return {"value": value, "missed": missed, "gone": WithdrawForm(formdata=None).called(f"gone-{one.ref}")}


def who_agrees(onboarding: Onboarding, reader: User) -> str:
    """“You or Rui for Northwind, Priya for us. Ben can read along.”"""
    people = everyone(onboarding)
    deciding = [p for p in people if p.portal_role in (PortalRole.ADMIN, PortalRole.SPONSOR)]
    others = [p.called for p in people if p not in deciding]
    deciding.sort(key=lambda person: person.id != reader.id)
    names = [_("you") if person.id == reader.id else person.called for person in deciding]
    owner = onboarding.owner
    said = _(
        "%(theirs)s for %(company)s, %(ours)s for us.",
        theirs=_(" or ").join(names) or _("nobody yet"),
        company=onboarding.account.name,
        ours=owner.acting.called if owner else _("your team"),
    )
    said = said[:1].upper() + said[1:]
    return f"{said} {_('%(who)s can read along.', who=listed(others))}" if others else said
