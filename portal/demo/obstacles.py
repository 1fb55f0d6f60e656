"""Endings in which something is in the way: of one step, of the first call, of the whole beginning."""

from portal.demo import acts
from portal.demo.story import Story
from portal.demo.turns import TURNS, call_off, turn
from portal.messages.models import Message
from portal.readiness.prerequisite_rules import Status
from portal.readiness.prerequisites import wanted_of

__all__ = ["TURNS"]


@turn(days=3)
def in_the_way(story: Story) -> None:
    """Something technical is in the way of one step, others go on."""
    with story.at(story.ago(3, "10:15")):
        detail = (
            "Our identity team answers requests for keys on Thursdays only, and last Thursday was a holiday."
        )
        acts.arrive(story["Gwen"])
        story.step("api_keys").block("access", detail, "Gwen Hall", by=story["Gwen"])


@turn(days=4)
def data_missing(story: Story) -> None:
    """The data isn't ready, and the step that needs it is late."""
    with story.at(story.ago(4, "13:00")):
        detail = "Two regions still clean their broker lists. They promised the end of the month."
        story.step("import_partners").block("other", detail, "Lara Quinn", by=story.admin)


@turn(days=5)
def readiness_gap(story: Story) -> None:
    """Something to have ready is missing, and the work would cost more than the pause that is agreed for it."""
    road, owner = story.road, acts.owner(story.road)
    hours = next(one for one in wanted_of(road) if one.key == "it_hours")
    with story.at(story.ago(5, "10:15")):
        words = (
            "Conor is on the audit until the middle of the month. There is nobody else who may open the CRM."
        )
        hours.say(Status.NEED_HELP, by=story.admin, words=words)
    with story.at(story.ago(3, "15:20")):
        text = "Then we wait for Conor. Starting without him would mean doing the connection twice."
        Message.write(road, text, by=owner)
        review = story.company.calendar.add_working_days(road.account.today, 11)
        call_off(story, "Conor is on the audit.")
        hours.hold("Conor, who connects your CRM, is on the audit until then.", review, by=owner)


@turn(days=1)
def kickoff_stuck(story: Story) -> None:
    """Everything else is done; the one thing left is blocked."""
    with story.at(story.ago(1, "12:30")):
        detail = "Our second partner has to be there and answers from Monday on."
        story.step("book_kickoff").block("agreement", detail, "Sofía's business partner", by=story.admin)


@turn(days=2)
def bank_file_missing(story: Story) -> None:
    """Blocked, and cleared on the next day."""
    step = story.step("prerequisites")
    with story.at(story.ago(2, "10:10")):
        step.block(
            "other", "The bank sends the file of past payments on Tuesdays.", "Our bank", by=story.admin
        )
    with story.at(story.ago(1, "12:20")):
        step.unblock(by=story.admin)
