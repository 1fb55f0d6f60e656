"""What the ladder wrote to those who went quiet, on the days on which it did, and what one of us wrote."""

from collections.abc import Iterator
from datetime import datetime

from portal.accounts.kinds import Touch
from portal.accounts.models import Person
from portal.demo import acts
from portal.demo.story import Story
from portal.nudges import ladder, letters
from portal.nudges.models import Nudge
from portal.nudges.rules import Rung

DAYS = (3, 7, 12)  # Working days of silence, as the triggers that come with the portal have them.
BY_HAND = {"coho": 6, "wingtip": 4}  # To whom one of us wrote, and how many working days ago.


def moments(story: Story) -> Iterator[datetime]:
    """When something may have left, before today: on the days of a silence, and when one of us wrote."""
    company = story.company
    ago = [company.quiet - day for day in DAYS if company.quiet > day] if company.quiet else []
    ago += [BY_HAND[company.slug]] if company.slug in BY_HAND else []
    for days in sorted(ago, reverse=True):
        yield story.ago(days, "10:20")


def tell(story: Story, moment: datetime) -> None:
    """What left at this moment."""
    with story.at(max(moment, story.last)):
        road = story.road
        if story.company.slug in BY_HAND:
            _write(story)
        elif road.account.touch is Touch.LOW:
            ladder.plan_for(road.account)
            ladder.send_for(road.account)
            ladder.note_for(road.account)


def _write(story: Story) -> None:
    road, owner = story.road, acts.owner(story.road)
    reader = letters.reader_of(road)
    if not isinstance(reader, Person) or road.next_step is None:
        return
    draft = letters.written(road, reader, road.next_step, Rung.DAY_3)
    nudge = Nudge.write(road, reader, road.next_step, draft, by=owner, rung=Rung.BY_HAND)
    ladder.dispatch_now(nudge)
