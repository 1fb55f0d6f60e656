"""What can't be done with a case as it is, in a sentence."""

from flask_babel import gettext as _

from portal import web
from portal.errors import Refused
from portal.escalations import rules
from portal.escalations.models import Escalation, EscalationState
from portal.escalations.rules import Act


def check(case: Escalation, act: Act) -> None:
    """Refuse, in a sentence, what can't be done with the case as it is."""
    if rules.may(case.state, act):
        return
    if case.resolved_at is not None:
        who = case.resolved_by.called if case.resolved_by else _("The portal")
        when = web.day(case.resolved_at, "dMMMM")
        if case.state is EscalationState.DISMISSED:
            raise Refused(_("%(name)s called this a false alarm on %(date)s.", name=who, date=when))
        raise Refused(_("%(name)s resolved this on %(date)s.", name=who, date=when))
    if act is Act.TAKE and case.owner is not None and case.acknowledged_at is not None:
        at = web.clock_time(case.acknowledged_at)
        raise Refused(_("%(name)s took it at %(time)s.", name=case.owner.called, time=at))
    if case.state is EscalationState.OPEN:
        raise Refused(_("Nobody is on it yet. Take it first, so that everybody knows who does this."))
    if act is Act.REOPEN:
        raise Refused(_("This is open already."))
    if act is Act.WORK:
        raise Refused(_("This waits for the customer. End the wait first."))
    raise Refused(_("This has moved on meanwhile. Look at it again."))
