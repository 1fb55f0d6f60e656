"""Why a call can't be at a time, and the nearest times at which it can."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _

from portal import clock, web
from portal.accounts.models import Person, Staff, User
from portal.calendars import ONE_DAY, Span
from portal.calls import rules
from portal.calls.diaries import diary, is_away_at, one_at_a_time
from portal.calls.rules import Time
from portal.errors import Refused

NAMED = 4  # Times that a refusal names, the nearest ones.

# When one of ours has calls that end after a moment.
Busy = Callable[[Staff, datetime], list[Span]]


@dataclass(frozen=True)
class Asked:
    """Somebody (`by`) asks whether these two can meet in this span; `but` is when they would meet without that."""

    guest: Person
    host: Staff
    span: Span
    by: User
    busy: Busy
    but: datetime | None = None

    def check(self) -> None:
        """Refuse a time that doesn't suit, and name the nearest that do, on the wall of whoever asks. Bookings with
        one staff member pass here one at a time."""
        one_at_a_time(self.host)
        if reason := self.why_not:
            raise Refused(self._with_times(reason), field="start")

    @property
    def why_not(self) -> str:
        """What keeps them from meeting then; empty when nothing does."""
        guest, host, start = self.guest, self.host, self.span[0]
        if host.away_until and is_away_at(host, start) and start > clock.now():
            return _("%(name)s is away until %(date)s.", name=host.called, date=web.day(host.away_until))
        names = (None if self._is_guests_own else guest.called, host.called)
        taken = self.busy(host, start)
        return rules.why_not(diary(guest), diary(host), names, self.span, taken, clock.now()) or ""

    @property
    def nowhere(self) -> str:
        """Why no time is offered at all, and who stands in where their days never meet."""
        if rules.ever_overlap(diary(self.guest), diary(self.host, away=False), clock.now()):
            return _("%(name)s has no free time in their next ten working days.", name=self.host.called)
        return f"{self._never()} {self._instead()}"

    @property
    def _is_guests_own(self) -> bool:
        return self.guest.id == self.by.id

    @property
    def _since(self) -> datetime:
        """From when on to look for times: that day has begun by then on every wall."""
        return max(clock.now(), self.span[0] - ONE_DAY)

    def _with_times(self, reason: str) -> str:
        if rules.ever_overlap(diary(self.guest), diary(self.host, away=False), self._since):
            return f"{reason} {self._nearest()}"
        return f"{self._never()} {self._instead()}"

    def _nearest(self) -> str:
        """“Free that day: 10:00, 14:30.”, or the next day that has a time."""
        day, times = self._free(self.host)
        if day is None:
            name = self.host.called
            return _("%(name)s has no free time in the ten working days after that.", name=name)
        if day == self.span[0].astimezone(self.by.zone).date():
            return _("Free that day: %(times)s.", times=times)
        return _("Next free: %(date)s, %(times)s.", date=web.day(day, rules.DAY), times=times)

    def _never(self) -> str:
        guest, host = self.guest.called, self.host.called
        if self._is_guests_own:
            return _("Your working day and %(host)s's don't overlap.", host=host)
        return _("%(guest)s's working day and %(host)s's don't overlap.", guest=guest, host=host)

    def _instead(self) -> str:
        """The times of the stand-in of a host whose working day never meets the guest's."""
        other = self.host.stand_in
        if other is None or not other.is_active:
            return _(
                "Nobody stands in for %(name)s; somebody else has to take the call.", name=self.host.called
            )
        day, times = self._free(other)
        if day is None:
            return _("%(name)s stands in, without a free time in those days either.", name=other.called)
        return _(
            "%(name)s stands in and is free on %(date)s: %(times)s.",
            name=other.called,
            date=web.day(day, rules.DAY),
            times=times,
        )

    def _free(self, host: Staff) -> tuple[date | None, str]:
        """The day asked for or the next one on which the guest and this host can meet, on the wall of whoever asks, and
        its nearest times; no day when there is none within ten working days."""
        start, zone = self.span[0], self.by.zone
        minutes = int((self.span[1] - start).total_seconds() // 60)
        days = rules.free(diary(self.guest), diary(host), minutes, self.busy(host, clock.now()), self._since)
        other: User = self.guest if self.by.is_staff else host
        by_day: dict[date, list[Time]] = {}
        for moment in (moment for one in days for moment, _end in one.slots if moment != self.but):
            found = by_day.setdefault(moment.astimezone(zone).date(), [])
            found.append(Time(moment, other.called, other.zone))
        asked = start.astimezone(zone).date()
        day = min((one for one in by_day if one >= asked), default=None)
        if day is None:
            return None, ""
        near = sorted(by_day[day], key=lambda time: abs(time.start - start))[:NAMED]
        ((_day, shown),) = rules.listed(sorted(near, key=lambda time: time.start), zone)
        return day, ", ".join(text for _value, text in shown)
