"""Playbooks and their published versions. A version never changes; a running onboarding keeps its own."""

import hashlib
import json
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock, db
from portal.accounts.models import Staff
from portal.activity.models import Audience, Verb, record
from portal.db import Base
from portal.jobs import insert_if_new
from portal.playbooks.document import ModuleSpec, PlaybookDocument, StepSpec


class Playbook(Base):
    """The provider's standard written procedure for one kind of customer."""

    __tablename__ = "playbook"

    key: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str]
    retired_at: Mapped[datetime | None]

    versions: Mapped[list["PlaybookVersion"]] = relationship(
        back_populates="playbook", order_by="PlaybookVersion.n"
    )

    @property
    def latest(self) -> "PlaybookVersion":
        """The version that new onboardings start from."""
        return self.versions[-1]


class PlaybookVersion(Base):
    """One published text of a playbook."""

    __tablename__ = "playbook_version"
    __table_args__ = (UniqueConstraint("playbook_id", "n"), UniqueConstraint("playbook_id", "digest"))

    playbook_id: Mapped[int] = mapped_column(ForeignKey("playbook.id"))
    n: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON, deferred=True)
    digest: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime] = mapped_column(default=clock.now)

    playbook: Mapped[Playbook] = relationship(back_populates="versions")

    @property
    def document(self) -> PlaybookDocument:
        """What this version says. Parsed once per process: a version can't change."""
        if self.digest not in _documents:
            _documents[self.digest] = PlaybookDocument.model_validate(self.content)
        return _documents[self.digest]

    def module(self, key: str) -> ModuleSpec | None:
        """The module that this version calls `key`."""
        return next((module for module in self.document.modules if module.key == key), None)

    def step(self, key: str) -> StepSpec:
        """The step that this version calls `key`. Raises KeyError."""
        if self.digest not in _steps:
            _steps[self.digest] = {
                step.key: step for module in self.document.modules for step in module.steps
            }
        return _steps[self.digest][key]


class TriggerSetting(Base):
    """What a CS leader has changed about one trigger, for everybody: its switch and its thresholds; what isn't in
    `values` is as the playbook has it."""

    __tablename__ = "trigger_setting"

    key: Mapped[str] = mapped_column(String(40), unique=True)
    on: Mapped[bool] = mapped_column(default=True)
    values: Mapped[dict[str, Any]] = mapped_column(JSON)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    changed_by: Mapped[Staff | None] = relationship()

    @classmethod
    def of(cls, key: str) -> "TriggerSetting":
        """This trigger's, to be changed by nobody else meanwhile; made when nothing was changed before."""
        insert_if_new(cls, key=key, on=True, values={}, changed_at=clock.now())
        row = select(cls).where(cls.key == key).with_for_update()
        return db.session.scalars(row.execution_options(populate_existing=True)).one()

    def change(self, values: dict[str, int], called: str, *, by: Staff) -> bool:
        """Keep these numbers, those that differ from the playbook's. Returns whether any is new."""
        before = dict(self.values)
        if before == values:
            return False
        self.values = values
        self._say(Verb.TRIGGER_CHANGED, called, by, before, values)
        return True

    def switch(self, called: str, *, on: bool, by: Staff) -> bool:
        """On or off, for everybody. Returns whether it was otherwise."""
        if self.on is on:
            return False
        self.on = on
        verb = Verb.TRIGGER_SWITCHED_ON if on else Verb.TRIGGER_SWITCHED_OFF
        self._say(verb, called, by, {"on": not on}, {"on": on})
        return True

    def _say(self, verb: Verb, called: str, by: Staff, before: Any, after: Any) -> None:
        self.changed_at, self.changed_by = clock.now(), by
        told = {"key": self.key, **before}, {"key": self.key, **after}
        record(
            self,
            verb,
            by=by,
            before=told[0],
            after=told[1],
            personal={"what": called},
            audience=Audience.STAFF,
        )


_documents: dict[str, PlaybookDocument] = {}
_steps: dict[str, dict[str, StepSpec]] = {}


def publish(document: PlaybookDocument) -> PlaybookVersion:
    """The version that holds exactly this document: a new one, or the one that is there already."""
    content = document.model_dump(mode="json")
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    playbook = db.session.scalar(select(Playbook).where(Playbook.key == document.key))
    if playbook is None:
        playbook = Playbook(key=document.key, name=document.name)
        db.session.add(playbook)
        db.session.flush()
    same = select(PlaybookVersion).filter_by(playbook_id=playbook.id, digest=digest)
    if version := db.session.scalar(same):
        return version
    last = db.session.scalar(select(func.max(PlaybookVersion.n)).filter_by(playbook_id=playbook.id)) or 0
    playbook.name = document.name
    version = PlaybookVersion(playbook=playbook, n=last + 1, content=content, digest=digest)
    db.session.add(version)
    db.session.flush()
    return version
