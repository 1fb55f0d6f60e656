"""Letters about a call: to everybody invited, in their language and in both zones, with the calendar file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum, auto
from typing import TYPE_CHECKING, Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import case, func, select

from portal import clock, db
from portal.accounts.models import Staff, User, provider
from portal.calls import ics
from portal.mail import Attachment, Letter
from portal.notifications.letters import post, soon, withdraw
from portal.notifications.rules import Digest, Drop, Kind, SendAt
from portal.onboardings import paper
from portal.onboardings.paper import Row, Section, Words
from portal.web import day

if TYPE_CHECKING:
    from portal.calls.models import Call
    from portal.calls.outcome import Outcome
    from portal.onboardings.steps import Step

WITHDRAWN = "withdrawn"  # Why a letter was dropped that `withdraw` took back.
MIME = "text/calendar; method={method}; charset=utf-8"


class News(StrEnum):
    """What is said about a call."""

    BOOKED = auto()
    MOVED = auto()
    PASSED_ON = auto()
    LET_GO = auto()
    CANCELLED = auto()
    HELD = auto()


# What somebody hears who has heard nothing of the call yet.
AT_FIRST = {News.MOVED: News.BOOKED, News.PASSED_ON: News.BOOKED, News.CANCELLED: None, News.LET_GO: None}


def announce(call: Call, news: News, *, by: User, former: Staff | None = None) -> None:
    """Tell everybody invited; what was said before and has not left yet is taken back. `former` was to hold it until
    now, and lets it go.

    Whoever has heard nothing of the call because of that hears of it as a new one, and nothing once it is cancelled.
    """
    withdraw(_about(call))
    unaware = _unaware(call)
    told: list[tuple[User, News]] = [(user, news) for user in call.people]
    if former is not None:
        told = [(user, News.PASSED_ON if user.id == call.owner_id else news) for user, news in told]
        told.append((former, News.LET_GO))
    for user, each in told:
        heard = AT_FIRST.get(each, each) if user.id in unaware else each
        if heard is not None:
            with force_locale(paper.language(user)):
                _write(call, heard, user, by, has_new_host=former is not None)


def _unaware(call: Call) -> set[int]:
    """Who was written to about this call, and every letter was taken back before it left."""
    taken_back = func.coalesce(Letter.dropped_because == WITHDRAWN, False)
    rows = select(Letter.user_id).where(Letter.about == _about(call), Letter.user_id.is_not(None))
    only = func.min(case((taken_back, 1), else_=0)) == 1
    return {user_id for user_id in db.session.scalars(rows.group_by(Letter.user_id).having(only)) if user_id}


def forget(call: Outcome) -> None:
    """Take back what was said about this call and has not left yet."""
    withdraw(_about(call))


def ask(step: Step, title: str, minutes: int, reader: User, *, by: User) -> SendAt | Digest | Drop:
    """Ask this reader to choose a time for the call of `step`; returns what became of the letter."""

    def words(_to: User) -> Words:
        return Words(
            subject=paper.fitted(
                paper.SUBJECT, lambda what: _("Choose a time: %(title)s", title=what), title
            ),
            preheader=_("Takes a minute; the call itself %(minutes)s min", minutes=minutes),
            paragraphs=[
                _("%(by)s asks you to choose a time for “%(title)s”.", by=by.called, title=title),
                _("It takes %(minutes)s min. The times shown suit both sides.", minutes=minutes),
            ],
            button=_("See the times"),
            path=f"/o/{step.onboarding.ref}/steps/{step.ref}",
            because=_("You get this because this call waits for a time."),
        )

    return paper.post(reader, Kind.CALL, step.onboarding, words, about=_asked(step), reply_to=by)


def booked_now(steps: Iterable[Step]) -> None:
    """Take back the letters that ask for a time: there is one."""
    for step in steps:
        withdraw(_asked(step))


def _asked(step: Step) -> str:
    return f"call:asked:{step.id}"


def path_for(call: Call, user: User) -> str:
    """Where this reader finds the call."""
    return f"/staff/calls/{call.ref}" if user.is_staff else f"/o/{call.onboarding.ref}/calls/{call.ref}"


def _about(call: Outcome) -> str:
    return f"call:{call.ref}"


def _write(call: Call, news: News, user: User, by: User, *, has_new_host: bool) -> None:
    words = _words(call, news, user, by, has_new_host)
    text, html = paper.laid_out(user, words, call.onboarding)
    at_once, wait_minutes = _urgency(call, news, user, by)
    post(
        to=user,
        kind=Kind.CALL,
        subject=words.subject,
        text=text,
        html=html,
        about=_about(call),
        account_id=call.account_id,
        path=words.path,
        attachments=_files(call, news, user, words.path),
        from_name=paper.sent_by(call.owner, call.onboarding),
        reply_to=call.owner.email,
        just_asked=at_once,
        wait_minutes=wait_minutes,
    )


def _words(call: Call, news: News, user: User, by: User, has_new_host: bool) -> Words:
    when = call.when_for(user, paper.language(user))
    join = [_("Join here: %(link)s", link=call.join_link)] if call.join_link and call.is_ahead else []
    sections = _sections(call, news)
    with_whom = [_("It is with %(host)s now.", host=call.owner.called)] if has_new_host else []
    return Words(
        subject=paper.fitted(paper.SUBJECT, lambda title: _subject(news, title), call.title),
        preheader=_("%(minutes)s min, %(when)s", minutes=call.minutes, when=when)[: paper.PREHEADER],
        paragraphs=[_sentence(call, news, when, user, by), *(with_whom if news is News.MOVED else []), *join],
        button=_("See the notes") if news is News.HELD else _("See the call"),
        path=path_for(call, user),
        because=_("You get this because you are invited to this call."),
        quote={News.CANCELLED: call.cancel_reason, News.HELD: call.notes}.get(news),
        sections=sections,
    )


def _subject(news: News, title: str) -> str:
    if news is News.BOOKED:
        return _("Booked: %(title)s", title=title)
    if news is News.MOVED:
        return _("New time: %(title)s", title=title)
    if news is News.CANCELLED:
        return _("Cancelled: %(title)s", title=title)
    if news is News.PASSED_ON:
        return _("Who holds it has changed: %(title)s", title=title)
    if news is News.LET_GO:
        return _("Yours no more: %(title)s", title=title)
    return _("Notes and next steps: %(title)s", title=title)


def _sentence(call: Call, news: News, when: str, user: User, by: User) -> str:
    facts = {"title": call.title, "when": when, "by": by.called, "minutes": call.minutes}
    if news is News.HELD:
        return _("here is what came out of “%(title)s”, and what happens next.", **facts)
    if news is News.CANCELLED:
        own = by.id == user.id
        told = (
            _("You cancelled “%(title)s”, %(when)s.", **facts)
            if own
            else _("%(by)s cancelled “%(title)s”, %(when)s.", **facts)
        )
        again = _("A new time can be booked on the calls page.")
        return f"{told} {again}" if call.onboarding.is_running else told
    if news in (News.PASSED_ON, News.LET_GO):
        return _who_holds_it(call, news, user, facts)
    if news is News.MOVED and by.id == user.id:
        return _("You moved “%(title)s”: %(when)s, for %(minutes)s min. Your calendar follows.", **facts)
    if news is News.MOVED:
        return _(
            "“%(title)s” is now %(when)s, for %(minutes)s min. %(by)s moved it; your calendar follows.",
            **facts,
        )
    if by.id == user.id:
        return _(
            "“%(title)s” is booked: %(when)s, for %(minutes)s min. The calendar file is attached.", **facts
        )
    return _(
        "%(by)s booked “%(title)s” with you: %(when)s, for %(minutes)s min. The file is attached.", **facts
    )


def _who_holds_it(call: Call, news: News, user: User, facts: dict[str, Any]) -> str:
    facts["host"] = call.owner.called
    if news is News.LET_GO:
        return _("%(host)s holds “%(title)s” from now on, %(when)s. It leaves your calendar.", **facts)
    if user.id == call.owner_id:
        facts["company"] = call.onboarding.account.name
        return _(
            "You hold “%(title)s” with %(company)s: %(when)s, for %(minutes)s min. The file is attached.",
            **facts,
        )
    return _("“%(title)s” is with %(host)s now: %(when)s. Your calendar follows.", **facts)


def _sections(call: Call, news: News) -> list[Section]:
    if news in (News.CANCELLED, News.LET_GO):
        return []
    return _next_steps(call) if news is News.HELD else _agenda(call)


def _agenda(call: Call) -> list[Section]:
    points = call.points
    return [Section(_("What we'll talk about"), [Row(point) for point in points])] if points else []


def _next_steps(call: Call) -> list[Section]:
    rows = [
        Row(step["text"], " · ".join(filter(None, (step["who"], day(step["due"]))))) for step in call.agreed
    ]
    return [Section(_("Next steps"), rows)]


def _files(call: Call, news: News, user: User, path: str) -> list[Attachment]:
    without = user if news is News.LET_GO else None
    if news is News.HELD:
        return []
    method = ics.Method.CANCEL if news in (News.CANCELLED, News.LET_GO) else ics.Method.REQUEST
    content = ics.calendar_file(
        call, method, provider_name=provider().name, address=paper.address(path), without=without
    )
    return [Attachment("call.ics", MIME.format(method=method), content)]


def _urgency(call: Call, news: News, user: User, by: User) -> tuple[bool, int]:
    """Whether it leaves outside the one letter a day, and after how many minutes.

    A calendar that shows the wrong time is worse than a second letter that day: a changed time reaches whoever
    changed it at once and the others in their next working hour.
    """
    if news is News.HELD:
        return False, 0
    if user.id == by.id:
        return True, 0
    wait = soon(user)
    return True, wait if clock.now() + timedelta(minutes=wait) < call.start else 0
