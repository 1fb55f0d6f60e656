"""The words in which states and their like are shown to people."""

from flask_babel import lazy_gettext as _l

STAGE_TITLES = {
    "welcome": _l("Welcome"),
    "expectations": _l("Expectations"),
    "training": _l("Training"),
    "graduation": _l("Graduation"),
}
STAGE_LINES = {
    "welcome": _l("meet us"),
    "expectations": _l("agree what good looks like"),
    "training": _l("set up and learn"),
    "graduation": _l("use it for real"),
}
ONBOARDING_STATES = {
    "draft": _l("a draft"),
    "preparing": _l("preparing"),
    "active": _l("active"),
    "on_hold": _l("on hold"),
    "graduated": _l("graduated"),
    "handed_over": _l("handed over"),
    "closed": _l("closed"),
    "cancelled": _l("cancelled"),
}
STEP_STATES = {
    "locked": _l("Not open yet"),
    "ready": _l("Ready"),
    "in_progress": _l("In progress"),
    "submitted": _l("With us"),
    "returned": _l("Something to change"),
    "blocked": _l("Something's in the way"),
    "done": _l("Done"),
    "skipped": _l("Left out"),
}
BLOCK_REASONS = {
    "time": _l("Not enough time"),
    "access": _l("Missing access"),
    "agreement": _l("Need a colleague to agree"),
    "unclear": _l("It's unclear what to do"),
    "other": _l("Something else"),
    "change": _l("Asked for a change"),
}
SEGMENTS = {"smb": _l("SMB"), "mid_market": _l("Mid-market"), "enterprise": _l("Enterprise")}
PORTAL_ROLES = {"admin": _l("Admin"), "teammate": _l("Teammate"), "sponsor": _l("Sponsor")}
STAKEHOLDER_ROLES = {
    "decision_maker": _l("Decision-maker"),
    "champion": _l("Champion"),
    "end_user": _l("End user"),
    "it_contact": _l("IT contact"),
    "billing_contact": _l("Billing contact"),
}
TEAM_ROLES = {
    "consultant": _l("Onboarding consultant"),
    "integration_specialist": _l("Integration specialist"),
    "csm": _l("CSM"),
    "account_executive": _l("Account executive"),
}
TEAM_LINES = {
    "consultant": _l("runs your onboarding"),
    "integration_specialist": _l("integrations"),
    "csm": _l("your CSM afterwards"),
    "account_executive": _l("brought you here"),
}
