"""How the steps of a road refer to one another, looked up by key. A playbook version can't change, so this is worked
out once per process, version and number of waves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from portal.onboardings.wave_keys import in_wave
from portal.playbooks.document import PlaybookDocument

if TYPE_CHECKING:
    from portal.onboardings.models import Onboarding


class Links(NamedTuple):
    """`followers`: whose dates count from a step being done. `from_opening`: whose dates count from their stage's
    opening. `shows`: the step whose text an approval is about, or the signatures. `signed`: those of `shows` that are
    signed. `first_value`: those that show first value.
    `in_milestones`: those that a milestone needs. `technical`: the modules that an integration
    specialist answers for."""

    followers: Mapping[str, tuple[str, ...]]
    from_opening: frozenset[str]
    shows: Mapping[str, str]
    signed: frozenset[str]
    first_value: frozenset[str]
    in_milestones: frozenset[str]
    technical: frozenset[str]


_links: Final[dict[tuple[str, int], Links]] = {}


def links_of(onboarding: Onboarding) -> Links:
    """The links between the steps of this road, those of its waves among them."""
    which = onboarding.playbook_version.digest, onboarding.waves_made
    if which not in _links:
        _links[which] = _read(onboarding.playbook_version.document, onboarding.waves_made)
    return _links[which]


def _read(document: PlaybookDocument, waves: int) -> Links:
    steps = [step for module in document.modules for step in module.steps]
    copied = {step.key for module in document.modules if module.wave_able for step in module.steps}
    copied |= {module.key for module in document.modules if module.wave_able}
    later = range(2, waves + 1)

    def each(key: str) -> list[str]:
        """The key and, where each wave has its own, theirs."""
        return [key, *(in_wave(key, n) for n in later if key in copied)]

    def all_of(keys: Iterable[str]) -> frozenset[str]:
        return frozenset(one for key in keys for one in each(key))

    followers: dict[str, tuple[str, ...]] = {}
    for step in steps:
        if first := step.due_rule.step:
            for key, before in _pairs(each(step.key), each(first)):
                followers[before] = (*followers.get(before, ()), key)
    shown = [(step, step.approve.shows) for step in steps if step.approve and step.approve.shows]
    plans = [step.key for step in steps if step.kind == "plan"]
    signed = [step for step in steps if step.kind == "sign" and plans]
    shown += [(step, plans[0]) for step in signed]
    return Links(
        followers=followers,
        from_opening=all_of(step.key for step in steps if step.due_rule.anchor == "stage_open"),
        shows={key: first for step, shows in shown for key, first in _pairs(each(step.key), each(shows))},
        signed=frozenset(step.key for step in signed),
        first_value=all_of(step.key for step in steps if step.records == "first_value"),
        in_milestones=all_of(key for milestone in document.milestones for key in milestone.steps),
        technical=all_of(
            module.key for module in document.modules if module.owner_role == "integration_specialist"
        ),
    )


def _pairs(keys: list[str], others: list[str]) -> list[tuple[str, str]]:
    """Each wave's with the same wave's, or with the one for all."""
    return [(key, others[n] if n < len(others) else others[0]) for n, key in enumerate(keys)]
