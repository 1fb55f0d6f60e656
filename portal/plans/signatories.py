"""Who signs a version for either side: whom staff chose, else whom the road proposes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from portal import db
from portal.access import Can
from portal.accounts.kinds import PortalRole
from portal.accounts.models import Person, Staff, User
from portal.plans.road_step import asks_sponsors
from portal.plans.rules import SignerRole

if TYPE_CHECKING:
    from portal.onboardings.models import Onboarding
    from portal.plans.composing import Sources

WORDS = {  # What a draft keeps of each part, by what it is called there.
    "customer": SignerRole.CUSTOMER,
    "customer_sponsors": SignerRole.CUSTOMER_SPONSOR,
    "provider": SignerRole.PROVIDER,
    "provider_sponsors": SignerRole.PROVIDER_SPONSOR,
}


@dataclass(frozen=True)
class Candidates:
    """Who could sign, on either side; sponsors are further ones beside the first."""

    theirs: Sequence[Person]
    ours: Sequence[Staff]

    @classmethod
    def of(cls, onboarding: Onboarding) -> Candidates:
        """One statement where the account's people are loaded."""
        everybody = db.session.scalars(select(Staff).where(Staff.left_at.is_(None)).order_by(Staff.name))
        owner = onboarding.owner
        ours = [one for one in everybody if one.may(Can.COUNTERSIGN_PLAN)]
        ours.sort(key=lambda one: owner is None or one.id != owner.id)
        return cls(
            [one for one in onboarding.account.people if one.may_enter and one.may(Can.SIGN_PLAN)], ours
        )

    @property
    def theirs_first(self) -> list[Person]:
        """Those who can sign for the customer as its admin; where there is none, whoever can sign."""
        return [one for one in self.theirs if one.is_admin] or list(self.theirs)


def signing(
    onboarding: Onboarding, words: Mapping[str, Any], sources: Sources, able: Candidates
) -> list[tuple[User, SignerRole]]:
    """Everybody who signs, the customer's side first, each of them once. Whoever can't sign any more is left out."""
    chosen = words.get("signers") or {}
    proposed = _proposed(onboarding, sources, able)
    found: dict[int, tuple[User, SignerRole]] = {}
    for part, role in WORDS.items():
        here: Iterable[User] = able.ours if role.is_ours else able.theirs
        refs = chosen[part] if part in chosen else [one.ref for one in proposed[part]]
        known = {one.ref: one for one in here}
        for ref in refs:
            if (one := known.get(ref)) and one.id not in found:
                found[one.id] = one, role
    return list(found.values())


def by_part(people: Iterable[tuple[User, SignerRole]]) -> dict[str, list[str]]:
    """Their refs, by what a draft calls each part."""
    found: dict[str, list[str]] = {part: [] for part in WORDS}
    names = {role: part for part, role in WORDS.items()}
    for user, role in people:
        found[names[role]].append(user.ref)
    return found


def _proposed(onboarding: Onboarding, sources: Sources, able: Candidates) -> dict[str, Sequence[User]]:
    """The admin who agreed most and our consultant; of a large customer a sponsor of each side too."""
    large = asks_sponsors(onboarding)
    owner = onboarding.owner
    sponsors = [one for one in able.theirs if one.portal_role is PortalRole.SPONSOR]
    leads = [one for one in able.ours if owner and one.id == owner.lead_id]
    return {
        "customer": _most_agreed(able.theirs_first, sources)[:1],
        "customer_sponsors": sponsors[:1] if large else [],
        "provider": [one for one in able.ours if owner and one.id == owner.id],
        "provider_sponsors": leads if large else [],
    }


def _most_agreed(people: Sequence[Person], sources: Sources) -> list[Person]:
    agreed = Counter(terms.decided_by_id for one in sources.results if (terms := one.in_force))
    agreed.update(each.by_id for each in sources.scope.agreements)
    return sorted(people, key=lambda one: -agreed[one.id])
