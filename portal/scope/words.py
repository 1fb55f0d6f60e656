"""Both lists in words: sides, what is brought and by whom, and what the levels of a priority mean."""

from flask_babel import lazy_gettext as _l

from portal.scope.rules import NeedKind, Side

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
