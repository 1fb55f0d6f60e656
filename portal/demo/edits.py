"""Contoso's road is changed without its playbook: waves, an item and a module more, later dates for Graduation."""

from portal.demo.story import Story
from portal.onboardings.modules import add_module, offered
from portal.onboardings.rollout import WaveTerms, add_wave
from portal.onboardings.scope import NewStep, add_step
from portal.onboardings.shifting import Shift, move_dates, preview
from portal.onboardings.wave_dates import usual


def edit(story: Story) -> None:
    """What Priya changes on one afternoon, each with its why."""
    roll_out(story)
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


def roll_out(story: Story) -> None:
    """Channel sales goes first, Finance follows."""
    road, priya = story.road, story.cast["Priya"]
    with story.at(story.ago(2, "14:30")):
        sales = WaveTerms("Channel sales", [story["Carl"]], *usual(road))
        add_wave(road, sales, "They have the partners, so they go first.", by=priya)
    with story.at(story.ago(2, "14:40")):
        finance = WaveTerms("Finance", [story["Maria"]], *usual(road))
        add_wave(road, finance, "Finance can train once the quarter is closed.", by=priya)
