"""What the signers do with a version, without pages: order, turns, ends, and what follows from the last signature."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal import clock as portal_clock
from portal import db
from portal.activity.models import Activity, Verb
from portal.errors import Conflict, NotYours, Refused
from portal.jobs import Job
from portal.mail import Letter
from portal.notifications.rules import Kind
from portal.plans import names
from portal.plans.models import ConsentText, Plan, Signature
from portal.plans.reading import Reading
from portal.plans.rules import Identified, PlanState, SignerRole
from tests.plans import making
from tests.plans.signed import agree, proof, read, sign


@pytest.fixture
def version(made):
    return making.sent(made)


def seal_jobs() -> list[Job]:
    return list(db.session.scalars(select(Job).where(Job.kind == "plans.seal")))


def letters(kind: Kind) -> list[Letter]:
    """Those that are still to leave."""
    rows = select(Letter).where(Letter.kind == kind, Letter.dropped_at.is_(None)).order_by(Letter.id)
    return list(db.session.scalars(rows))


def verbs() -> list[Verb]:
    rows = select(Activity.verb).where(Activity.subject_type == "plan_version").order_by(Activity.id)
    return list(db.session.scalars(rows))


def test_the_customer_signs_first_then_we_do_and_the_plan_is_in_force(made, version):
    with pytest.raises(Refused, match="Ana signs first"):
        agree(version, made.priya)
    sign(version, made.ana)
    assert version.state is PlanState.PARTLY_SIGNED
    assert [one.user for one in version.turn_of] == [made.priya]
    assert seal_jobs() == []
    sign(version, made.priya)
    assert version.state is PlanState.SIGNED
    assert version.signed_at == portal_clock.now()
    assert made.onboarding.signed_version == 1
    assert [job.payload for job in seal_jobs()] == [{"version": version.id}]
    assert verbs() == [
        Verb.PLAN_SENT,
        Verb.PLAN_AGREED_TO_SIGN,
        Verb.PLAN_SIGNED_BY,
        Verb.PLAN_AGREED_TO_SIGN,
        Verb.PLAN_SIGNED_BY,
        Verb.PLAN_SIGNED,
    ]


def test_a_signature_holds_what_was_read_typed_and_shown(made, version, clock):
    moment = portal_clock.now()
    opened = read(version, made.ana)
    clock.forward(minutes=10)
    version.consent("  Ana   Núñez ", read=opened, by=made.ana)
    clock.forward(minutes=2)
    version.sign(proof(version, made.ana, "password"), by=made.ana, ip="192.0.2.7", user_agent="Firefox" * 90)
    row = db.session.scalars(select(Signature)).one()
    assert (row.name, row.email, row.typed_name) == (made.ana.name, made.ana.email, "Ana Núñez")
    assert row.role is SignerRole.CUSTOMER
    assert row.snapshot_sha256 == version.sha256
    assert row.identified_by is Identified.PASSWORD
    assert row.viewed_at == moment
    assert row.consented_at == moment + timedelta(minutes=10)
    assert row.signed_at == row.identified_at == moment + timedelta(minutes=12)
    assert (row.zone, row.ip, len(row.user_agent)) == ("Europe/Lisbon", "192.0.2.7", 300)
    kept = db.session.scalars(select(ConsentText)).one()
    assert kept.sha256 == row.consent_sha256
    assert "simple electronic signature" in kept.body
    assert not {"advanced", "qualified"} & set(kept.body.split())


def test_milestones_are_promised_as_they_stand_in_what_was_signed(made, version):
    sign(version, made.ana)
    moved = made.onboarding.milestones[0]
    promised, moved.due_on = moved.due_on, moved.due_on + timedelta(days=9)
    assert moved.signed_due_on is None
    sign(version, made.priya)
    assert moved.signed_due_on == promised


def test_the_next_version_replaces_the_one_in_force(made, version):
    sign(version, made.ana, made.priya)
    second = making.sent(made)
    sign(second, made.ana)
    assert version.state is PlanState.SIGNED
    sign(second, made.priya)
    assert (version.state, second.state) == (PlanState.SUPERSEDED, PlanState.SIGNED)
    assert made.onboarding.signed_version == 2
    assert Plan.of(made.onboarding).in_force is second
    assert len(seal_jobs()) == 2


def test_signing_twice_is_signing_once(made, version):
    sign(version, made.ana)
    assert not version.sign(proof(version, made.ana), by=made.ana)
    with pytest.raises(Refused, match="signed this version already"):
        agree(version, made.ana)
    assert db.session.query(Signature).count() == 1


def test_sponsors_sign_in_any_order_within_their_side(made):
    version = making.sent(made, sponsors=True)
    sign(version, made.rui)
    with pytest.raises(Refused, match="Ana signs first"):
        agree(version, made.priya)
    assert made.priya.id not in [letter.user_id for letter in letters(Kind.PLAN_TO_SIGN)]
    sign(version, made.ana)
    assert [letter.user_id for letter in letters(Kind.PLAN_TO_SIGN)][-1] == made.priya.id
    sign(version, made.priya)
    assert version.state is PlanState.SIGNED


def test_E04_nobody_signs_without_having_agreed_to(made, version):
    with pytest.raises(Refused, match="tick both boxes"):
        version.sign(proof(version, made.ana), by=made.ana)
    assert db.session.query(Signature).count() == 0
    assert version.state is PlanState.SENT


def test_A10_a_proof_of_somebody_or_something_else_signs_nothing(made, version):
    agree(version, made.ana)
    with pytest.raises(ValueError, match="another person"):
        version.sign(proof(version, made.priya), by=made.ana)
    sign(version, made.ana, made.priya)
    second = making.sent(made)
    agree(second, made.ana)
    with pytest.raises(ValueError, match="another plan"):
        second.sign(proof(version, made.ana), by=made.ana)


def test_E03_what_was_read_is_what_is_signed(made, version):
    old = read(version, made.ana)
    version._become(PlanState.VOIDED)
    second = making.sent(made)
    with pytest.raises(Conflict, match="Version 2 has come"):
        second.consent("Ana Moreira", read=old, by=made.ana)
    other = Reading(made.ana.ref, second.ref, "0" * 64, portal_clock.now())
    with pytest.raises(Conflict, match="has changed"):
        second.consent("Ana Moreira", read=other, by=made.ana)
    with pytest.raises(Conflict, match="can't be signed any more"):
        version.consent("Ana Moreira", read=old, by=made.ana)


def test_E03_what_was_read_before_it_ran_out_does_not_sign_the_fresh_copy(made, version, clock):
    old = read(version, made.ana)
    clock.forward(days=15)
    assert version.expire()
    assert version.send_again(by=made.priya)
    with pytest.raises(Conflict, match="was sent again since you opened it"):
        version.consent("Ana Moreira", read=old, by=made.ana)
    assert version.signer(made.ana).consented_at is None
    sign(version, made.ana)
    assert version.signature(made.ana).viewed_at >= version.sent_at


def test_E05_only_who_was_asked_signs(made, version):
    for user in (made.ben, made.rui, made.tomas, made.june):
        with pytest.raises(NotYours, match="Only"):
            agree(version, user)
        with pytest.raises(NotYours, match="Only"):
            version.sign(proof(version, user), by=user)
        with pytest.raises(NotYours):
            version.decline("No", by=user)


# --- A name -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["", " ", "\u200b", "\u2800 \u3164", None, "\u202eanA", "Ana\u200bMoreira", "Ana\nMoreira", "Ana\x07",
     "a" * 121, "Ana\u2028", "\ufeffAna", "Ana\u00adMoreira", "\U000e0041Ana", "A" * 20_000,
     "An\u200ca", "Ana\ufe0f", "A\u034fna", "Ana \u3164 Moreira", "A" + "\u0335" * 9, "Ana\ue000",
     "Ana\ufffd", "Ana\ufffc"],
)  # fmt: skip
def test_E09_a_name_that_hides_something_is_refused(made, version, name):
    with pytest.raises(Refused) as why:
        version.consent(name, read=read(version, made.ana), by=made.ana)
    assert why.value.field == "typed_name"
    assert version.signer(made.ana).consented_at is None


@pytest.mark.parametrize(
    "name",
    [
        "Ana",
        "Ana Núñez",
        "Ζωή",
        "Łukasz Ślęza-Żak",
        "İpek O'Neil",
        "山田太郎",
        "a" * 120,
        "X Æ A-12",
        "می‌خواهم",
    ],
)
def test_any_other_name_is_a_name(app, name):
    with app.test_request_context():
        assert names.checked(f" {name}  ") == name


def test_a_page_that_is_sent_twice_agrees_once(made, version):
    once = read(version, made.ana)
    for name in ("Ana Moreira", "Ana Moreira", "Ana M. Moreira"):
        version.consent(name, read=once, by=made.ana)
    assert verbs().count(Verb.PLAN_AGREED_TO_SIGN) == 2
    assert version.signer(made.ana).typed_name == "Ana M. Moreira"


def test_one_spelling_of_a_name(app):
    with app.test_request_context():
        assert names.checked("Ana Nu\u0301n\u0303ez") == "Ana Núñez"


# --- Somebody else, or nobody -------------------------------------------------------------------


def test_somebody_else_signs_in_their_place(made, version):
    agree(version, made.ana)
    assert version.substitutes() == [made.rui]
    assert version.hand_on(made.rui, by=made.ana)
    assert not version.hand_on(made.rui, by=made.ana)
    signer = version.signer(made.rui)
    assert (signer.instead_of, signer.role) == (made.ana, SignerRole.CUSTOMER)
    assert signer.consented_at is signer.typed_name is signer.viewed_at is None
    with pytest.raises(NotYours, match="Only Rui"):
        agree(version, made.ana)
    (letter,) = letters(Kind.PLAN_TO_SIGN)
    assert letter.user_id == made.rui.id
    sign(version, made.rui, made.priya)
    assert version.state is PlanState.SIGNED
    assert [one.name for one in version.signatures] == [made.rui.name, made.priya.name]


def test_only_who_may_sign_is_asked_to(made, version):
    for to in (made.ben, made.priya, made.ana, made.tomas):
        with pytest.raises(Refused):
            version.hand_on(to, by=made.ana)
    with pytest.raises(Refused):
        version.hand_on(made.rui, by=made.priya)
    sign(version, made.ana)
    with pytest.raises(Refused):
        version.hand_on(made.rui, by=made.ana)


def test_declining_needs_nobody_else_and_ends_it(made, version):
    assert version.decline("The dates are too early.", by=made.ana)
    assert not version.decline("The dates are too early.", by=made.ana)
    assert version.state is PlanState.DECLINED
    (letter,) = letters(Kind.PLAN_DECLINED)
    assert letter.user_id == made.priya.id
    assert letter.not_before is None
    assert "The dates are too early." in letter.text
    with pytest.raises(Conflict):
        agree(version, made.ana)
    assert seal_jobs() == []


def test_a_sponsor_may_decline_what_another_has_signed(made):
    version = making.sent(made, sponsors=True)
    sign(version, made.ana)
    assert version.decline("Not this quarter", by=made.rui)
    assert version.state is PlanState.DECLINED


def test_we_take_back_instead_of_declining(made, version):
    sign(version, made.ana)
    with pytest.raises(NotYours, match="Take the plan back"):
        version.decline("No", by=made.priya)


def test_it_can_be_signed_on_its_last_day_and_not_after(made, version, clock):
    clock.forward(days=14)
    assert not version.expire()
    agree(version, made.ana)
    clock.forward(days=1)
    with pytest.raises(Conflict, match="fresh copy"):
        version.sign(proof(version, made.ana), by=made.ana)
    assert version.expire()
    assert not version.expire()
    assert version.state is PlanState.EXPIRED
    assert {letter.user_id for letter in letters(Kind.PLAN_EXPIRED)} == {made.ana.id, made.priya.id}


def test_what_one_has_signed_does_not_run_out(made, version, clock):
    sign(version, made.ana)
    clock.forward(days=30)
    assert not version.expire()
    sign(version, made.priya)
    assert version.state is PlanState.SIGNED


def test_a_fresh_copy_is_asked_for_once(made, version, clock):
    with pytest.raises(Refused):
        version.ask_fresh(by=made.ana)
    clock.forward(days=15)
    assert version.ask_fresh(by=made.ana)  # Also before the worker has noted that it is over.
    assert version.state is PlanState.EXPIRED
    assert not version.ask_fresh(by=made.rui)
    assert verbs().count(Verb.PLAN_FRESH_ASKED) == 1


def test_nothing_is_signed_while_the_road_is_paused(made, version):
    agree(version, made.ana)
    made.onboarding.pause("Holidays", made.account.today + timedelta(days=20), by=made.priya)
    for act in (
        lambda: agree(version, made.ana),
        lambda: version.sign(proof(version, made.ana), by=made.ana),
    ):
        with pytest.raises(Refused, match="paused"):
            act()
    assert db.session.query(Signature).count() == 0
