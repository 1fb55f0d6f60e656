"""A call as a calendar file (RFC 5545, 5546): times in UTC, one uid for ever, a sequence that rises with changes.

The library is loaded with the first file: five megabytes that an idle server does without.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from portal import clock
from portal.accounts.models import User
from portal.calls.rules import CallState

if TYPE_CHECKING:
    from icalendar import vCalAddress

    from portal.calls.models import Call


class Method(StrEnum):
    """What the file asks of a calendar: to invite, to take back, or only to show."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    PUBLISH = "PUBLISH"


def calendar_file(
    call: Call, method: Method, *, provider_name: str, address: str, without: User | None = None
) -> bytes:
    """The file for this call, in the language that is set now. `address` is the page of the call; `without` is whom
    it takes back from a call that takes place all the same."""
    from icalendar import Calendar, Event

    event = Event()
    event.add("uid", call.uid)
    event.add("sequence", call.sequence)
    event.add("dtstamp", clock.now())
    event.add("dtstart", call.start)
    event.add("dtend", call.end)
    event.add("summary", _("%(title)s with %(provider)s", title=call.title, provider=provider_name))
    event.add("description", _description(call, address))
    event.add("url", address)
    if without is None:  # It stands; only somebody is asked no longer (RFC 5546, 3.2.5).
        event.add("status", "CANCELLED" if call.state is CallState.CANCELLED else "CONFIRMED")
    if call.join_link:
        event.add("location", call.join_link)
    event["organizer"] = _person(call.owner)
    if method is not Method.PUBLISH:  # A published event names nobody to answer (RFC 5546, 3.2.1).
        for user in [without] if without else call.people:
            event.add("attendee", _attendee(user), encode=False)
    made = Calendar()
    made.add("prodid", "-//Firstmile//Calls//EN")
    made.add("version", "2.0")
    made.add("method", method.value)
    made.add_component(event)
    return made.to_ical()


def _description(call: Call, address: str) -> str:
    join = [_("Join: %(link)s", link=call.join_link)] if call.join_link else []
    return "\n".join([*(f"- {point}" for point in call.points), *join, address])


def _person(user: User) -> vCalAddress:
    """The user as a calendar address; quotes and control characters cannot stand in its name."""
    from icalendar import vCalAddress, vText

    who = vCalAddress(f"mailto:{user.shown_email}")
    who.params["CN"] = vText(
        "".join(letter for letter in user.name if letter.isprintable() and letter != '"')
    )
    return who


def _attendee(user: User) -> vCalAddress:
    from icalendar import vText

    who = _person(user)
    who.params["ROLE"] = vText("REQ-PARTICIPANT")
    who.params["PARTSTAT"] = vText("NEEDS-ACTION")
    who.params["RSVP"] = vText("TRUE")
    return who
