"""The plan in words: where a result is seen, what our people do, how a version stands."""

from flask_babel import lazy_gettext as _l

from portal.accounts.kinds import TeamRole
from portal.criteria.rules import Evidence

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
