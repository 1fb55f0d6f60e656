"""The triggers in force: the shipped set, with what a CS leader has changed laid over it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal import db
from portal.accounts.models import Staff
from portal.playbooks.models import TriggerSetting
from portal.playbooks.reader import SHIPPED, read_triggers
from portal.playbooks.trigger_set import TriggerSet
from portal.playbooks.trigger_set import TriggerSpec as TriggerSpec

STANDARD: Path = SHIPPED / "triggers" / "standard.yaml"


@dataclass(frozen=True)
class Current:
    """One trigger as it stands: `spec` with the changed numbers in it, `shipped` as the playbook has it."""

    spec: TriggerSpec
    shipped: TriggerSpec
    on: bool = True
    changed_at: datetime | None = None
    changed_by: Staff | None = None

    @property
    def key(self) -> str:
        return self.spec.key

    @property
    def is_changed(self) -> bool:
        """Whether a number differs from the playbook's."""
        return self.spec != self.shipped

    def number(self, name: str) -> int:
        """One of its numbers. Raises KeyError."""
        return self.spec.numbers[name].value


@cache
def standard() -> TriggerSet:
    """The set that comes with the portal."""
    return read_triggers(STANDARD)


def all_current() -> list[Current]:
    """Every trigger in the order of the set; one statement."""
    rows = select(TriggerSetting).options(joinedload(TriggerSetting.changed_by))
    return laid_over({row.key: row for row in db.session.scalars(rows)})


def current(key: str) -> Current:
    """One of them; one statement. Raises KeyError for a key that the set doesn't have."""
    return next((one for one in all_current() if one.key == key), None) or _missing(key)


def laid_over(settings: Mapping[str, Any]) -> list[Current]:
    """The set with these settings, by key."""
    found = []
    for spec in standard().triggers:
        setting = settings.get(spec.key)
        if setting is None:
            found.append(Current(spec, spec))
            continue
        effective = spec.with_numbers(setting.values)
        found.append(Current(effective, spec, setting.on, setting.changed_at, setting.changed_by))
    return found


def _missing(key: str) -> Current:
    raise KeyError(key)
