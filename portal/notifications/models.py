"""What each person wants to hear, the days they have had a letter, and the lines that wait for a digest."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock, db
from portal.accounts.models import Staff, User
from portal.activity.models import Verb, record
from portal.calendars import WorkingHours
from portal.db import Base, BigId, Word, one_of
from portal.notifications.rules import SWITCHABLE, Cadence, Channel, Kind, Wishes


class Preference(Base):
    """What one person chose. No row: the defaults of `Wishes`."""

    __tablename__ = "preference"
    __table_args__ = (one_of("cadence", Cadence), one_of("channel", Channel))

    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("app_user.id"), unique=True)
    cadence: Mapped[Cadence] = mapped_column(Word(Cadence), default=Cadence.AS_IT_HAPPENS)
    channel: Mapped[Channel] = mapped_column(Word(Channel), default=Channel.EMAIL_CALENDAR)
    letters_off: Mapped[list[str]] = mapped_column(default=list)
    paused_until: Mapped[date | None]

    @property
    def wishes(self) -> Wishes:
        """The choice as the rules read it."""
        return Wishes(self.cadence, self.channel, frozenset(self.letters_off), self.paused_until)


class DailyLetter(Base):
    """The one letter of a person's day; the constraint is what keeps it to one, however many workers run."""

    __tablename__ = "daily_letter"
    __table_args__ = (UniqueConstraint("user_id", "day"),)

    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("app_user.id"))
    day: Mapped[date]
    letter_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("letter.id"), unique=True)


class DigestItem(Base):
    """One line that waits for a person's next digest; `letter_id` is the digest it left with."""

    __tablename__ = "digest_item"
    __table_args__ = (
        Index(
            "ix_digest_item_waiting",
            "user_id",
            postgresql_where=text("letter_id IS NULL"),
            sqlite_where=text("letter_id IS NULL"),
        ),
    )

    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("app_user.id"))
    account_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"), index=True)
    kind: Mapped[Kind] = mapped_column(Word(Kind))
    line: Mapped[str] = mapped_column(String(300))
    path: Mapped[str] = mapped_column(String(300))
    about: Mapped[str | None] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(default=clock.now)
    letter_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("letter.id"), index=True)


def wishes_of(user: User) -> Wishes:
    """What this user chose, or the defaults."""
    row = db.session.scalar(select(Preference).where(Preference.user_id == user.id))
    return row.wishes if row else Wishes()


def choose(
    user: User,
    *,
    cadence: Cadence,
    channel: Channel,
    letters_off: list[str],
    paused_until: date | None,
) -> None:
    """Store what this user chose. Letters that cannot be switched off are left out of `letters_off`."""
    row = db.session.scalar(select(Preference).where(Preference.user_id == user.id))
    if row is None:
        row = Preference(user_id=user.id, letters_off=[])
        db.session.add(row)
    before = _summary(row)
    row.cadence, row.channel, row.paused_until = cadence, channel, paused_until
    row.letters_off = sorted(kind.value for kind in SWITCHABLE if kind.value in letters_off)
    after = _summary(row)
    if after != before:
        record(user, Verb.PREFERENCE_CHANGED, by=user, before=before, after=after, audience="staff")


def hours_of(user: User) -> WorkingHours:
    """When letters may reach this user: one of ours in their own working hours, whoever is at a customer from nine to
    five on the account's working days."""
    if isinstance(user, Staff):
        return WorkingHours(user.work_start, user.work_end, user.calendar)
    return WorkingHours(calendar=user.account.calendar)  # type: ignore[attr-defined]


def _summary(row: Preference) -> dict[str, object]:
    return {name: getattr(row, name) for name in ("cadence", "channel", "letters_off", "paused_until")}
