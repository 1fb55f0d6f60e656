"""How the steps of a playbook version refer to one another, looked up by key. A version can't change, so this is
worked out once per process and version."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from portal.playbooks.document import PlaybookDocument
from portal.playbooks.models import PlaybookVersion


class Links(NamedTuple):
    """`followers`: whose dates count from a step being done. `from_opening`: whose dates count from their stage's
    opening. `shows`: the step whose text an approval is about. `first_value`: those that show first value.
    `in_milestones`: those that a milestone needs. `technical`: the modules that an integration
    specialist answers for."""

    followers: Mapping[str, tuple[str, ...]]
    from_opening: frozenset[str]
    shows: Mapping[str, str]
    first_value: frozenset[str]
    in_milestones: frozenset[str]
    technical: frozenset[str]


_links: Final[dict[str, Links]] = {}


def links_of(version: PlaybookVersion) -> Links:
    """The links between the steps of this version."""
    if version.digest not in _links:
        _links[version.digest] = _read(version.document)
    return _links[version.digest]


def _read(document: PlaybookDocument) -> Links:
    steps = [step for module in document.modules for step in module.steps]
    followers: dict[str, tuple[str, ...]] = {}
    for step in steps:
        if first := step.due_rule.step:
            followers[first] = (*followers.get(first, ()), step.key)
    return Links(
        followers=followers,
        from_opening=frozenset(step.key for step in steps if step.due_rule.anchor == "stage_open"),
        shows={step.key: step.approve.shows for step in steps if step.approve and step.approve.shows},
        first_value=frozenset(step.key for step in steps if step.records == "first_value"),
        in_milestones=frozenset(key for milestone in document.milestones for key in milestone.steps),
        technical=frozenset(
            module.key for module in document.modules if module.owner_role == "integration_specialist"
        ),
    )
