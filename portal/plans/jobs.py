"""Sealing in the worker: what the final file says is read first, then it is drawn and sealed outside any transaction,
and its row comes with the end of the job.

The database says which of several attempts counts: one seal for each version. The file of any other is removed.
"""

from __future__ import annotations

from typing import Any

import structlog
from flask_babel import gettext as _
from sqlalchemy import String, cast, exists, select
from sqlalchemy.orm import selectinload

from portal import db, jobs
from portal.activity.models import FIRST, AuditChain
from portal.bounded import Failed
from portal.onboardings.models import Onboarding
from portal.plans import papers, printing, seal_letters, sealing
from portal.plans.document import digest
from portal.plans.keys import CannotSeal
from portal.plans.models import PlanVersion, Seal
from portal.plans.rules import COMPLETE
from portal.plans.sealing import About, Sealed
from portal.plans.unsealed import JOB

log = structlog.get_logger(__name__)


def sweep() -> int:
    """Queue the versions that wait for their seal without a job, because somebody emptied the queue: how many."""
    job = exists().where(jobs.Job.key == f"{JOB}:" + cast(PlanVersion.id, String))
    sealed = exists().where(Seal.version_id == PlanVersion.id)
    with db.transaction():
        lost = db.session.scalars(
            select(PlanVersion).where(PlanVersion.state.in_(COMPLETE), ~sealed, ~job)
        ).all()
        for version in lost:
            version.queue_seal()
    return len(lost)


def _gave_up(payload: dict[str, Any], reason: str) -> None:
    version = _waiting(payload["version"], lock=True)
    if version is not None:
        version.note_seal_failure(version.seal_failure or reason)


@jobs.handles(JOB, gave_up=_gave_up)
def seal(claim: jobs.Claim) -> None:
    """Seal one version. Why it could not be is kept with the version, where a person sees it, and tried again."""
    try:
        made = _made(claim)
        kept = _written(made[1]) if made else {}
    except jobs.LeaseLost:
        raise
    except (CannotSeal, Failed) as why:
        _failed(claim, str(why))
    except Exception as error:  # noqa: BLE001 — whatever it is, a person has to see that there is no sealed file
        _failed(claim, _("The plan could not be sealed (%(why)s).", why=jobs.place_of(error)))
    else:
        if made is not None:
            _keep(claim, *made, kept)


def _made(claim: jobs.Claim) -> tuple[About, Sealed] | None:
    """The sealed file of a version that needs one; nobody is held up, and no connection kept, while it is drawn and
    sealed. Raises LeaseLost."""
    with db.reading():
        version = _waiting(claim.payload["version"])
        if version is None:
            return None
        _check_signed(version)
        head = db.session.scalar(select(AuditChain.head).where(AuditChain.id == version.account_id))
        about = sealing.about(head or FIRST)
        page = printing.last_page(version, about)
        reason = _("All who had to sign have signed it")
    drawn = printing.final(page)
    with claim.transaction():
        pass  # Drawing may have taken most of the lease, and the time stamp authority takes its time too.
    return about, sealing.seal(drawn, about, reason=reason)


def _check_signed(version: PlanVersion) -> None:
    """Raises CannotSeal when the text that is kept isn't the one that everybody signed."""
    text = {
        digest(version.snapshot or ""),
        version.sha256,
        *(one.snapshot_sha256 for one in version.signatures),
    }
    if len(text) != 1:
        raise CannotSeal(
            _("The plan that is kept is not the one that was signed. Look for who changed the database.")
        )


def _written(made: Sealed) -> dict[str, Any]:
    """The file on the disk. Raises CannotSeal when there is no room for it or nothing may be written there."""
    try:
        return papers.keep(made.content)
    except OSError as error:
        raise CannotSeal(
            _("The sealed file can't be kept (%(why)s). Check PORTAL_DATA_DIR.", why=error.strerror)
        ) from None


def _keep(claim: jobs.Claim, about: About, made: Sealed, kept: dict[str, Any]) -> None:
    """The row of a file that is on the disk, and the letters, together; no row, no file."""
    try:
        with claim.finish():
            version = _waiting(claim.payload["version"], lock=True)
            if version is None or not _is_first(version, about, made, kept):
                papers.drop(kept)
                return
            version.note_sealed(str(kept["sha256"]))
            if not claim.payload.get("told"):
                seal_letters.signed(version, made.content)
    except jobs.LeaseLost:
        # After any other error nobody knows whether the row is there: a stray file goes with the sweep.
        papers.drop(kept)
        raise


def _is_first(version: PlanVersion, about: About, made: Sealed, kept: dict[str, Any]) -> bool:
    return jobs.insert_if_new(
        Seal,
        account_id=version.account_id,
        version_id=version.id,
        sealed_at=made.at,
        certificate=made.certificate,
        time_source=made.time_source,
        time_certificate=made.time_certificate,
        audit_head=about.audit_head,
        **kept,
    )


def _failed(claim: jobs.Claim, why: str) -> None:
    """Raises Later: the queue tries again."""
    with claim.transaction():
        version = _waiting(claim.payload["version"], lock=True)
        if version is not None:
            version.note_seal_failure(why)
    log.warning("plan not sealed", version=claim.payload["version"], why=why)
    raise jobs.Later(why)


def _waiting(version_id: int, *, lock: bool = False) -> PlanVersion | None:
    """The version, if it still needs its seal; its road is locked first, as for every signature."""
    query = select(PlanVersion).where(PlanVersion.id == version_id)
    if lock:
        road = select(PlanVersion.onboarding_id).where(PlanVersion.id == version_id).scalar_subquery()
        db.session.execute(select(Onboarding.id).where(Onboarding.id == road).with_for_update())
    query = query.options(*printing.with_signers(), selectinload(PlanVersion.seal))
    version = db.session.scalar(query)
    return version if version is not None and version.needs_seal else None
