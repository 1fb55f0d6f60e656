"""Who seals and who signs wait for one another in one order, so neither is thrown out for the other's sake."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal import clock as portal_clock
from portal import db, jobs
from portal.accounts.models import User
from portal.jobs import Job
from portal.onboardings.models import Onboarding
from portal.plans import jobs as seal_jobs
from portal.plans import keys
from portal.plans.models import Plan, PlanVersion, Seal
from portal.plans.rules import PlanState
from portal.plans.signing import Signing
from tests.plans import making
from tests.plans.seals import a_pdf
from tests.plans.signed import agree, proof, sign

SOON = 2  # Seconds in which one of two gets as far as it can.


@pytest.fixture
def road(real_database, shared_app, settings, monkeypatch, clock):
    """Version 1 waits for its seal, version 2 for Priya, who has agreed to sign it: the road's id and hers."""
    monkeypatch.setitem(shared_app.config, "PORTAL", settings())
    monkeypatch.setattr(seal_jobs.printing, "final", lambda *_: a_pdf())
    db.connect(real_database)
    keys.ensure(shared_app.config["PORTAL"], "Partnerly")
    with shared_app.test_request_context(), db.transaction():
        made = making.road(clock)
        sign(making.sent(made), made.ana, made.priya)
        second = sign(making.sent(made), made.ana)
        agree(second, made.priya)
        db.session.query(Job).filter(Job.kind != "plans.seal").delete()
        return made.onboarding.id, made.priya.id


@pytest.fixture
def at_once(shared_app):
    """Do these in threads of their own; raises what any of them raised."""

    def do(*deeds) -> None:
        raised = []

        def run(deed) -> None:
            try:
                with shared_app.test_request_context():
                    deed()
            except Exception as error:  # Told below.
                raised.append(error)

        threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert raised == []

    return do


def locked(road_id: int) -> Plan:
    road = db.session.scalars(select(Onboarding).where(Onboarding.id == road_id).with_for_update()).one()
    return Plan.of(road)


def meet(monkeypatch, where, name: str, mine: threading.Event, other: threading.Event) -> None:
    """Once `where.name` is reached there, the other is let know, and has time to get as far."""
    real = getattr(where, name)

    def reached(*given, **more):
        mine.set()
        other.wait(SOON)
        return real(*given, **more)

    monkeypatch.setattr(where, name, reached)


def test_the_next_version_is_signed_while_the_one_before_is_sealed(road, at_once, monkeypatch):
    road_id, priya_id = road
    signing, sealing = threading.Event(), threading.Event()
    meet(monkeypatch, Signing, "_countersign", signing, sealing)
    meet(monkeypatch, PlanVersion, "note_sealed", sealing, signing)

    def sign_it() -> None:
        with db.transaction():
            version, priya = locked(road_id).to_sign, db.session.get_one(User, priya_id)
            assert version.sign(proof(version, priya), by=priya)

    at_once(sign_it, lambda: jobs.run(jobs.claim()))
    with db.transaction():
        states = list(db.session.scalars(select(PlanVersion.state).order_by(PlanVersion.n)))
        assert states == [PlanState.SUPERSEDED, PlanState.SIGNED]
        assert len(list(db.session.scalars(select(Seal)))) == 1
        first = db.session.scalars(select(Job).order_by(Job.id)).first()
        assert (first.attempts, first.error) == (1, None)


def test_it_is_asked_for_again_while_a_worker_is_at_it(road, at_once, monkeypatch):
    """The worker slept past its lease, so the job looks idle to whoever asks."""
    road_id, priya_id = road
    claim = jobs.claim()
    with db.transaction():
        locked(road_id).version(1).note_seal_failure("No key")
        db.session.query(Job).update({"lease_until": portal_clock.now() - timedelta(minutes=1)})
    asking, sealing = threading.Event(), threading.Event()
    real = seal_jobs._waiting

    def waiting(*given, lock=False):
        if lock:
            sealing.set()
            asking.wait(SOON)
        return real(*given, lock=lock)

    monkeypatch.setattr(seal_jobs, "_waiting", waiting)

    def ask() -> None:
        with db.transaction():
            version = locked(road_id).version(1)
            asking.set()
            sealing.wait(SOON)
            version.seal_again(db.session.get_one(User, priya_id))

    at_once(ask, lambda: jobs.run(claim))
    with db.transaction():
        assert len(list(db.session.scalars(select(Seal)))) == 1
        assert db.session.get_one(Job, claim.job_id).done_at is not None
