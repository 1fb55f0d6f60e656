"""Who does what at the provider, and what to ask whom."""

from babel import Locale
from flask_babel import format_datetime, get_locale
from flask_babel import gettext as _

from portal import clock, web
from portal.accounts.kinds import TeamRole
from portal.accounts.models import Staff
from portal.accounts.words import TEAM_ROLES
from portal.onboardings.models import Onboarding
from portal.onboardings.words import listed

ORDER = (TeamRole.CONSULTANT, TeamRole.INTEGRATION_SPECIALIST, TeamRole.CSM, TeamRole.ACCOUNT_EXECUTIVE)


def members(onboarding: Onboarding) -> list[dict[str, object]]:
    """The provider's people here: name, part, how to reach them, and the time on their wall."""
    found: list[tuple[TeamRole, Staff | None]] = [(role, onboarding.on_team(role)) for role in ORDER]
    return [_member(role, staff) for role, staff in found if staff is not None]


def _member(role: TeamRole, staff: Staff) -> dict[str, object]:
    there = clock.now().astimezone(staff.zone)
    place = staff.city or web.city(str(staff.zone))
    now = _(
        "%(time)s in %(place)s, works %(a)s to %(b)s",
        time=format_datetime(there, "HH:mm", rebase=False),
        place=place,
        a=staff.work_start.strftime("%H:%M"),
        b=staff.work_end.strftime("%H:%M"),
    )
    away = ""
    if staff.is_away:
        stand_in = staff.stand_in.called if staff.stand_in else _("the team")
        until = web.day(staff.away_until)
        away = _("Away until %(date)s; %(name)s answers.", date=until, name=stand_in)
    return {
        "name": staff.name,
        "photo": staff.photo_url,
        "line": str(TEAM_ROLES[role]),
        "now": now,
        "bio": staff.bio or "",
        "speaks": _speaks(staff),
        "email": staff.email,
        "phone": staff.phone or "",
        "away": away,
    }


def _speaks(staff: Staff) -> str:
    reader = get_locale() or Locale("en")
    names = [reader.languages.get(code, code) for code in staff.languages]
    return _("Speaks %(languages)s", languages=listed(names)) if names else ""


def topics(onboarding: Onboarding) -> list[tuple[str, str]]:
    """Who to ask for what: the stand-in of whoever is away."""
    about = {
        TeamRole.CONSULTANT: _("The plan, dates, calls, how to use the product well"),
        TeamRole.INTEGRATION_SPECIALIST: _("Connections, data, single sign-on, anything technical"),
        TeamRole.CSM: _("What happens after graduation"),
        TeamRole.ACCOUNT_EXECUTIVE: _("Contract, seats, more products"),
    }
    rows = [(about[role], onboarding.on_team(role)) for role in ORDER]
    return [(text, staff.acting.name) for text, staff in rows if staff]
