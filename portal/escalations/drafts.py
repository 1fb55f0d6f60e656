"""Whom to call, and what to write to them: a play's draft with the account's own values."""

from typing import Any

from flask_babel import gettext as _

from portal import web
from portal.accounts.kinds import StakeholderRole
from portal.accounts.models import Person, Staff, provider
from portal.escalations import plays
from portal.escalations.models import Escalation
from portal.onboardings.meter import value_expected_on
from portal.onboardings.models import Onboarding
from portal.onboardings.words import STAGE_TITLES, minutes

MOST = 3


def whom_to_call(case: Escalation) -> list[Person]:
    """The customer's people in the order in which to try them: the champion, who leads here, who decides."""
    people = [one for one in case.onboarding.account.people if one.may_enter]
    return sorted(people, key=_order)[:MOST]


def _order(person: Person) -> tuple[int, bool, int]:
    roles = person.stakeholder_roles
    if StakeholderRole.CHAMPION.value in roles:
        place = 0
    elif person.is_admin:
        place = 1
    elif StakeholderRole.DECISION_MAKER.value in roles or person.portal_role.value == "sponsor":
        place = 2
    else:
        place = 3
    return place, person.joined_at is None, person.id


def draft_of(case: Escalation, by: Staff, to: Person | None) -> tuple[str, str]:
    """Subject and text: what was kept, else the play's with the account's values."""
    if case.draft is not None:
        subject, _gap, body = case.draft.partition("\n\n")
        return subject, body
    draft, values = plays.play_called(case.play).draft, values_of(case.onboarding, by, to)
    return plays.filled(draft.subject, values), plays.filled(draft.body, values)


def values_of(road: Onboarding, by: Staff, to: Person | None) -> dict[str, Any]:
    """What fills in a draft; empty where it isn't known."""
    stage = next(one for one in road.meter["stages"] if one["key"] == road.current_stage)
    left = int(stage["total"] - stage["done"])
    step = road.next_step
    # Only who is named, or an admin, is told of a message.
    first = (to.called if to.is_admin else f"@{to.name}") if to else road.account.name
    return {
        "first": first,
        "me": by.called,
        "company": road.account.name,
        "provider": provider().name,
        "product": road.product.name,
        "quote": f"“{road.quote}”" if road.quote else "",
        "step": step.title if step else "",
        "minutes": minutes(step.minutes) if step and step.minutes else "",
        "left": _items(left) if left else "",
        "stage": str(STAGE_TITLES[road.current_stage]),
        "done": str(road.items_done),
        "total": str(road.items_total),
        "graduation": web.day(road.target_graduation, "dMMMM"),
        "value_due": web.day(value_expected_on(road), "dMMMM") if road.first_value_on is None else "",
    }


def _items(count: int) -> str:
    return _("one item") if count == 1 else _("%(n)s items", n=count)
