"""Contoso's road is changed without its playbook: an item and a module more, and later dates for Graduation."""

from portal.demo.story import Story
from portal.onboardings.modules import add_module, offered
from portal.onboardings.scope import NewStep, add_step
from portal.onboardings.shifting import Shift, move_dates, preview


def edit(story: Story) -> None:
    """What Priya changes on one afternoon, each with its why."""
    road, priya, calendar = story.road, story.cast["Priya"], story.company.calendar
    with story.at(story.ago(2, "15:20")):
        due_on = calendar.add_working_days(road.account.today, 6)
        approvers = NewStep(
            title="Name who approves payouts in each department",
            why="Nine departments pay from nine budgets, so each payout has to know who says yes.",
            assignee=story["Maria"],
            due_on=due_on,
            kind="checklist",
            items=("Every department has a name", "Every name has somebody who stands in"),
            minutes=30,
        )
        add_step(road, approvers, by=priya, module=story.step("training_feedback").module)
    with story.at(story.ago(2, "15:35")):
        campaign = next(module for module in offered(road) if module.key == "launch_campaign")
        why = "You want all nine departments to announce it in the same week."
        add_module(road, campaign, why, by=priya)
    with story.at(story.ago(2, "16:10")):
        shift, why = Shift(3, stage="graduation"), "Your inventory closes the last week of the quarter."
        move_dates(road, shift, why, seen=preview(road, shift).seal, by=priya)
