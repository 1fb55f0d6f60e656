"""How a call is shown: its card, the next one's, and the sentence about those that lie in a pause."""

from typing import Any

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from sqlalchemy import bindparam, select

from portal import clock, db
from portal.access import viewer
from portal.accounts.models import User
from portal.calls import rules
from portal.calls.models import Call
from portal.calls.queries import calls_of
from portal.calls.rules import CallState
from portal.onboardings.models import Onboarding

_NEXT_CALL = (
    select(Call)
    .where(
        Call.onboarding_id == bindparam("road"),
        Call.state == CallState.SCHEDULED,
        Call.start > bindparam("now"),
    )
    .order_by(Call.start, Call.id)
    .limit(1)
)


def next_call(onboarding: Onboarding) -> dict[str, Any] | None:
    """The card of the call that comes next, for whoever looks."""
    call = db.session.scalar(_NEXT_CALL, {"road": onboarding.id, "now": clock.now()})
    return card_of(call, viewer()) if call else None


def card_of(call: Call, reader: User) -> dict[str, Any]:
    """What components/people.html's call_card shows: the time on both walls, and where to find more."""
    address = f"/o/{call.onboarding.ref}/calls/{call.ref}"
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
