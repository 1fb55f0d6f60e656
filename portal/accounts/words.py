"""The words in which sizes and roles are shown to people."""

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from portal.access import GRANTS, Can, Role

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
TEAM_LINES_AFTERWARDS = {
    "consultant": _l("led your onboarding"),
    "integration_specialist": _l("integrations"),
    "csm": _l("your CSM"),
    "account_executive": _l("contract and more products"),
}
OURS = {
    Role.CONSULTANT: _l("onboarding consultants"),
    Role.INTEGRATION_SPECIALIST: _l("integration specialists"),
    Role.CSM: _l("CSMs"),
    Role.ACCOUNT_EXECUTIVE: _l("account executives"),
    Role.CS_LEADER: _l("CS leaders"),
    Role.SITE_ADMIN: _l("site admins"),
}


THEIRS = {Role.ADMIN: _l("admins"), Role.TEAMMATE: _l("teammates"), Role.SPONSOR: _l("sponsors")}


def who_may(permission: Can, *, theirs: bool = False) -> list[LazyString]:
    """Who of ours, or of a customer, holds this permission, role by role."""
    return [name for role, name in (THEIRS if theirs else OURS).items() if role in GRANTS[permission]]


STAFF_ROLES = {**TEAM_ROLES, "cs_leader": _l("CS leader"), "site_admin": _l("Site admin")}
