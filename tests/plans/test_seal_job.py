"""The worker seals a version once all have signed: one seal, whoever comes twice; and a failure is seen by a person."""

import errno
import threading
from base64 import b64decode
from collections import Counter
from datetime import timedelta

import pytest
from flask import current_app
from sqlalchemy import select

from portal import clock as portal_clock
from portal import db, jobs
from portal.activity import queries as activity
from portal.activity.models import Activity, AuditChain, Verb
from portal.bounded import TooMuch
from portal.errors import Refused
from portal.jobs import Job
from portal.mail import Letter
from portal.notifications.rules import Kind
from portal.plans import jobs as seal_jobs
from portal.plans import keys, papers, seal_letters, sealing, verification
from portal.plans.models import PlanVersion, Seal
from tests.plans import making
from tests.plans.seals import a_pdf, config, run_jobs, seal_now
from tests.plans.signed import sign


@pytest.fixture
def version(made, monkeypatch, settings):
    """Signed by both, not sealed yet; an install of its own."""
    monkeypatch.setitem(current_app.config, "PORTAL", settings())
    signed = sign(making.sent(made), made.ana, made.priya)
    db.session.commit()
    return signed


def again(version_id: int) -> PlanVersion:
    return db.session.get_one(PlanVersion, version_id, populate_existing=True)


def seals() -> list[Seal]:
    return list(db.session.scalars(select(Seal)))


def files() -> list[str]:
    return sorted(path.name for path in papers.folder().iterdir()) if papers.folder().is_dir() else []


def verbs() -> list[Verb]:
    rows = select(Activity.verb).where(Activity.subject_type == "plan_version").order_by(Activity.id)
    return [verb for verb in db.session.scalars(rows) if "SEAL" in verb.name]


def fail(monkeypatch, error: Exception) -> None:
    def drawn(_page):
        raise error

    monkeypatch.setattr(seal_jobs.printing, "final", drawn)


def test_the_last_signature_leads_to_one_sealed_file(made, version, monkeypatch):
    head = db.session.scalar(select(AuditChain.head).where(AuditChain.id == made.account.id))
    named, real = [], seal_jobs.printing.last_page
    keys.ensure(config(), "Partnerly")
    page = lambda version, about: named.append(about) or real(version, about)  # noqa: E731
    monkeypatch.setattr(seal_jobs.printing, "last_page", page)
    monkeypatch.setattr(seal_jobs.printing, "final", lambda _page: a_pdf())
    run_jobs("plans.seal")
    (seal,) = seals()
    assert (seal.audit_head, seal.certificate) == (named[0].audit_head, named[0].certificate)
    assert seal.audit_head == head
    assert seal.sealed_at == portal_clock.now()
    content = seal.path.read_bytes()
    assert (len(content), files()) == (seal.size, [seal.stored_as])
    assert verification.verify(content).verified
    assert verbs() == [Verb.PLAN_SEALED]
    assert activity.verify() == []


def test_the_signed_copy_goes_to_both_sides_with_the_file(made, version, monkeypatch):
    seal = seal_now(version, monkeypatch)
    sent = list(db.session.scalars(select(Letter).where(Letter.kind == Kind.PLAN_SIGNED).order_by(Letter.id)))
    assert [letter.address for letter in sent] == [made.ana.email, made.priya.email]
    for letter in sent:
        ((name, mime, content),) = letter.attachments
        assert (name, mime) == ("northwind-onboarding-plan-v1.pdf", "application/pdf")
        assert b64decode(content) == seal.path.read_bytes()
        assert "/verify" in letter.text
    assert f"/o/{made.onboarding.ref}/plan" in sent[0].text
    assert f"/staff/accounts/{made.account.ref}/plan" in sent[1].text


def test_a_large_file_is_not_mailed(made, version, monkeypatch):
    monkeypatch.setattr(seal_letters, "MOST_ATTACHED", 100)
    seal_now(version, monkeypatch)
    for letter in db.session.scalars(select(Letter).where(Letter.kind == Kind.PLAN_SIGNED)):
        assert letter.attachments == []
        assert "too large for a letter" in letter.text


def test_the_handler_run_twice_gives_one_seal_and_the_same_bytes(made, version, monkeypatch):
    first = seal_now(version, monkeypatch)
    before = (first.sha256, first.path.read_bytes(), files())
    job = db.session.scalars(select(Job).where(Job.kind == "plans.seal")).one()
    job.done_at = None
    db.session.commit()
    run_jobs("plans.seal")
    (seal,) = seals()
    assert (seal.sha256, seal.path.read_bytes(), files()) == before
    assert verbs() == [Verb.PLAN_SEALED]
    assert len(list(db.session.scalars(select(Letter).where(Letter.kind == Kind.PLAN_SIGNED)))) == 2


@pytest.mark.parametrize("slow", ["final", "seal"])
def test_whoever_comes_second_writes_nothing(made, version, monkeypatch, slow):
    """A worker that slept past its lease while it drew or sealed: another has sealed meanwhile."""
    keys.ensure(config(), "Partnerly")
    version_id, calls = version.id, Counter()

    def sleeping(name, real):
        def called(*given, **more):
            assert not db.session.registry.has(), "a connection is held meanwhile"
            calls[name] += 1
            if name == slow and calls[name] == 1:
                with portal_clock.frozen(portal_clock.now() + timedelta(minutes=5)):
                    jobs.run(jobs.claim())
            return real(*given, **more)

        return called

    monkeypatch.setattr(seal_jobs.printing, "final", sleeping("final", lambda _page: a_pdf()))
    monkeypatch.setattr(sealing, "seal", sleeping("seal", sealing.seal))
    db.session.query(Job).filter(Job.kind != "plans.seal").delete()
    db.session.commit()
    jobs.run(jobs.claim())
    (seal,) = seals()
    assert files() == [seal.stored_as], "the second file lies about"
    assert verbs() == [Verb.PLAN_SEALED]
    assert again(version_id).seal_failure is None
    assert calls == {"final": 2, "seal": 1 if slow == "final" else 2}


def test_a_full_disk_is_a_sentence_leaves_nothing_and_is_tried_again(version, monkeypatch):
    keys.ensure(config(), "Partnerly")
    version_id = version.id
    monkeypatch.setattr(seal_jobs.printing, "final", lambda _page: a_pdf())

    def full(_handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(papers.os, "fsync", full)
        run_jobs("plans.seal")
    failed = again(version_id)
    assert failed.seal_failure == (
        "The sealed file can't be kept (No space left on device). Check PORTAL_DATA_DIR."
    )
    assert (seals(), files(), verbs()) == ([], [], [Verb.PLAN_SEAL_FAILED])
    with portal_clock.frozen(portal_clock.now() + timedelta(hours=1)):
        run_jobs("plans.seal")
    assert len(seals()) == len(files()) == 1
    assert again(version_id).seal_failure is None


FAILURES = [
    (TooMuch("It needed more memory than it may have and was stopped."), "more memory than it may"),
    (keys.CannotSeal("The time stamp authority gave no time."), "gave no time"),
    (RuntimeError("secret words of the customer"), "RuntimeError"),
]


@pytest.mark.parametrize(("error", "said"), FAILURES, ids=["killed", "no time", "bug"])
def test_a_failure_is_a_sentence_and_is_tried_again(made, version, monkeypatch, error, said):
    keys.ensure(config(), "Partnerly")
    version_id = version.id
    fail(monkeypatch, error)
    run_jobs("plans.seal")
    failed = again(version_id)
    assert said in failed.seal_failure
    assert "secret words" not in failed.seal_failure
    assert failed.seal_failed_at == portal_clock.now()
    assert (seals(), files()) == ([], [])
    assert verbs() == [Verb.PLAN_SEAL_FAILED]
    assert db.session.scalar(select(Letter).where(Letter.kind == Kind.PLAN_SIGNED)) is None
    with portal_clock.frozen(portal_clock.now() + timedelta(minutes=1)):
        run_jobs("plans.seal")  # Failed once more: not told twice.
    assert verbs() == [Verb.PLAN_SEAL_FAILED]
    monkeypatch.setattr(seal_jobs.printing, "final", lambda _page: a_pdf())
    with portal_clock.frozen(portal_clock.now() + timedelta(minutes=10)):
        run_jobs("plans.seal")
    assert len(seals()) == 1
    assert again(version_id).seal_failure is None


def test_e11_a_wrong_passphrase_stops_sealing_with_a_sentence(made, version, monkeypatch, settings):
    keys.ensure(config(), "Partnerly")
    monkeypatch.setattr(seal_jobs.printing, "final", lambda *_: pytest.fail("drawn in vain"))
    monkeypatch.setitem(current_app.config, "PORTAL", settings(PORTAL_SEAL_PASSPHRASE="not the right one"))
    version_id = version.id
    run_jobs("plans.seal")
    assert "PORTAL_SEAL_PASSPHRASE is not the one" in again(version_id).seal_failure


def test_given_up_is_seen_and_somebody_has_it_tried_again(made, version, monkeypatch):
    version_id, priya = version.id, made.priya
    job = db.session.scalars(select(Job).where(Job.kind == "plans.seal")).one()
    job.attempts, job.lease_until = jobs.MAX_ATTEMPTS, portal_clock.now() - timedelta(minutes=1)
    db.session.commit()
    jobs.sweep()
    given_up = again(version_id)
    assert "The worker ended in the middle" in given_up.seal_failure
    given_up.seal_again(priya)
    given_up.seal_again(priya)
    assert given_up.seal_failure is None
    seal_now(given_up, monkeypatch)
    assert verbs() == [Verb.PLAN_SEAL_FAILED, Verb.PLAN_SEAL_ASKED, Verb.PLAN_SEALED]
    again(version_id).seal_again(priya)
    assert len(seals()) == 1


def test_nothing_is_sealed_before_all_have_signed(made, monkeypatch, settings):
    monkeypatch.setitem(current_app.config, "PORTAL", settings())
    version = sign(making.sent(made), made.ana)
    with pytest.raises(Refused, match="once everybody has signed"):
        version.seal_again(made.priya)
    version.queue_seal()
    db.session.commit()
    monkeypatch.setattr(seal_jobs.printing, "final", lambda *_: pytest.fail("drawn"))
    run_jobs("plans.seal")
    assert seals() == []


def test_a_queue_that_was_emptied_is_filled_again(made, version, monkeypatch):
    db.session.query(Job).delete()
    db.session.commit()
    assert seal_jobs.sweep() == 1
    assert seal_jobs.sweep() == 0
    seal_now(again(version.id), monkeypatch)
    assert seal_jobs.sweep() == 0


def test_r5_two_workers_seal_one_version_once(real_database, shared_app, monkeypatch, settings, clock):
    """Both have drawn and sealed before either writes: the second finds the row of the first."""
    monkeypatch.setitem(shared_app.config, "PORTAL", settings())
    db.connect(real_database)
    keys.ensure(shared_app.config["PORTAL"], "Partnerly")
    with shared_app.test_request_context():
        db.start()
        made = making.road(clock)
        version_id = sign(making.sent(made), made.ana, made.priya).id
        db.session.query(Job).filter(Job.kind != "plans.seal").delete()
        db.session.commit()
        db.session.remove()
    both = threading.Barrier(2, timeout=20)
    monkeypatch.setattr(seal_jobs.printing, "final", lambda *_: both.wait() is not None and a_pdf())
    with db.transaction():  # A job of its own, so that no lease decides but the seal's row alone.
        jobs.put("plans.seal", {"version": version_id})
    claims = [jobs.claim(), jobs.claim()]

    def work(claim):
        with shared_app.test_request_context():
            jobs.run(claim)

    threads = [threading.Thread(target=work, args=(claim,)) for claim in claims]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with shared_app.test_request_context(), db.transaction():
        (seal,) = seals()
        assert seal.version_id == version_id
        assert [(job.attempts, job.error) for job in db.session.scalars(select(Job))].count((1, None)) == 2
        assert files() == [seal.stored_as]
        assert verification.verify(seal.path.read_bytes()).verified
        assert len(list(db.session.scalars(select(Letter).where(Letter.kind == Kind.PLAN_SIGNED)))) == 2
