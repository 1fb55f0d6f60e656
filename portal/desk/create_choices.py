"""What the form for a new onboarding offers, and what it proposes."""

from collections.abc import Iterable
from datetime import date

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import Select, func, select
from wtforms.fields import SelectChoice

from portal import db, web
from portal.access import Can, Everywhere, Role
from portal.accounts import places
from portal.accounts.kinds import Segment, TeamRole
from portal.accounts.models import Account, Staff
from portal.desk import queries
from portal.desk.loads import loaded
from portal.onboardings.models import Onboarding
from portal.onboardings.states import LIVE
from portal.onboardings.words import listed
from portal.playbooks.document import PROGRAMMES, PlaybookDocument
from portal.playbooks.models import Playbook, PlaybookVersion

PARTS = {
    "consultant": TeamRole.CONSULTANT,
    "integration_specialist": TeamRole.INTEGRATION_SPECIALIST,
    "csm": TeamRole.CSM,
    "account_executive": TeamRole.ACCOUNT_EXECUTIVE,
}
# The longest that the table of sizes has for each: nobody has said yet that less will do.
USUAL = {Segment.SMB: 45, Segment.MID_MARKET: 90, Segment.ENTERPRISE: 120}
AHEAD = 3  # Working days between today and the start that is proposed.


def pairs(listed: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """What a field of choices takes, from value and label."""
    return [SelectChoice(value, label) for value, label in listed]


def usual_programme(segment: Segment, document: PlaybookDocument) -> int:
    """The days that a customer of this size usually gets, or the nearest to it that the playbook runs."""
    return min(document.programmes, key=lambda days: abs(days - USUAL[segment]))


def proposed_start(staff: Staff) -> date:
    """The first working day of ours that leaves the customer three working days."""
    return staff.calendar.add_working_days(web.local_today(), AHEAD)


# --- Customers and playbooks --------------------------------------------------------------------


def accounts() -> Select[Account]:
    """The customers that this viewer sees: all, or those an account executive sold."""
    scope = current_user.account_ids(Can.CREATE_ONBOARDING)
    query = select(Account)
    return query if isinstance(scope, Everywhere) else query.where(Account.id.in_(scope))


def customers() -> list[tuple[str, str]]:
    """Every customer of this viewer by name, with the playbooks whose road they are on now."""
    rows = (
        select(Onboarding.account_id, Playbook.name)
        .join(PlaybookVersion, PlaybookVersion.id == Onboarding.playbook_version_id)
        .join(Playbook, Playbook.id == PlaybookVersion.playbook_id)
        .where(Onboarding.state.in_(LIVE))
        .order_by(Playbook.name)
    )
    running: dict[int, list[str]] = {}
    for account_id, name in db.session.execute(rows):
        running.setdefault(account_id, []).append(name)
    return [
        (account.ref, _with(account.name, running.get(account.id)))
        for account in db.session.scalars(accounts().order_by(func.lower(Account.name)))
    ]


def _with(name: str, books: list[str] | None) -> str:
    return _("%(name)s, runs %(books)s now", name=name, books=listed(books)) if books else name


def playbooks() -> list[Playbook]:
    """The playbooks that new onboardings may be started from, with their newest version."""
    query = select(Playbook).where(Playbook.retired_at.is_(None))
    return list(db.session.scalars(query.order_by(Playbook.name)))


def programmes(books: Iterable[Playbook]) -> list[int]:
    """The lengths that any of these playbooks runs."""
    offered = {days for book in books for days in book.latest.document.programmes}
    return [days for days in PROGRAMMES if days in offered]


# --- Places -------------------------------------------------------------------------------------


def countries() -> list[tuple[str, str]]:
    """Code and name in the reader's language."""
    return [("", _("Choose a country")), *places.countries(str(get_locale() or "en"))]


# --- Our people ---------------------------------------------------------------------------------


def players(role: TeamRole, load: dict[int, int]) -> list[tuple[str, str]]:
    """Who can play this part, each with what they have already and whether they are away."""
    if role is TeamRole.ACCOUNT_EXECUTIVE and current_user.roles == {Role.ACCOUNT_EXECUTIVE}:
        # They see what they sold, so this one has to be theirs.
        return [(current_user.ref, loaded(current_user, load))]
    return [(staff.ref, loaded(staff, load)) for staff in queries.staff_with(role)]
