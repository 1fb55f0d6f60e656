"""A customer company."""

from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock, db
from portal.accounts.kinds import TOUCH_OF, Segment, Touch
from portal.activity.models import Audience, Verb, record
from portal.calendars import Calendar
from portal.db import Addressed, Base, Word, one_of

if TYPE_CHECKING:
    from portal.accounts.models import Person, User


class Account(Base, Addressed):
    """A customer company."""

    __tablename__ = "account"
    __table_args__ = (one_of("segment", Segment),)

    name: Mapped[str]
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    segment: Mapped[Segment] = mapped_column(Word(Segment))
    touch_override: Mapped[Touch | None] = mapped_column(Word(Touch))
    region: Mapped[str | None] = mapped_column(String(40))
    country: Mapped[str | None] = mapped_column(String(2))
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    locale: Mapped[str] = mapped_column(String(16), default="en")
    currency: Mapped[str] = mapped_column(String(3), default="USD")
    acv: Mapped[int | None]
    contract_signed_on: Mapped[date | None]
    licensed_seats: Mapped[int | None]
    external_id: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    people: Mapped[list["Person"]] = relationship(back_populates="account", order_by="Person.id")

    @property
    def touch(self) -> Touch:
        """The touch model: the segment's, unless this account has its own."""
        return self.touch_override or TOUCH_OF[self.segment]

    def set_seats(self, seats: int, *, by: "User") -> None:
        """Keep how many people have a licence. Nobody else says so meanwhile, and the same twice is said once."""
        alone = select(Account).where(Account.id == self.id).with_for_update(key_share=True)
        db.session.scalars(alone.execution_options(populate_existing=True)).one()
        before, self.licensed_seats = self.licensed_seats, seats
        if before != seats:
            record(
                self, Verb.SEATS_SET, by=by, audience=Audience.STAFF, before={"n": before}, after={"n": seats}
            )

    @property
    def calendar(self) -> Calendar:
        """The working days and public holidays that this account's dates follow."""
        return Calendar(country=self.country)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone that this account's dates are in."""
        return ZoneInfo(self.time_zone)

    @property
    def today(self) -> date:
        """The date on this account's wall."""
        return clock.today(self.time_zone)

    @property
    def soonest(self) -> date:
        """The first day on which something can be due that is decided now: today, or the next working day."""
        return self.calendar.next_working_day(self.today)
