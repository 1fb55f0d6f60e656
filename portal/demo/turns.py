"""How the stories of the portfolio go on in their last days: every state a road or a step can be in, once at least.

A turn takes the last so many working days of the customer; the walk before it ends where the turn begins,
and goes on after it around the steps that the turn is about.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from portal.calls.rules import CallState, Side
from portal.demo import acts
from portal.demo.edits import edit
from portal.demo.story import Story
from portal.messages.models import Message
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step

Turn = Callable[[Story], None]


@dataclass(frozen=True)
class Ending:
    """One turn, and how many of the customer's working days it takes. `goes_on`: what was begun by then goes on after
    it."""

    days: int
    tell: Turn
    goes_on: bool = False


TURNS: dict[str, Ending] = {}


def turn(days: int, *, goes_on: bool = False) -> Callable[[Turn], Turn]:
    """Make this function a turn that is named after it."""

    def register(function: Turn) -> Turn:
        TURNS[function.__name__] = Ending(days, function, goes_on)
        return function

    return register


def _open_steps(story: Story) -> list[Step]:
    """What the customer can work on now by themselves, in the order of their road."""
    steps = [step for step in story.road.steps if step.is_customers and step.required and not step.spec.call]
    return [step for step in steps if step.state is StepState.READY and not step.waits_for]


# --- The road as a whole ------------------------------------------------------------------------


@turn(days=3)
def holding(story: Story) -> None:
    """On hold, with a reason and a date to look again."""
    with story.at(story.ago(3, "10:20")):
        text = "Our studio moves until the end of next week, and nobody can look at a screen. Can we pause?"
        Message.write(story.road, text, by=story.admin)
    with story.at(story.ago(2, "15:10")):
        call_off(story, "The studio is moving.")
        review = story.company.calendar.add_working_days(story.road.account.today, 12)
        story.road.pause(
            "Your studio is moving, and the people we need are packing.", review, by=acts.owner(story.road)
        )
        text = "Of course. The road stands still until then, and every date ahead moves with it."
        Message.write(story.road, text, by=acts.owner(story.road))


@turn(days=1)
def one_thing_done(story: Story) -> None:
    """Before day 0, with the first small thing done."""
    step = story.step("road_preview")
    if not step.is_closed:
        with story.at(max(story.last, story.ago(1, "15:15"))):
            acts.arrive(story.admin)
            acts.finish(step, story.admin, story.chance)


@turn(days=3)
def cancelled(story: Story) -> None:
    """Ended without graduating."""
    with story.at(story.ago(3, "11:00")):
        call_off(story, "The onboarding ends today.")
        story.road.cancel(
            "The company was sold, and the buyer has a programme of its own.", by=story.cast["Lena"]
        )


@turn(days=4)
def date_moved(story: Story) -> None:
    """A pause that is over: every date ahead moved by it."""
    with story.at(story.ago(4, "10:00")):
        review = story.company.calendar.add_working_days(story.road.account.today, 3)
        story.road.pause("Stocktaking: nobody has time before it is done.", review, by=acts.owner(story.road))
    with story.at(story.ago(1, "10:30")):
        story.road.resume(by=acts.owner(story.road))


def call_off(story: Story, reason: str) -> None:
    """Cancel every call that is to come, by the customer."""
    for call in acts.calls_ahead(story.road):
        call.cancel(reason, by=story.admin)


# --- With us ------------------------------------------------------------------------------------


@turn(days=2)
def we_are_late(story: Story) -> None:
    """A date of ours has passed, and the customer asks; and their road is edited."""
    crm = story.step("crm_connected")
    with story.at(story.ago(2, "14:05")):
        text = "@Tomás the connection was planned for last week. Is there anything you still need from us?"
        Message.write(story.road, text, by=story.admin, step=crm)
    edit(story)


@turn(days=2)
def asked_and_waiting(story: Story) -> None:
    """A question of two days ago that nobody of ours has answered."""
    with story.at(max(story.last, story.ago(2, "09:15"))):
        acts.arrive(story.admin)
        text = "Our president can only come to the first half hour of the kickoff. Does the agenda allow for that?"
        Message.write(story.road, text, by=story.admin)


@turn(days=2)
def file_with_us(story: Story) -> None:
    """A file waits for our eyes."""
    with story.at(story.ago(2, "15:20")):
        acts.finish(story.step("import_partners"), story.admin, story.chance)


@turn(days=1)
def handed_in(story: Story) -> None:
    """Answers wait for our eyes."""
    with story.at(story.ago(1, "11:35")):
        acts.finish(story.step("reward_rules"), story.admin, story.chance)


# --- Not as planned -----------------------------------------------------------------------------


@turn(days=2)
def half_written(story: Story) -> None:
    """A form that was begun and left."""
    step = story.step("reward_rules")
    with story.at(story.ago(2, "16:10")):
        step.save({"earned_when": "The contract is signed"}, version=step.data_version, by=story.admin)


@turn(days=1)
def not_for_us(story: Story) -> None:
    """The customer says that a step doesn't apply to them; we haven't answered yet."""
    with story.at(story.ago(1, "10:45")):
        reason = "Candidates never sign up themselves, our recruiters add them."
        story.step("signup_page").ask_to_skip(reason, by=story.admin)


@turn(days=3)
def left_out(story: Story) -> None:
    """Asked on one day, left out on the next; the meter stands still and the home says what changed."""
    step = story.step("managers_story")
    with story.at(story.ago(3, "11:10")):
        step.ask_to_skip("Nobody here works with partners by themselves; the office does it.", by=story.admin)
    with story.at(story.ago(2, "14:40")):
        step.skip("the office does this for everybody", by=acts.owner(story.road))


@turn(days=2)
def taken_up_again(story: Story) -> None:
    """A finished step is open again, with the reason."""
    done = story.step("payout_choice")
    with story.at(story.ago(2, "10:30")):
        done.reopen(
            "Your bank takes no automatic runs, so one of the other two ways has to be chosen.",
            by=acts.owner(story.road),
        )


@turn(days=3)
def sent_back(story: Story) -> None:
    """Handed in, looked at, and returned with what to change."""
    step = story.step("payout_account")
    with story.at(story.ago(3, "10:30")):
        acts.finish(step, story.admin, story.chance)
    with story.at(story.ago(2, "15:30")):
        reason = "Our test payout came back: the account is in your holding's name. Choose the one Finance pays from."
        step.send_back(reason, by=acts.reviewer_of(step))


@turn(days=4)
def done_for_them(story: Story) -> None:
    """They asked for help; what was agreed in that call is on the road, and our side did a step for the customer."""
    owner = acts.owner(story.road)
    with story.at(story.ago(4, "09:30")):
        call = acts.book_help(story.road, story.admin, after=story.ago(3, "09:00"))
    with story.at(call.end):
        acts.hold(call, story.chance, on_road=("Send the list of partners that were left out", owner))
    with story.at(max(call.end, story.ago(2, "14:00"))):
        step = story.step("import_partners")
        acts.give_file(step, owner, story.chance)
        step.complete(by=owner)


@turn(days=1)
def later(story: Story) -> None:
    """ "Not now": something else is offered first; and another step goes to a colleague."""
    with story.at(story.ago(1, "10:00")):
        first, second, *_others = _open_steps(story)
        first.snooze(story.company.calendar.add_working_days(story.road.account.today, 4), by=story.admin)
        second.hand_to(story["Bia"], by=story.admin)


@turn(days=1)
def earlier_open(story: Story) -> None:
    """A small item of Welcome was overtaken and is still open; somebody undid a click."""
    step = story.step("set_preferences")
    with story.at(story.ago(1, "11:00")):
        acts.finish(step, story.admin, story.chance)
    with story.at(story.ago(1, "11:04")):
        step.undo(by=story.admin)


# --- Calls --------------------------------------------------------------------------------------


@turn(days=4)
def no_show(story: Story) -> None:
    """The customer did not come to a call; nothing new is booked yet."""
    _missed(story, "module_discussion", Side.CUSTOMER)


@turn(days=3)
def not_logged(story: Story) -> None:
    """A call took place, or did it? Nobody of ours has said what came of it."""
    step, last = story.step("meet_csm"), story.step("training_feedback")
    with story.at(story.ago(3, "09:20")):
        if not last.is_closed:  # With holidays on the way it is the one thing left before the last stage.
            acts.finish(last, story.admin, story.chance)
    with story.at(story.ago(3, "09:30")):
        call = acts.book(step, story.admin, after=story.ago(2, "09:00"))
    if call is None or call.end > story.days.end:
        raise LookupError(f"{story.company.name}: no time for {step.key}")


@turn(days=4)
def call_moved(story: Story) -> None:
    """A call was moved, then cancelled, then booked again."""
    step = story.step("check_in_1")
    with story.at(story.ago(4, "10:00")):
        call = acts.book(step, story.admin, after=story.ago(1, "09:00") + timedelta(days=2))
    if call is None:
        return
    with story.at(story.ago(3, "10:20")):
        call.move(acts.free_time(call, call.start + timedelta(hours=20)), by=story.admin)
    with story.at(story.ago(2, "11:00")):
        call.cancel("Our finance director can't make it this week.", by=story.admin)
    with story.at(story.ago(1, "09:40")):
        acts.book(step, story.admin, after=story.ago(-4, "09:00"))


def _missed(story: Story, key: str, side: Side) -> None:
    step = story.step(key)
    with story.at(story.ago(4, "09:30")):
        call = acts.book(step, story.admin, after=story.ago(3, "09:00"))
    if call is None or call.state is not CallState.SCHEDULED or call.end > story.days.end:
        raise LookupError(f"{story.company.name}: no time for {key}")
    with story.at(max(call.end, story.last)):
        call.no_show(side, by=call.owner)
    with story.at(max(story.last, story.ago(1, "11:15"))):
        text = "We waited for you in the call. Shall we find another time? The times are on the page of this step."
        Message.write(story.road, text, by=call.owner, step=step)
