"""The customer home (W1): which of its states it is in, and what the page lists."""

from dataclasses import dataclass, replace
from datetime import date

from flask_babel import gettext as _

from portal import clock
from portal.accounts.kinds import Segment, TeamRole
from portal.accounts.models import Staff, User
from portal.accounts.words import TEAM_LINES
from portal.onboardings import planning
from portal.onboardings.meter import Item, Road, by_when, ends_on, item_of, name_for, next_for, road_of
from portal.onboardings.models import Onboarding
from portal.onboardings.queries import AT_HAND, steps_at_hand, waiting_on_us
from portal.onboardings.states import OnboardingState, StepState
from portal.onboardings.steps import Step
from portal.onboardings.words import STAGE_TITLES
from portal.road.change_words import Changed, changed
from portal.road.home_words import blocked_words, headline, quiet

# Working days without a move of the customer's before the home offers to look at the date (product.md 2.4).
QUIET_AFTER = {Segment.SMB: 5, Segment.MID_MARKET: 7, Segment.ENTERPRISE: 10}

SHOWN = 20  # Of a stage that is too long to be listed whole.
FEW = 2  # Small things to begin with on the first visit.


@dataclass(frozen=True)
class NextCard:
    """The one thing to do: what the marigold mark points at."""

    title: str
    button: str
    minutes: int
    who: str
    when_text: str
    note: str
    step: Step


@dataclass(frozen=True)
class Home:
    """All that the home template shows of the road itself.

    `items` are those of the current stage, `cut` says that there are more. `blocked` is what something is in the way
    of, with the words for it when there is something else to do, and whether the reader may call it sorted;
    `just_done` is what they may take back; `ends` holds when each stage is planned to end.
    """

    state: str
    road: Road
    next: NextCard | None
    quiet_title: str
    quiet_text: str
    items: dict[str, list[Item]]
    earlier: list[Item]
    waiting: list[Item]
    small: list[Item]
    changed: list[Changed]
    faces: list[dict[str, object]]
    blocked: Step | None
    in_the_way: tuple[str, str]
    can_unblock: bool
    just_done: Step | None
    cut: bool
    ends: dict[str, date]


def home_of(onboarding: Onboarding, reader: User) -> Home:
    """The home of `onboarding` as `reader` sees it."""
    steps = steps_at_hand(onboarding, reader)
    step = next_for(onboarding, reader, steps)
    blocked = next(
        (s for s in steps if s.state is StepState.BLOCKED and s.is_customers and not s.asks_change), None
    )
    state = _state(onboarding, step, blocked)
    small = _small(steps, reader, onboarding.account.today) if state in ("first_visit", "preparing") else []
    waiting = waiting_on_us(steps)
    sentence, subline = headline(onboarding, state, reader, step, len(small))
    title, text = quiet(onboarding, state, reader, blocked if state == "blocked" else None, waiting)
    now = [s for s in steps if s.stage.key == onboarding.current_stage]
    cut = len(steps) == AT_HAND
    return Home(
        state=state,
        road=road_of(onboarding, step, tag=_("Next") if step else "", sentence=sentence, subline=subline),
        next=_card(step, reader) if step else None,
        quiet_title=title,
        quiet_text=text,
        items={onboarding.current_stage: [item_of(s, reader, step) for s in (now[:SHOWN] if cut else now)]},
        cut=cut,
        earlier=[item_of(s, reader, step) for s in _earlier(onboarding, steps)],
        waiting=[_ours(s, reader) for s in waiting if s.stage.key != onboarding.current_stage],
        small=[item_of(s, reader, step) for s in small] if state == "first_visit" else [],
        changed=changed(onboarding),
        faces=faces(onboarding),
        blocked=blocked if state in ("blocked", "going", "quiet") else None,
        in_the_way=blocked_words(blocked) if blocked and state != "blocked" else ("", ""),
        can_unblock=bool(blocked and blocked.workable_by(reader)),
        just_done=_just_done(steps, reader),
        ends={stage["key"]: ends_on(onboarding, stage) for stage in onboarding.meter["stages"]},
    )


def _state(onboarding: Onboarding, step: Step | None, blocked: Step | None) -> str:
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


def _ours(step: Step, reader: User) -> Item:
    """A line of what they wait for from us in another stage, which it names; the current one's stand in its list."""
    stage = STAGE_TITLES[step.stage.key]
    return replace(
        item_of(step, reader, None), title=_("%(what)s, for %(stage)s", what=step.title, stage=stage)
    )


# --- The lists ----------------------------------------------------------------------------------


def _card(step: Step, reader: User) -> NextCard:
    return NextCard(
        title=step.title,
        button=step.spec.button,
        minutes=step.minutes,
        who=name_for(step.assignee, reader) or _("anyone at your company"),
        when_text=by_when(step.due_on, step.onboarding.account.today),
        note=step.return_reason or step.spec.why,
        step=step,
    )


def _earlier(onboarding: Onboarding, steps: list[Step]) -> list[Step]:
    """The customer's items that an opened later stage has overtaken."""
    place = planning.STAGES.index(onboarding.current_stage)
    return [s for s in steps if s.stage.position < place and s.counts and s.is_customers and not s.is_closed]


def faces(onboarding: Onboarding) -> list[dict[str, object]]:
    """The people of the provider whom this customer meets, in the order they meet them."""
    order = [TeamRole.CONSULTANT, TeamRole.INTEGRATION_SPECIALIST, TeamRole.CSM]
    found: list[tuple[TeamRole, Staff | None]] = [(role, onboarding.on_team(role)) for role in order]
    return [
        {"name": staff.name, "line": str(TEAM_LINES[role]), "photo": staff.photo_url}
        for role, staff in found
        if staff
    ]
