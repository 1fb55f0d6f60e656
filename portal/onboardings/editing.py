"""A step is changed on one road, whatever its playbook says: its day, its weight, whose it is, where it stands."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _

from portal import seals
from portal.accounts.models import User
from portal.activity.models import Verb
from portal.errors import Conflict, Refused
from portal.onboardings import changes
from portal.onboardings.order import line_up
from portal.onboardings.record import StepRecord, check_due, check_running
from portal.onboardings.stages import all_rescoped
from portal.onboardings.states import ScopeChange, StepState

if TYPE_CHECKING:
    from portal.onboardings.stages import Module
    from portal.onboardings.steps import Step


@dataclass(frozen=True)
class StepTerms:
    """What can be changed about a step. Two people who change it at once are told by its `seal`."""

    title: str
    assignee_id: int | None
    due_on: date | None
    minutes: int
    weight: int
    required: bool
    visible: bool
    module: str

    @property
    def seal(self) -> str:
        """A short word that differs when any of this does."""
        return seals.of(asdict(self))

    @property
    def counts(self) -> bool:
        return self.required and self.visible


@dataclass(frozen=True)
class Place:
    """Where a step is to stand: behind a step of this module, or first in it."""

    module: Module
    behind: Step | None = None


class Editing(StepRecord):
    """What staff change about a step that is open still."""

    __abstract__ = True

    @property
    def terms(self) -> StepTerms:
        """What it is now."""
        own = {one.name: getattr(self, one.name) for one in fields(StepTerms) if one.name != "module"}
        return StepTerms(**own, module=self.module.key)

    def change(
        self,
        wanted: StepTerms,
        why: str,
        *,
        seen: str,
        assignee: User | None,
        place: Place | None = None,
        by: User,
    ) -> None:
        """Make it what is `wanted`, and `assignee`'s; `place` moves it. `seen` is the seal of what its editor saw.

        Raises Conflict, with both, when somebody changed it meanwhile; Refused for what a step can't be.
        """
        check_running(self.onboarding, or_draft=True)
        was, came_from = self.terms, self.module
        if self.is_closed:
            raise Refused(_("“%(title)s” is finished, so nothing about it can change.", title=self.title))
        if seen != was.seal:
            sentence = _("Somebody changed “%(title)s” while you were writing.", title=self.title)
            raise Conflict(sentence, theirs=was, yours=wanted)
        if wanted == was and place is None:
            raise Refused(_("Nothing is different. Change something, or go back."))
        self._check_terms(was, wanted)
        if assignee is not None and assignee.id != was.assignee_id and not self.could_be_done_by(assignee):
            raise Refused(_("Choose someone who works on this onboarding."), field="person")
        if place is not None:
            self._check_move(place, wanted)
        with all_rescoped({self.stage, place.module.stage if place else self.stage}):
            self._take_on(wanted, was)
            if place is not None:
                self._move_to(place)
        if wanted.assignee_id != was.assignee_id:
            self.hand_to(assignee, by=by)
        self._tell_change(was, came_from, why, by=by)
        self.onboarding.settle()

    if TYPE_CHECKING:

        def hand_to(self, user: User | None, *, by: User) -> None: ...

        def could_be_done_by(self, user: User) -> bool: ...

    # --- What it can't be ---

    def _check_terms(self, was: StepTerms, wanted: StepTerms) -> None:
        if wanted.due_on and wanted.due_on != was.due_on:
            check_due(self.onboarding, wanted.due_on)
        if self.is_gate and not wanted.counts:
            raise Refused(
                _("“%(title)s” opens the next stage, so it stays required and visible.", title=self.title),
                field="required" if not wanted.required else "visible",
            )
        if not wanted.visible and self.is_customers:
            raise Refused(
                _("Customers can't do what they don't see, so an item of theirs stays visible."),
                field="visible",
            )
        if was.counts and not wanted.counts:
            self._check_not_last()
        if wanted.counts and not was.counts and self.stage.is_complete:
            raise Refused(
                _("Its stage is complete, so nothing required can be added there. Move it first."),
                field="required",
            )

    def _check_not_last(self) -> None:
        if self.counts and len(self.stage.items) == 1:
            raise Refused(
                _("“%(title)s” is the only item of its stage, so it has to stay there.", title=self.title)
            )

    def _check_move(self, place: Place, wanted: StepTerms) -> None:
        stage = place.module.stage
        place.module.check_of_wave()
        if stage is self.stage:
            return
        if self.is_gate:
            raise Refused(
                _("“%(title)s” opens the next stage, so it stays in its own.", title=self.title),
                field="place",
            )
        stage.check_open_for_more()
        if wanted.counts:
            self._check_not_last()

    # --- Becoming ---

    def _take_on(self, wanted: StepTerms, was: StepTerms) -> None:
        self.title, self.minutes, self.weight = wanted.title, wanted.minutes, wanted.weight
        self.required, self.visible = wanted.required, wanted.visible
        if wanted.due_on != was.due_on:
            self.due_on, self.due_by_hand = wanted.due_on, True
            self.promised_late_at = None

    def _move_to(self, place: Place) -> None:
        """What can be done already stays so, also where the stage isn't open yet."""
        line_up(self, place.module, behind=place.behind, first=place.behind is None)  # type: ignore[arg-type]
        if not place.module.stage.is_open and self.state is not StepState.LOCKED:
            self.early_start = True

    def _tell_change(self, was: StepTerms, came_from: Module, why: str, *, by: User) -> None:
        now = self.terms
        differs = [
            one.name
            for one in fields(StepTerms)
            if one.name != "assignee_id" and getattr(was, one.name) != getattr(now, one.name)
        ]
        if was.visible or now.visible:
            for change, facts in _told(was, now, self.stage.key):
                changes.note(self.onboarding, change, why, stage=self.stage.key, title=self.title, **facts)
        if differs or was.assignee_id == now.assignee_id:
            before = {name: getattr(was, name) for name in differs}
            after = {name: getattr(now, name) for name in differs}
            if came_from is not self.module:  # Read as it is called.
                before["module"], after["module"] = came_from.title, self.module.title
            self.say(Verb.STEP_CHANGED, by, before=before, after=after, why=why)


def _told(was: StepTerms, now: StepTerms, stage: str) -> list[tuple[ScopeChange, dict[str, Any]]]:
    """What of a change customers are told: what they see of it."""
    if was.visible != now.visible:
        return [(ScopeChange.ADDED if now.visible else ScopeChange.LEFT_OUT, {})]
    told: list[tuple[ScopeChange, dict[str, Any]]] = []
    if was.required != now.required:
        told.append((ScopeChange.REQUIRED if now.required else ScopeChange.OPTIONAL, {}))
    if was.module != now.module:
        told.append((ScopeChange.MOVED, {"to": stage}))
    if was.due_on != now.due_on:
        told.append((ScopeChange.DUE, {"day": now.due_on.isoformat() if now.due_on else None}))
    return told
