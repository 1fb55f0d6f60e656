"""What the letters about the whole road say. Every function writes in the language that is set when it is called."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.access import Can
from portal.accounts.models import User, provider
from portal.accounts.words import TEAM_LINES, TEAM_ROLES
from portal.onboardings.paper import BUTTON, PREHEADER, SUBJECT, Row, Section, Words, address, fitted
from portal.onboardings.states import OnboardingState, StepState
from portal.onboardings.words import STAGE_LINES, STAGE_TITLES, facts, minutes
from portal.web import day

if TYPE_CHECKING:
    from portal.onboardings.models import Onboarding
    from portal.onboardings.record import StepRecord as Step
    from portal.onboardings.stages import Stage

SMALL_THINGS = 2


# --- Addresses ------------------------------------------------------------------------------------


def home_path(onboarding: Onboarding) -> str:
    return f"/o/{onboarding.ref}"


def step_path(step: Step) -> str:
    return f"/o/{step.onboarding.ref}/steps/{step.ref}"


def desk_path(onboarding: Onboarding) -> str:
    return f"/staff/accounts/{onboarding.account.ref}?o={onboarding.ref}"


# --- The road as a whole --------------------------------------------------------------------------


def welcome(onboarding: Onboarding, _reader: User) -> Words:
    """Thanks for choosing us and for what, four dates, faces, two small things to do now."""
    company, things = provider().name, first_things(onboarding)
    thanks = _(
        "Thank you for choosing %(company)s for %(what)s.", company=company, what=onboarding.product.name
    )
    why = _("You told us why. It is what this road is for, and the words your goals are written in:")
    sections = _dates_and_faces(onboarding)
    if things:
        small = ngettext("%(num)s small thing to do now", "%(num)s small things to do now", len(things))
        rows = [Row(s.title, minutes(s.minutes), s is things[0], address(step_path(s))) for s in things]
        sections.append(Section(small, rows))
    return Words(
        subject=fitted(
            SUBJECT, lambda name: _("Welcome to %(company)s: your road is open", company=name), company
        ),
        preheader=ngettext(
            "One small thing to do now, about %(time)s.",
            "%(num)s small things to do now, about %(time)s together.",
            len(things),
            time=minutes(sum(step.minutes for step in things)),
        )[:PREHEADER],
        paragraphs=[thanks, why] if onboarding.quote else [thanks],
        quote=onboarding.quote,
        sections=sections,
        button=button_to(things[0] if things else None),
        path=step_path(things[0]) if things else home_path(onboarding),
        because=leads(onboarding),
        closing=[
            _("The dates of the road are in the calendar file with this letter."),
            _("Questions? Reply to this letter and I'll answer."),
        ],
    )


def _dates_and_faces(onboarding: Onboarding) -> list[Section]:
    """The road in four dates, and who goes along."""
    calendar = onboarding.account.calendar
    dates = [
        Row(
            _("%(stage)s: %(line)s", stage=STAGE_TITLES[s.key], line=STAGE_LINES[s.key]),
            _("by %(date)s", date=day(calendar.previous_working_day(s.planned_end))),
        )
        for s in onboarding.stages
    ]
    faces = [Row(m.staff.name, facts([TEAM_ROLES[m.role], TEAM_LINES[m.role]])) for m in onboarding.team]
    return [Section(_("Your road in four dates"), dates), Section(_("Who goes with you"), faces)]


def first_things(onboarding: Onboarding) -> Sequence[Step]:
    """The two small things to begin with: the next step, then whichever of theirs is open and due first."""
    open_now = [s for s in onboarding.steps if s.counts and s.with_them]
    open_now.sort(key=lambda s: (s is not onboarding.next_step, s.due_on or date.max, s.position))
    return open_now[:SMALL_THINGS]


def stage_complete(stage: Stage, reader: User) -> Words:
    """What they have now in their terms, what opens, who does the next thing."""
    onboarding, title, step = stage.onboarding, str(STAGE_TITLES[stage.key]), following_step(stage)
    achieved = ngettext(
        "%(stage)s is behind you: %(num)s item is done.",
        "%(stage)s is behind you: all %(num)s items are done.",
        stage.items_done,
        stage=title,
    )
    opens = _opens(stage)
    sections = [Section(_("What you have now"), [Row(module.outcome) for module in stage.modules])]
    if step:
        sections.append(Section(_("Who does the next thing"), [who_does_it(step, reader)]))
        time = minutes(step.minutes)
        preheader = fitted(
            PREHEADER, lambda t: _("Next: %(title)s, %(time)s.", title=t, time=time), step.title
        )
    return Words(
        subject=fitted(SUBJECT, lambda t: _("%(stage)s is complete", stage=t), title),
        preheader=preheader if step else opens[:PREHEADER],
        paragraphs=[achieved, opens],
        sections=sections,
        button=button_to(step if step and does(reader, step) else None),
        path=step_path(step) if step and does(reader, step) else home_path(onboarding),
        because=_("You get this because you are on %(account)s's road.", account=onboarding.account.name),
    )


def following_step(stage: Stage) -> Step | None:
    """The customer's step that comes after `stage`: among what is open, or opens by its completion."""
    reach = [s for s in stage.onboarding.steps if s.stage.is_open or s.stage.position == stage.position + 1]
    theirs = [s for s in reach if s.counts and s.stage is not stage and (s.with_them or _will_be_theirs(s))]
    return min(theirs, key=lambda s: (s.due_on or date.max, s.position), default=None)


def _will_be_theirs(step: Step) -> bool:
    return step.state is StepState.LOCKED and step.is_customers and not step.waiting


def _opens(stage: Stage) -> str:
    onboarding = stage.onboarding
    after = next((s for s in onboarding.stages if s.position == stage.position + 1), None)
    if after is None:
        return _("You run it yourselves now. Your road stays here to read.")
    names = {"stage": str(STAGE_TITLES[after.key]), "line": str(STAGE_LINES[after.key])}
    if onboarding.state is OnboardingState.PREPARING and not after.is_open:
        return _(
            "%(stage)s comes next: %(line)s. It opens on %(date)s.", date=day(onboarding.start_date), **names
        )
    return _("%(stage)s comes next: %(line)s.", **names)


def does(reader: User, step: Step) -> bool:
    """Whether the reader may do this step."""
    return reader.may(Can.COMPLETE_STEP) and step.workable_by(reader)


def who_does_it(step: Step, reader: User) -> Row:
    """One step in a list: who, how long, by when."""
    who = step.assignee.called if step.assignee else ""
    until = _("by %(date)s", date=day(step.due_on)) if step.due_on else ""
    url = address(step_path(step)) if does(reader, step) else None
    return Row(step.title, facts([minutes(step.minutes), who, until]), True, url)


def we_are_late(step: Step, ours: User | None, _reader: User) -> Words:
    """A promise of ours has passed its date: what we said, that it isn't so, and what holds now.

    `ours` is whoever of us has it in hand.
    """
    onboarding = step.onboarding
    said = [_broken_promise(step)]
    if ours:
        said.append(_("%(name)s is on it and tells you the new date as soon as we know it.", name=ours.name))
    said.append(_("Your graduation date, %(date)s, has not moved.", date=day(onboarding.target_graduation)))
    return Words(
        subject=fitted(SUBJECT, lambda t: _("We are late: %(title)s", title=t), step.title),
        preheader=_("Nothing for you to do. Here is what happened and what holds now.")[:PREHEADER],
        paragraphs=said,
        button=_("See what it means for your road"),
        path=step_path(step),
        because=leads(onboarding),
        closing=[_("If this gets in your way, reply and I'll answer today or on the next working day.")],
    )


def _broken_promise(step: Step) -> str:
    facts_of_it = {"title": step.title, "date": day(step.promised_on)}
    if step.state is StepState.SUBMITTED:
        return _("Your “%(title)s” was to be reviewed by %(date)s. It isn't yet.", **facts_of_it)
    if step.asks_change:
        return _("Your change to “%(title)s” was to be answered by %(date)s. It isn't yet.", **facts_of_it)
    if step.is_customers:
        return _("What you need for “%(title)s” was to be here by %(date)s. It isn't yet.", **facts_of_it)
    return _("We said “%(title)s” would be done by %(date)s. It isn't.", **facts_of_it)


# --- Parts of sentences ---------------------------------------------------------------------------


def leads(onboarding: Onboarding) -> str:
    """Why an admin gets a letter that concerns no step of their own."""
    return _("You get this because you lead this for %(account)s.", account=onboarding.account.name)


def button_to(step: Step | None) -> str:
    """What the one button says: the step it leads to."""
    return fitted(BUTTON, str, step.title) if step else _("See your road")
