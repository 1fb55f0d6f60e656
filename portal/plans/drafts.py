"""The draft as the desk shows it: what it says, what is missing, what it would change, and who would sign it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from portal.accounts.models import User
from portal.plans.checks import Blocker, blockers
from portal.plans.composing import Sources
from portal.plans.differences import Difference, since
from portal.plans.document import PlanDocument
from portal.plans.rules import SignerRole
from portal.plans.signatories import Candidates, signing

if TYPE_CHECKING:
    from portal.onboardings.models import Onboarding


@dataclass(frozen=True)
class Draft:
    """`since` is what it changes of the version in force and has to be signed; nothing without one."""

    document: PlanDocument
    signing: Sequence[tuple[User, SignerRole]]
    able: Candidates
    blockers: Sequence[Blocker]
    since: Sequence[Difference]

    @classmethod
    def of(
        cls,
        onboarding: Onboarding,
        document: PlanDocument,
        words: Mapping[str, Any],
        sources: Sources,
        in_force: PlanDocument | None,
    ) -> Self:
        able = Candidates.of(onboarding)
        people = signing(onboarding, words, sources, able)
        return cls(
            document=document,
            signing=people,
            able=able,
            blockers=blockers(onboarding, document, sources, people, in_force),
            since=since(in_force, document) if in_force else (),
        )
