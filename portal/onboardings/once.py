"""What somebody writes about an onboarding stands once, also when they press the button twice."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import select

from portal import clock, db
from portal.accounts.models import User

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Mapped

    from portal.onboardings.models import Onboarding

SECOND_CLICK = timedelta(seconds=10)


class Once:
    """A row that one person writes about one onboarding, perhaps about one of its steps."""

    if TYPE_CHECKING:
        created_at: Mapped[datetime]

    @classmethod
    def just_written(cls, onboarding: Onboarding, by: User, **same: Any) -> Self | None:
        """What this person wrote here a moment ago with the very same values: the first click, when this is the
        second."""
        rows = select(cls).filter_by(onboarding_id=onboarding.id, author_id=by.id, **same)
        return db.session.scalar(rows.where(cls.created_at > clock.now() - SECOND_CLICK).limit(1))
