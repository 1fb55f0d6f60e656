"""The signed copy for both sides: the sealed file itself, or the way to it where it is too large for a letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext as _

from portal.accounts.models import User, provider
from portal.mail import Attachment
from portal.notifications.rules import Kind
from portal.onboardings.paper import PREHEADER, SUBJECT, Words, address, fitted, flat, post
from portal.onboardings.words import listed
from portal.plans import letters

if TYPE_CHECKING:
    from portal.plans.models import PlanVersion

MOST_ATTACHED = 5 * 1024 * 1024  # Bytes; many mail servers take no more than 10 MB once it is encoded.


def signed(version: PlanVersion, content: bytes) -> None:
    """To everybody who signed and to whoever of us answers for the onboarding."""
    onboarding = version.onboarding
    readers: dict[int, User] = {signer.user_id: signer.user for signer in version.signers}
    if onboarding.owner is not None:
        readers.setdefault(onboarding.owner.acting.id, onboarding.owner.acting)
    name = f"{onboarding.account.slug}-onboarding-plan-v{version.n}.pdf"
    fits = len(content) <= MOST_ATTACHED
    attached = [Attachment(name, "application/pdf", content)] if fits else []
    for to in readers.values():
        post(
            to,
            Kind.PLAN_SIGNED,
            onboarding,
            lambda reader: _signed(version, reader, fits=fits),
            about=f"plan:{version.id}:signed",
            attachments=attached,
        )


def _signed(version: PlanVersion, reader: User, *, fits: bool) -> Words:
    onboarding, ours = version.onboarding, flat(provider().name)
    names = listed([flat(signature.name) for signature in version.signatures])
    said = _(
        "Everybody has signed version %(n)s of the onboarding plan: %(names)s.", n=version.n, names=names
    )
    where = (
        _("The file comes with this letter. Its last page says who signed it, when and how.")
        if fits
        else _("The file is too large for a letter. It lies at the address below.")
    )
    check = _(
        "It carries the seal of %(provider)s. Whoever has the file can check that not a byte of it was changed, "
        "without signing in: %(address)s",
        provider=ours,
        address=address("/verify"),
    )
    if reader.is_staff:
        subject = fitted(
            SUBJECT, lambda title: _("%(who)s: the plan is signed", who=title), onboarding.account.name
        )
        path = letters.desk(version)
    else:
        subject, path = _("Your signed plan"), letters.theirs(version)
    signer = any(one.user_id == reader.id for one in version.signatures)
    return Words(
        subject=subject,
        preheader=_("Version %(n)s, signed by both sides and sealed.", n=version.n)[:PREHEADER],
        paragraphs=[said, where, check],
        button=_("Open the plan"),
        path=path,
        because=_("You get this because you signed it.")
        if signer
        else _("You get this because you look after this onboarding."),
    )
