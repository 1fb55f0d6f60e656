"""What the page shows on which staff move the dates of one road: now and after."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from flask import render_template
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import web
from portal.access import viewer
from portal.calls.models import Call
from portal.calls.queries import calls_of
from portal.desk.edit_forms import DatesForm
from portal.desk.edit_page import frame
from portal.onboardings.letters import everyone
from portal.onboardings.models import Onboarding
from portal.onboardings.shifting import Move, Preview, Shift
from portal.onboardings.states import StageState
from portal.onboardings.wave_keys import of_playbook
from portal.onboardings.words import STAGE_TITLES, STAYS, listed

LEFT, RIGHT = 8, 712  # Of the picture, whose width is 720.
LABELS = 7  # As many as can be read beside each other, on two lines.


def stages_ahead(onboarding: Onboarding) -> list[tuple[str, str]]:
    """Where moving can begin, the current stage first."""
    ahead = [stage for stage in onboarding.stages if stage.state is not StageState.COMPLETE]
    now = onboarding.stage.position
    ordered = sorted(ahead, key=lambda stage: (stage.position < now, stage.position))
    return [(stage.key, _("%(stage)s on", stage=STAGE_TITLES[stage.key])) for stage in ordered]


def shift_of(form: DatesForm) -> Shift:
    """What the form asks for."""
    days = (form.days.data or 0) * (1 if form.way.data == "later" else -1)
    if form.since.data == "day":
        return Shift(days, since=form.day.data)
    return Shift(days, stage=form.since.data)


def dates_page(
    onboarding: Onboarding, form: DatesForm, preview: Preview | None = None, status: int = 200
) -> Any:
    """The form, and below it what it would do."""
    if preview is not None:
        form.seen.data = preview.seal
    return render_template(
        "desk/dates.html",
        **frame(onboarding),
        form=form,
        problems=form.problems,
        headline=_headline(onboarding, preview),
        seen=preview and _seen(onboarding, preview),
    ), status


def _headline(onboarding: Onboarding, preview: Preview | None) -> str:
    name = onboarding.account.name
    if preview is None:
        return _("Move the dates of %(name)s", name=name)
    days, dates = preview.shift.days, len(_rows(preview))
    many = ngettext("%(num)s date moves", "%(num)s dates move", dates)
    if days > 0:
        return ngettext(
            "%(name)s %(num)s working day later: %(many)s",
            "%(name)s %(num)s working days later: %(many)s",
            days,
            name=name,
            many=many,
        )
    return ngettext(
        "%(name)s %(num)s working day earlier: %(many)s",
        "%(name)s %(num)s working days earlier: %(many)s",
        -days,
        name=name,
        many=many,
    )


def _seen(onboarding: Onboarding, preview: Preview) -> dict[str, Any]:
    calls, _behind = calls_of(onboarding)
    return {
        "rows": [_row(onboarding, move) for move in _rows(preview) if move.what != "step"],
        "steps": [_row(onboarding, move) for move in _rows(preview) if move.what == "step"],
        "stays": _stays(preview),
        "facts": _facts(onboarding, preview),
        "told": _told(onboarding, preview),
        "calls": [_("%(title)s, %(date)s", title=call.title, date=web.day(call.start)) for call in calls],
        "look_at": _look_at(preview, calls),
        "picture": _picture(onboarding, preview),
    }


def _rows(preview: Preview) -> list[Move]:
    """By day."""
    return sorted(preview.told, key=lambda move: (move.now, move.after))


def _title(move: Move) -> tuple[str, str]:
    """What it is called, and what sort of date it is."""
    match move.what:
        case "milestone":
            return move.of.title, _("milestone")
        case "beside":
            return move.of.title, move.of.sort
        case "ends":
            return str(STAGE_TITLES[move.of.key]), _("stage ends")
        case "wave_live":
            return move.of.department, _("wave goes live")
        case "first_value":
            return _("First value"), _("planned")
        case "graduation":
            return _("Graduation"), _("target")
    return move.of.title, ""


def _row(onboarding: Onboarding, move: Move) -> dict[str, str]:
    title, sort = _title(move)
    days = onboarding.account.calendar.working_days_between(move.now, move.after)
    whose = move.of.assignee if move.what == "step" else None
    first = move.of.original_due_on if move.what == "milestone" and not move.of.signed_due_on else None
    signed = move.of.signed_due_on if move.what == "milestone" else None
    return {
        "title": title,
        "sort": sort,
        "first": _("first promised for %(date)s", date=web.short_day(first))
        if first
        else _("promised for %(date)s in the signed plan", date=web.short_day(signed))
        if signed
        else "",
        "whose": whose.called if whose else "",
        "now": web.day(move.now, "EEEdMMM"),
        "after": web.day(move.after, "EEEdMMM"),
        "days": f"{days:+d}".replace("-", "−"),
    }


def _stays(preview: Preview) -> list[str]:
    """What is open and stays, by why."""
    by_why: dict[str, list[str]] = {}
    for step, why in preview.stays:
        by_why.setdefault(why, []).append(step.title)
    return [
        _("%(titles)s: %(why)s", titles=listed(f"“{title}”" for title in titles), why=STAYS[why])
        for why, titles in by_why.items()
    ]


def _facts(onboarding: Onboarding, preview: Preview) -> list[tuple[str, str]]:
    """What the whole road has, now and after."""
    facts = []
    start = onboarding.start_date
    for move in preview.of("graduation"):
        now, after = (move.now - start).days, (move.after - start).days
        facts.append((_("From day 0 to graduation"), _("%(now)s → %(after)s days", now=now, after=after)))
    for name, what in ((_("Graduation"), "graduation"), (_("First value due"), "first_value")):
        facts += [(name, _now_after(move)) for move in preview.of(what)]
    now, after = preview.pace
    facts.append((_("Pace"), _points(now, after)))
    return facts


def _now_after(move: Move) -> str:
    return _("%(now)s → %(after)s", now=web.short_day(move.now), after=web.short_day(move.after))


def _points(now: int, after: int) -> str:
    said = [f"{points:+d}".replace("-", "−") if points else "0" for points in (now, after)]
    return _("%(now)s, same", now=said[0]) if now == after else f"{said[0]} → {said[1]}"


def _told(onboarding: Onboarding, preview: Preview) -> list[tuple[str, str]]:
    """Who hears of it and how."""
    moved: dict[str, int] = {}
    for move in preview.of("step"):
        if move.of.assignee is not None and move.of.assignee.id != viewer().id:
            moved[move.of.assignee.called] = moved.get(move.of.assignee.called, 0) + 1
    known = len(everyone(onboarding))
    company = [
        (
            onboarding.account.name,
            ngettext(
                "%(num)s person reads it on their home, with your reason",
                "%(num)s people read it on their home, with your reason",
                known,
            ),
        )
    ]
    return company * bool(known) + [
        (name, ngettext("%(num)s new day in their list", "%(num)s new days in their list", count))
        for name, count in moved.items()
    ]


def _look_at(preview: Preview, calls: Collection[Call]) -> list[str]:
    """What to think of before confirming."""
    booked = [_("Booked calls stay where they are. Move them with the customer.")] if calls else []
    later = preview.shift.days > 0 and preview.of("graduation")
    return booked + ([_("A pause would stop the clocks as well, until it ends.")] if later else [])


# --- The picture ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Point:
    """One date on the two lines of the picture, in its units; `row` is the line of its label, 0 without one."""

    title: str
    now: int
    after: int
    moves: bool
    row: int


def _picture(onboarding: Onboarding, preview: Preview) -> dict[str, Any]:
    """Milestones, first value and graduation: upright what stays, tilted what moves."""
    moved = {move.of.id: move for move in preview.of("milestone")}
    dates = [
        (one.title, one.due_on, moved[one.id].after if one.id in moved else one.due_on)
        for one in onboarding.checkpoints
        if one.reached_on is None and of_playbook(one.key) not in ("graduation", "first_value")
    ]
    dates += [(_title(move)[0], move.now, move.after) for move in preview.of("first_value", "graduation")]
    dates.sort(key=lambda one: one[2])
    days = [day for _title_, now, after in dates for day in (now, after)]
    first, last = min(days), max(days)
    span = max((last - first).days, 1)

    def at(day: Any) -> int:
        return LEFT + 90 + (RIGHT - LEFT - 160) * (day - first).days // span

    return {
        "first": web.short_day(first),
        "last": web.short_day(last),
        "points": [
            Point(title, at(now), at(after), now != after, n % 2 + 1 if n < LABELS else 0)
            for n, (title, now, after) in enumerate(dates)
        ],
    }
