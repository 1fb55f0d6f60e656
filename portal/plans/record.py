"""A version of the plan as a row: what is kept of it and what can be read from it."""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, validates

from portal import clock, jobs
from portal.accounts.models import User
from portal.db import Addressed, Base, OwnedRow, Word
from portal.plans import document
from portal.plans.document import PlanDocument
from portal.plans.rules import COMPLETE, TO_SIGN, WRITABLE, PlanState, may_sign, version_may
from portal.plans.signers import LONGEST_REASON, SHA, PlanSigner, Signature

PAPER = "plans.paper"

if TYPE_CHECKING:
    from portal.onboardings.models import Onboarding
    from portal.plans.papers import PlanPaper, Seal


class PlanRecord(Base, OwnedRow, Addressed):
    """The columns of a version. `words` is what somebody wrote into the draft in place of what is filled in; from the
    day it is sent, `snapshot` is the canonical text and nothing else of it is read.

    Whoever changes a version holds the lock of its road, taken before any version is read and before anything is
    recorded: the road first, then its versions, then the account's chain. A worker comes with its job's row in hand,
    so nobody who holds a road waits for a job."""

    __abstract__ = True

    if TYPE_CHECKING:
        onboarding: Mapped[Onboarding]
        sent_by: Mapped[User | None]
        declined_by: Mapped[User | None]
        signers: Mapped[list[PlanSigner]]
        signatures: Mapped[list[Signature]]
        papers: Mapped[list[PlanPaper]]
        seal: Mapped[Seal | None]

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"))
    n: Mapped[int]
    state: Mapped[PlanState] = mapped_column(Word(PlanState), default=PlanState.DRAFT)
    amends_id: Mapped[int | None] = mapped_column(ForeignKey("plan_version.id"))
    words: Mapped[dict[str, Any]] = mapped_column(default=dict)
    words_version: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    review_asked_at: Mapped[datetime | None]
    snapshot: Mapped[str | None] = mapped_column(Text)
    sha256: Mapped[str | None] = mapped_column(String(SHA))
    sent_at: Mapped[datetime | None]
    sent_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    expires_on: Mapped[date | None]
    fresh_asked_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
    declined_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    declined_why: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
    voided_at: Mapped[datetime | None]
    voided_why: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
    seal_failed_at: Mapped[datetime | None]
    seal_failure: Mapped[str | None] = mapped_column(String(300))

    # --- Reading ---

    @property
    def is_writable(self) -> bool:
        return self.state in WRITABLE

    @property
    def is_open(self) -> bool:
        """Whether it waits for signatures."""
        return self.state in TO_SIGN

    @property
    def is_complete(self) -> bool:
        """Whether everybody has signed it, whatever came after."""
        return self.state in COMPLETE

    @property
    def title(self) -> str:
        return _("Onboarding plan, version %(n)s", n=self.n)

    @cached_property
    def document(self) -> PlanDocument:
        """What was sent. Raises ValueError for a draft, which is composed anew each time, and for a text that isn't the
        one that was sent."""
        if self.snapshot is None:
            raise ValueError(f"version {self.n} was not sent")
        if document.digest(self.snapshot) != self.sha256:
            raise ValueError(f"version {self.n} was changed after it was sent")
        return document.read(self.snapshot)

    @validates("snapshot", "sha256")
    def _once(self, name: str, value: str) -> str:
        """Raises ValueError for a second value."""
        if (before := getattr(self, name)) not in (None, value):
            raise ValueError(f"the {name} of version {self.n} is {before[:12]} for good")
        return value

    @property
    def waiting(self) -> list[PlanSigner]:
        """Those who have not signed, in their order."""
        done = {signature.user_id for signature in self.signatures}
        return [signer for signer in self.signers if signer.user_id not in done]

    @property
    def turn_of(self) -> list[PlanSigner]:
        """Those who can sign now."""
        if not self.is_open:
            return []
        roles = [signer.role for signer in self.waiting]
        return [signer for signer in self.waiting if may_sign(signer.role, roles)]

    def signer(self, user: User) -> PlanSigner | None:
        """This user among the signers."""
        return next((one for one in self.signers if one.user_id == user.id), None)

    def signature(self, user: User) -> Signature | None:
        return next((one for one in self.signatures if one.user_id == user.id), None)

    @property
    def file(self) -> PlanPaper | Seal | None:
        """The file that stands for it now: the sealed one, before that the paper with the signatures there are. None
        while it is being made; a version that all have signed has none but the sealed one."""
        if self.seal or self.is_complete:
            return self.seal
        return next((paper for paper in self.papers if paper.signed == len(self.signatures)), None)

    @property
    def is_file_late(self) -> bool:
        """Whether making the file went wrong and a person has to look."""
        if self.file:
            return False
        if self.is_complete:
            return self.seal_failed_at is not None
        return jobs.has_failed(self._paper_key)

    @property
    def _paper_key(self) -> str:
        return f"{PAPER}:{self.id}:{len(self.signatures)}"

    def put_paper(self) -> None:
        """Have it printed with the signatures that it has now, in the same transaction."""
        payload = {"version": self.id, "signed": len(self.signatures)}
        jobs.put(PAPER, payload, key=self._paper_key, account_id=self.account_id)

    def _become(self, then: PlanState) -> None:
        """Go on to `then`. Raises ValueError for what the table leaves out: callers have looked before."""
        if not version_may(self.state, then):
            raise ValueError(f"a version that is {self.state} can't become {then}")
        self.state = then
