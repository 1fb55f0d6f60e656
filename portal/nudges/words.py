"""Follow-ups in words: which rung it is, what became of it and why."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.nudges.models import Nudge, NudgeState
from portal.nudges.rules import Rung, Stop

RUNGS = {
    Rung.INVITE_3: _l("A new invitation"),
    Rung.DAY_3: _l("Day 3 of silence"),
    Rung.DAY_7: _l("Day 7 of silence"),
    Rung.DAY_12: _l("Day 12 of silence"),
    Rung.ENGAGED: _l("What is in the way?"),
    Rung.BY_HAND: _l("Written by hand"),
}
STOPS = {
    Stop.NOT_THEIRS: _l("it isn't their turn any more"),
    Stop.CALL: _l("a call is booked within three days"),
    Stop.REPLIED: _l("they answered"),
    Stop.CAME: _l("they came by"),
    Stop.MOVED: _l("something moved"),
    Stop.NOBODY: _l("whom it was for can't be reached"),
    Stop.UNWANTED: _l("they chose not to get reminders"),
    Stop.NEXT_RUNG: _l("the next one took its place"),
    Stop.BY_PERSON: _l("one of us wrote instead"),
}
RESULTS = {
    NudgeState.PLANNED: _l("Planned"),
    NudgeState.NEEDS_APPROVAL: _l("Waits for one of us"),
    NudgeState.SENT: _l("Nothing yet"),
    NudgeState.ACTED: _l("They did something within three days"),
    NudgeState.REPLIED: _l("They answered"),
    NudgeState.BOUNCED: _l("It could not be delivered"),
    NudgeState.SUPERSEDED: _l("Not sent"),
    NudgeState.SKIPPED: _l("Left out"),
}


def came_of_it(nudge: Nudge, *, visited: bool = False) -> str:
    """What became of it, in a few words; `visited`: they came by since."""
    said = str(RESULTS[nudge.state])
    if nudge.state is NudgeState.SUPERSEDED and nudge.ended_because:
        return _("Not sent: %(why)s", why=STOPS[Stop(nudge.ended_because)])
    if nudge.state is NudgeState.SKIPPED and nudge.decided_by:
        return _("Left out by %(name)s", name=nudge.decided_by.called)
    if nudge.state is NudgeState.SENT and visited:
        return _("They came by")
    return said
