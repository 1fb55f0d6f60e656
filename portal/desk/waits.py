"""What waits on us in one onboarding: the customer's question, and what is ours of its road."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _

from portal import web
from portal.access import Can, viewer
from portal.accounts.models import Account, Staff, User
from portal.calls.models import Call
from portal.calls.queries import calls_of
from portal.desk import meetings
from portal.messages.models import Message, Thread
from portal.messages.queries import waiting
from portal.onboardings.letters import reviewer
from portal.onboardings.models import Onboarding
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step
from portal.onboardings.words import BLOCK_REASONS

SHOWN = 120  # Letters of a question that a line shows.


@dataclass(frozen=True)
class Wait:
    """One thing that is ours to do: `who` of us has it, `by` when (the account's date), and since when it is ours.

    Either a step, a question, or a call that nobody has logged or that needs another time. `promised` says that the
    day is one that we named ourselves: only then are we late. `lets_agree` is what the customer can agree to once it
    is done.
    """

    who: User | None
    by: date | None
    since: datetime | None
    promised: bool = True
    step: Step | None = None
    question: Message | None = None
    call: Call | None = None
    lets_agree: Step | None = None

    @property
    def is_review(self) -> bool:
        return self.step is not None and self.step.state is StepState.SUBMITTED

    @property
    def is_to_move(self) -> bool:
        """Whether it is a call that needs another time."""
        return self.call is not None and self.call.needs_time

    @property
    def is_viewers(self) -> bool:
        """Whether the reader is the one of us who has it."""
        return self.who is not None and self.who.id == viewer().id

    @property
    def open_to_viewer(self) -> bool:
        """Whether the reader may do it here and now: what is theirs, any review if they review at all, and any log."""
        if self.call is not None:
            return viewer().may(Can.LOG_CALL)
        return self.is_viewers or (self.is_review and viewer().may(Can.REVIEW_STEP))

    @property
    def is_waited_for(self) -> bool:
        """Whether the customer knows of it and waits: a question, a review, or a promise that they see."""
        known = self.step is not None and (self.step.visible or self.lets_agree is not None)
        return self.question is not None or (self.promised and known)

    def is_late(self, today: date) -> bool:
        """Whether the day that we named is over; `today` is the account's date."""
        return self.promised and self.by is not None and self.by < today


@dataclass(frozen=True)
class Open:
    """What waits on us here, oldest promise first, the thread if its last word is the customer's, and the calls ahead
    and behind."""

    onboarding: Onboarding
    waits: list[Wait]
    thread: Thread | None
    ahead: list[Call]
    behind: list[Call]

    @property
    def calls(self) -> dict[int, Call]:
        """The call of each step, by the step's id."""
        return meetings.by_step([*self.ahead, *self.behind])


def open_now(onboarding: Onboarding) -> Open:
    thread = waiting([onboarding.id]).get(onboarding.id)
    ahead, behind = calls_of(onboarding)
    found = waits_of(onboarding, onboarding.steps, thread, [*ahead, *behind])
    return Open(onboarding, found, thread, ahead, behind)


def waits_of(
    onboarding: Onboarding, steps: Iterable[Step], thread: Thread | None, calls: Iterable[Call]
) -> list[Wait]:
    """What waits on us, the oldest day first: those of `steps` that are ours, the next step if somebody of ours has
    it in hand (a call, until it is booked or they were asked for a time), those of `calls` that nobody has logged or
    that need another time, and the question of `thread`. Whoever asks waits for us alone, so a question stands before
    a step of the same day."""
    found = [_of_step(step) for step in steps if onboarding.is_running and step.with_us]
    if (step := onboarding.next_step) and isinstance(step.assignee, Staff) and not step.is_arranged:
        since = onboarding.ball_since
        found.append(Wait(step.assignee.acting, step.due_on, since, promised=False, step=step))
    found += [_of_call(call) for call in calls if call.waits_for_its_log or call.needs_time]
    if thread is not None and thread.question is not None:
        by, since = onboarding.answer_due_on, thread.awaits_reply_since
        asked = thread.asked.acting if isinstance(thread.asked, Staff) else thread.asked
        found.append(Wait(asked, by, since, question=thread.question))
    return sorted(found, key=lambda one: (one.by or date.max, one.step.position if one.step else -1))


def _of_step(step: Step) -> Wait:
    return Wait(reviewer(step), step.promised_on, step.ours_since, step=step)


def _of_call(call: Call) -> Wait:
    on = call.start.astimezone(call.onboarding.account.zone).date()
    # Who takes it over has both to do: to give it another time, and to log it where that came too late.
    who = call.next_host.acting if call.next_host else call.owner
    return Wait(who, on, call.start, promised=False, call=call)


def in_the_way(steps: Iterable[Step]) -> Step | None:
    """Of those of `steps` that count, the blocked one that is due first."""
    blocked = [
        step for step in steps if step.required and step.state is StepState.BLOCKED and not step.asks_change
    ]
    return min(blocked, key=lambda step: (step.due_on or date.max, step.position), default=None)


def obstacle(step: Step) -> str:
    """What is in the way of a blocked step, and who can clear it: “Missing access: IT has to open the port. (Ben)”."""
    reason = BLOCK_REASONS.get(step.blocked_by or "", BLOCK_REASONS["other"])
    said = ": ".join(filter(None, (str(reason), step.blocked_detail)))
    return _("%(what)s (%(who)s)", what=said, who=step.unblocker) if step.unblocker else said


def readers_first(wait: Wait) -> int:
    """What is the reader's own stands before what they may do as well, and that before a colleague's."""
    return 0 if wait.is_viewers else 1 if wait.open_to_viewer else 2


def next_for(wait: Wait) -> str:
    """Whose next thing it is."""
    if wait.is_viewers:
        return _("Next for you")
    return _("Next for %(name)s", name=wait.who.called) if wait.who else _("Next for us")


def day_of(moment: datetime | None, account: Account) -> str:
    """A moment as a day of the account, so that it is one day whoever reads it; with its year if that is over."""
    return day_text(moment.astimezone(account.zone).date() if moment else None, account)


def day_text(day: date | None, account: Account) -> str:
    """A day of the account; with its year if that is over."""
    if day is None:
        return ""
    return web.short_day(day) if day.year == account.today.year else web.day(day, "yMMMd")


def asks(wait: Wait) -> str:
    """“Ana asks you”, “Ana asks Priya”."""
    asker = wait.question.author.called if wait.question else ""
    if wait.is_viewers:
        return _("%(who)s asks you", who=asker)
    return (
        _("%(who)s asks %(whom)s", who=asker, whom=wait.who.called)
        if wait.who
        else _("%(who)s asks", who=asker)
    )


def excerpt(message: Message | None) -> str:
    """The beginning of what was written, on one line."""
    if message is None:
        return ""
    text = " ".join(message.body.split())
    return text if len(text) <= SHOWN else text[: SHOWN - 1].rstrip() + "…"
