"""The letters that carry a link to sign in, or a code alone. Both are made as the letter leaves and never rest in the
outbox."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel import dates
from flask import current_app, render_template
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

from portal import db, mail
from portal.accounts.models import Person, User, provider
from portal.auth import tokens
from portal.auth.models import SignInLink
from portal.notifications.rules import Kind

FILL = "auth.link"
PLACES = ("link", "code", "until")


def address_of(token: str) -> str:
    """The absolute address of a link. It is built from PORTAL_BASE_URL, whatever host was asked for."""
    return f"{current_app.config['PORTAL'].base_url}/login/{token}"


def new_mark() -> str:
    """A word that nobody can guess: with it, no name in a letter can be mistaken for one of the letter's places."""
    return tokens.new()[:8]


def place_of(name: str, mark: str) -> str:
    """What stands in a letter where `fill` puts the link, the code or until when both live."""
    return f"{{{{{name}{mark}}}}}"


def put_sign_in(link: SignInLink) -> None:
    """Put the letter with a sign-in link and a code into the outbox."""
    with force_locale(locale_of(link.user)):
        subject = _("Your sign-in link for %(provider)s", provider=provider().name)
        _put(link, Kind.SIGN_IN, subject, provider().name, {})


def put_code(link: SignInLink, what: str) -> None:
    """Put the letter with a code into the outbox by which somebody says once more who they are. `what` is what they
    are about to do."""
    with force_locale(locale_of(link.user)):
        subject = _("Your code: it is you who signs")
        _put(link, Kind.CODE, subject, provider().name, {"what": _one_line(what)})


def put_invitation(link: SignInLink, by: User, *, items: int, minutes: int) -> None:
    """Put the letter by which `by` invites into the outbox."""
    person = link.user
    company = person.account.name if isinstance(person, Person) else provider().name
    with force_locale(locale_of(person)):
        subject = _("%(name)s invites you to %(company)s’s road", name=by.called, company=company)
        home = provider().name if by.is_staff else company
        sender = _("%(name)s at %(company)s", name=by.called, company=home)
        facts = {"by": by, "company": company, "home": home, "items": items, "minutes": minutes}
        _put(link, Kind.INVITATION, subject, sender, facts, reply_to=by.email)


def locale_of(user: User) -> str:
    """The language `user` reads: their own, else their company's, else the provider's."""
    return user.locale or (user.account.locale if isinstance(user, Person) else provider().locale)


def _put(
    link: SignInLink, kind: str, subject: str, sender: str, facts: dict[str, Any], reply_to: str | None = None
) -> None:
    mark = new_mark()
    shown = {
        **{name: place_of(name, mark) for name in PLACES},
        **facts,
        "to": link.user,
        "provider": provider(),
        "subject": _one_line(subject),
        "lang": str(get_locale()).replace("_", "-"),
    }
    mail.put(
        address=link.address,
        subject=_one_line(subject),
        text=render_template(f"emails/{kind}.txt", **shown),
        html=render_template(f"emails/{kind}.html", **shown),
        kind=kind,
        user_id=link.user_id,
        account_id=link.user.account_id if isinstance(link.user, Person) else None,
        from_name=_one_line(sender),
        reply_to=reply_to,
        about=f"link:{link.id}",
        fill=(FILL, {"link_id": link.id, "mark": mark}),
    )


@mail.filler(FILL)
def fill(link_id: int, mark: str) -> dict[str, str] | None:
    """Mint the link, now that its letter leaves; None when it was used, revoked or its person left meanwhile."""
    link = db.session.get(SignInLink, link_id)
    if link is None or link.used_at or link.revoked_at or not link.user.may_enter:
        return None
    token, code = link.mint()
    assert link.expires_at is not None
    until = moment(link.expires_at, link.user.zone, locale_of(link.user))
    values = {"link": address_of(token), "code": f"{code[:3]} {code[3:]}", "until": until}
    return {name + mark: value for name, value in values.items()}


def moment(at: datetime, zone: ZoneInfo, locale: str) -> str:
    """“Tuesday 10 March, 09:00” on the wall in `zone`."""
    local = at.astimezone(zone)
    if locale.startswith("en"):
        return str(dates.format_datetime(local, "EEEE d MMMM, HH:mm", locale=locale))
    day = dates.format_skeleton("MMMMEEEEd", local, locale=locale)
    return f"{day}, {dates.format_time(local, 'short', locale=locale)}"


def _one_line(text: str) -> str:
    """Names come from people: nothing of them may begin a new header."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
