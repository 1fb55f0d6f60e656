"""What reading leaves behind: which page of a road a person looked at, once a day."""

from datetime import date

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, OwnedRow


class Visit(Base, OwnedRow):
    """One person looked at one page on one day of theirs. `page` is the page's word, with the step's ref where it is
    about one: `home`, `step:m3Rt9w`."""

    __tablename__ = "visit"
    __table_args__ = (
        UniqueConstraint("person_id", "onboarding_id", "page", "day"),
        Index(None, "onboarding_id", "day"),
    )

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    page: Mapped[str] = mapped_column(String(80))
    day: Mapped[date]
