"""The plan in words: where a result is seen, what our people do, how a version stands."""

from flask_babel import lazy_gettext as _l
from jinja2 import pass_context
from jinja2.runtime import Context

from portal.accounts.kinds import TeamRole
from portal.criteria.rules import Evidence
from portal.plans.rules import PlanState, SignerRole

TITLES = {  # Of each section, as its page and all that is said about it name it.
    "why": _l("Why we are doing this"),
    "success": _l("What success looks like"),
    "road": _l("The road and its dates"),
    "people": _l("Who does what"),
    "needs": _l("What we need from you"),
    "scope": _l("In, not in, and why"),
    "changes": _l("If something changes"),
}

SEEN = {
    Evidence.USAGE: _l("seen in your account"),
    Evidence.UPLOAD: _l("in a report or a file"),
    Evidence.STATEMENT: _l("one of you says so"),
}

OURS_DO = {
    TeamRole.CONSULTANT: _l("Runs this plan until graduation"),
    TeamRole.INTEGRATION_SPECIALIST: _l("Connections, data and checks"),
    TeamRole.CSM: _l("Your person after graduation"),
}

STATES = {
    PlanState.DRAFT: _l("Draft"),
    PlanState.IN_REVIEW: _l("Draft, with them to look through"),
    PlanState.SENT: _l("Sent"),
    PlanState.PARTLY_SIGNED: _l("Signed in part"),
    PlanState.SIGNED: _l("In force"),
    PlanState.SUPERSEDED: _l("Replaced"),
    PlanState.DECLINED: _l("Declined"),
    PlanState.EXPIRED: _l("Run out"),
    PlanState.VOIDED: _l("Taken back"),
}

ROLES = {
    SignerRole.CUSTOMER: _l("for the customer"),
    SignerRole.CUSTOMER_SPONSOR: _l("the customer's sponsor"),
    SignerRole.PROVIDER: _l("for us"),
    SignerRole.PROVIDER_SPONSOR: _l("our sponsor"),
}


@pass_context  # Without it, a name that stands in the template is translated once, when that is first read.
def plan_title(_context: Context, section: str) -> str:
    """What a section is called, for templates."""
    return str(TITLES[section])


def ended(text: str) -> str:
    """This text as a sentence that another may follow."""
    return text if text.endswith((".", "!", "?", "…", ":", ";", "。", "؟", "।")) else f"{text}."
