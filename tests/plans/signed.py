"""People sign, without a page: what stands for having read the plan and having said again who they are."""

from datetime import UTC

from portal import clock, db
from portal.accounts.models import User
from portal.auth.reauth import Proof
from portal.plans.models import PlanVersion
from portal.plans.reading import Reading


def read(version: PlanVersion, user: User) -> Reading:
    """What the page of `user` would carry, were it open now."""
    assert version.sha256
    return Reading(user.ref, version.ref, version.sha256, clock.now().astimezone(UTC))


def proof(version: PlanVersion, user: User, way: str = "code") -> Proof:
    return Proof(user.id, version.about, way, clock.now())


def agree(version: PlanVersion, user: User) -> None:
    """Read it, tick both boxes and type one's name."""
    version.consent(user.name, read=read(version, user), by=user)
    db.session.flush()


def sign(version: PlanVersion, *users: User) -> PlanVersion:
    """Each of these signs, in this order."""
    for user in users:
        agree(version, user)
        assert version.sign(proof(version, user), by=user, ip="192.0.2.7", user_agent="tests")
        db.session.flush()
    return version
