"""Which step comes next, and for whom."""

from collections.abc import Iterable, Sequence

from portal.accounts.models import User
from portal.onboardings import planning
from portal.onboardings.links import links_of
from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step


def next_for(onboarding: Onboarding, reader: User, steps: Sequence[Step] | None = None) -> Step | None:
    """The reader's next step: of their own and of those that nobody has; for an admin who has none, a colleague's.

    What sleeps today and what has to wait for something of ours is not among them. `steps` are those to choose from,
    when not all of them have been read.
    """
    if not onboarding.is_running:
        return None
    found = onboarding.steps if steps is None else steps
    held, today = held_by_us(onboarding, found), onboarding.account.today
    theirs = {s.key: s for s in found if s.workable_by(reader)}
    awake = [s.facts for s in theirs.values() if s.key not in held and not s.facts.sleeps(today)]
    chosen = planning.next_step([facts for facts in awake if _is_own(theirs[facts.key], reader)], today)
    if chosen is None and not sleeping_for(onboarding, reader, found):
        chosen = planning.next_step(awake, today)
    return theirs[chosen.key] if chosen else None


def sleeping_for(onboarding: Onboarding, reader: User, steps: Sequence[Step]) -> list[Step]:
    """What this reader put off, or has a call about, beyond today: of their own and of nobody's, the first to come
    back first."""
    today = onboarding.account.today
    own = [step for step in steps if step.workable_by(reader) and _is_own(step, reader)]
    asleep = [s for s in own if s.counts and s.facts.with_them and s.facts.sleeps(today)]
    return sorted(asleep, key=lambda step: (step.facts.asleep_until, step.position))


def held_by_us(onboarding: Onboarding, steps: Iterable[Step]) -> set[str]:
    """The keys of what can't be done before something that is with us now, as the playbook dates it."""
    followers = links_of(onboarding).followers
    return {key for step in steps if step.with_us for key in followers.get(step.key, ())}


def _is_own(step: Step, reader: User) -> bool:
    return step.assignee_id in (None, reader.id)
