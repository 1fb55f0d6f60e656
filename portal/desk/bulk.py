"""Doing the same with many onboardings at once: each is done or named with what stood in the way."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal import db
from portal.access import visible
from portal.errors import Refused
from portal.onboardings import queries as roads
from portal.onboardings.models import Onboarding


@dataclass
class Outcome:
    """The names of those that were done, and of each other one why it wasn't."""

    done: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def each(refs: Collection[str], act: Callable[[Onboarding], object]) -> Outcome:
    """Do `act` with each of these onboardings of the viewer's; what it refuses leaves that one as it was.

    All are locked first, in the order of their ids, and then taken account by account, as each account's record is
    held from its first line on: so two people who choose the same ones wait for each other and never for ever.
    """
    outcome = Outcome()
    wanted = visible(Onboarding).where(Onboarding.ref.in_(set(refs))).order_by(Onboarding.id)
    ids = list(db.session.scalars(wanted.with_only_columns(Onboarding.id).with_for_update(of=Onboarding)))
    db.session.expire_all()  # The form has read some of it, and somebody may have been quicker.
    whole = select(Onboarding).where(Onboarding.id.in_(ids)).order_by(Onboarding.id)
    whole = whole.options(joinedload(Onboarding.account), joinedload(Onboarding.playbook_version))
    found = list(db.session.scalars(whole))
    for onboarding in sorted(found, key=lambda one: (one.account_id, one.id)):
        name = onboarding.account.name
        try:
            with db.session.begin_nested():
                roads.load_road(onboarding)
                roads.load_people(onboarding)
                act(onboarding)
        except Refused as refusal:
            outcome.refused.append((name, str(refusal)))
        else:
            outcome.done.append(name)
    if len(found) < len(set(refs)):
        outcome.refused.append((_("What isn't listed here"), _("It can't be found any more.")))
    return outcome
