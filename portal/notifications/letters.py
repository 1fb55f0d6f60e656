"""The door that features give their letters to: it sends now, keeps for the digest, or drops."""

import math
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import delete, select, update

from portal import clock, db, mail
from portal.accounts.models import User
from portal.calendars import ONE_DAY, at
from portal.jobs import insert_if_new
from portal.notifications.models import DailyLetter, DigestItem, hours_of, wishes_of
from portal.notifications.rules import IN_HOURS, Channel, Digest, Drop, Kind, SendAt, digest_moment, when

DROPPED = select(mail.Letter.id).where(mail.Letter.dropped_at.is_not(None))


def post(
    *,
    to: User,
    kind: Kind,
    subject: str,
    text: str,
    html: str | None = None,
    about: str | None = None,
    account_id: int | None = None,
    wait_minutes: int = 0,
    path: str = "/",
    just_asked: bool = False,
    attachments: Sequence[mail.Attachment] = (),
    from_name: str | None = None,
    reply_to: str | None = None,
    fill: tuple[str, dict[str, Any]] | None = None,
) -> SendAt | Digest | Drop:
    """Give one letter for `to`, rendered in their language, in the caller's transaction; returns what became of it.

    `wait_minutes` holds it back that long, so that `withdraw(about)` can still stop it. When it has to wait for
    the digest its subject becomes one line there, linking to `path` on this site. `just_asked`: the reader is
    waiting for it this minute, so it leaves at once and counts for no day, unless they want none of this kind.
    Calendar files are left out for those who want letters only. Nobody who has left gets anything.
    """
    if not to.is_reachable:
        return Drop()
    account_id = account_id or getattr(to, "account_id", None)
    verdict, booking = _place(to, kind, clock.now() + timedelta(minutes=wait_minutes), just_asked)
    if isinstance(verdict, Digest):
        line = subject[:300]
        row = DigestItem(user_id=to.id, account_id=account_id, kind=kind, line=line, path=path, about=about)
        db.session.add(row)
    if isinstance(verdict, SendAt):
        letter = mail.put(
            address=to.email, user_id=to.id, account_id=account_id, kind=kind, about=about, subject=subject,
            text=text, html=html, from_name=from_name, reply_to=reply_to, fill=fill,
            attachments=_wanted(to, attachments), not_before=_if_later(verdict.moment),
        )  # fmt: skip
        if booking:
            booking.letter_id = letter.id
    return verdict


def post_digest(
    to: User,
    items: Sequence[DigestItem],
    *,
    subject: str,
    text: str,
    html: str | None = None,
    from_name: str | None = None,
) -> bool:
    """Send one digest made of these waiting lines. False, and nothing done, when their day has a letter already."""
    verdict, booking = _place(to, Kind.DIGEST, clock.now()) if items else (Drop(), None)
    if not isinstance(verdict, SendAt) or booking is None:
        return False
    letter = mail.put(
        address=to.email, user_id=to.id, account_id=items[0].account_id, kind=Kind.DIGEST, subject=subject,
        text=text, html=html, from_name=from_name, not_before=_if_later(verdict.moment),
    )  # fmt: skip
    booking.letter_id = letter.id
    _take_along(items, letter)
    return True


def post_morning(
    to: User, items: Sequence[DigestItem], *, subject: str, text: str, html: str, from_name: str
) -> bool:
    """Send one of ours the letter of their morning, with what waited for it. False, and nothing done, when they don't
    want it."""
    verdict, _booking = _place(to, Kind.STAFF_DIGEST, clock.now())
    if not to.is_reachable or not isinstance(verdict, SendAt):
        return False
    letter = mail.put(
        address=to.email, user_id=to.id, kind=Kind.STAFF_DIGEST, subject=subject, text=text, html=html,
        from_name=from_name, not_before=_if_later(verdict.moment),
    )  # fmt: skip
    _take_along(items, letter)
    return True


def _take_along(items: Sequence[DigestItem], letter: mail.Letter) -> None:
    gone = update(DigestItem).where(DigestItem.id.in_([item.id for item in items]))
    db.session.execute(gone.values(letter_id=letter.id))


def withdraw(about: str) -> None:
    """Take back what has not left yet about this: letters, their place in the day, lines of the digest."""
    dropped = mail.withdraw(about)
    if dropped:
        db.session.execute(delete(DailyLetter).where(DailyLetter.letter_id.in_(dropped)))
    db.session.execute(delete(DigestItem).where(DigestItem.about == about, DigestItem.letter_id.is_(None)))


def outlook(to: User, kind: Kind) -> SendAt | Digest | Drop:
    """What would become of a letter of this kind that was given now. Nothing is given, and no day is taken."""
    return Drop() if not to.is_reachable else when(kind=kind, moment=clock.now(), **_asked(to, clock.now()))


def soon(to: User) -> int:
    """Minutes until this reader's next working hour, for a letter that loses its sense when it waits a day: give it
    to `post` as `wait_minutes` with `just_asked`."""
    leaves = hours_of(to).next(clock.now(), to.zone)
    return math.ceil((leaves - clock.now()).total_seconds() / 60)


def leaves(to: User, about: str) -> datetime | None:
    """When what waits for this reader about this leaves, by itself or in the digest. None when nothing waits."""
    waiting = mail.Letter.sent_at.is_(None), mail.Letter.dropped_at.is_(None)
    newest = select(mail.Letter).order_by(mail.Letter.id.desc()).limit(1)
    letter = db.session.scalar(
        newest.where(mail.Letter.user_id == to.id, mail.Letter.about == about, *waiting)
    )
    if letter is not None:
        return letter.not_before or clock.now()
    mine = DigestItem.user_id == to.id, DigestItem.letter_id.is_(None)
    if db.session.scalar(select(DigestItem.id).where(*mine, DigestItem.about == about).limit(1)) is None:
        return None
    oldest = db.session.scalars(select(DigestItem.at).where(*mine).order_by(DigestItem.at).limit(1)).one()
    return digest_moment(wishes_of(to), oldest, to.zone, hours_of(to))


@mail.gate
def hold_back(letter: mail.Letter) -> datetime | None:
    """Asked as a letter is about to leave: one that comes late (the mail server was away, the worker slept)
    still keeps to working hours and to one a day, so it moves to the reader's next free day."""
    booked = db.session.scalar(
        select(DailyLetter).where(DailyLetter.letter_id == letter.id).with_for_update()
    )
    user = db.session.get(User, letter.user_id) if booked or letter.kind in IN_HOURS else None
    if user is None:
        return None
    zone, hours = user.zone, hours_of(user)
    leaves = hours.next(clock.now(), zone)
    if booked is None:
        return _if_later(leaves)
    while (day := leaves.astimezone(zone).date()) != booked.day:
        if moved := _book(user, day):
            db.session.delete(booked)
            db.session.flush()
            moved.letter_id = letter.id
            break
        leaves = hours.next(_midnight_after(day, zone), zone)
    return _if_later(leaves)


def _place(
    to: User, kind: Kind, moment: datetime, just_asked: bool = False
) -> tuple[SendAt | Digest | Drop, DailyLetter | None]:
    """The verdict on a letter, and the day it was given when it takes one."""
    asked = _asked(to, moment)
    while True:
        verdict = when(kind=kind, moment=moment, just_asked=just_asked, **asked)
        if not isinstance(verdict, SendAt) or verdict.day is None:
            return verdict, None
        if booking := _book(to, verdict.day):
            return verdict, booking
        asked["taken"].add(verdict.day)  # Somebody was quicker: the table decides, not what was read before.


def _asked(to: User, moment: datetime) -> dict[str, Any]:
    """What the rules ask about this reader around `moment`."""
    near = moment.astimezone(to.zone).date() - ONE_DAY
    mine = DailyLetter.user_id == to.id, DailyLetter.day >= near, ~DailyLetter.letter_id.in_(DROPPED)
    waiting = select(DigestItem.id).where(DigestItem.user_id == to.id, DigestItem.letter_id.is_(None))
    return {
        "wishes": wishes_of(to),
        "zone": to.zone,
        "hours": hours_of(to),
        "taken": set(db.session.scalars(select(DailyLetter.day).where(*mine))),
        "digest_waits": db.session.scalar(waiting.limit(1)) is not None,
    }


def _book(user: User, day: date) -> DailyLetter | None:
    """Take this day of theirs, or take it over from a letter that was dropped; None when it has one already."""
    mine = DailyLetter.user_id == user.id, DailyLetter.day == day
    if not insert_if_new(DailyLetter, user_id=user.id, day=day):
        freed = update(DailyLetter).where(*mine, DailyLetter.letter_id.in_(DROPPED)).values(letter_id=None)
        if db.session.execute(freed.returning(DailyLetter.id)).first() is None:
            return None
    return db.session.scalars(
        select(DailyLetter).where(*mine).execution_options(populate_existing=True)
    ).one()


def _wanted(to: User, attachments: Sequence[mail.Attachment]) -> list[mail.Attachment]:
    if wishes_of(to).channel is Channel.EMAIL_CALENDAR:
        return list(attachments)
    return [file for file in attachments if not file.mime.startswith("text/calendar")]


def _if_later(moment: datetime) -> datetime | None:
    return moment if moment > clock.now() else None


def _midnight_after(day: date, zone: tzinfo) -> datetime:
    return at(day + timedelta(days=1), time(0), zone)
