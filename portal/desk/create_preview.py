"""What a new onboarding would be, read off the one that was made to be looked at: dates, items, time, who is told."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from portal import clock, web
from portal.accounts import places
from portal.accounts.models import Account, Person, Staff
from portal.accounts.words import PORTAL_ROLES, TEAM_ROLES
from portal.calendars import public_holidays
from portal.desk import create_choices
from portal.desk.loads import load_of_each
from portal.notifications.letters import leaves
from portal.onboardings.models import Onboarding
from portal.onboardings.stages import Module, Stage
from portal.onboardings.steps import Step
from portal.onboardings.words import STAGE_TITLES, listed
from portal.onboardings.words import minutes as span
from portal.playbooks.document import ModuleSpec

Told = list[tuple[str, str, str]]  # Who, what they get, and when.


@dataclass(frozen=True)
class ModuleLine:
    title: str
    why: str
    items: int
    theirs: str
    ours: str
    by: str


@dataclass(frozen=True)
class StagePart:
    """One stage with its modules; `from_text` is the day it is planned to begin."""

    key: str
    title: str
    about: str
    from_text: str
    items: int
    theirs: str
    modules: list[ModuleLine]


@dataclass(frozen=True)
class Preview:
    """Everything on the page, as text: what it was read from is gone by the time it is shown."""

    headline: str
    line: str
    stages: list[StagePart]
    first_value: str
    ends: str
    left_out: str
    told: Told
    untold: str
    team: list[tuple[str, str, str]]
    warnings: list[str]
    go: str


def of(onboarding: Onboarding) -> Preview:
    """Read it all now; nothing of the onboarding is touched."""
    account, document = onboarding.account, onboarding.playbook_version.document
    specs = {module.key: module for module in document.modules}
    told, load = _told(onboarding), load_of_each()
    people = len(told)
    return Preview(
        headline=_(
            "%(name)s: %(days)s days, %(time)s of their time",
            name=account.name,
            days=onboarding.programme,
            time=span(sum(_theirs(stage.items) for stage in onboarding.stages)),
        ),
        line=_line(onboarding),
        stages=[_part(stage, specs) for stage in onboarding.stages],
        first_value=web.day(onboarding.first_value_due, "EEEdMMM"),
        ends=web.day(onboarding.target_graduation, "EEEdMMM"),
        left_out=_left_out(onboarding),
        told=told,
        untold=_untold(onboarding, told),
        team=list(_team(onboarding, load)),
        warnings=[
            *_of_the_team(onboarding, load),
            *_of_the_calendar(onboarding),
            *_of_what_is_missing(onboarding),
        ],
        go=ngettext("Create and tell %(num)s person", "Create and tell %(num)s people", people)
        if people
        else _("Create it"),
    )


def _line(onboarding: Onboarding) -> str:
    version = onboarding.playbook_version
    done = ngettext("%(num)s already done", "%(num)s already done", onboarding.items_done)
    items = ngettext("%(num)s item", "%(num)s items", onboarding.items_total)
    return " · ".join(
        (
            _("%(book)s, version %(n)s", book=version.document.name, n=version.n),
            _("starts %(date)s", date=web.day(onboarding.start_date)),
            _("%(items)s, %(done)s", items=items, done=done),
            _("graduates %(date)s", date=web.day(onboarding.target_graduation)),
        )
    )


# --- The road -----------------------------------------------------------------------------------


def _part(stage: Stage, specs: dict[str, ModuleSpec]) -> StagePart:
    lines = [_module(module, stage, specs[module.key]) for module in stage.modules]
    days = (stage.planned_end - stage.planned_start).days + 1
    return StagePart(
        key=stage.key,
        title=str(STAGE_TITLES[stage.key]),
        about=ngettext("%(num)s day", "%(num)s days", days),
        from_text=web.day(stage.planned_start, "EEEdMMM"),
        items=len(stage.items),
        theirs=_time(_theirs(stage.items)),
        modules=lines,
    )


def _module(module: Module, stage: Stage, spec: ModuleSpec) -> ModuleLine:
    steps = [step for step in stage.steps if step.module is module]
    items = [step for step in steps if step.counts]
    ours = sum(step.minutes for step in steps if not step.is_customers) or spec.minutes_us
    last = max((step.due_on for step in items if step.due_on), default=None)
    return ModuleLine(
        title=module.title,
        why=_why(
            spec,
            done=sum(step.is_done for step in items),
            gate=any(step.is_gate for step in items) and stage.key != "graduation",
        ),
        items=len(items),
        theirs=_time(_theirs(items)),
        ours=_time(ours),
        by=web.day(last, "EEEdMMM"),
    )


def _why(spec: ModuleSpec, *, done: int, gate: bool) -> str:
    """Why it is in, and what it brings about."""
    parts = [_("always") if not (spec.programmes or spec.segments) else _("this size or length")]
    if done:
        parts.append(ngettext("%(num)s done for them", "%(num)s done for them", done))
    if gate:
        parts.append(_("opens the next stage"))
    return ", ".join(parts)


def _theirs(items: Iterable[Step]) -> int:
    """The minutes these take the customer, with what we have to write down before they can agree to it."""
    return sum(step.minutes for step in items if step.is_customers and not step.is_done)


def _time(count: int) -> str:
    return span(count) if count else ""


def _left_out(onboarding: Onboarding) -> str:
    """The titles of the playbook's modules that are not on this road."""
    there = {module.key for stage in onboarding.stages for module in stage.modules}
    return listed(
        module.title for module in onboarding.playbook_version.document.modules if module.key not in there
    )


# --- People -------------------------------------------------------------------------------------


def _told(onboarding: Onboarding) -> Told:
    """Who of the customer hears of it, what they get, and when by their own clock."""
    about, found = f"onboarding:{onboarding.id}:welcome", []
    for person in _here(onboarding.account):
        fresh = person.suggested_by_id is not None and person.invited_at is not None
        at = leaves(person, about)
        if not fresh and at is None:
            continue
        role = str(PORTAL_ROLES[person.portal_role])
        what = (
            _("%(role)s: invitation from you", role=role)
            if fresh
            else _("%(role)s: welcome letter", role=role)
        )
        moment = clock.now() if fresh or at is None else at
        there = moment.astimezone(person.zone)
        when = _(
            "%(day)s, %(time)s in %(place)s",
            day=web.day(there.date(), "EEEdMMM"),
            time=f"{there:%H:%M}",
            place=web.city(str(person.zone)),
        )
        found.append((person.name, what, when))
    return found


def _untold(onboarding: Onboarding, told: Told) -> str:
    """Those of the company who hear nothing now."""
    hear = {name for name, *_rest in told}
    return listed(person.name for person in _here(onboarding.account) if person.name not in hear)


def _here(account: Account) -> list[Person]:
    return [person for person in account.people if person.is_active]


def _team(onboarding: Onboarding, load: Mapping[int, int]) -> Iterator[tuple[str, str, str]]:
    """Each of us with their part, and what they carry before and after."""
    for member in onboarding.team:
        after = load.get(member.staff.id, 0)
        yield member.staff.name, str(TEAM_ROLES[member.role]), f"{max(0, after - 1)} → {after}"


# --- What to look at ----------------------------------------------------------------------------


def _of_the_team(onboarding: Onboarding, load: Mapping[int, int]) -> Iterator[str]:
    for staff in dict.fromkeys(member.staff for member in onboarding.team):
        n = load.get(staff.id, 0)
        if n > staff.capacity:
            yield _(
                "%(name)s would hold %(n)s, and can carry %(most)s.",
                name=staff.called,
                n=n,
                most=staff.capacity,
            )
        if staff.is_away and staff.away_until is not None:
            yield _away(staff)


def _away(staff: Staff) -> str:
    until = web.day(staff.away_until, "EEEdMMM")
    if staff.stand_in is None:
        return _("%(name)s is away until %(date)s and nobody stands in.", name=staff.called, date=until)
    return _(
        "%(name)s is away until %(date)s; %(other)s stands in.",
        name=staff.called,
        date=until,
        other=staff.stand_in.called,
    )


def _of_the_calendar(onboarding: Onboarding) -> Iterator[str]:
    account, start = onboarding.account, onboarding.start_date
    if not account.calendar.is_working_day(start):
        first = account.calendar.next_working_day(start)
        yield day_off(start, first, account)
    days = _holidays(account, start, onboarding.target_graduation)
    if days:
        yield ngettext(
            "A public holiday falls into it, %(dates)s; dates are set around it.",
            "%(num)s public holidays fall into it, %(dates)s; dates are set around them.",
            len(days),
            dates=listed(web.short_day(day) for day in days),
        )


def day_off(start: date, first: date, account: Account) -> str:
    """That nobody works there on the day of the start, and on which day somebody does."""
    if account.country and start in public_holidays(account.country, start.year):
        where = places.country_name(account.country, get_locale())
        return _(
            "%(date)s is a holiday in %(country)s; the first working day is %(first)s.",
            date=web.day(start, "dMMMM"),
            country=where,
            first=web.day(first),
        )
    return _(
        "%(date)s is a day off there; the first working day is %(first)s.",
        date=web.day(start),
        first=web.day(first),
    )


def _holidays(account: Account, first: date, last: date) -> list[date]:
    """Public holidays on days that are worked otherwise."""
    if account.country is None:
        return []
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    week = account.calendar.working_week
    return [
        day for day in days if day.weekday() in week and day in public_holidays(account.country, day.year)
    ]


def _of_what_is_missing(onboarding: Onboarding) -> Iterator[str]:
    if not onboarding.quote:
        yield _("Nobody wrote down why they bought, so their home has no words of theirs yet.")
    missing = [
        str(TEAM_ROLES[role]) for role in create_choices.PARTS.values() if onboarding.on_team(role) is None
    ]
    if missing:
        yield _("Nobody yet for: %(roles)s. Their items go to the consultant.", roles=listed(missing))
