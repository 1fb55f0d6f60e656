"""The road as somebody sees it who considers buying: what the playbook says of it, and nothing about anybody."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from flask_babel import gettext as _
from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from portal import clock, db
from portal.accounts.models import Staff
from portal.activity.models import Audience, Verb, record
from portal.auth import tokens
from portal.db import Base, OwnedRow
from portal.errors import Conflict, Refused
from portal.handoffs.models import Handoff
from portal.onboardings.models import Onboarding
from portal.onboardings.states import OnboardingState, StepState
from portal.onboardings.steps import Step
from portal.onboardings.wave_keys import of_playbook
from portal.onboardings.words import STAGE_LINES, STAGE_TITLES
from portal.playbooks.document import STAGE_KEYS, ModuleSpec, PlaybookDocument, StageText, StepSpec

LIFE: Final = timedelta(days=30)
BEFORE: Final = (OnboardingState.DRAFT, OnboardingState.PREPARING)


class Preview(Base, OwnedRow):
    """A link that shows the road, and opens nothing else. A hand-off has one that lives; a new one takes its place."""

    __tablename__ = "preview"
    __table_args__ = (
        UniqueConstraint("handoff_id", "n"),
        Index(
            "ix_preview_living",
            "handoff_id",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    handoff_id: Mapped[int] = mapped_column(ForeignKey("handoff.id"))
    n: Mapped[int]
    salt: Mapped[str] = mapped_column(String(43), default=tokens.new)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    ends_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    handoff: Mapped[Handoff] = relationship()
    made_by: Mapped[Staff] = relationship()

    @property
    def is_living(self) -> bool:
        return self.revoked_at is None and clock.now() < self.ends_at

    @property
    def token(self) -> str:
        """What its link carries: made again from the salt and the install's key, and kept nowhere."""
        return tokens.derived("preview", self.salt)

    @classmethod
    def last(cls, handoff: Handoff) -> Preview | None:
        """The latest of this hand-off, with who made it; living or not."""
        latest = select(cls).where(cls.handoff_id == handoff.id).order_by(cls.n.desc()).limit(1)
        return db.session.scalar(latest.options(joinedload(cls.made_by)))

    @classmethod
    def make(cls, handoff: Handoff, *, seen: int, by: Staff) -> str:
        """A new one, which lives 30 days; returns its token. `seen` is the number of the latest that the page knew, 0
        for none: a second click finds the first's. `handoff` is locked. Raises Conflict, Refused."""
        if handoff.onboarding.state not in BEFORE:
            raise Refused(_("Their portal is open, so they see the road itself there."))
        last = cls.last(handoff)
        if last is not None and last.n != seen:
            if last.n == seen + 1 and last.made_by_id == by.id and last.is_living:
                return last.token
            raise Conflict(_("%(who)s made a link meanwhile. A new one ends it.", who=last.made_by.called))
        if last is not None:
            last.revoked_at = last.revoked_at or clock.now()
            db.session.flush()  # Before the new one, since only one lives.
        new = cls(account_id=handoff.account_id, handoff=handoff, n=seen + 1, salt=tokens.new(), made_by=by)
        new.token_hash, new.ends_at = tokens.digest(new.token), clock.now() + LIFE
        db.session.add(new)
        cls._say(Verb.PREVIEW_MADE, handoff, by)
        return new.token

    @classmethod
    def revoke(cls, handoff: Handoff, *, by: Staff) -> bool:
        """End the one that lives; returns whether there was one. `handoff` is locked."""
        last = cls.last(handoff)
        if last is None or not last.is_living:
            return False
        last.revoked_at = clock.now()
        cls._say(Verb.PREVIEW_REVOKED, handoff, by)
        return True

    @classmethod
    def road_at(cls, token: str) -> Onboarding | None:
        """The onboarding whose road this token shows, with its playbook; None when it shows none, or none any more."""
        return db.session.scalar(
            select(Onboarding)
            .join(Handoff, Handoff.onboarding_id == Onboarding.id)
            .join(cls, cls.handoff_id == Handoff.id)
            .where(cls.token_hash == tokens.digest(token))
            .where(cls.revoked_at.is_(None), cls.ends_at > clock.now())
            .where(Onboarding.state != OnboardingState.CANCELLED)
            .options(joinedload(Onboarding.playbook_version))
        )

    @staticmethod
    def _say(verb: Verb, handoff: Handoff, by: Staff) -> None:
        record(handoff, verb, by=by, onboarding=handoff.onboarding, audience=Audience.STAFF)


# --- What it shows ------------------------------------------------------------------------------


@dataclass(frozen=True)
class StageAhead:
    """One of the four stages; `modules` have those steps that this road has. `minutes` are the customer's."""

    key: str
    title: str
    line: str
    share: int
    text: StageText
    modules: list[ModuleSpec]

    @property
    def items(self) -> list[StepSpec]:
        return [step for module in self.modules for step in module.steps if step.counts]

    @property
    def minutes(self) -> int:
        return sum(module.minutes for module in self.modules)

    @property
    def leg(self) -> dict[str, Any]:
        """As the empty meter draws it."""
        groups = [[step.effective_weight for step in one.steps if step.counts] for one in self.modules]
        return {
            "title": self.title,
            "fact": self.line,
            "share": self.share,
            "groups": [group for group in groups if group],
        }


@dataclass(frozen=True)
class Ahead:
    """The whole road; `bring` is what has to be there, in lines."""

    days: int
    stages: list[StageAhead]
    bring: list[str]

    @property
    def minutes(self) -> int:
        """The customer's in all, to the half hour."""
        return 30 * max(1, round(sum(stage.minutes for stage in self.stages) / 30))


def ahead_of(onboarding: Onboarding) -> Ahead:
    """One statement. What people wrote on this road isn't read: only its playbook speaks."""
    on_road = select(Step.key).where(
        Step.onboarding_id == onboarding.id, Step.own.is_(None), Step.state != StepState.SKIPPED
    )
    keys = {of_playbook(key) for key in db.session.scalars(on_road)}
    document = onboarding.playbook_version.document
    stages = [
        StageAhead(
            key,
            str(STAGE_TITLES[key]),
            str(STAGE_LINES[key]),
            getattr(document.stage_shares, key),
            document.stage_text(key),
            [module for module in _modules(document, keys) if module.stage == key],
        )
        for key in STAGE_KEYS
    ]
    return Ahead(onboarding.programme, stages, list(_bring(document, stages)))


def _modules(document: PlaybookDocument, keys: Collection[str]) -> Iterator[ModuleSpec]:
    for module in document.modules:
        steps = tuple(step for step in module.steps if step.key in keys and step.visible)
        if steps:
            yield module.model_copy(update={"steps": steps})


def _bring(document: PlaybookDocument, stages: list[StageAhead]) -> Iterator[str]:
    """What is asked for before the work begins, and what is sent on the way."""
    for one in document.kit.prerequisites if document.kit else ():
        if one.include == "always":
            yield one.title
    for stage in stages:
        yield from (step.title for step in stage.items if step.kind == "upload" and step.owner_side != "us")
