"""What a road asks its customer to have ready: laid with the road, added and withdrawn by answers, added by staff."""

from collections.abc import Iterable
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select

from portal import db
from portal.accounts.models import User
from portal.activity.models import Verb
from portal.errors import Refused
from portal.onboardings import beside
from portal.onboardings.models import Onboarding
from portal.onboardings.record import check_running
from portal.readiness import prerequisite_letters as letters
from portal.readiness.prerequisite_rules import Status
from portal.readiness.prerequisites import Prerequisite, all_of, least_due

MOST_OWN = 20  # That staff add to one road.
OWN_SPONSOR_AFTER = 5  # Working days, as the playbook's unless it says otherwise.


@beside.lays
def lay(onboarding: Onboarding) -> None:
    """Put on a new road what its kit always asks for."""
    kit = onboarding.playbook_version.document.kit
    for position, spec in enumerate(kit.prerequisites if kit else ()):
        if spec.include == "always":
            _add(onboarding, spec.key, position)


@beside.dates
def still_to_come(onboarding: Onboarding) -> Iterable[beside.Dated]:
    """What is asked for and not there yet: its dates move with the road's."""
    return [one for one in all_of(onboarding) if one.facts.is_open]


def add_prerequisite(
    onboarding: Onboarding, key: str, because: str, *, by: User | None = None
) -> Prerequisite | None:
    """Ask for what the kit calls `key`, because of an answer; None where staff have left it out by hand. What is asked
    for already stays as it is. Raises KeyError for one that the kit doesn't have."""
    found = _called(onboarding, key)
    if found is None:
        kit = onboarding.playbook_version.document.kit
        keys = [spec.key for spec in kit.prerequisites] if kit else []
        if key not in keys:
            raise KeyError(key)
        found = _add(onboarding, key, keys.index(key), because=because[:200])
        found.due_on = max(found.due_on or date.min, least_due(onboarding))
        found.tell(Verb.PREREQUISITE_ADDED, by)
        letters.asked(found, by)
    elif found.left_out_at is not None:
        if found.by_hand:
            return None
        found.bring_back(by=by, because=because[:200], by_hand=False)
    return found


def withdraw_prerequisite(onboarding: Onboarding, key: str, why: str, *, by: User | None = None) -> bool:
    """An answer asks for it no longer; returns whether that changed anything. What staff brought back stays."""
    found = _called(onboarding, key)
    if found is None or found.left_out_at is not None or found.by_hand:
        return False
    found.leave_out(why[:400], by=by, by_hand=False)
    return True


def add_own(
    onboarding: Onboarding, title: str, enough: str, guidance: str, *, due_on: date, blocking: bool, by: User
) -> Prerequisite:
    """Staff ask for something that no playbook knows."""
    check_running(onboarding, or_draft=True)
    rows = all_of(onboarding)
    own = [one for one in rows if one.spec is None]
    same = next((one for one in own if one.title == title and one.left_out_at is None), None)
    if same is not None:
        raise Refused(_("“%(title)s” is asked for already.", title=title), field="title")
    if len(own) >= MOST_OWN:
        raise Refused(_("You have added %(most)s already, as many as a road takes.", most=MOST_OWN))
    if due_on < onboarding.account.today:
        raise Refused(_("That day has passed. Choose today or later."), field="due_on")
    one = Prerequisite(
        account_id=onboarding.account_id,
        onboarding=onboarding,
        key=f"own_{len(own) + 1}",
        position=100 + len(own),
        title=title,
        kind="other",
        own_enough=enough,
        own_guidance=guidance or None,
        due_on=due_on,
        due_by_hand=True,
        blocking=blocking,
        sponsor_after=OWN_SPONSOR_AFTER,
        by_hand=True,
        status=Status.NOT_READY,
    )
    db.session.add(one)
    db.session.flush()
    one.tell(Verb.PREREQUISITE_ADDED, by)
    letters.asked(one, by)
    return one


def _called(onboarding: Onboarding, key: str) -> Prerequisite | None:
    return db.session.scalar(
        select(Prerequisite).where(Prerequisite.onboarding_id == onboarding.id, Prerequisite.key == key)
    )


def _add(onboarding: Onboarding, key: str, position: int, because: str | None = None) -> Prerequisite:
    kit = onboarding.playbook_version.document.kit
    spec = kit.prerequisite(key) if kit else None
    assert spec is not None
    one = Prerequisite(
        account_id=onboarding.account_id,
        onboarding=onboarding,
        key=key,
        position=position,
        title=spec.title,
        kind=spec.kind,
        because=because,
        blocking=spec.blocking,
        sponsor_after=spec.sponsor_after,
        status=Status.NOT_READY,
    )
    db.session.add(one)
    db.session.flush()
    one.redate()
    return one
