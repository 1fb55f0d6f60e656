"""What features above hang on a road beside its steps: it is laid with the road, and its dates move with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from portal.onboardings.models import Onboarding
    from portal.onboardings.planning import Pause
    from portal.onboardings.stages import Stage


class Dated(Protocol):
    """Something with a date on a road that isn't a step. `sort` says what sort of date it is."""

    due_on: date | None

    @property
    def id(self) -> Any: ...

    @property
    def title(self) -> Any: ...

    @property
    def stage(self) -> Stage: ...

    @property
    def sort(self) -> str: ...

    def redate(self) -> None:
        """Work the date out anew: the road starts on another day."""

    def make_up(self, pause: Pause) -> None:
        """Move the date by what a pause took that is over."""


_LAY: list[Callable[[Onboarding], None]] = []
_DATED: list[Callable[[Onboarding], Iterable[Dated]]] = []


def lays(function: Callable[[Onboarding], None]) -> Callable[[Onboarding], None]:
    """Call `function` with every onboarding that is made, once its road is laid and dated."""
    _LAY.append(function)
    return function


def dates(function: Callable[[Onboarding], Iterable[Dated]]) -> Callable[[Onboarding], Iterable[Dated]]:
    """Ask `function` what else of an onboarding has a date that moves with its road."""
    _DATED.append(function)
    return function


def lay(onboarding: Onboarding) -> None:
    """Hang on a new road what belongs beside it."""
    for function in _LAY:
        function(onboarding)


def dated(onboarding: Onboarding) -> list[Dated]:
    """All that is beside the road and has a date which is still ahead of being met."""
    return [one for function in _DATED for one in function(onboarding)]
