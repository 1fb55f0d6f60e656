"""The sheet that letters about an onboarding are written on (product.md 5.4).

A letter says each thing once, as plain sentences; its text part and its HTML part are laid out from the same
words, so they never disagree. Everything is written in the recipient's language and in their time zone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from textwrap import fill
from typing import TYPE_CHECKING, Any

from babel import Locale, UnknownLocaleError
from flask import current_app, render_template
from flask_babel import force_locale, get_locale, ngettext
from flask_babel import gettext as _

from portal.accounts.models import Staff, User, provider
from portal.auth.letters import locale_of
from portal.mail import Attachment
from portal.notifications import letters as notifications
from portal.notifications.rules import Digest, Drop, Kind, SendAt
from portal.onboardings.words import STAGE_TITLES
from portal.web import day

if TYPE_CHECKING:
    from portal.onboardings.models import Onboarding
    from portal.onboardings.stages import Stage

SUBJECT, PREHEADER, BUTTON = 50, 90, 60  # Letters, at most.
LINE = 72
BY_SHARE = (
    15  # Per cent of the strip's width that follow the stages' shares; the rest their names, for phones.
)
NAME_MARGIN = 6  # Letters.


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list. The marked one is what to do next."""

    left: str
    right: str = ""
    marked: bool = False
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A list with a heading, or without one where `title` is empty. `numbered` counts its rows."""

    title: str
    rows: Sequence[Row]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """What one letter says. `subject` is a fact, `path` where its one button leads on this site.

    `quote` holds somebody's own words, lines kept. `because` says why the reader gets this. `link` is the button's
    address where that is no page but a place to be filled in as the letter leaves.
    """

    subject: str
    preheader: str
    paragraphs: Sequence[str]
    button: str
    path: str
    because: str
    quote: str | None = None
    link: str | None = None
    sections: Sequence[Section] = field(default=())
    closing: Sequence[str] = field(default=())


@dataclass(frozen=True, slots=True)
class Guest:
    """Whoever gets a letter and has no account here."""

    called: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One stage in the meter strip; `width` and `filled` are per cent."""

    title: str
    count: str
    width: int
    filled: int
    current: bool


def post(
    to: User,
    kind: Kind,
    onboarding: Onboarding,
    write: Callable[[User], Words],
    *,
    about: str | None = None,
    wait_minutes: int = 0,
    attachments: Sequence[Attachment] = (),
    reply_to: User | None = None,
    just_asked: bool = False,
    fill: tuple[str, dict[str, Any]] | None = None,
) -> SendAt | Digest | Drop:
    """Write a letter in the language of `to` and give it to notifications; returns what became of it.

    It comes from the onboarding's owner (their stand-in when away) and replies go there, unless `reply_to` is
    given: then it comes from that person. Needs an app context.
    """
    with force_locale(language(to)):
        words = write(to)
        text, html = laid_out(to, words, onboarding)
        sender = reply_to or owner_today(onboarding)
        return notifications.post(
            to=to,
            kind=kind,
            subject=words.subject,
            text=text,
            html=html,
            about=about,
            account_id=onboarding.account_id,
            wait_minutes=wait_minutes,
            path=words.path,
            attachments=attachments,
            from_name=sent_by(sender, onboarding),
            reply_to=sender.email if sender else None,
            just_asked=just_asked,
            fill=fill,
        )


def laid_out(to: User | Guest, words: Words, onboarding: Onboarding | None) -> tuple[str, str]:
    """The text part and the HTML part of a letter, in the language that is set now."""
    # Only the company that walks a road sees its meter; staff have the desk for that.
    own = onboarding if onboarding and getattr(to, "account_id", None) == onboarding.account_id else None
    shown: dict[str, Any] = {
        "name": flat(to.called),
        "words": words,
        "url": words.link or address(words.path),
        "preferences": address("/preferences") if isinstance(to, User) else "",
        "strip": strip(own) if own else [],
        "signed": signature(own) if own else None,
        "company": flat(provider().name),
        "locale": str(get_locale()).replace("_", "-"),
        "direction": get_locale().text_direction if get_locale() else "ltr",
        "wrapped": wrapped,
        "quoted": quoted,
    }
    return render_template("emails/letter.txt", **shown), render_template("emails/letter.html", **shown)


# --- Parts of the sheet ---------------------------------------------------------------------------


def strip(onboarding: Onboarding) -> list[Cell]:
    """The meter in four cells, as wide as the stages' shares as far as their names allow."""
    titles = {stage.key: str(STAGE_TITLES[stage.key]) for stage in onboarding.stages}
    room = {key: NAME_MARGIN + max(map(len, title.split())) for key, title in titles.items()}
    whole = sum(room.values())
    return [
        Cell(
            title=titles[stage.key],
            count=_count(stage, current=stage.key == onboarding.current_stage),
            width=((100 - BY_SHARE) * room[stage.key] // whole) + BY_SHARE * stage.share // 100,
            filled=int(stage.fraction * 100),
            current=stage.key == onboarding.current_stage,
        )
        for stage in onboarding.stages
    ]


def _count(stage: Stage, *, current: bool) -> str:
    done, total = stage.items_done, len(stage.items)
    if current:
        return ngettext("%(done)s of %(num)s item", "%(done)s of %(num)s items", total, done=done)
    return _("%(done)s of %(total)s", done=done, total=total)


def signature(onboarding: Onboarding) -> tuple[str, str] | None:
    """Who signs a letter to a customer, and the line below the name."""
    owner, sender = onboarding.owner, owner_today(onboarding)
    if owner is None or sender is None:
        return None
    if sender is not owner:
        return flat(sender.name), _("For %(name)s, who is away", name=flat(owner.called))
    if not sender.city:
        return flat(sender.name), _("Your onboarding consultant")
    hours = {
        "start": f"{sender.work_start:%H:%M}",
        "end": f"{sender.work_end:%H:%M}",
        "city": flat(sender.city),
    }
    return flat(sender.name), _("Your onboarding consultant, %(start)s to %(end)s in %(city)s", **hours)


def owner_today(onboarding: Onboarding) -> Staff | None:
    """Whoever answers for this onboarding today."""
    return onboarding.owner.acting if onboarding.owner else None


def sent_by(sender: User | None, onboarding: Onboarding) -> str:
    """The name that a letter comes from: “Priya at Partnerly”."""
    ours = flat(provider().name)
    if sender is None:
        return ours
    company = ours if sender.is_staff else flat(onboarding.account.name)
    return _("%(name)s at %(company)s", name=flat(sender.called), company=company)


# --- Words ----------------------------------------------------------------------------------------


def language(user: User) -> str:
    """The language to write to this user in; English when theirs is unknown."""
    code = locale_of(user).replace("-", "_")
    try:
        return str(Locale.parse(code))
    except (ValueError, UnknownLocaleError):
        return "en"


def address(path: str) -> str:
    """The absolute address of a page, from PORTAL_BASE_URL whatever host was asked for."""
    base: str = current_app.config["PORTAL"].base_url
    return base + path


def flat(text: str) -> str:
    """One line of visible characters: what people typed can start no header and turn no text around."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def fitted(limit: int, sentence: Callable[[str], str], title: str) -> str:
    """`sentence(title)` in at most `limit` letters; the title gives way."""
    title = flat(title)
    over = len(sentence(title)) - limit
    if over <= 0:
        return sentence(title)
    return sentence(title[: max(len(title) - over - 1, 0)].rstrip() + "…")[:limit]


def when(moment: datetime, reader: User) -> str:
    """A moment on the reader's wall: “Thu 12 March, 15:00”."""
    local = moment.astimezone(reader.zone)
    return _("%(day)s, %(time)s", day=day(local.date()), time=f"{local:%H:%M}")


def wrapped(text: str, indent: str = "", *, hangs: bool = False) -> str:
    """A paragraph of the text part, every line after `indent`, or below it where that `hangs`; addresses stay whole."""
    return fill(
        flat(text),
        LINE,
        initial_indent=indent,
        subsequent_indent=" " * len(indent) if hangs else indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def quoted(text: str) -> str:
    """Somebody's own words in the text part; each line marked, so that none of them passes for ours."""
    return "\n".join(wrapped(line, "> ") or ">" for line in text.splitlines())
