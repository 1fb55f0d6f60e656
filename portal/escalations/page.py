"""What the page of one case shows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import format_datetime, to_user_timezone
from flask_babel import gettext as _
from markupsafe import Markup, escape

from portal import clock, web
from portal.access import viewer
from portal.accounts.kinds import StakeholderRole, TeamRole
from portal.accounts.models import Person
from portal.accounts.words import PORTAL_ROLES, SEGMENTS, STAKEHOLDER_ROLES
from portal.activity.models import Activity, Verb
from portal.activity.sentences import pattern
from portal.activity.sentences import words as words_of
from portal.escalations import drafts, plays, queries, rules, tried, words, working
from portal.escalations.forms import (
    DismissForm,
    DraftForm,
    GiveForm,
    NoteForm,
    RaiseForm,
    ResolveForm,
    WaitForm,
)
from portal.escalations.models import Escalation, EscalationState
from portal.escalations.past import chart_of
from portal.escalations.queue_page import clock_of
from portal.escalations.routing import ask
from portal.forms import Form
from portal.health.words import SHAPES, label_text
from portal.onboardings.meter import road_of
from portal.onboardings.words import STAGE_TITLES

TIMELINE = 50


def of(case: Escalation, **refused: Form) -> dict[str, Any]:
    """All that the template shows; `refused` stand in the place of the forms that the page begins with."""
    road, account = case.onboarding, case.onboarding.account
    people = drafts.whom_to_call(case)
    clock_text, late = clock_of(case)
    stage = road.meter["stages"][[one["key"] for one in road.meter["stages"]].index(road.current_stage)]
    return {
        "onboarding": road,
        "account": account,
        "clock": clock_text,
        "late": late,
        "standing": standing(case),
        "segment": SEGMENTS[account.segment],
        "health": (SHAPES[road.health], label_text(road.health, road.quiet)) if road.health else None,
        "why_owner": words.why_owner(case) if not case.resolved_at else "",
        "title": _("%(company)s: %(why)s", company=account.name, why=_lowered(words.short(case))),
        "reasons": [_reason(one) for one in case.reasons],
        "people": [_person(one) for one in people],
        "first": _person(people[0]) if people else None,
        "chart": chart_of(road),
        "tried": tried.of(road),
        "play": plays.play_called(case.play),
        "ticks": working.ticks_of(case),
        "meter": road_of(road, None),
        "stage": _(
            "%(stage)s, %(done)s of %(total)s",
            stage=STAGE_TITLES[road.current_stage],
            done=stage["done"],
            total=stage["total"],
        ),
        "past": [_line(one) for one in queries.past_of(case, TIMELINE)],
        "may": case.workable_by(viewer()),
        "is_open": case.resolved_at is None,
        "reopens": case.state is EscalationState.RESOLVED
        and case.resolved_at is not None
        and rules.reopenable(case.resolved_at, clock.now()),
        "sponsors": _sponsors(case) if case.level == rules.HIGHEST else [],
        **_forms(case, people),
        **refused,
    }


def _forms(case: Escalation, people: list[Person]) -> dict[str, Form]:
    give = GiveForm(formdata=None).called("give")
    give.offer([one for one in queries.takers() if one is not case.owner])
    subject, body = drafts.draft_of(case, viewer(), people[0] if people else None)
    return {
        "give_form": give,
        "note_form": NoteForm(formdata=None).called("note"),
        "wait_form": WaitForm(formdata=None).called("wait"),
        "raise_form": RaiseForm(formdata=None).called("raise"),
        "resolve_form": ResolveForm(formdata=None).called("resolve"),
        "dismiss_form": DismissForm(formdata=None).called("dismiss"),
        "draft_form": DraftForm(formdata=None, subject=subject, body=body).called("draft"),
    }


def standing(case: Escalation) -> str:
    """Who has it, and what happens next by itself."""
    owner = case.owner.called if case.owner else _("nobody")
    match case.state:
        case EscalationState.OPEN:
            who = (
                _("%(name)s is asked and nobody is on it yet", name=owner)
                if case.owner
                else _("nobody could be asked")
            )
            return f"{who}. {_goes_on(case)}".rstrip()
        case EscalationState.ACKNOWLEDGED | EscalationState.WORKING:
            return _("%(name)s is on it. %(then)s", name=owner, then=_goes_on(case)).rstrip()
        case EscalationState.WAITING_ON_CUSTOMER:
            until = web.day(case.wait_until, "EEEdMMMM")
            return _(
                "%(name)s waits for the customer; it comes back on the morning of %(date)s.",
                name=owner,
                date=until,
            )
        case EscalationState.DISMISSED:
            who = case.resolved_by.called if case.resolved_by else _("The portal")
            return _(
                "%(name)s called it a false alarm on %(date)s.",
                name=who,
                date=web.day(case.resolved_at, "dMMMM"),
            )
    who = case.resolved_by.called if case.resolved_by else _("The portal")
    return _("%(name)s resolved it on %(date)s.", name=who, date=web.day(case.resolved_at, "dMMMM"))


def _goes_on(case: Escalation) -> str:
    until = case.acknowledge_by if case.state is EscalationState.OPEN else case.act_by
    if until is None:
        return _("The clock stands still.")
    if case.level >= rules.HIGHEST:
        return _("Level 3: there is nobody above.")
    found = ask(case.onboarding, case.level + 1, codes=[one.code for one in case.reasons], before=case.owner)
    name = found.who.called if found.who else _("a CS leader")
    seller = case.onboarding.on_team(TeamRole.ACCOUNT_EXECUTIVE)
    if case.level == 1 and seller is not None and seller is not found.who:
        name = _("%(name)s and %(other)s", name=name, other=seller.called)
    when = _("%(day)s, %(time)s", day=web.day(until, "EEEdMMM"), time=web.clock_time(until))
    return _("It goes to level %(n)s (%(name)s) at %(when)s.", n=case.level + 1, name=name, when=when)


def _reason(reason: Any) -> dict[str, Any]:
    return {
        "title": words.reason_title(reason),
        "facts": words.evidence(reason),
        "since": web.short_day(reason.at),
        "over": web.short_day(reason.cleared_on) if reason.cleared_on else "",
    }


def _lowered(text: str) -> str:
    """The first letter small, within a sentence, but for an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


# --- Whom to call ---------------------------------------------------------------------------------


def _person(person: Person) -> dict[str, Any]:
    """One person with their time now and their hours."""
    local = clock.now().astimezone(person.zone)
    stands = [str(STAKEHOLDER_ROLES[role]) for role in person.stakeholder_roles if role in STAKEHOLDER_ROLES]
    parts: Mapping[str, Any] = PORTAL_ROLES
    return {
        "name": person.name,
        "called": person.called,
        "line": ", ".join([str(parts[person.portal_role.value]), *stands]),
        "email": person.shown_email,
        "now": _(
            "%(time)s in %(place)s now",
            time=format_datetime(local, "HH:mm", rebase=False),
            place=web.city(str(person.zone)),
        ),
        "works": _(
            "works %(start)s to %(end)s", start=f"{person.work_start:%H:%M}", end=f"{person.work_end:%H:%M}"
        ),
        "do": _do(person, local),
        "came": person.joined_at is not None,
    }


def _do(person: Person, local: datetime) -> str:
    """What to do first: call them while they work, today if they still begin, else write."""
    name = person.called
    if not person.account.calendar.is_working_day(local.date()) or local.time() >= person.work_end:
        return _("Write to %(name)s; nobody works there now", name=name)
    if local.time() < person.work_start:
        return _("Call %(name)s from %(time)s their time", name=name, time=f"{person.work_start:%H:%M}")
    return _("Call %(name)s before %(time)s their time", name=name, time=f"{person.work_end:%H:%M}")


def _sponsors(case: Escalation) -> list[str]:
    """At level 3 the sponsors of the customer's side are named."""
    people = case.onboarding.account.people
    wanted = StakeholderRole.DECISION_MAKER.value
    return [
        one.name
        for one in people
        if one.is_active and (one.portal_role.value == "sponsor" or wanted in one.stakeholder_roles)
    ]


# --- What was done --------------------------------------------------------------------------------


def _line(one: Activity) -> dict[str, Any]:
    told = {
        name: Markup("<b>%s</b>") % text if name == "who" else escape(text)
        for name, text in words_of(one).items()
    }
    local = to_user_timezone(one.at)
    level = ((one.data or {}).get("after") or {}).get("level")
    raised = one.verb is Verb.ESCALATION_RAISED and level
    return {
        "iso": one.at.isoformat(),
        "when": _(
            "%(day)s, %(time)s", day=web.short_day(one.at), time=format_datetime(local, "HH:mm", rebase=False)
        ),
        "text": escape(pattern(one)) % told,
        "level": _("level %(n)s", n=level) if raised else "",
        "why": (one.personal or {}).get("why") or "",
    }


def open_on(case: Escalation) -> dict[str, Any]:
    """A case that is open as the account's page says it: no statement of its own."""
    text, late = clock_of(case)
    owner = case.owner.called if case.owner else _("nobody")
    if case.state is EscalationState.OPEN:
        says = _("%(name)s is asked and nobody is on it yet", name=owner)
    elif case.state is EscalationState.WAITING_ON_CUSTOMER:
        says = _("%(name)s waits for the customer", name=owner)
    else:
        says = _("%(name)s is on it", name=owner)
    title = _("Escalation, level %(n)s: %(play)s", n=case.level, play=plays.play_called(case.play).title)
    return {"ref": case.ref, "title": title, "clock": text, "late": late, "standing": says}
