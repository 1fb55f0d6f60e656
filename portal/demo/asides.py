"""What our team says about its customers among itself: notes, and a signal of each kind."""

from dataclasses import dataclass

from portal.accounts.models import Person, Staff
from portal.auth.models import Session
from portal.demo import acts
from portal.demo.story import Story
from portal.onboardings.notes import Note
from portal.onboardings.signals import Signal, SignalKind


@dataclass(frozen=True)
class Aside:
    """A note, or with `kind` a signal: by whom (the owner when left out), about which step or person, and what came of
    it."""

    text: str
    kind: SignalKind | None = None
    by: str = ""
    step: str = ""
    who: str = ""
    outcome: str = ""


ASIDES: dict[str, list[Aside]] = {
    "fabrikam": [
        Aside("Fay says the import threw away two evenings of her work.", SignalKind.FRUSTRATION, by="June"),
        Aside("Best reached by phone before ten, when the shop opens. She doesn't read mail in the season."),
    ],
    "contoso": [
        Aside(
            "They took the sandbox for theirs for good; it goes after training.",
            SignalKind.SURPRISE,
            outcome="Carl agreed to keep it until the end of the year.",
        ),
        Aside(
            "Their firewall blocks our test address.", SignalKind.BLOCKER, by="Tomás", step="crm_connected"
        ),
        Aside("Grace reads every minute that we send. Keep the numbers first.", by="June"),
    ],
    "litware": [Aside("“The quietest roll-out we ever had”, said Lou.", SignalKind.PRAISE)],
    "city-power": [
        Aside(
            "Giulia thought that electricians could be paid from our account. Nobody had told her that they can't.",
            SignalKind.SURPRISE,
        ),
    ],
    "relecloud": [
        Aside("Karl runs another division since Monday.", SignalKind.SPONSOR_LEFT, who="Karl"),
    ],
    "trey-research": [
        Aside("Omar's mail comes back; Ruth thinks he left.", SignalKind.CHAMPION_LEFT, who="Omar"),
    ],
    "southridge": [
        Aside("Ask for Gwen by name, the queue takes a week.", by="Tomás", step="api_keys"),
    ],
}


LOOKED_IN = {"bellows": (4, 3, 2)}  # How many working days ago.


def tell(story: Story) -> None:
    """All of this customer's, on the last day before today."""
    _look_in(story)
    for aside in ASIDES.get(story.company.slug, []):
        with story.at(max(story.last, story.ago(1, "16:30"))):
            _keep(story, aside)


def _look_in(story: Story) -> None:
    """Some read their road of an evening and do nothing there."""
    for days in LOOKED_IN.get(story.company.slug, ()):
        with story.at(max(story.last, story.ago(days, "21:10"))):
            session, _token = Session.begin(story.admin)
            session.end()


def _keep(story: Story, aside: Aside) -> None:
    by: Staff = story.cast[aside.by] if aside.by else acts.owner(story.road)
    step = story.step(aside.step) if aside.step else None
    if aside.kind is None:
        Note.write(story.road, aside.text, by=by, step=step)
        return
    person: Person | None = story[aside.who] if aside.who else None
    signal = Signal.give(story.road, aside.kind, aside.text, by=by, step=step, person=person)
    if aside.outcome:
        signal.settle(aside.outcome, by=by)
