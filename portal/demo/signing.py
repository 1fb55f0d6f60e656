"""The plan of a demo road: written, sent, signed by each in turn, and what becomes of it otherwise."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from portal import clock, db, jobs
from portal.accounts.models import Person, Staff, User
from portal.activity.models import FIRST, AuditChain
from portal.auth.reauth import Proof
from portal.bounded import Failed
from portal.onboardings.models import Onboarding
from portal.plans import papers, printing, sealing
from portal.plans.keys import CannotSeal
from portal.plans.models import Plan, PlanVersion, Seal
from portal.plans.reading import Reading
from portal.plans.unsealed import JOB

if TYPE_CHECKING:
    from portal.demo.story import Story

READ = timedelta(minutes=7)  # Between opening a plan and agreeing to sign it.
# Addresses that are kept for documentation, so that they are nobody's.
OURS, THEIRS = "198.51.100.20", "203.0.113.45"
DESK = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
)
A_WHILE = timedelta(seconds=15)


def write(road: Onboarding, words: dict[str, Any], by: Staff) -> None:
    """Put these words in place of what the draft is filled in with."""
    plan = Plan.of(road)
    plan.write({**plan.words, **words}, seen=plan.begin().words_version, by=by)


def send(road: Onboarding, by: Staff) -> PlanVersion:
    """Send what the draft says now."""
    plan = Plan.of(road)
    return plan.send(seen=plan.document.mark, by=by)


def open_version(road: Onboarding) -> PlanVersion:
    """The version that waits for signatures."""
    version = Plan.of(road).to_sign
    assert version is not None
    return version


def next_signer(road: Onboarding) -> User | None:
    """Whose turn it is to sign, of either side."""
    version = Plan.of(road).to_sign
    return version.turn_of[0].user if version is not None and version.turn_of else None


def sign(version: PlanVersion, by: User) -> None:
    """Somebody reads it, agrees to sign it, says again who they are, and signs."""
    assert version.sha256 is not None
    opened = max(clock.now() - READ, version.sent_at or clock.now())
    version.consent(by.name, read=Reading(by.ref, version.ref, version.sha256, opened), by=by)
    proof = Proof(by.id, version.about, "code", clock.now())
    theirs = isinstance(by, Person)
    version.sign(proof, by=by, ip=THEIRS if theirs else OURS, user_agent=PHONE if theirs else DESK)


# --- Files --------------------------------------------------------------------------------------


def seal(version: PlanVersion) -> None:
    """Seal it at this moment, as the worker would in transactions of its own. What can't be done here it does later."""
    head = db.session.scalar(select(AuditChain.head).where(AuditChain.id == version.account_id))
    about = sealing.about(head or FIRST)
    try:
        drawn = printing.final(printing.last_page(version, about))
        made = sealing.seal(drawn, about, reason="All who had to sign have signed it")
    except (CannotSeal, Failed):
        return
    kept = papers.keep(made.content)
    version.seal = Seal(
        account_id=version.account_id,
        sealed_at=made.at,
        certificate=made.certificate,
        time_source=made.time_source,
        time_certificate=made.time_certificate,
        audit_head=about.audit_head,
        **kept,
    )
    version.note_sealed(str(kept["sha256"]))
    done = update(jobs.Job).where(jobs.Job.key == version.seal_key).values(done_at=clock.now())
    db.session.execute(done, execution_options={"synchronize_session": False})


def seal_after(story: Story) -> None:
    """A minute after the last signature."""
    version = Plan.of(story.road).in_force
    if version is not None and version.seal is None:
        with story.at(story.last + timedelta(minutes=1)):
            seal(version)


def leave_to_the_worker() -> None:
    """What was signed in the past is sealed after the start, one after the other, so that the first pages are not kept
    waiting; its letters were read long ago."""
    rows = db.session.scalars(
        select(jobs.Job).where(jobs.Job.kind == JOB, jobs.Job.done_at.is_(None)).order_by(jobs.Job.id)
    )
    for n, job in enumerate(rows, start=1):
        job.run_at, job.payload = clock.now() + n * A_WHILE, {**job.payload, "told": True}
