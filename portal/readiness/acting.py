"""One effect is done to a road, and undone: whoever calls settles the road afterwards."""

from typing import TYPE_CHECKING

from flask_babel import gettext as _

from portal.onboardings import ruled
from portal.onboardings.modules import add_module, offered
from portal.onboardings.signals import Signal, SignalKind
from portal.playbooks.document import ModuleSpec
from portal.readiness.prerequisite_asking import add_prerequisite, withdraw_prerequisite
from portal.readiness.rules import DEPTHS

if TYPE_CHECKING:
    from portal.accounts.models import User
    from portal.onboardings.models import Onboarding
    from portal.playbooks.kit import Depth
    from portal.readiness.effects import ReadinessEffect


def spec_of(effect: "ReadinessEffect") -> ModuleSpec:
    """The module that it is about. Raises KeyError for an effect that is about none."""
    found = effect.submission.onboarding.playbook_version.module(effect.target)
    if found is None:
        raise KeyError(effect.target)
    return found


def do(effect: "ReadinessEffect", because: str) -> None:
    """Let the road have it; `because` completes “because …”. Topics, offers and waves are only read from the effect.
    Raises Refused where the road can't have it any more."""
    road, kind = effect.submission.onboarding, effect.kind
    if kind == "include":
        ruled.include(road, spec_of(effect), because)
    elif kind == "exclude":
        ruled.exclude(road, effect.target, because)
    elif kind == "depth":
        ruled.deepen(road, spec_of(effect), _depth(effect.beside), because)
    elif kind == "put_first":
        ruled.put_first(road, effect.target, because)
    elif kind == "assign":
        ruled.assign(road, effect.target, effect.beside, because)
    elif kind == "prerequisite":
        add_prerequisite(road, effect.target, because)
    elif kind == "signal" and road.owner and effect.signal is None:
        text = _("From their readiness answers: %(text)s", text=effect.target)
        effect.signal = Signal.give(road, SignalKind(effect.beside), text, by=road.owner)


def undo(effect: "ReadinessEffect", because: str, *, wanted: bool = False) -> bool:
    """Let the road be as without it; returns False where it stays, since somebody has worked on it already or its
    stage is complete. `wanted`: somebody asks for what was left out, so that it comes even where no road has it of
    itself."""
    road, kind = effect.submission.onboarding, effect.kind
    if kind in ("include", "offer"):
        return _left(road, effect.target, because)
    if kind == "exclude":
        parts = ruled.parts_of(road, effect.target)
        if not wanted and all(part.included_because == ruled.RULE for part in parts):
            return True
        if not parts:
            return bool(ruled.include(road, spec_of(effect), because))
        came = [step for part in parts for step in ruled.give_back(part, because)]
        return bool(came) or not any(ruled.left_by_rule(step) for part in parts for step in part.steps)
    if kind == "depth":
        ruled.deepen(road, spec_of(effect), spec_of(effect).depth, because)
    elif kind == "put_first":
        ruled.put_back(road, spec_of(effect), because)
    elif kind == "assign":
        ruled.assign(road, effect.target, None, because)
    elif kind == "prerequisite":
        withdraw_prerequisite(road, effect.target, because)
    return True


def _left(road: "Onboarding", key: str, because: str) -> bool:
    steps = [
        step for part in ruled.parts_of(road, key) for step in part.steps if not ruled.left_by_rule(step)
    ]
    if any(not ruled.is_untouched(step) for step in steps):
        return False
    return not steps or bool(ruled.exclude(road, key, because))


def take(effect: "ReadinessEffect", why: str, *, by: "User") -> None:
    """Put what was offered on the road, because somebody chose it."""
    road = effect.submission.onboarding
    spec = next((one for one in offered(road) if one.key == effect.target), None)
    if spec:
        add_module(road, spec, why, by=by, because="chosen")
    else:
        ruled.include(road, spec_of(effect), why)


def _depth(word: str) -> "Depth":
    return next(depth for depth in DEPTHS if depth == word)
