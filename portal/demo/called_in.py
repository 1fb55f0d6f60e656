"""Who of us was called in to whom: cases of two years that were resolved, and those that are open today."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.accounts.models import Staff
from portal.demo.days import working
from portal.demo.story import Story
from portal.escalations import cases, closing, plays
from portal.escalations import working as work
from portal.escalations.cases import Why
from portal.escalations.models import Escalation


@dataclass(frozen=True)
class Past:
    """A case that is over: opened so many days after day 0, taken so many minutes later, settled after some days.
    Without `helped` it was a false alarm."""

    day: int
    why: Why
    taken: int
    days: int
    cause: str
    helped: str = ""
    right: bool = True


def _late(days: int, trigger: str = "T14") -> Why:
    return Why("R3", {"milestones_late": 1, "milestone_late_days": days}, trigger)


PAST: dict[str, Past] = {
    "meridian-health": Past(
        34, Why("R1", {"stage_age_days": 31, "stage_budget_days": 26}, "T14"), 95, 4,
        "Their billing team joined two weeks late and nobody had told them why.",
        "A call with Leo and Ann together; Ann named one person who decides.",
    ),
    "larkspur": Past(
        9, Why("ghosting", {"silent_days": 7}, "T2"), 240, 2,
        "The wedding season: nobody reads mail on weekends or Mondays.",
        "A phone call on Tuesday morning, and the next two items done together.",
    ),
    "sunfield": Past(
        12, Why("never_came", {"invited_days": 8}, "T1"), 30, 1,
        "They were in all along; the letter had gone to an old address and Cody used his phone's link.",
    ),
    "pebble-bank": Past(
        52, Why("R10", {"prerequisite_late_days": 6}, "T10"), 150, 6,
        "Security wanted a review of our test address that nobody had planned.",
        "Owen Price joined our call and got the review form that day.",
    ),
    "ostrava-tools": Past(
        20, _late(4), 410, 3,
        "The export from their old system lost the accents, so the import looked wrong.",
        "We cleaned the file for them and showed the one setting to change.",
    ),
    "halcyon": Past(
        28, Why("R8", {"first_value_late_by": 5}, "T9"), 75, 5,
        "Finance waited for a partner to ask before paying out.",
        "The first payout was done together on a screen share.",
    ),
    "tidewater": Past(
        18, Why("R4", {}, "T13"), 25, 1,
        "They had expected that brokers are invited for them.",
        "We said that it isn't part of it, and invited the first ten with them.",
    ),
    "quince-studio": Past(
        13, Why("engaged", {"silent_days": 5}, "T2"), 330, 2,
        "Two founders had to agree on the reward and never sat down together.",
        "Two examples from studios of their size, and a date.",
    ),
    "kestrel-freight": Past(
        40, Why("R6", {"no_shows": 2}, "T12"), 200, 4,
        "The calls were at the time at which their trucks leave.",
        "Calls at three in the afternoon; Sam reached their managing director.",
    ),
    "bright-harbour": Past(
        16, Why("R2", {"pace": -12}, "T14"), 480, 1,
        "They work in one block on Fridays and were exactly where they wanted to be.",
    ),
    "nordlicht": Past(
        47, Why("R7", {"active_percent": 35}, "T6"), 120, 5,
        "Planners had never been told that it replaces the paper form.",
        "Their sales director wrote to all of them; a session of 25 minutes.",
    ),
    "olympia": Past(
        30, _late(5), 60, 2,
        "The agents' list came in three files.",
        "One template with an example in it.",
        right=False,
    ),
    "wide-world-importers": Past(
        54, _late(4), 55, 3,
        "The importers' list was waiting for a translation.",
        "Ken sent it untranslated; we read the headings together.",
    ),
    "parnell": Past(
        14, Why("R4", {}, "T13"), 35, 2,
        "Six countries got the same letter in English.",
        "Thandi chose who gets which language; the letters went out again.",
    ),
    "munson": Past(
        8, Why("R16", {"kickoff_missing_days": 4}, "T14"), 110, 1,
        "Rafael was on the road and had nobody to book for him.",
        "Bia booked it while we were on the phone.",
    ),
}  # fmt: skip


def past_of(slug: str) -> Past | None:
    return PAST.get(slug)


def begins(story: Story, past: Past) -> datetime:
    """The midnight at which the walk stops for it."""
    day = story.road.start_date + timedelta(days=past.day)
    return story.on(story.company.calendar.next_working_day(day), "00:00")


def tell_past(story: Story, past: Past) -> None:
    """Opened in the morning, taken by whoever was asked, worked on, settled."""
    case = _open(story, max(story.last, begins(story, past)) + timedelta(hours=8), [past.why])
    owner = _owner(case)
    opened = story.last
    with story.at(working(opened + timedelta(minutes=past.taken), owner)):
        cases.take(case, by=owner)
    if not past.helped:
        with story.at(story.last + timedelta(minutes=35)):
            closing.dismiss(case, past.cause, by=owner)
        return
    _tick(story, case, owner, 3)
    with story.at(working(story.last + timedelta(days=past.days), owner)):
        closing.resolve(case, past.cause, past.helped, past.right, by=owner)


# --- Today ----------------------------------------------------------------------------------------

Telling = Callable[[Story], Iterator[None]]


@dataclass(frozen=True)
class Now:
    """A case that is open today: it begins so many working days ago, and goes on in the end where it stops."""

    days: int
    tell: Telling


NOW: dict[str, Now] = {}


def _now(slug: str, days: int) -> Callable[[Telling], Telling]:
    def register(function: Telling) -> Telling:
        NOW[slug] = Now(days, function)
        return function

    return register


@_now("fabrikam", 1)
def _silent(story: Story) -> Iterator[None]:
    """Silent for eight working days; June was asked late yesterday and isn't on it yet."""
    why = Why("ghosting", {"silent_days": 8}, "T2"), Why("R2", {"pace": -23}, "T14")
    _open(story, _yesterday(story, "21:10"), why, play="ghosting")
    yield


@_now("tailspin", 1)
def _no_kickoff(story: Story) -> Iterator[None]:
    """The kickoff isn't booked; nobody is on it yet."""
    yield
    _open(story, _yesterday(story, "14:50"), [Why("R16", {"kickoff_missing_days": 3}, "T14")])


@_now("trey-research", 1)
def _left(story: Story) -> Iterator[None]:
    """The champion may have left: Priya has just said that she is on it."""
    case = _open(story, _yesterday(story, "09:40"), [Why("R12", {}, "T15"), Why("R1", {}, "T14")])
    with story.at(story.last + timedelta(minutes=50)):
        cases.take(case, by=_owner(case))
    yield


@_now("southridge", 2)
def _technical(story: Story) -> Iterator[None]:
    """Keys that nobody gives out: with the integration specialist, who is at it."""
    case = _open(
        story, story.ago(2, "09:30"), [Why("blocker", {"gap_days": 2}, "T10")], play="technical_block"
    )
    owner = _owner(case)
    with story.at(working(story.last + timedelta(minutes=20), owner)):
        cases.take(case, by=owner)
    _tick(story, case, owner, 2)
    yield
    with story.at(max(story.last, _yesterday(story, "10:20"))):
        text = (
            "Gwen has the form for the key; her queue opens on Thursday. A way around until then is set up."
        )
        work.note(case, text, by=owner)


@_now("wingtip", 4)
def _few_use_it(story: Story) -> Iterator[None]:
    """Live, and few use it."""
    case = _open(story, story.ago(4, "10:20"), [Why("R7", {"active_percent": 12}, "T6")])
    owner = _owner(case)
    with story.at(working(story.last + timedelta(minutes=40), owner)):
        cases.take(case, by=owner)
    yield
    _tick(story, case, owner, 1)


@_now("proseware", 5)
def _waits(story: Story) -> Iterator[None]:
    """Two milestones late; the customer answers later this week."""
    why = Why("R3", {"milestones_late": 2, "milestone_late_days": 4}, "T14")
    case = _open(story, story.ago(5, "09:30"), [why], play="late_value")
    owner = _owner(case)
    with story.at(working(story.last + timedelta(minutes=70), owner)):
        cases.take(case, by=owner)
    _tick(story, case, owner, 2)
    with story.at(story.last + timedelta(minutes=20)):
        until = story.company.calendar.add_working_days(story.days.today, 3)
        work.wait(case, until, "Karin answers about the go-live day", by=owner)
    yield


@_now("adatum", 7)
def _data_late(story: Story) -> Iterator[None]:
    """Data eleven days late: raised by hand to the leader, who works on it."""
    why = (
        Why("R10", {"prerequisite_late_days": 11}, "T10"),
        Why("R3", {"milestones_late": 1, "milestone_late_days": 6}, "T14"),
    )
    case = _open(story, story.ago(7, "09:10"), why)
    first = _owner(case)
    with story.at(working(story.last + timedelta(minutes=45), first)):
        cases.take(case, by=first)
    with story.at(working(story.last + timedelta(hours=3), first)):
        cases.raise_level(case, by=first, why="Two regions say that nobody told them to clean their lists.")
    with story.at(working(story.last + timedelta(minutes=5), first)):
        cases.lift(case, by=first, to=3, why="Only their chief executive can say so to both regions.")
    leader = _owner(case)
    with story.at(working(story.last + timedelta(minutes=30), leader)):
        cases.take(case, by=leader)
    _tick(story, case, leader, 2)
    yield
    with story.at(max(story.last, _yesterday(story, "16:40"))):
        work.note(case, "Ellen and I wrote to both regions together. Lists by Friday.", by=leader)


@_now("relecloud", 6)
def _nobody_moved(story: Story) -> Iterator[None]:
    """Their sponsor left and nobody of ours took it in time, twice: it stands at level 3, and its clock has run out."""
    case = _open(
        story, story.ago(6, "09:20"), [Why("R12", {}, "T15"), Why("ghosting", {"silent_days": 12}, "T14")]
    )
    for _level in (2, 3):
        assert case.acknowledge_by is not None
        with story.at(case.acknowledge_by):
            cases.raise_level(case, by=None, why="Nobody took it in time.")
    yield


# --- How ------------------------------------------------------------------------------------------


def _open(story: Story, moment: datetime, whys: Sequence[Why], play: str | None = None) -> Escalation:
    with story.at(max(story.last, moment)):
        return cases.open_case(story.road, list(whys), play=play)


def _owner(case: Escalation) -> Staff:
    assert case.owner is not None, "somebody is always asked here"
    return case.owner


def _tick(story: Story, case: Escalation, by: Staff, count: int) -> None:
    """The first lines of the play, one after the other."""
    for item in list(plays.play_called(case.play).items)[:count]:
        with story.at(working(story.last + timedelta(minutes=25), by)):
            work.tick(case, item, True, by=by)


def _yesterday(story: Story, wall: str) -> datetime:
    return min(story.ago(1, wall), story.days.end)
