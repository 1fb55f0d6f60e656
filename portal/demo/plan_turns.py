"""What becomes of a plan that is sent: declined, run out, signed and amended."""

from datetime import timedelta
from decimal import Decimal

from portal.criteria.models import SuccessCriterion
from portal.demo import acts, agreeing, signing
from portal.demo.story import Story
from portal.demo.turns import TURNS, turn
from portal.plans.models import Plan, PlanVersion

__all__ = ["TURNS"]


@turn(days=1)
def plan_declined(story: Story) -> None:
    """They won't sign the plan as it is: it is ours to send again."""
    with story.at(max(story.last, story.ago(1, "09:50"))):
        why = "Our shop in Geneva opens in the week of your go-live. Move it by a week, then I sign."
        to_sign(story).decline(why, by=story.admin)


@turn(days=2)
def plan_ran_out(story: Story) -> None:
    """Whoever was to sign has left; nobody signed within two weeks."""
    with story.at(story.ago(2, "06:00")):
        to_sign(story).expire()


def to_sign(story: Story) -> PlanVersion:
    """The version that waits for signatures; where holidays have held everything up, what it lacks is made good."""
    if (version := Plan.of(story.road).to_sign) is None:
        agreeing.agree_results(story.road, story.admin)
        agreeing.agree_scope(story.road, story.admin)
        version = signing.send(story.road, acts.owner(story.road))
    return version


def be_signed(story: Story) -> None:
    """Where holidays have held everything up, both sides sign now, so that Training is open."""
    if Plan.of(story.road).in_force is not None:
        return
    with story.at(story.last + timedelta(minutes=20)):
        version = to_sign(story)
        while signer := signing.next_signer(story.road):
            acts.arrive(signer)
            signing.sign(version, signer)
    if story.company.sealed:
        signing.seal_after(story)


@turn(days=25, goes_on=True)
def plan_amended(story: Story) -> None:
    """A result is agreed anew in the middle of Training, so the plan is signed once more."""
    owner = acts.owner(story.road)
    with story.at(max(story.last, story.ago(25, "10:10"))):
        one = next(one for one in SuccessCriterion.of(story.road) if one.shown.direction != "by_date")
        less = ((one.shown.baseline - one.shown.target) / 8).quantize(Decimal(1))
        why = "Two of our largest partners stay with their agency until summer."
        seen = one.shown.ref
        one.suggest(agreeing.with_target(one, one.shown.target + less), why, seen=seen, by=story.admin)
    with story.at(story.ago(24, "15:05")):
        one.agree(seen=agreeing.open_of(one), by=owner)
    with story.at(story.ago(24, "16:20")):
        reason = f"{story.company.name} keeps its two largest partners out of the first run, so one target is lower."
        signing.write(story.road, {"reason": reason}, owner)
        version = signing.send(story.road, owner)
    with story.at(story.ago(23, "11:35")):
        signing.sign(version, story.admin)
    signing.seal_after(story)
