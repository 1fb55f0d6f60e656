"""Both lists in words: sides, what is brought and by whom, and what the levels of a priority mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.onboardings.words import facts
from portal.scope.rules import NeedKind, Side

if TYPE_CHECKING:
    from portal.scope.models import Scope
    from portal.scope.rows import ResourceNeed

SIDES = {Side.IN: _l("In"), Side.NOT_IN: _l("Not in, and why")}
NEED_KINDS = {
    NeedKind.PEOPLE: _l("People and time"),
    NeedKind.DATA: _l("Data"),
    NeedKind.ACCESS: _l("Access"),
    NeedKind.BUDGET: _l("Budget"),
}
# As the playbook calls them.
ROLES = {
    "admin": _l("your admin"),
    "it_contact": _l("your IT contact"),
    "end_users": _l("whoever will work in it"),
    "sponsor": _l("your sponsor"),
}
THEIR_ROLES = {
    "admin": _l("their admin"),
    "it_contact": _l("their IT contact"),
    "end_users": _l("whoever will work in it"),
    "sponsor": _l("their sponsor"),
}
SIZES = {
    1: _l("Small: one team, fewer than 20 seats"),
    2: _l("Medium: several teams, 20 to 199 seats"),
    3: _l("Large: a whole company, 200 seats or more"),
}
RESOURCES = {
    1: _l("Little: less than 2 hours a week, no one freed for it"),
    2: _l("Some: 2 to 6 hours a week, somebody leads it"),
    3: _l("Much: 6 hours a week or more, a team is freed for it"),
}


def hours(minutes: int) -> str:
    """“1.5 h a week”, as the reader writes numbers; empty for none."""
    return _("%(n)s h a week", n=format_decimal(minutes / 60, "0.##")) if minutes else ""


def whom(scope: Scope, need: ResourceNeed, roles: Mapping[str, Any] = ROLES) -> str:
    """Who brings it: a name where one is known, and the part they play."""
    player = scope.player(need)
    return facts([player.name if player else need.who, roles.get(need.role or "")])
