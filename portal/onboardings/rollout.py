"""A road is rolled out in waves (product.md 2.12): departments follow each other through the modules that a wave can
have, and everything else stays one for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from flask_babel import gettext as _

from portal import db
from portal.accounts.models import Person, User
from portal.activity.models import Verb, record
from portal.errors import Conflict, Refused
from portal.onboardings import changes, milestones, wave_copies, wave_dates
from portal.onboardings.models import Onboarding
from portal.onboardings.record import check_running
from portal.onboardings.states import ScopeChange, StepState
from portal.onboardings.waves import Wave, WavePerson

MOST: Final = 12


@dataclass(frozen=True)
class WaveTerms:
    """What staff decide about a wave. People who belonged to another one change over."""

    department: str
    people: Sequence[Person]
    starts_on: date
    go_live_on: date

    @property
    def dates(self) -> tuple[date, date]:
        return self.starts_on, self.go_live_on


def terms_of(wave: Wave) -> WaveTerms:
    """What is decided about it now."""
    return WaveTerms(wave.department, wave.people, wave.starts_on, wave.go_live_on)


def add_wave(onboarding: Onboarding, terms: WaveTerms, why: str, *, by: User) -> Wave:
    """Give a department its own copy of what a wave can have; the first wave takes what is on the road already.

    Raises Refused, where it is about one of the terms with the `field` department, starts_on or go_live_on.
    """
    check_running(onboarding, or_draft=True)
    if len(onboarding.waves_on) >= MOST:
        raise Refused(_("An onboarding has at most %(most)s waves.", most=MOST))
    first = onboarding.waves_made == 0
    as_planned = first and terms.dates == wave_dates.usual(onboarding)
    _check_name(onboarding, terms, None)
    if not as_planned:
        _check_dates(onboarding, terms)
    with wave_dates.fitted(onboarding):
        wave = _made(onboarding, terms, first=first)
        if not as_planned:
            wave_dates.go_live(wave)
        added = wave_copies.lay(wave)
        _set_people(wave, terms.people)
        wave_copies.share_out(wave)
        if not as_planned:
            wave_dates.redate_all(wave)
        milestones.hang(onboarding)
    _tell(wave, ScopeChange.WAVE_ADDED, why, items=added, day=wave.go_live_on.isoformat())
    after = {"starts_on": wave.starts_on, "go_live_on": wave.go_live_on, "items": added}
    _say(wave, Verb.WAVE_ADDED, why, by, after=after)
    onboarding.settle()
    return wave


def change_wave(wave: Wave, terms: WaveTerms, why: str, *, seen: str, by: User) -> None:
    """Another name, other people or other dates. `seen` is the seal of what its editor saw; raises Conflict when it
    isn't so any more, and Refused as `add_wave`."""
    onboarding, was = wave.onboarding, terms_of(wave)
    check_running(onboarding, or_draft=True)
    _check_on(wave)
    if seen != wave.seal:
        raise Conflict(_("Somebody changed “%(name)s” while you were writing.", name=wave.department))
    if (terms.department, set(terms.people), terms.dates) == (was.department, set(was.people), was.dates):
        raise Refused(_("Nothing is different. Change something, or go back."))
    _check_name(onboarding, terms, wave)
    if terms.dates != was.dates:
        _check_dates(onboarding, terms, wave)
    if terms.department != was.department:
        wave_copies.rename(wave, terms.department)
    with wave_dates.fitted(onboarding):
        if terms.dates != was.dates:
            wave.starts_on, wave.go_live_on = terms.dates
            wave_dates.go_live(wave)
            wave_dates.redate_all(wave)
        _set_people(wave, terms.people)
        wave_copies.share_out(wave)
    if terms.dates != was.dates:
        _tell(wave, ScopeChange.WAVE_MOVED, why, day=wave.go_live_on.isoformat())
    before, after = _differences(was, terms)
    _say(wave, Verb.WAVE_CHANGED, why, by, before=before, after=after)
    onboarding.settle()


def leave_out_wave(wave: Wave, why: str, *, seen: str, by: User) -> None:
    """Leave out what is open of a wave, its gates with it; what it has done stays. The first one stays: the road's
    own items are its. Raises Conflict as `change_wave`."""
    onboarding = wave.onboarding
    check_running(onboarding, or_draft=True)
    _check_on(wave)
    if wave.n == 1:
        raise Refused(
            _(
                "“%(name)s” has the items that were on the road from the start, so it stays. Leave out its modules.",
                name=wave.department,
            )
        )
    if seen != wave.seal:
        raise Conflict(_("Somebody changed “%(name)s” while you were writing.", name=wave.department))
    left = [step for step in wave.steps if not step.is_closed]
    waiting = next((step for step in left if step.state is StepState.SUBMITTED), None)
    if waiting is not None:
        raise Refused(_("“%(title)s” waits for our review. Answer it first.", title=waiting.title))
    with wave_dates.fitted(onboarding):
        wave_copies.take_out(wave, left, why)
        wave.left_out_on, wave.left_out_why = onboarding.account.today, why
    _tell(wave, ScopeChange.WAVE_LEFT_OUT, why, items=sum(step.visible and step.required for step in left))
    _say(wave, Verb.WAVE_LEFT_OUT, why, by, after={"items": len(left)})
    onboarding.settle()


# --- What it can't be ---------------------------------------------------------------------------


def _check_on(wave: Wave) -> None:
    if not wave.is_on:
        raise Refused(_("“%(name)s” is left out already.", name=wave.department))


def _check_name(onboarding: Onboarding, terms: WaveTerms, wave: Wave | None) -> None:
    """One that is left out has given its name up: the department may come back as a wave of its own."""
    taken = {one.department.casefold() for one in onboarding.waves_on if one is not wave}
    if terms.department.casefold() in taken:
        raise Refused(
            _("There is a wave “%(name)s” already. Call this one otherwise.", name=terms.department),
            field="department",
        )


def _check_dates(onboarding: Onboarding, terms: WaveTerms, wave: Wave | None = None) -> None:
    """A day that stays as it was may have passed."""
    account = onboarding.account
    earliest = max(account.today, onboarding.start_date)
    if terms.starts_on < earliest and (wave is None or terms.starts_on != wave.starts_on):
        raise Refused(_("Choose a first day from today and from day 0 on."), field="starts_on")
    if terms.go_live_on <= terms.starts_on:
        raise Refused(_("Choose a go-live after the first day; people train in between."), field="go_live_on")
    moved = wave is None or terms.go_live_on != wave.go_live_on
    if moved and wave is not None and wave.went_live_on is not None:
        raise Refused(_("“%(name)s” is live already.", name=wave.department), field="go_live_on")
    if moved and terms.go_live_on < account.today:
        raise Refused(_("That day has passed. Choose today or later."), field="go_live_on")
    if moved and not account.calendar.is_working_day(terms.go_live_on):
        raise Refused(_("That is a day off for them. Choose a working day."), field="go_live_on")


# --- Becoming -----------------------------------------------------------------------------------


def _made(onboarding: Onboarding, terms: WaveTerms, *, first: bool) -> Wave:
    onboarding.waves_made += 1
    wave = Wave(
        account_id=onboarding.account_id,
        onboarding=onboarding,
        n=onboarding.waves_made,
        department=terms.department,
        starts_on=terms.starts_on,
        go_live_on=terms.go_live_on,
        ends_on=onboarding.stage_called("graduation").planned_end,
        first_value_due=onboarding.first_value_due,
        went_live_on=onboarding.went_live_on if first else None,
        first_value_on=onboarding.first_value_on if first else None,
    )
    db.session.add(wave)
    db.session.flush()
    return wave


def _set_people(wave: Wave, people: Sequence[Person]) -> None:
    """On one road a person belongs to one wave. Whoever leaves it leaves its open items."""
    wanted = {person.id for person in people}
    for other in wave.onboarding.waves:
        gone = [m for m in other.members if (m.person_id in wanted) is not (other is wave)]
        for member in gone:
            other.members.remove(member)
            wave_copies.free(other, member.person_id)
    db.session.flush()  # Those who change over have left before they join.
    there = {member.person_id for member in wave.members}
    for person in people:
        if person.id not in there:
            wave.members.append(
                WavePerson(account_id=wave.account_id, onboarding_id=wave.onboarding_id, person=person)
            )
    db.session.flush()


# --- Telling ------------------------------------------------------------------------------------


def _differences(was: WaveTerms, now: WaveTerms) -> tuple[dict[str, Any], dict[str, Any]]:
    names = [name for name in ("starts_on", "go_live_on") if getattr(was, name) != getattr(now, name)]
    before: dict[str, Any] = {name: getattr(was, name) for name in names}
    after: dict[str, Any] = {name: getattr(now, name) for name in names}
    if was.department != now.department:
        before["department"], after["department"] = was.department, now.department
    if set(was.people) != set(now.people):
        before["people"], after["people"] = len(was.people), len(now.people)
    return before, after


def _tell(wave: Wave, change: ScopeChange, why: str, **facts: Any) -> None:
    changes.note(wave.onboarding, change, why, stage=None, title=wave.department, **facts)


def _say(
    wave: Wave,
    verb: Verb,
    why: str,
    by: User,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    personal = {"what": wave.department, "why": why}
    record(wave, verb, by=by, onboarding=wave.onboarding, before=before, after=after, personal=personal)
