"""Somebody of ours leaves: only when nothing that runs counts on them, and then at once."""

import pytest
from sqlalchemy import select

from portal import db
from portal.activity.models import Activity, Audience, Verb
from portal.auth.models import Purpose, SignInLink
from portal.errors import Refused
from portal.onboardings.leaving import leave
from portal.onboardings.states import OnboardingState
from tests.make import account, onboarding, playbook, staff


def test_whoever_is_on_a_team_hands_over_first(cast) -> None:
    team = {member.role: member.staff for member in cast.onboarding.team}
    onboarding(account("Adatum"), team, book=playbook("other"))
    with pytest.raises(Refused, match=r"Priya Rao still works with Adatum and Northwind\. Hand over first\."):
        leave(cast.priya, by=None)
    assert cast.priya.is_active


def test_what_is_over_holds_nobody(cast) -> None:
    cast.onboarding.state = OnboardingState.CANCELLED
    db.session.flush()
    leave(cast.priya, by=None)
    assert not cast.priya.is_active


def test_whoever_has_an_open_item_hands_it_over_first(cast) -> None:
    nadia = staff("Nadia Haddad")
    step = next(step for step in cast.onboarding.steps if step.owner_side == "us" and not step.is_closed)
    step.hand_to(nadia, by=cast.priya)
    db.session.flush()
    with pytest.raises(Refused, match="Nadia Haddad still works with Northwind"):
        leave(nadia, by=None)
    step.hand_to(cast.priya, by=cast.priya)
    db.session.flush()
    leave(nadia, by=None)


def test_the_only_site_admin_stays(cast) -> None:
    lena = staff("Lena Voss", "site_admin")
    with pytest.raises(Refused, match="Lena Voss is the only site admin"):
        leave(lena, by=None)
    root = staff("Root Admin", "site_admin")
    leave(lena, by=root)
    with pytest.raises(Refused, match="Root Admin is the only site admin"):
        leave(root, by=root)


def test_S03_who_has_left_is_out_and_nobody_counts_on_them(cast) -> None:
    nadia = staff("Nadia Haddad")
    link = SignInLink(
        user=nadia, purpose=Purpose.SIGN_IN, address=nadia.email, token_hash="0" * 64, next_path="/"
    )
    db.session.add(link)
    cast.tomas.stand_in = nadia
    db.session.flush()
    leave(nadia, by=cast.june)
    db.session.expire_all()
    assert (nadia.is_active, nadia.roles, cast.tomas.stand_in) == (False, frozenset(), None)
    assert link.revoked_at is not None
    row = db.session.scalars(select(Activity).where(Activity.verb == Verb.STAFF_LEFT)).one()
    assert (row.actor_id, row.audience) == (cast.june.id, Audience.STAFF)
