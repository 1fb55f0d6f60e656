"""What was agreed in a call goes on the road: next steps that become steps, with whoever does them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from flask_babel import force_locale
from flask_babel import gettext as _

from portal import db, web
from portal.accounts.models import Person, Staff, User, provider
from portal.onboardings.models import Onboarding
from portal.onboardings.scope import NewStep, add_step
from portal.onboardings.steps import Step

if TYPE_CHECKING:
    from portal.calls.outcome import Outcome


def takers(onboarding: Onboarding, *first: Staff) -> dict[str, User]:
    """Who may take a next step, by ref: those of ours first, then the customer's people."""
    people: list[Person] = [person for person in onboarding.account.people if person.left_at is None]
    theirs = sorted(people, key=lambda person: person.name)
    found = dict.fromkeys([*first, *(member.staff for member in onboarding.team), *theirs])
    return {user.ref: user for user in found}


def labels(found: Mapping[str, User]) -> dict[str, str]:
    """How each of these is named in a list, by ref: of two people of one name each with their company, or where that is
    the same with their address."""
    names = Counter(user.name for user in found.values())
    places = Counter((user.name, _company(user)) for user in found.values())
    told = {}
    for ref, user in found.items():
        what = _company(user) if places[user.name, _company(user)] == 1 else user.shown_email
        told[ref] = (
            user.name if names[user.name] == 1 else _("%(name)s (%(what)s)", name=user.name, what=what)
        )
    return told


def _company(user: User) -> str:
    return user.account.name if isinstance(user, Person) else provider().name


def who_of(call: Outcome, one: Mapping[str, Any]) -> str:
    """Who does this next step, by the name they have now; the one they had where nobody knows them any more."""
    ref = one.get("user")
    near = [call.owner, *(member.staff for member in call.onboarding.team), *call.onboarding.account.people]
    return next((user.name for user in near if ref and user.ref == ref), one.get("who") or "")


def taker_of(call: Outcome, one: Mapping[str, Any]) -> User | None:
    """Who is to do it; one that was written down by name alone is of the only person of that name."""
    found = takers(call.onboarding, call.owner)
    if ref := one.get("user"):
        return found.get(ref)
    named = [user for user in found.values() if user.name == one.get("who")]
    return named[0] if len(named) == 1 else None


def put_on_road(call: Outcome, agreed: list[dict[str, Any]], *, by: Staff) -> list[dict[str, Any]]:
    """The next steps as the call keeps them: each that says `on_road` has become a step by now, and knows its ref.

    Such a step is the customer's or ours by who does it. Raises Refused as `add_step` does.
    """
    return [_kept(call, one, by) if one.get("on_road") else _plain(one) for one in agreed]


def _kept(call: Outcome, one: dict[str, Any], by: Staff) -> dict[str, Any]:
    new = NewStep(one["text"], _why(call), taker_of(call, one), due_of(one))
    step = add_step(call.onboarding, new, by=by)
    db.session.flush()
    return {**_plain(one), "step": step.ref}


def _plain(one: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in one.items() if key != "on_road"}


def _why(call: Outcome) -> str:
    """“Agreed in “Meet for kickoff” on 9 Mar.”, in the language of the account, whose people read it."""
    account = call.onboarding.account
    with force_locale(account.locale):
        on = web.short_day(call.start.astimezone(account.zone).date())
        return _("Agreed in “%(title)s” on %(date)s.", title=call.title, date=on)


def due_of(one: dict[str, Any]) -> date | None:
    """By when it is to be done."""
    return date.fromisoformat(one["due"]) if one["due"] else None


def step_of(call: Outcome, one: dict[str, Any]) -> Step | None:
    """The step that this next step of the call became."""
    ref = one.get("step")
    return next((step for step in call.onboarding.steps if step.ref == ref), None) if ref else None


def take_off(call: Outcome, reason: str, *, by: Staff) -> None:
    """Leave out what came of this call and isn't finished yet."""
    for one in call.next_steps:
        step = step_of(call, one)
        if step is not None and not step.is_closed:
            step.skip(reason, by=by)
