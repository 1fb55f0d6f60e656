"""The onboarding plan in its versions. Their columns are in `record`, who signs in `signers`, the files in `papers`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from flask_babel import gettext as _
from sqlalchemy import Index, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, relationship, selectinload

from portal import db
from portal.accounts.models import Staff, User
from portal.db import one_of
from portal.errors import Conflict, Refused
from portal.onboardings.models import Onboarding
from portal.onboardings.record import check_running
from portal.plans.composing import Sources, compose, language_of
from portal.plans.differences import between
from portal.plans.document import PlanDocument
from portal.plans.drafting import Drafting
from portal.plans.drafts import Draft
from portal.plans.papers import PlanPaper, Seal
from portal.plans.rules import COMPLETE, PlanState, version_may
from portal.plans.signers import ConsentText, PlanSigner, Signature
from portal.plans.signing import Signing
from portal.plans.unsealed import Sealing

__all__ = ["ConsentText", "Plan", "PlanPaper", "PlanSigner", "PlanVersion", "Seal", "Signature"]

WRITTEN = "state IN ('draft', 'in_review')"
TO_SIGN = "state IN ('sent', 'partly_signed')"
IN_FORCE = "state = 'signed'"


def _at_most_one(name: str, where: str) -> Index:
    return Index(
        f"uq_plan_version_{name}",
        "onboarding_id",
        unique=True,
        sqlite_where=text(where),
        postgresql_where=text(where),
    )


class PlanVersion(Drafting, Signing, Sealing):
    """One version. The database keeps at most one that is written, one to sign and one in force for each onboarding."""

    __tablename__ = "plan_version"
    __table_args__ = (
        UniqueConstraint("onboarding_id", "n"),
        _at_most_one("written", WRITTEN),
        _at_most_one("to_sign", TO_SIGN),
        _at_most_one("in_force", IN_FORCE),
        one_of("state", PlanState),
    )

    onboarding: Mapped[Onboarding] = relationship()
    amends: Mapped[PlanVersion | None] = relationship(remote_side="PlanVersion.id")
    sent_by: Mapped[User | None] = relationship(foreign_keys="PlanVersion.sent_by_id")
    declined_by: Mapped[User | None] = relationship(foreign_keys="PlanVersion.declined_by_id")
    signers: Mapped[list[PlanSigner]] = relationship(
        order_by="PlanSigner.position", cascade="all, delete-orphan"
    )
    signatures: Mapped[list[Signature]] = relationship(order_by="Signature.id")
    papers: Mapped[list[PlanPaper]] = relationship(order_by="PlanPaper.signed")
    seal: Mapped[Seal | None] = relationship()

    @classmethod
    def of(cls, onboarding: Onboarding) -> list[Self]:
        """Every version of one onboarding that is kept, the first one first."""
        query = select(cls).where(cls.onboarding_id == onboarding.id).order_by(cls.n)
        query = query.options(
            selectinload(cls.signers).joinedload(PlanSigner.user),
            selectinload(cls.signatures),
            selectinload(cls.seal),
        )
        return list(db.session.scalars(query))


class Plan:
    """The plan of one onboarding: all its versions, the first one first. There may be none yet: nothing is kept before
    somebody writes or sends it, and the draft can be read all the same."""

    def __init__(self, onboarding: Onboarding, versions: list[PlanVersion]) -> None:
        self.onboarding, self.versions = onboarding, versions

    @classmethod
    def of(cls, onboarding: Onboarding) -> Self:
        return cls(onboarding, PlanVersion.of(onboarding))

    @property
    def written(self) -> PlanVersion | None:
        """The draft, where somebody has begun to write it."""
        return self._last(lambda one: one.is_writable)

    @property
    def to_sign(self) -> PlanVersion | None:
        """The version that waits for signatures."""
        return self._last(lambda one: one.is_open)

    @property
    def in_force(self) -> PlanVersion | None:
        """The version that both sides have signed and that no later one has replaced."""
        return self._last(lambda one: one.state is PlanState.SIGNED)

    @property
    def last_sent(self) -> PlanVersion | None:
        """The last one that left our hands, whatever became of it."""
        return self._last(lambda one: one.sent_at is not None)

    def version(self, n: int) -> PlanVersion | None:
        return self._last(lambda one: one.n == n)

    def why_void(self, one: PlanVersion) -> str:
        """Why it was taken back, as somebody wrote it, or because another one came; empty for one that wasn't."""
        if one.voided_why or one.state is not PlanState.VOIDED:
            return one.voided_why or ""
        then = next((other.n for other in self.versions if other.n > one.n and other.sent_at), None)
        return _("Version %(n)s takes its place.", n=then) if then else ""

    @property
    def next_n(self) -> int:
        """The number of the draft that nobody has begun to write."""
        return max((one.n for one in self.versions), default=0) + 1

    # --- The draft ---

    @property
    def words(self) -> dict[str, Any]:
        """What is written in place of what is filled in: of the draft, else of the last version, so that the next one
        goes on where that ended; a draft that was thrown away is none. Once one is signed the next begins anew, with
        the same signers."""
        if self.written is not None:
            return self.written.words
        last = self.last_sent
        if last is None:
            return {}
        if last.state in COMPLETE:
            return {"signers": last.words["signers"]} if "signers" in last.words else {}
        return last.words

    @property
    def document(self) -> PlanDocument:
        """What the draft says today: see `composing.compose` for what it reads."""
        return self._compose(self.words)

    @property
    def filled(self) -> PlanDocument:
        """The draft without what staff have written into it: all that its customer reads before they are asked to."""
        return self._compose({})

    @property
    def is_shown(self) -> bool:
        """Whether the customer's page shows the draft with what staff have written: they were asked to look through it,
        and nothing waits to be signed."""
        written = self.written
        return written is not None and written.state is PlanState.IN_REVIEW and self.to_sign is None

    def draft(self) -> Draft:
        """The draft with what keeps it from being sent, as the desk shows it."""
        sources = Sources.of(self.onboarding)
        in_force = self.in_force.document if self.in_force else None
        document = self._compose(self.words, sources)
        filled = self._compose({}, sources) if self.words else document
        return Draft.of(self.onboarding, document, filled, self.words, sources, in_force)

    def _compose(self, words: dict[str, Any], sources: Sources | None = None) -> PlanDocument:
        amends = self.in_force.document if self.in_force else None
        return compose(
            self.onboarding,
            n=self.written.n if self.written else self.next_n,
            words=words,
            locale=amends.locale if amends else language_of(self.onboarding),
            amends=amends,
            sources=sources,
        )

    # --- What staff do ---

    def begin(self) -> PlanVersion:
        """The row of the draft, from now on kept. Whoever calls holds the road's lock."""
        if self.written is not None:
            return self.written
        amends = self.in_force
        version = PlanVersion(
            account_id=self.onboarding.account_id,
            onboarding=self.onboarding,
            n=self.next_n,
            state=PlanState.DRAFT,
            words=self.words,
            words_version=0,
            amends=amends,
            signers=[],
            signatures=[],
            papers=[],
        )
        db.session.add(version)
        self.versions.append(version)
        db.session.flush()
        return version

    def write(self, words: dict[str, Any], *, seen: int, by: Staff) -> bool:
        """See `Drafting.write`; nothing is kept for words that change nothing."""
        if self.written is None and words == self.words:
            return False
        return self.begin().write(words, seen=seen, by=by)

    def ask_review(self, *, by: Staff) -> bool:
        """See `Drafting.ask_review`."""
        check_running(self.onboarding)
        return self.begin().ask_review(by=by)

    def send(self, *, seen: str, by: Staff) -> PlanVersion:
        """Freeze the draft and ask its signers. `seen` is the mark of what its sender read; sent twice it is sent once.
        An older version that nobody has signed in full is taken back; one whose time was over runs out first, and so
        may say the same. Raises Conflict when the draft isn't what was read, Refused with all that is missing."""
        if self.to_sign is not None:
            self.to_sign.expire()  # Where the worker hasn't noted it yet.
        last = self.to_sign
        if last is not None and last.document.mark == seen:
            return last
        draft = self.draft()
        if draft.blockers:
            raise Refused(" ".join(one.says for one in draft.blockers))
        if draft.document.mark != seen:
            raise Conflict(_("The draft has changed since you opened it. Here is how it reads now."))
        if last is not None and not between(last.document, draft.document):
            raise Refused(_("Version %(n)s says the same and still waits to be signed.", n=last.n))
        for older in self.versions:
            if older.sent_at and version_may(older.state, PlanState.VOIDED):
                older.void(None, by=by)
        version = self.begin()
        version.freeze(draft.document, draft.signing, self.in_force, by=by)
        return version

    def _last(self, wanted: Callable[[PlanVersion], bool]) -> PlanVersion | None:
        return next((one for one in reversed(self.versions) if wanted(one)), None)
