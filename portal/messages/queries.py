"""Pages of a thread, newest at the end, what was said about one step, and what waits for an answer of ours."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal import db
from portal.access import find_or_404
from portal.messages.models import Message, Thread
from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step

PAGE = 50
TALK = 10


@dataclass(frozen=True)
class Page:
    """Messages in the order they were written. `earlier` is the ref to go back from, None on the oldest page."""

    messages: list[Message]
    earlier: str | None


def page_of(onboarding: Onboarding, *, before: Message | None = None) -> Page:
    """The last 50 messages of this thread, or the 50 before a given one."""
    query = select(Message).where(Message.onboarding_id == onboarding.id)
    if before is not None:
        query = query.where(Message.id < before.id)
    rows = query.options(joinedload(Message.author), joinedload(Message.step)).order_by(Message.id.desc())
    found = list(db.session.scalars(rows.limit(PAGE + 1)))
    shown = found[:PAGE][::-1]
    return Page(shown, shown[0].ref if len(found) > PAGE else None)


def step_of(onboarding: Onboarding, ref: str | None) -> Step | None:
    """The step that a message is about: none for no ref or `-`; 404 for one that isn't on this road, or that the
    customer, who reads the thread, doesn't see."""
    if not ref or ref == "-":
        return None
    return find_or_404(Step, ref, onboarding_id=onboarding.id, visible=True)


def talk_about(*steps: Step) -> list[Message]:
    """The last messages about these steps, in the order they were written; for none, no statement."""
    if not steps:
        return []
    rows = select(Message).where(Message.step_id.in_([step.id for step in steps]))
    rows = rows.options(joinedload(Message.author))
    return list(db.session.scalars(rows.order_by(Message.id.desc()).limit(TALK)))[::-1]


# The threads in which the customer spoke last, and what is read with them: the question and who asks whom.
IS_ASKED = Thread.awaits_reply_since.is_not(None)
ASKING = (
    joinedload(Thread.asked),
    joinedload(Thread.question).options(joinedload(Message.author), joinedload(Message.step)),
)


def waiting(onboardings: Iterable[int]) -> dict[int, Thread]:
    """The threads of these onboardings in which the customer spoke last; one statement."""
    rows = select(Thread).where(Thread.onboarding_id.in_(list(onboardings)), IS_ASKED).options(*ASKING)
    return {thread.onboarding_id: thread for thread in db.session.scalars(rows)}
