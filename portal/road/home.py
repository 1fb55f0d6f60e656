"""The customer home (W1): which of its states it is in, and what the page lists."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from flask_babel import gettext as _

from portal import clock
from portal.accounts.kinds import Segment
from portal.accounts.models import User
from portal.activity.models import Activity
from portal.calls.cards import Calls
from portal.onboardings import planning
from portal.onboardings.meter import Road, ends_on, road_of
from portal.onboardings.models import Onboarding
from portal.onboardings.next_steps import held_by_us, next_for, sleeping_for
from portal.onboardings.queries import AT_HAND, steps_at_hand, waiting_on_us
from portal.onboardings.states import OnboardingState, StepState
from portal.onboardings.steps import Step
from portal.onboardings.timetable import Item, Meetings, in_order, item_of
from portal.onboardings.waves import Wave
from portal.plans.models import PlanVersion
from portal.plans.queries import asked_of
from portal.road import date_answers
from portal.road.change_words import Changed, changed
from portal.road.date_answers import Ways
from portal.road.forms import DateChoiceForm
from portal.road.home_lists import NextCard, ahead_of, card, cut_to, earlier_of, faces, ours
from portal.road.home_words import blocked_words, headline, helped_by, late_words, quiet

# Working days without a move of the customer's before the home offers to look at the date (product.md 2.4).
QUIET_AFTER = {Segment.SMB: 5, Segment.MID_MARKET: 7, Segment.ENTERPRISE: 10}

Sent = DateChoiceForm | None  # An answer about the date that was refused.

FEW = 2  # Small things to begin with on the first visit.


@dataclass(frozen=True)
class Home:
    """All that the home template shows of the road itself.

    `items` are those of the current stage, `cut` says that there are more; `ahead` are those of later stages that
    may be done already. `late` owns up to what we promised and haven't done; `helps` says which colleague of ours
    helps besides. `blocked` is what something is in the way of, with the words for it when there is something else
    to do, and whether the reader may call it sorted; `asleep` is what comes back first when all is put off;
    `just_done` is what they may take back; `ends` holds when each stage is planned to end. `ways` are the answers
    about the date, while that is asked, and `answered` is what was said. `to_sign` is a version of the plan that
    waits for the reader's signature, where it isn't the next step that says so.
    """

    state: str
    road: Road
    next: NextCard | None
    quiet_title: str
    quiet_text: str
    items: dict[str, list[Item]]
    earlier: list[Item]
    ahead: list[Item]
    waiting: list[Item]
    late: str
    helps: str
    small: list[Item]
    changed: list[Changed]
    faces: list[dict[str, object]]
    blocked: Step | None
    in_the_way: tuple[str, str]
    can_unblock: bool
    asleep: Step | None
    just_done: Step | None
    cut: bool
    ends: dict[str, date]
    ways: Ways | None
    answered: str
    to_sign: PlanVersion | None


def home_of(
    onboarding: Onboarding, reader: User, calls: Calls, sent: Sent = None, wave: Wave | None = None
) -> Home:
    """The home as `reader` sees it, or only what concerns `wave`."""
    steps = steps_at_hand(onboarding, reader, wave)
    meetings = calls.meetings(steps)
    step = next_for(onboarding, reader, steps)
    blocked = next((s for s in steps if s.state is StepState.BLOCKED and not s.with_us), None)
    asleep = next(iter(sleeping_for(onboarding, reader, steps)), None) if step is None else None
    held = held_by_us(onboarding, steps)
    state = _state(onboarding, step, blocked, asleep)
    small = _small(steps, reader, onboarding.account.today) if state in ("first_visit", "preparing") else []
    waiting = waiting_on_us(steps)
    title, text = quiet(
        onboarding, state, reader, steps, blocked=blocked, asleep=asleep, held=held, meetings=meetings
    )
    asked, answered = _asked(onboarding, state, sent, reader)
    cut = len(steps) == AT_HAND
    lines = partial(_lines, reader=reader, first=step, meetings=meetings)
    return Home(
        state=state,
        road=_road(onboarding, step, wave, *headline(onboarding, state, reader, step, len(small), wave)),
        next=card(step, reader, meetings) if step else None,
        quiet_title=title,
        quiet_text=text,
        items={onboarding.current_stage: lines(_now(onboarding, steps, meetings, cut=cut))},
        cut=cut,
        earlier=lines(earlier_of(onboarding, steps)),
        ahead=lines(ahead_of(onboarding, steps)),
        waiting=[ours(s, reader) for s in waiting],
        late=late_words(waiting, [s for s in steps if s.key in held], reader),
        helps=helped_by(onboarding),
        small=[item_of(s, reader, step) for s in small] if state == "first_visit" else [],
        changed=changed(onboarding),
        faces=faces(onboarding),
        blocked=blocked if state in ("blocked", "going", "quiet") else None,
        in_the_way=blocked_words(blocked) if blocked and state != "blocked" else ("", ""),
        can_unblock=bool(blocked and blocked.workable_by(reader)),
        asleep=asleep,
        just_done=_just_done(steps, reader),
        ends={stage["key"]: ends_on(onboarding, stage) for stage in onboarding.meter["stages"]},
        ways=asked,
        answered=answered,
        to_sign=_to_sign(onboarding, reader, steps, step),
    )


def _to_sign(
    onboarding: Onboarding, reader: User, steps: list[Step], first: Step | None
) -> PlanVersion | None:
    """An amendment, or the first version where somebody else leads the step; nothing is read while none can wait."""
    if first is not None and first.kind == "sign":
        return None
    sent = any(step.kind == "sign" and step.with_them for step in steps)
    return asked_of(onboarding, reader) if sent or onboarding.signed_version is not None else None


def _road(onboarding: Onboarding, step: Step | None, wave: Wave | None, sentence: str, subline: str) -> Road:
    tag = _("Next") if step else ""
    return road_of(onboarding, step, tag=tag, sentence=sentence, subline=subline, wave=wave)


def _lines(steps: list[Step], reader: User, first: Step | None, meetings: Meetings) -> list[Item]:
    return [item_of(step, reader, first, meetings) for step in steps]


def _now(onboarding: Onboarding, steps: list[Step], meetings: Meetings, *, cut: bool) -> list[Step]:
    """The items of the current stage, as many as a home lists."""
    now = in_order((step for step in steps if step.stage.key == onboarding.current_stage), meetings)
    return cut_to(now) if cut else now


def _state(onboarding: Onboarding, step: Step | None, blocked: Step | None, asleep: Step | None) -> str:
    """The first that applies of the home's states, in the order of what matters most to the reader."""
    by_state = {
        OnboardingState.DRAFT: "draft",
        OnboardingState.ON_HOLD: "on_hold",
        OnboardingState.CANCELLED: "cancelled",
        OnboardingState.GRADUATED: "graduated",
        OnboardingState.HANDED_OVER: "graduated",
        OnboardingState.CLOSED: "graduated",
    }
    if onboarding.state in by_state:
        return by_state[onboarding.state]
    if step is None:
        if asleep is not None:
            return "asleep"
        return "blocked" if blocked and onboarding.next_step_id is None else "waiting"
    if onboarding.customer_moved_at is None:
        return "first_visit"
    if onboarding.state is OnboardingState.PREPARING:
        return "preparing"
    return "quiet" if quiet_days(onboarding) >= QUIET_AFTER[onboarding.account.segment] else "going"


def quiet_days(onboarding: Onboarding) -> int:
    """Working days since anybody at the customer moved the road, or since it began."""
    since = onboarding.customer_moved_at or onboarding.started_at
    if since is None:
        return 0
    account = onboarding.account
    return account.calendar.working_days_between(since.astimezone(account.zone).date(), account.today)


def _asked(onboarding: Onboarding, state: str, sent: Sent, reader: User) -> tuple[Ways | None, str]:
    """The answers about the date, while that is asked, or what was said."""
    answered = _answered(onboarding, state)
    asks = state == "quiet" and answered is None
    return (
        date_answers.ways_of(onboarding, sent) if asks else None,
        date_answers.said(onboarding, answered, reader) if answered else "",
    )


def _answered(onboarding: Onboarding, state: str) -> Activity | None:
    """What was said about the date or the pause; an answer about the date holds until they have been quiet again."""
    account = onboarding.account
    if state == "on_hold" and onboarding.hold:
        return date_answers.last_answer(onboarding, onboarding.hold.began_on)
    if state != "quiet":
        return None
    first = account.calendar.add_working_days(account.today, 1 - QUIET_AFTER[account.segment])
    return date_answers.last_answer(onboarding, first)


def _small(steps: list[Step], reader: User, today: date) -> list[Step]:
    """The first things this reader can do, in the order in which they are due."""
    theirs = {step.key: step for step in steps if step.workable_by(reader)}
    facts = [step.facts for step in theirs.values()]
    found: list[Step] = []
    while len(found) < FEW and (chosen := planning.next_step(facts, today)):
        found.append(theirs[chosen.key])
        facts.remove(chosen)
    return found


def _just_done(steps: list[Step], reader: User) -> Step | None:
    """What this reader finished last, while it can be undone."""
    undoable = [step for step in steps if step.undoable_by(reader)]
    return max(undoable, key=lambda step: step.done_at or clock.now(), default=None)
