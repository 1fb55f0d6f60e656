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
from portal.plans.players import Part, parts_of
from portal.plans.rules import SignerRole
from portal.plans.signatories import Candidates, signing

if TYPE_CHECKING:
    from portal.onboardings.models import Onboarding


@dataclass(frozen=True)
class Draft:
    """`filled` is what it would say had nobody written in it, `since` what it changes of the version in force and has
    to be signed; nothing without one. `proposed` are those who would sign had nobody chosen; `players` everybody whom
    its section on people names, where that is written."""

    document: PlanDocument
    filled: PlanDocument
    words: Mapping[str, Any]
    sources: Sources
    signing: Sequence[tuple[User, SignerRole]]
    proposed: Sequence[tuple[User, SignerRole]]
    able: Candidates
    players: Sequence[Part]
    blockers: Sequence[Blocker]
    since: Sequence[Difference]

    @property
    def is_amendment(self) -> bool:
        return self.document.amends is not None

    @classmethod
    def of(
        cls,
        onboarding: Onboarding,
        document: PlanDocument,
        filled: PlanDocument,
        words: Mapping[str, Any],
        sources: Sources,
        in_force: PlanDocument | None,
    ) -> Self:
        able = Candidates.of(onboarding)
        people = signing(onboarding, words, sources, able)
        return cls(
            document=document,
            filled=filled,
            words=words,
            sources=sources,
            signing=people,
            proposed=signing(onboarding, {}, sources, able),
            able=able,
            players=[]
            if document.amends
            else parts_of(onboarding, sources.scope, document.theirs, document.ours),
            blockers=blockers(onboarding, document, sources, people, in_force),
            since=since(in_force, document) if in_force else (),
        )
