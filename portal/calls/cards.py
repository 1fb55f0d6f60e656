"""How a call is shown: its card, the next one's, and the sentences about those that lie in a pause or were missed."""

from collections.abc import Iterable
from typing import Any

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from sqlalchemy import bindparam, select
from sqlalchemy.orm import defer

from portal import db
from portal.access import viewer
from portal.accounts.models import User
from portal.calls import rules
from portal.calls.models import Call
from portal.calls.queries import calls_of
from portal.calls.rules import CallState
from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step
from portal.onboardings.timetable import Meeting

_CALLS = (
    select(Call, Step.kind)
    .outerjoin(Call.step)
    .where(Call.onboarding_id == bindparam("road"), Call.state.in_((CallState.SCHEDULED, CallState.HELD)))
    .order_by(Call.start, Call.id)
    .options(defer(Call.notes))
)


class Calls:
    """The calls of one road that are booked or were held, read with one statement."""

    def __init__(self, onboarding: Onboarding) -> None:
        found = db.session.execute(_CALLS, {"road": onboarding.id}).all()
        self._next = next((call for call, _kind in found if call.is_ahead), None)
        self._addresses = {call.id: _address(call) for call, _kind in found}
        self._of_step = {call.step_id: call for call, _kind in found if call.step_id}
        # A call that was booked at the step to book it is the one to attend as well.
        self._booked = {call.kind: call for call, kind in found if kind == "book_call"}

    @property
    def next_card(self) -> dict[str, Any] | None:
        """The card of the call that comes next, for whoever looks."""
        return card_of(self._next, viewer()) if self._next else None

    def address_of(self, call_id: int) -> str:
        """The page of one of these calls; empty for any other."""
        return self._addresses.get(call_id, "")

    def meetings(self, steps: Iterable[Step]) -> dict[int, Meeting]:
        """When the calls of these steps are, by the id of the step."""
        found = ((step.id, self._about(step)) for step in steps if step.spec.call)
        return {step_id: _meeting(call) for step_id, call in found if call}

    def _about(self, step: Step) -> Call | None:
        kind = step.spec.call.kind if step.spec.call and step.kind == "attend_call" else ""
        return self._of_step.get(step.id) or self._booked.get(kind)


def _meeting(call: Call) -> Meeting:
    return Meeting(call.start, call.state is CallState.HELD, _address(call))


def _address(call: Call) -> str:
    return f"/o/{call.onboarding.ref}/calls/{call.ref}"


def card_of(call: Call, reader: User) -> dict[str, Any]:
    """What components/people.html's call_card shows: the time on both walls, and where to find more."""
    address = _address(call)
    links = [{"text": _("Add to calendar"), "url": f"{address}.ics"}]
    if call.join_link:
        links.insert(0, {"text": _("Join"), "url": call.join_link})
    when = call.when_for(reader, str(get_locale() or "en"))
    shown = when if call.is_ahead else _("%(when)s · %(state)s", when=when, state=_state(call))
    return {
        "title": call.title,
        "when": shown,
        "other": _about_host(call),
        "url": address,
        "links": links if call.is_joinable else [],
    }


def _state(call: Call) -> str:
    """What a call is that has begun or won't."""
    if call.waits_for_its_log:
        return _("now") if call.is_joinable else _("notes to follow")
    return str(rules.STATES[call.state])


def _about_host(call: Call) -> str:
    """That its owner is away, or in whose place they hold it; empty when neither, or when it is over."""
    if not call.is_joinable:
        return ""
    if call.needs_time and call.next_host:
        return _("%(name)s takes it over and needs another time", name=call.next_host.called)
    if call.is_owner_away:
        return _("%(name)s is away that day", name=call.owner.called)
    if whose := call.held_for:
        return _("%(name)s stands in for %(other)s", name=call.owner.called, other=whose.called)
    return ""


def kept_in_pause(onboarding: Onboarding, locale: str) -> str:
    """The sentence about booked calls that lie in the pause that is on now; empty when there are none."""
    ahead, _behind = calls_of(onboarding)
    named = [f"{c.title}, {rules.wall(c.start, viewer().zone, locale)}" for c in ahead if c.lies_in_pause]
    if not named:
        return ""
    return ngettext(
        "%(num)s booked call lies in the pause and still stands: %(calls)s. Cancel it on its page when it should not.",
        "%(num)s booked calls lie in the pause and still stand: %(calls)s. Cancel those that should not.",
        len(named),
        calls="; ".join(named),
    )


def missed(call: Call) -> str:
    """What is said once a call is logged as missed: which, for one press did it."""
    account = call.onboarding.account.name
    return _(
        "Logged as missed: “%(title)s”, %(account)s. It can be booked again.",
        title=call.title,
        account=account,
    )
