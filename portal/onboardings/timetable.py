"""The lines of a timetable: date, tick, title, who and how long."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from flask_babel import gettext as _

from portal import web
from portal.accounts.models import User
from portal.onboardings.meter import value_expected_on
from portal.onboardings.snapshot import tick_word
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step
from portal.onboardings.whose import holder_of, name_for
from portal.onboardings.words import minutes


class Meeting(NamedTuple):
    """The call about a step: when it begins or began, whether it was held, and its page."""

    start: datetime
    held: bool
    url: str


Meetings = Mapping[int, Meeting]  # By the id of their step.
NONE: Meetings = {}


@dataclass(frozen=True)
class Item:
    """One line of a timetable: date, tick, title, who and how long. `is_others`: open, and somebody else's turn;
    `notes_url` is where the notes of its call stand."""

    date_text: str
    title: str
    url: str
    state: str
    who_text: str
    minutes_text: str
    is_next: bool
    is_locked: bool
    is_done: bool
    is_others: bool
    optional: bool
    word: str
    notes_url: str


def item_of(step: Step, reader: User, next_step: Step | None, meetings: Meetings = NONE) -> Item:
    """The line of one step, as `reader` sees it."""
    is_next = next_step is not None and step.id == next_step.id
    holder, meeting = None if step.is_done else holder_of(step), meetings.get(step.id)
    return Item(
        date_text=_date_text(step, meeting),
        title=step.title,
        url=f"/o/{step.onboarding.ref}/steps/{step.ref}",
        state=tick_word(step),
        who_text=_who(step, holder, reader),
        minutes_text="" if step.is_closed or step.with_us or not step.minutes else minutes(step.minutes),
        is_next=is_next,
        is_locked=step.state is StepState.LOCKED,
        is_done=step.is_done,
        is_others=holder is not None and holder.id != reader.id,
        optional=not step.required,
        word=_word(step, is_next),
        notes_url=meeting.url if meeting and meeting.held and step.is_done else "",
    )


def in_order(steps: Iterable[Step], meetings: Meetings = NONE) -> list[Step]:
    """What is done by the day it was done, then what is open by its date; undated ones last."""

    def place(step: Step) -> tuple[bool, date, int]:
        account = step.onboarding.account
        if step.is_done and step.done_at:
            return False, step.done_at.astimezone(account.zone).date(), step.position
        meeting = meetings.get(step.id)
        on = meeting.start.astimezone(account.zone).date() if meeting else _on(step)
        return True, on or date.max, step.position

    return sorted(steps, key=place)


def at_time(moment: datetime) -> str:
    """“13 Mar, 15:00” on the reader's wall."""
    return _("%(date)s, %(time)s", date=web.short_day(moment), time=web.clock_time(moment))


def _date_text(step: Step, meeting: Meeting | None) -> str:
    if step.is_done:
        return web.short_day(step.done_at)
    if meeting is not None and not meeting.held:
        return at_time(meeting.start)
    on = _on(step)
    if on is None:
        return ""
    if step.spec.records == "first_value":
        return _(
            "about %(date)s",
            date=web.short_day(value_expected_on(step.onboarding, step.wave)),
        )
    if step.stage.is_open or step.with_us:
        return web.short_day(on)
    return _("about %(date)s", date=web.short_day(on))


def _on(step: Step) -> date | None:
    """Its date; of what is with us, the one that we promised."""
    return step.promised_on or step.due_on


def _who(step: Step, holder: User | None, reader: User) -> str:
    if step.is_done:
        if step.done_via == "creation" or step.done_for_you:
            return _("done for you")
        if step.done_via == "usage":
            return _("seen in your account")
        return _("held") if step.done_via == "call" else name_for(step.done_by, reader)
    if holder is not None:
        return name_for(holder, reader)
    return _("anyone") if step.is_customers else ""


def _word(step: Step, is_next: bool) -> str:
    """What the mark of this line says to who can't see it."""
    if is_next:
        return _("next")
    match tick_word(step):
        case "done":
            return _("done")
        case "in_progress":
            return _("something to change") if step.state is StepState.RETURNED else _("started")
        case "with_us":
            return _("with us")
        case "blocked":
            return _("something is in the way")
    return _("not open yet") if step.state is StepState.LOCKED else _("open")
