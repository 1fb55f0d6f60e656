"""What features above keep on a road, for those below who ask."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import BigId, Word
from portal.onboardings.standings import Health, Quiet


class Kept:
    """`signed_version` is the number of the plan's version in force (`plans/`). The others are what `health/` last
    found: its label, whether somebody stalled gives signs of life, the reasons with their evidence, what the label
    rests on, since when it is so, when it was looked at last and the newest activity of that moment. None of the first
    four once the road is over. `helper_id` is who of ours was called in (`escalations/`) and is on it, and `helper_by`
    by when they are to write, until they have.
    """

    signed_version: Mapped[int | None]
    health: Mapped[Health | None] = mapped_column(Word(Health))
    quiet: Mapped[Quiet | None] = mapped_column(Word(Quiet))
    health_reasons: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    health_evidence: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    health_since: Mapped[datetime | None]
    helper_id: Mapped[int | None] = mapped_column(BigId)
    helper_by: Mapped[datetime | None]
    health_at: Mapped[datetime | None]
    health_seen: Mapped[int | None] = mapped_column(BigId)
