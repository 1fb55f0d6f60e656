"""A case ends, with what was learned of it, or it comes back."""

from flask_babel import gettext as _

from portal import clock
from portal.accounts.models import Staff
from portal.activity.models import Verb
from portal.errors import Refused
from portal.escalations import cases, letters, refusals, rules
from portal.escalations.models import Escalation, EscalationState
from portal.escalations.rules import Act
from portal.onboardings.states import LIVE


def resolve(case: Escalation, cause: str, helped: str, right: bool, *, by: Staff) -> None:
    """It is over: what the cause was, what helped, and whether it was right to call somebody in."""
    refusals.check(case, Act.RESOLVE)
    _settle(case, EscalationState.RESOLVED, by)
    case.cause, case.helped, case.trigger_right = cause, helped, right
    cases.say(case, Verb.ESCALATION_RESOLVED, by, why=cause, after={"right": right})


def dismiss(case: Escalation, why: str, *, by: Staff) -> None:
    """A false alarm: nothing was wrong, so the trigger wasn't right either."""
    refusals.check(case, Act.DISMISS)
    _settle(case, EscalationState.DISMISSED, by)
    case.cause, case.trigger_right = why, False
    cases.say(case, Verb.ESCALATION_DISMISSED, by, why=why)


def end(case: Escalation, why: str) -> None:
    """The portal closes it: its reasons hold no more, or the onboarding is over."""
    refusals.check(case, Act.CLEAR)
    _settle(case, EscalationState.RESOLVED, None)
    case.cause = why
    cases.say(case, Verb.ESCALATION_RESOLVED, None, why=why)


def _settle(case: Escalation, state: EscalationState, by: Staff | None) -> None:
    case.state, case.resolved_at, case.resolved_by = state, clock.now(), by
    case.acknowledge_by = case.act_by = case.wait_until = None
    case.acknowledge_left = case.act_left = case.chased_at = None
    letters.over(case)


def reopen(case: Escalation, *, by: Staff) -> None:
    """The same case again, within two weeks of being resolved, until somebody resolves it: what a person asks for
    doesn't clear by itself. Raises Refused later, where another is open, and once the onboarding is over."""
    refusals.check(case, Act.REOPEN)
    if case.resolved_at is None or not rules.reopenable(case.resolved_at, clock.now()):
        raise Refused(_("This was resolved more than 14 days ago. Ask for help anew on the account's page."))
    if case.onboarding.state not in LIVE and not case.apart:
        raise Refused(_("The onboarding is over, so nothing about it opens again."))
    if cases.unsettled(case.onboarding, apart=case.apart) is not None:
        raise Refused(_("Another case is open for this onboarding. Write there what came back."))
    for reason in case.reasons:
        reason.cleared_on = None
    cases.open_again(case, by=by)
