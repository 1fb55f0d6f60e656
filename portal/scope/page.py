"""Both lists as each side reads them."""

from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from portal import web
from portal.access import Can
from portal.accounts.models import User
from portal.errors import Refused
from portal.onboardings.letters import everyone
from portal.onboardings.words import listed
from portal.scope import rules
from portal.scope.forms import QuestionForm, ReleaseForm
from portal.scope.models import ResourceNeed, Scope
from portal.scope.rules import Changes, Side
from portal.scope.words import NEED_KINDS, hours, whom


@dataclass
class Tried:
    """What was sent and refused: its forms by name, and what differs from the list that its sender saw."""

    forms: dict[str, Any] = field(default_factory=dict)
    problems: list[tuple[str | None, str]] = field(default_factory=list)
    differs: Changes = field(default_factory=Changes)


def page_of(scope: Scope, reader: User, tried: Tried) -> dict[str, Any]:
    """Everything the customer's template reads."""
    shut = {kind: _shut(scope, kind, reader) for kind in ("scope", "resources")}
    to_agree = bool(scope.standing) and not scope.is_agreed and not shut["scope"]
    to_confirm = bool(scope.unanswered) and not shut["resources"]
    return {
        "onboarding": scope.onboarding,
        "sides": [(side, _items(scope, side, tried)) for side in Side],
        "agreed": agreed_line(scope, reader),
        "old": scope.agreement if scope.since_agreed else None,
        "since": told_changes(scope, scope.since_agreed),
        "differs": told_changes(scope, tried.differs),
        "seen": rules.told(scope.marks),
        "needs": [_need(scope, need, reader, tried) for need in scope.wanted],
        "needs_seen": rules.told({need.key: need.terms.mark for need in scope.unanswered}),
        "time": hours(sum(need.minutes or 0 for need in scope.wanted)),
        "unanswered": len(scope.unanswered),
        "shut": shut,
        "to_agree": to_agree,
        "to_confirm": to_confirm,
        "deciders": deciders(scope, reader),
        "owner": scope.onboarding.owner.acting if scope.onboarding.owner else None,
        "problems": tried.problems,
    }


def _shut(scope: Scope, kind: str, reader: User) -> str:
    """Why nothing can be answered there now; empty while it can."""
    try:
        scope.check_open(kind, by=reader)
    except Refused as why:
        return str(why)
    return ""


# --- What is in ---------------------------------------------------------------------------------


def _items(scope: Scope, side: Side, tried: Tried) -> list[dict[str, Any]]:
    since = scope.since_agreed
    news = {**dict.fromkeys(since.added, _("new")), **dict.fromkeys(since.changed, _("changed"))}
    shown = []
    for item in scope.standing:
        if item.side is not side:
            continue
        name = f"ask-{item.key}"
        form = tried.forms.get(name) or QuestionForm(formdata=None).called(name)
        form.item.data = item.key
        news_of = news.get(item.key, "")
        shown.append({"item": item, "form": form, "news": news_of, "open": name in tried.forms})
    return shown


def agreed_line(scope: Scope, reader: User) -> str:
    """Who agreed the list that is in force, and when."""
    agreement = scope.agreement
    if agreement is None:
        return ""
    date = web.day(agreement.at, "dMMMM")
    if agreement.by_id == reader.id:
        return _("You agreed it on %(date)s.", date=date)
    return _("%(who)s agreed it on %(date)s.", who=agreement.by.called, date=date)


def told_changes(scope: Scope, changes: Changes) -> list[tuple[str, str, str]]:
    """Each change as what happened, what it says now and what it said; the last is empty where that isn't kept."""
    before = scope.agreement.terms if scope.agreement else {}
    rows: list[tuple[str, str, str]] = []
    for word, keys in (
        (_("New"), changes.added),
        (_("Changed"), changes.changed),
        (_("Gone"), changes.gone),
    ):
        for key in keys:
            item, old = scope.item(key), before.get(key)
            if now := (item.statement if item else old.statement if old else ""):
                said = old.statement if old and old.statement != now else ""
                rows.append((word, now, said))
    return rows


def deciders(scope: Scope, reader: User) -> str:
    """Who can answer for the customer, the reader as “you”."""
    able = [person for person in everyone(scope.onboarding) if person.may(Can.AGREE_SCOPE)]
    able.sort(key=lambda person: person.id != reader.id)
    return listed([_("you") if person.id == reader.id else person.called for person in able], "or")


# --- What is needed -----------------------------------------------------------------------------


def window(scope: Scope, need: ResourceNeed) -> str:
    first, last = need.window(scope.windows)
    return _("%(first)s to %(last)s", first=web.short_day(first), last=web.short_day(last))


def stands(need: ResourceNeed, reader: User) -> tuple[str, str]:
    """How it stands, as a kind of mark and a sentence; the kind is empty while it waits for an answer."""
    at = need.confirmed_at or need.refused_at
    by = need.confirmed_by or need.refused_by
    if at is None or by is None:
        return "", ""
    said = {"who": by.called, "date": web.short_day(at)}
    mine = by.id == reader.id
    if need.is_refused:
        line = (
            _("You can't release it, %(date)s.", **said)
            if mine
            else _("%(who)s can't release it, %(date)s.", **said)
        )
        return "warn", line
    if need.is_confirmed:
        line = (
            _("You confirmed it on %(date)s.", **said)
            if mine
            else _("%(who)s confirmed it on %(date)s.", **said)
        )
        return "ok", line
    if need.confirmed_at:
        return "", _("Changed since it was confirmed on %(date)s.", **said)
    return "", _("Changed since %(date)s, when it couldn't be released.", **said)


def _need(scope: Scope, need: ResourceNeed, reader: User, tried: Tried) -> dict[str, Any]:
    name = f"release-{need.key}"
    form = tried.forms.get(name) or ReleaseForm(formdata=None).called(name)
    seen = rules.told({need.key: need.terms.mark})
    form.need.data, form.seen.data = need.key, seen
    kind, said = stands(need, reader)
    return {
        "need": need,
        "kind": str(NEED_KINDS[need.kind]),
        "who": whom(scope, need),
        "hours": hours(need.minutes or 0),
        "window": window(scope, need),
        "mark": kind,
        "said": said,
        "seen": seen,
        "form": form,
        "open": name in tried.forms,
    }
