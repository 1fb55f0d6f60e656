"""Whoever is asked to sign is asked once, told what is true, and reminded from the day on which it was their turn."""

import pytest
from sqlalchemy import select

from portal import db
from portal.mail import Letter
from portal.notifications.rules import Kind
from portal.plans import expiring, standing
from portal.plans.models import Plan
from portal.plans.page import what_next
from portal.plans.rules import PlanState
from tests import make
from tests.plans import making
from tests.plans.signed import sign


@pytest.fixture
def lena(made):
    return make.staff("Lena Voss", "cs_leader")


@pytest.fixture
def for_four(made, lena):
    """Sent to two on either side."""
    making.sent(made)
    Plan.of(made.onboarding).to_sign.void("For four", by=made.priya)
    signers = {"customer_sponsors": [made.rui.ref], "provider_sponsors": [lena.ref]}
    return making.sent(made, signers=signers)


def asked(user) -> list[Letter]:
    rows = select(Letter).where(Letter.kind == Kind.PLAN_TO_SIGN, Letter.user_id == user.id)
    return list(db.session.scalars(rows.where(Letter.dropped_at.is_(None)).order_by(Letter.id)))


def test_both_of_ours_are_asked_once_when_the_customer_has_signed(made, lena, for_four):
    sign(for_four, made.ana)
    assert asked(made.priya) == asked(lena) == []
    sign(for_four, made.rui)
    for one in (made.priya, lena):
        (letter,) = asked(one)
        assert "Rui Tavares signed version 2" in letter.text
        assert "once you have signed it too" not in letter.text
        assert "once all of us have signed it" in letter.text
    sign(for_four, made.priya)
    assert len(asked(lena)) == 1
    sign(for_four, lena)
    assert for_four.state is PlanState.SIGNED


def test_the_last_one_is_told_that_their_signature_puts_it_in_force(made):
    sign(making.sent(made), made.ana)
    (letter,) = asked(made.priya)
    assert "once you have signed it too" in letter.text


def test_who_has_signed_reads_who_is_still_to(made, for_four):
    def sub(reader) -> str:
        return standing.of(Plan.of(made.onboarding), reader).sub

    sign(for_four, made.ana)
    assert sub(made.ana).startswith("It waits for Rui now, then for Priya and Lena.")
    sign(for_four, made.rui)
    assert sub(made.ana).startswith("It waits for Priya and Lena now. Once all have signed")
    sign(for_four, made.priya)
    assert sub(made.ana) == "Now Lena signs. Then it is in force."


def test_what_comes_next_names_all_of_a_side_in_one_sentence(made, for_four):
    assert what_next(for_four)[:2] == [
        "Ana and Rui sign too, for your company.",
        "Priya and Lena countersign, and get letters about it.",
    ]
    sign(for_four, made.ana, made.rui, made.priya)
    assert what_next(for_four)[0] == "Lena countersigns, and gets a letter about it."


def test_whoever_is_asked_in_anothers_place_has_three_working_days_too(made, clock):
    version = making.sent(made)  # Tuesday 10 March.
    clock.forward(days=6)
    assert version.hand_on(made.rui, by=made.ana)
    signer, account = version.signer(made.rui), made.account
    assert not expiring.reminder_due(version, signer, account)
    clock.forward(days=2)
    assert not expiring.reminder_due(version, signer, account)
    clock.forward(days=1)
    assert expiring.reminder_due(version, signer, account)


def test_a_fresh_copy_asks_anew(made, clock):
    version = making.sent(made)
    clock.forward(days=15)
    assert version.expire()
    assert version.signer(made.ana).asked_at is None
    assert version.send_again(by=made.priya)
    assert not expiring.reminder_due(version, version.signer(made.ana), made.account)
    clock.forward(days=5)  # Over a weekend.
    assert expiring.reminder_due(version, version.signer(made.ana), made.account)
