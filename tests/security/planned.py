"""A version of the plan on either side that waits to be signed: the admin has agreed to, and holds a code."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from portal import clock, db
from portal.accounts.models import Person, Staff
from portal.auth.models import Purpose, SignInLink
from portal.onboardings.models import Onboarding
from portal.plans import consent, reading
from portal.plans.composing import compose
from portal.plans.document import digest
from portal.plans.models import PlanSigner, PlanVersion
from portal.plans.rules import OPEN_DAYS, PlanState, SignerRole
from tests.security.world import Side


def plan_of(road: Onboarding, side: Side, admin: Person, sponsor: Person, priya: Staff) -> None:
    """Sent yesterday by Priya, for the admin and herself to sign."""
    text = compose(road, n=1, words={}, locale=admin.locale or "en").canonical
    version = PlanVersion(
        account_id=road.account_id, onboarding=road, n=1, state=PlanState.SENT, snapshot=text, sha256=digest(text),
        sent_at=clock.now() - timedelta(days=1), sent_by=priya, words={},
        expires_on=road.account.today + timedelta(days=OPEN_DAYS),
    )  # fmt: skip
    signing = [(admin, SignerRole.CUSTOMER), (priya, SignerRole.PROVIDER)]
    version.signers = [
        PlanSigner(account_id=road.account_id, user=user, role=role, position=place)
        for place, (user, role) in enumerate(signing)
    ]
    db.session.add(version)
    db.session.flush()
    sha256, now = consent.kept(consent.text("en"), "en"), clock.now()
    for signer in version.signers:
        signer.viewed_at, signer.typed_name, signer.consented_at = now, signer.user.name, now
        signer.consent_sha256 = sha256
    side.refs |= {"version": version.ref, "sponsor": sponsor.ref}
    side.ids["version"] = version.id
    for name, user in (("shown", admin), ("our_shown", priya)):
        side.seals[name] = reading.shown(version, user)
    for name, user in (("code", admin), ("our_code", priya)):
        # Priya has one for each side; the other stays good.
        link = SignInLink._new(user, Purpose.AGAIN, None, version.about)
        side.seals[name] = link.mint()[1]
    db.session.flush()


def signing(**ours: str) -> Any:
    """What is sent to agree to sign; `shown` may be another's."""
    name = ours.get("shown", "shown")
    return lambda side: {"shown": side.seals[name], "typed_name": "Some Name", "read": "y", "consent": "y"}


def confirming(code: str = "code") -> Any:
    return lambda side: {"version": side.refs["version"], "way": "code", "code": side.seals[code]}


def meant(**more: Any) -> Any:
    return lambda side: {"version": side.refs["version"], **more}


def plan_ran_out(side: Side) -> None:
    """Nobody signed in time."""
    over = clock.today() - timedelta(days=2)
    db.session.execute(
        update(PlanVersion).where(PlanVersion.id == side.ids["version"]).values(expires_on=over)
    )
    db.session.commit()


def customer_has_signed(side: Side) -> None:
    """It is our turn."""
    version = db.session.scalars(select(PlanVersion).where(PlanVersion.id == side.ids["version"])).one()
    (theirs,) = version.customers
    version._put(theirs, "code", clock.now())
    version._become(PlanState.PARTLY_SIGNED)
    db.session.commit()
