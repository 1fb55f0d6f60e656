"""The calls of one onboarding beside its steps: which is booked, which waits for its log, and who held it."""

from collections.abc import Iterable

from flask_babel import gettext as _

from portal import web
from portal.calls.models import Call
from portal.calls.partners import partners_of
from portal.calls.rules import STATES, CallState
from portal.onboardings.steps import Step

STANDS = (CallState.SCHEDULED, CallState.HELD)


def by_step(calls: Iterable[Call]) -> dict[int, Call]:
    """The latest call that is booked or was held, by the id of each step it is about: to book it, and to attend it."""
    found: dict[int, Call] = {}
    for call in sorted(calls, key=lambda one: one.start):
        if call.step is not None and call.state in STANDS:
            found.update((step.id, call) for step in (call.step, *partners_of(call.step)))
    return found


def when(call: Call) -> str:
    """“Mon 23 Nov 13:30”, on the reader's wall."""
    return f"{web.day(call.start, 'EEEdMMM')} {web.clock_time(call.start)}"


def stands(call: Call) -> str:
    """What a step waits for whose call is booked: that call, or somebody's word of what came of it."""
    if call.waits_for_its_log:
        return _("the log of the call, %(when)s", when=when(call))
    return _("booked, %(when)s", when=when(call))


def held(call: Call | None, step: Step) -> str:
    """Of a step that its call finished: who held that call, and who logged it where that was somebody else."""
    if call is None or step.kind == "book_call":
        return _("with its call")
    host, logger = call.owner, step.done_by
    if logger is None or logger.id == host.id:
        return _("held by %(who)s", who=host.called)
    return _("held by %(who)s, logged by %(other)s", who=host.called, other=logger.called)


def what_came(call: Call) -> str:
    """What stands beside a call that is over or has begun: not logged, missed, cancelled; nothing once it was held."""
    if call.waits_for_its_log:
        return _("not logged")
    if call.needs_time:
        return _("needs another time")
    return "" if call.state in STANDS else str(STATES[call.state])
