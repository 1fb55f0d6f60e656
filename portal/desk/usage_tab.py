"""What the Usage tab of an account shows, and the overview's box beside it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import web
from portal.access import Can, viewer
from portal.accounts.models import Account, Product
from portal.desk.account_forms import SeatsForm
from portal.desk.nav import to
from portal.desk.waits import Open
from portal.onboardings.meter import value_expected_on
from portal.onboardings.models import Onboarding
from portal.onboardings.words import facts
from portal.usage.adoption import Somebody, has_source, in_short, loop_of, people_of, series
from portal.usage.queries import use_of

SPANS = (30, 90)


@dataclass(frozen=True)
class Point:
    """One bar of a chart: its day, how high it is, and that in words."""

    label: str
    value: int
    text: str


@dataclass(frozen=True)
class Row:
    """One of those who use it: when they were seen last, and how much they have made of it."""

    name: str
    who: str
    seen: str
    days: str
    activated: str
    is_activated: bool
    features: str


def usage_of(now: Open) -> dict[str, Any]:
    """The tab."""
    onboarding = now.onboarding
    account, product = onboarding.account, onboarding.product
    people = people_of(account, product)
    span = SPANS[1] if request.args.get("days") == str(SPANS[1]) else SPANS[0]
    days = series(account, SPANS[-1])
    if not people and not any(one.events for one in days):
        return {"missing": _missing(onboarding), "people": [], "seats_form": _seats_form(account)}
    days = days[-span:]
    use = use_of([onboarding])[onboarding.id]
    return {
        "missing": _missing(onboarding) if not _is_set_up(product) else None,
        "numbers": _numbers(onboarding, use.active_30d, use.activated, use.tickets),
        "spans": [(n, to(onboarding, "usage", days=n), n == span) for n in SPANS],
        "span": span,
        "events": [_point(one.day, one.events, _events(one.events)) for one in days],
        "people_days": [_point(one.day, one.people, _people(one.people)) for one in days],
        "people": [_row(one, product) for one in people],
        "never": _never(onboarding, people),
        "loop": _loop(loop_of(onboarding)),
        "value_says": _value(onboarding),
        "features": _features(product, people),
        "seats_form": _seats_form(account),
    }


def _seats_form(account: Account) -> SeatsForm:
    return SeatsForm(formdata=None, seats=account.licensed_seats)


def _is_set_up(product: Product) -> bool:
    return bool(product.value_events or product.value_loop or product.activation_actions)


# --- Nothing to show ----------------------------------------------------------------------------


def _missing(onboarding: Onboarding) -> dict[str, str]:
    """What is missing before there is anything to see, and the one thing to do about it for whoever can."""
    may = viewer().may(Can.MANAGE_SETTINGS)
    if not _is_set_up(onboarding.product):
        name = onboarding.product.name
        return {
            "title": _("Nobody has said what the use of %(product)s means.", product=name),
            "text": _(
                "A site admin names its events: which show first value, who is activated, what the loop is."
            ),
            "url": url_for("products.index") if may else "",
            "button": _("Name its events"),
        }
    if not has_source():
        return {
            "title": _("No program sends usage events yet."),
            "text": _(
                "A site admin makes a key for the product's back end, or brings in daily counts as a file."
            ),
            "url": url_for("usage_desk.keys") if may else "",
            "button": _("Make a key"),
        }
    group = onboarding.account.external_id
    return {
        "title": _("Nothing was seen of them yet."),
        "text": _("Events of this account carry the group “%(group)s”.", group=group)
        if group
        else _("This account has no name that events could carry."),
        "url": url_for("usage_import.page") if may else "",
        "button": _("Bring in daily counts"),
    }


# --- Numbers ------------------------------------------------------------------------------------


def _numbers(onboarding: Onboarding, active: int, activated: int, tickets: int) -> list[tuple[str, str, str]]:
    """Label, figure, and what stands behind it."""
    seats = onboarding.account.licensed_seats
    live = onboarding.went_live_on
    return [
        (_("Active"), _of(active, seats), _("in 30 days")),
        (_("Activated"), _of(activated, seats), _share(activated, seats)),
        (_("Live since"), web.short_day(live) if live else _("not yet"), ""),
        (_("Support tickets"), str(tickets), _("since day 0")),
    ]


def _of(count: int, seats: int | None) -> str:
    return _("%(count)s of %(seats)s", count=count, seats=seats) if seats else str(count)


def _share(count: int, seats: int | None) -> str:
    if not seats:
        return _("of an unknown number of seats")
    return _("%(percent)s %% of the seats", percent=count * 100 // seats)


def _point(day: date, value: int, text: str) -> Point:
    return Point(web.day(day, "EEEdMMM"), value, text)


def _events(count: int) -> str:
    return ngettext("%(num)s event", "%(num)s events", count)


def _people(count: int) -> str:
    return ngettext("%(num)s person", "%(num)s people", count)


# --- People -------------------------------------------------------------------------------------


def _row(one: Somebody, product: Product) -> Row:
    steps = len(product.activation_actions)
    return Row(
        name=one.name,
        who=(one.person.job_title or "") if one.person else _("not known here"),
        seen=web.short_day(one.last_at),
        days=ngettext("on %(num)s day", "on %(num)s days", one.active_days)
        if one.active_days
        else _("not at all"),
        activated=_("%(done)s of %(all)s actions", done=one.activated, all=steps) if steps else "",
        is_activated=bool(steps) and one.activated == steps,
        features=", ".join(one.features),
    )


def _never(onboarding: Onboarding, people: Iterable[Somebody]) -> dict[str, Any]:
    """Who of theirs was never seen in the product, and how many seats nobody has used."""
    seen = list(people)
    known = {one.person.id for one in seen if one.person}
    absent = [one for one in onboarding.account.people if one.is_active and one.id not in known]
    free = max(0, (onboarding.account.licensed_seats or 0) - len(seen))
    return {
        "people": [(one.name, one.job_title or "") for one in absent],
        "seats": ngettext("%(num)s seat has nobody yet.", "%(num)s seats have nobody yet.", free)
        if free
        else "",
    }


def _features(product: Product, people: Sequence[Somebody]) -> list[tuple[str, str]]:
    used = Counter(name for one in people for name in one.features)
    return [(name, _people(used[name]) if used[name] else _("nobody")) for name in product.key_features]


# --- Value --------------------------------------------------------------------------------------


def _loop(loop: Sequence[tuple[str, date | None]]) -> dict[str, Any]:
    return {
        "lines": [(name, web.short_day(day) if day else _("not seen")) for name, day in loop],
        "says": _(
            "%(seen)s of %(all)s seen", seen=sum(day is not None for _name, day in loop), all=len(loop)
        ),
    }


def _value(onboarding: Onboarding) -> str:
    """When first value was seen; else its forecast beside the day it is due."""
    if onboarding.first_value_on:
        return _("seen %(date)s", date=web.short_day(onboarding.first_value_on))
    due = _("due %(date)s", date=web.short_day(onboarding.first_value_due))
    if not onboarding.is_running:
        return due
    return facts([_("forecast %(date)s", date=web.short_day(value_expected_on(onboarding))), due])


def box_of(onboarding: Onboarding) -> dict[str, Any] | None:
    """The overview's box; none while nothing was seen and nothing could be."""
    if not _is_set_up(onboarding.product):
        return None
    short = in_short(onboarding)
    return {
        "bars": [_point(day, count, _people(count)) for day, count in short.people],
        "active": _of(short.active, onboarding.account.licensed_seats),
        "loop": _loop(short.loop)["says"],
        "value": _value(onboarding),
        "url": to(onboarding, "usage"),
    }
