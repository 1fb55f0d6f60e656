"""A version that everybody has signed, on its way to its seal: queued, failed, asked for again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext as _

from portal import clock, jobs
from portal.activity.models import Audience, Verb, record
from portal.errors import Refused
from portal.plans.record import PlanRecord

if TYPE_CHECKING:
    from portal.accounts.models import Staff

JOB = "plans.seal"
LONGEST_FAILURE = 300


class Sealing(PlanRecord):
    """What happens between the last signature and the sealed file."""

    __abstract__ = True

    @property
    def needs_seal(self) -> bool:
        """Whether everybody has signed and the sealed file is not there yet."""
        return self.is_complete and self.seal is None

    @property
    def seal_key(self) -> str:
        """Of the one job that seals it."""
        return f"{JOB}:{self.id}"

    def queue_seal(self) -> None:
        """Called with the last signature, in the same transaction. A second call puts nothing."""
        jobs.put(JOB, {"version": self.id}, key=self.seal_key, account_id=self.account_id)

    def seal_again(self, by: Staff) -> None:
        """Somebody of ours has it tried now, whatever was wrong before. Twice is once. Raises Refused."""
        if not self.is_complete:
            raise Refused(_("The plan is sealed once everybody has signed it."))
        if self.seal is not None or self.seal_failed_at is None:
            return
        self.seal_failed_at = self.seal_failure = None
        jobs.again(JOB, {"version": self.id}, key=self.seal_key, account_id=self.account_id)
        record(self, Verb.PLAN_SEAL_ASKED, by=by, onboarding=self.onboarding, audience=Audience.STAFF)

    def note_seal_failure(self, why: str) -> None:
        """It could not be sealed: `why` is a sentence for our own people. The same failure again is not told again."""
        why = why[:LONGEST_FAILURE]
        is_news = self.seal_failed_at is None or self.seal_failure != why
        self.seal_failed_at, self.seal_failure = self.seal_failed_at or clock.now(), why
        if is_news:
            record(self, Verb.PLAN_SEAL_FAILED, by=None, onboarding=self.onboarding, audience=Audience.STAFF)

    def note_sealed(self, sha256: str) -> None:
        """The sealed file is there, by whatever attempt."""
        self.seal_failed_at = self.seal_failure = None
        record(self, Verb.PLAN_SEALED, by=None, onboarding=self.onboarding, after={"sha256": sha256})
