"""The words in which sizes and roles are shown to people."""

from flask_babel import lazy_gettext as _l

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
