"""What the pages show on which staff roll a road out in waves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import render_template
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import seals, web
from portal.accounts.models import Person
from portal.desk.edit_page import frame
from portal.desk.wave_forms import LeaveOutForm, WaveForm
from portal.desk.wave_rows import from_to, rows_of
from portal.onboardings import wave_dates
from portal.onboardings.models import Onboarding
from portal.onboardings.rollout import MOST
from portal.onboardings.waves import Wave
from portal.onboardings.words import facts, listed
from portal.onboardings.words import minutes as span

# --- All waves of a road ------------------------------------------------------------------------


def waves_page(
    onboarding: Onboarding, problems: Sequence[tuple[str | None, str]] = (), status: int = 200
) -> Any:
    return render_template(
        "desk/waves.html",
        **frame(onboarding),
        rows=rows_of(onboarding),
        over=[wave for wave in onboarding.waves if not wave.is_on] if onboarding.waves_made else [],
        room=len(onboarding.waves_on) < MOST,
        problems=problems,
    ), status


# --- One of them --------------------------------------------------------------------------------


def form_for(onboarding: Onboarding, wave: Wave | None, *, fresh: bool = False) -> WaveForm:
    """The form of a wave, or of a new one; `fresh` shows what it is now, or what is usual."""
    form = WaveForm(formdata=None) if fresh else WaveForm()
    form.offer(onboarding, wave)
    if fresh and wave is not None:
        form.department.data, form.seen.data = wave.department, wave.seal
        form.people.data = [person.ref for person in wave.people]
        form.starts_on.data, form.go_live_on.data = wave.starts_on, wave.go_live_on
    elif fresh:
        form.starts_on.data, form.go_live_on.data = wave_dates.usual(onboarding)
    return form


@dataclass(frozen=True)
class Preview:
    """What a wave would be, as text: what it was read from is rolled back by the time it is shown."""

    department: str
    line: str
    facts: list[tuple[str, str]]
    people: list[tuple[str, str]]
    items: list[tuple[str, str, str]]

    @property
    def seal(self) -> str:
        """A short word that differs when anything of it does."""
        return seals.of(self)


@dataclass(frozen=True)
class Before:
    """What the road promised before: its last day, and when each item was due."""

    ends: date
    items: int
    due: Mapping[int, date | None]

    @classmethod
    def of(cls, onboarding: Onboarding) -> "Before":
        due = {step.id: step.due_on for step in onboarding.steps}
        return cls(onboarding.target_graduation, onboarding.items_total, due)


def preview_of(wave: Wave, before: Before) -> Preview:
    """Read off the wave as it was just made or changed."""
    onboarding, open_still = wave.onboarding, [step for step in wave.steps if not step.is_closed]
    theirs = sum(step.minutes for step in open_still if step.is_customers)
    added = onboarding.items_total - before.items
    ends = onboarding.target_graduation
    told = [
        (_("Trains"), from_to(wave.starts_on, wave.training_ends)),
        (_("Goes live"), web.day(wave.go_live_on)),
        (_("First value due"), web.day(wave.first_value_due)),
        (
            _("Graduation of all"),
            web.day(ends)
            if ends == before.ends
            else _("%(now)s → %(after)s", now=web.short_day(before.ends), after=web.short_day(ends)),
        ),
    ]
    if added:
        items = _("%(now)s → %(after)s items", now=before.items, after=onboarding.items_total)
        told.append((_("On their meter"), items))
    return Preview(
        department=wave.department,
        line=facts(
            [
                ngettext("%(num)s open item", "%(num)s open items", len(open_still)),
                _("%(time)s of their time", time=span(theirs)),
                ngettext("%(num)s person", "%(num)s people", len(wave.people))
                if wave.people
                else _("nobody named yet"),
            ]
        ),
        facts=told,
        people=_shares(wave),
        items=[
            (
                wave.unnamed(step.title),
                step.assignee.called if step.assignee else _("nobody yet"),
                _moved(before.due.get(step.id), step.due_on),
            )
            for step in open_still
        ],
    )


def _moved(was: date | None, now: date | None) -> str:
    """The day it is due, with the one before where that was another."""
    if was is None or was == now:
        return web.day(now) if now else _("no date")
    return _("%(now)s → %(after)s", now=web.short_day(was), after=web.short_day(now) if now else _("no date"))


def _shares(wave: Wave) -> list[tuple[str, str]]:
    """Who gets how much of it; nobody, last."""
    counts: dict[str, int] = {}
    for step in wave.steps:
        if not step.is_closed:
            name = step.assignee.name if step.assignee else ""
            counts[name] = counts.get(name, 0) + 1
    ordered = sorted(counts.items(), key=lambda one: (not one[0], -one[1], one[0]))
    return [(name or _("Nobody yet"), ngettext("%(num)s item", "%(num)s items", n)) for name, n in ordered]


def wave_page(
    onboarding: Onboarding,
    form: WaveForm,
    wave: Wave | None,
    preview: Preview | None = None,
    status: int = 200,
    leave_form: LeaveOutForm | None = None,
) -> Any:
    """One wave, or a new one; with its preview once that was asked for."""
    leave = leave_form or LeaveOutForm(formdata=None).called("leave")
    if wave is not None and leave_form is None:
        leave.seen.data = wave.seal
    form.looked.data = preview.seal if preview else ""
    return render_template(
        "desk/wave.html",
        **frame(onboarding),
        form=form,
        wave=wave,
        first=onboarding.waves_made == 0,
        preview=preview,
        leave_form=leave,
        leaving=leave_form is not None,
        problems=[*form.problems, *(leave_form.problems if leave_form else [])],
        both=_both(form, wave) if wave and status == 409 and leave_form is None else [],
    ), status


def _both(form: WaveForm, wave: Wave) -> list[tuple[str, str, str, bool]]:
    """What a colleague made of it beside what was typed: what it is about, theirs, yours, and whether they differ."""
    chosen = form.terms(wave.onboarding)
    pairs = [
        (form.department, wave.department, chosen.department),
        (form.people, _names(wave.people), _names(chosen.people)),
        (form.starts_on, web.day(wave.starts_on), web.day(chosen.starts_on)),
        (form.go_live_on, web.day(wave.go_live_on), web.day(chosen.go_live_on)),
    ]
    return [(field.label.text, theirs, yours, theirs != yours) for field, theirs, yours in pairs]


def _names(people: Sequence[Person]) -> str:
    return listed(sorted(person.name for person in people)) or _("nobody yet")
