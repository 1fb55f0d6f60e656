"""Where the playbook countersigns by rule: the last signature of the customer is the last of all."""

import pytest
from sqlalchemy import select

from portal import db
from portal.accounts.kinds import Segment
from portal.jobs import Job
from portal.mail import Letter
from portal.notifications.rules import Kind
from portal.plans import consent, keys, verification
from portal.plans.models import ConsentText, PlanSigner, PlanVersion, Seal
from portal.plans.rules import Identified, PlanState, SignerRole
from tests import make
from tests.plans import making, reading
from tests.plans.browsing import address, kept, through
from tests.plans.seals import config, run_jobs
from tests.plans.signed import agree, proof, sign


@pytest.fixture
def small(app, clock):
    """Northwind is small: its plan was sent, and Priya need not sign it herself. Committed."""
    with app.test_request_context():
        made = making.road(clock, on=making.signing_book())
        made.account.segment = Segment.SMB
        making.sent(made)
        db.session.commit()
    return made


def ways(version: PlanVersion) -> list[tuple[str, Identified]]:
    return [(one.name, one.identified_by) for one in version.signatures]


def test_from_her_page_to_the_sealed_file_nobody_of_ours_does_anything(
    app, small, visitor, monkeypatch, settings, tmp_path
):
    ana = visitor(small.ana)
    before = ana.get(address(small)).one("section", id="sign").text()
    assert "countersigned as soon as your side has signed" in before
    assert "signs after you" not in before
    page = through(ana, small, small.ana, "Ana Moreira")
    assert page.one("h1").text() == "Your plan is signed by both sides."
    assert "countersigned by rule, 10 March at" in page.one("section", id="sign").text()
    with app.test_request_context():
        monkeypatch.setitem(app.config, "PORTAL", settings())
        keys.ensure(config(), "Partnerly")
        version = db.session.scalars(select(PlanVersion)).one()
        assert version.state is PlanState.SIGNED
        assert ways(version) == [("Ana Moreira", Identified.CODE), ("Priya Rao", Identified.STANDING)]
        assert version.onboarding.step_called("sign_plan").is_done
        assert len(db.session.scalars(select(Job).where(Job.kind == "plans.seal")).all()) == 1
        run_jobs("plans.seal")
        seal = db.session.scalars(select(Seal)).one()
        content = seal.path.read_bytes()
        held = verification.verify(content).held
        assert held is not None
        assert [one.name for one in held.signers] == ["Ana Moreira", "Priya Rao"]
        words = " ".join(reading.words(content, tmp_path).split())
        assert "standing agreement of the provider, given before the plan was sent" in words
        copies = db.session.scalars(select(Letter).where(Letter.kind == Kind.PLAN_SIGNED)).all()
        assert {letter.address for letter in copies} == {small.ana.email, small.priya.email}
    assert "Countersign" not in visitor(small.priya).get("/staff").one("main").text()


def test_what_stands_for_our_consent_is_kept_by_its_hash(app, small):
    with app.test_request_context():
        made = making.anew(small)
        version = sign(making.Plan.of(made.onboarding).to_sign, made.ana)
        ours = version.signature(made.priya)
        text = db.session.scalars(select(ConsentText).where(ConsentText.sha256 == ours.consent_sha256)).one()
        assert text.body == "\n\n".join(consent.standing("en"))
        assert text.sha256 != version.signature(made.ana).consent_sha256
        assert (ours.role, ours.ip, ours.snapshot_sha256) == (SignerRole.PROVIDER, "", version.sha256)


def test_not_before_all_of_theirs_have_signed(app, small, visitor):
    with app.test_request_context():
        made = making.anew(small)
        making.move(made, 2)
        version = sign(making.sent(made, sponsors=True), made.ana)
        assert ways(version) == [("Ana Moreira", Identified.CODE)]
        db.session.commit()
    page = visitor(small.ana).get(address(small))
    assert "Rui signs too, for your company." in page.text
    assert "Now Rui signs. Then it is in force." in page.text
    assert "Priya" not in page.one("section", aria_labelledby="next-h").text(), "she has nothing to do"
    assert "Then it is countersigned for us at once." in page.text
    with app.test_request_context():
        made = making.anew(small)
        version = sign(making.Plan.of(made.onboarding).to_sign, made.rui)
        assert [way for _name, way in ways(version)] == ["code", "code", "standing"]
        assert version.state is PlanState.SIGNED


def test_a_sponsor_of_ours_still_signs_in_person(app, small):
    with app.test_request_context():
        made = making.anew(small)
        version = making.Plan.of(made.onboarding).to_sign
        lena = make.staff("Lena Voss", "cs_leader")
        version.signers.append(
            PlanSigner(account_id=version.account_id, user=lena, role=SignerRole.PROVIDER_SPONSOR, position=2)
        )
        db.session.flush()
        sign(version, made.ana)
        assert ways(version) == [("Ana Moreira", Identified.CODE), ("Priya Rao", Identified.STANDING)]
        assert version.state is PlanState.PARTLY_SIGNED
        agree(version, lena)
        assert version.sign(proof(version, lena), by=lena)
        assert version.state is PlanState.SIGNED


def test_a_no_is_countersigned_by_nobody(app, small):
    with app.test_request_context():
        made = making.anew(small)
        version = making.Plan.of(made.onboarding).to_sign
        version.decline("April is too early.", by=made.ana)
        db.session.commit()
        assert kept(version).signatures == []
