"""Letters about a plan that was sent: whose turn it is to sign, that it still waits, and that nobody signs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from portal.accounts.models import Staff, User
from portal.notifications import letters as notifications
from portal.notifications.rules import Kind
from portal.onboardings.paper import SUBJECT, Words, fitted, owner_today, post
from portal.web import day

if TYPE_CHECKING:
    from portal.plans.record import PlanRecord
    from portal.plans.signers import PlanSigner


# --- Whose turn it is -----------------------------------------------------------------------------


def handed_on(version: PlanRecord, signer: PlanSigner, by: User) -> None:
    """To whoever signs now, in the place of `by`. What the one before was asked in a letter waits no longer."""
    notifications.withdraw(about(version, by))
    company = version.onboarding.account.name

    def write(_reader: User) -> Words:
        return Words(
            subject=fitted(SUBJECT, lambda who: _("%(who)s asks you to sign the plan", who=who), by.called),
            preheader=_("About 10 minutes to read; signing takes two."),
            paragraphs=[
                _("%(who)s asks you to sign version %(n)s for %(company)s.", who=by.name, n=version.n, company=company),
                _("It can be signed until %(date)s.", date=_until(version)),
            ],
            button=_("Read and sign the plan"),
            path=theirs(version),
            because=_("You get this because you can sign for your company."),
        )  # fmt: skip

    ask(version, signer, write, by)


def signed_in_part(version: PlanRecord, signer: PlanSigner, by: User) -> None:
    """To one of ours whose turn it has become, because `by` signed last of the customer's side."""
    name = version.onboarding.account.name
    is_last = len(version.waiting) == 1

    def write(_reader: User) -> Words:
        return Words(
            subject=fitted(SUBJECT, lambda who: _("%(who)s signed; your turn", who=who), name),
            preheader=_("Your signature puts the plan in force.")
            if is_last
            else _("It waits for our side now."),
            paragraphs=[
                _("%(who)s signed version %(n)s of the plan for %(company)s.", who=by.name, n=version.n, company=name),
                _("It is in force, and Training can open, once you have signed it too.")
                if is_last
                else _("It is in force, and Training can open, once all of us have signed it who are asked to."),
            ],
            button=_("Countersign"),
            path=countersign(version),
            because=_("You get this because you sign this plan for us."),
        )  # fmt: skip

    ask(version, signer, write, by)


def ask(version: PlanRecord, signer: PlanSigner, write: Callable[[User], Words], by: User) -> None:
    """Send somebody whose turn it has become what they are asked by `by`, who reads the answer."""
    subject = about(version, signer.user)
    post(signer.user, Kind.PLAN_TO_SIGN, version.onboarding, write, about=subject, reply_to=by)


def reminder(version: PlanRecord, signer: PlanSigner) -> None:
    """To somebody whose turn it is, when days have passed or few are left."""
    ours, name = signer.role.is_ours, version.onboarding.account.name

    def write(_reader: User) -> Words:
        if ours:
            said = _("%(company)s has signed version %(n)s and waits for you.", company=name, n=version.n)
        else:
            said = _("Version %(n)s of your plan waits for your signature.", n=version.n)
        closes = [] if ours else [_("It can be signed until %(date)s.", date=_until(version))]
        return Words(
            subject=fitted(SUBJECT, lambda who: _("%(who)s waits for your signature", who=who), name)
            if ours
            else _("Your plan waits for your signature"),
            preheader=_("About 10 minutes to read; signing takes two."),
            paragraphs=[said, *closes],
            button=_("Countersign") if ours else _("Read and sign the plan"),
            path=countersign(version) if ours else theirs(version),
            because=_because(signer.user),
        )

    post(signer.user, Kind.PLAN_REMINDER, version.onboarding, write, about=about(version, signer.user))


def forget(version: PlanRecord) -> None:
    """Nobody is asked to sign it any more, so a letter that asks doesn't leave."""
    for signer in version.signers:
        notifications.withdraw(about(version, signer.user))


def forget_over(version: PlanRecord) -> None:
    """It can be signed again, so a letter that says otherwise doesn't leave."""
    notifications.withdraw(_over(version))


# --- Nobody signs it ------------------------------------------------------------------------------


def declined(version: PlanRecord, by: User) -> None:
    """To our owner, at once: who won't sign, and why."""
    forget(version)
    name = version.onboarding.account.name

    def write(_reader: User) -> Words:
        return Words(
            subject=fitted(SUBJECT, lambda who: _("%(who)s declined the plan", who=who), name),
            preheader=_("They expect to hear from a person today."),
            paragraphs=[
                _("%(who)s won't sign version %(n)s, and wrote why:", who=by.name, n=version.n),
            ],
            quote=version.declined_why,
            closing=[_("Call or write today. The next draft begins from what they read.")],
            button=_("Open the plan"),
            path=desk(version),
            because=_("You get this because you look after this onboarding."),
        )

    _to_owner(version, Kind.PLAN_DECLINED, write, reply_to=by)


def expired(version: PlanRecord) -> None:
    """To both sides: nobody can sign it any more; the customer asks for a fresh copy, we send it again."""
    forget(version)
    name = version.onboarding.account.name

    def to_them(_reader: User) -> Words:
        return Words(
            subject=_("The time to sign your plan is over"),
            preheader=_("One click brings a fresh copy."),
            paragraphs=[
                _("Version %(n)s could be signed until %(date)s.", n=version.n, date=_until(version)),
                _("Nothing is lost: ask for a fresh copy, or tell us what should be different."),
            ],
            button=_("Ask for a fresh copy"),
            path=theirs(version),
            because=_("You get this because you were asked to sign for your company."),
        )

    def to_us(_reader: User) -> Words:
        return Words(
            subject=fitted(SUBJECT, lambda who: _("%(who)s: the plan ran out unsigned", who=who), name),
            preheader=_("Send it again as it is, or change it first."),
            paragraphs=[
                _("Nobody signed version %(n)s by %(date)s.", n=version.n, date=_until(version)),
                _("Ask what keeps them. You can send the same version again in one click."),
            ],
            button=_("Send it again"),
            path=desk(version),
            because=_("You get this because you look after this onboarding."),
        )

    for signer in version.waiting:
        if not signer.role.is_ours:
            post(signer.user, Kind.PLAN_EXPIRED, version.onboarding, to_them, about=_over(version))
    _to_owner(version, Kind.PLAN_EXPIRED, to_us)


def fresh_asked(version: PlanRecord, by: User) -> None:
    """To our owner, at once: they want to sign after all."""
    name = version.onboarding.account.name

    def write(_reader: User) -> Words:
        return Words(
            subject=fitted(SUBJECT, lambda who: _("%(who)s asks for a fresh plan", who=who), name),
            preheader=_("The same version, for 14 days more."),
            paragraphs=[
                _("%(who)s asks for a fresh copy of version %(n)s to sign.", who=by.name, n=version.n),
                _("Send the same version again, or a new one if something has changed."),
            ],
            button=_("Send it again"),
            path=desk(version),
            because=_("You get this because you look after this onboarding."),
        )

    forget_over(version)
    _to_owner(version, Kind.PLAN_EXPIRED, write, reply_to=by)


def _to_owner(
    version: PlanRecord, kind: Kind, write: Callable[[User], Words], *, reply_to: User | None = None
) -> None:
    owner: Staff | None = owner_today(version.onboarding)
    if owner is not None:
        at_once = reply_to is not None
        post(
            owner,
            kind,
            version.onboarding,
            write,
            about=_over(version),
            reply_to=reply_to,
            just_asked=at_once,
        )


# --- Where they lead ------------------------------------------------------------------------------


def _until(version: PlanRecord) -> str:
    """The last day on which it can be signed, in the language that is set now: the reader's, inside a letter."""
    return day(version.expires_on, "dMMMM")


def about(version: PlanRecord, user: User) -> str:
    """By which a letter that asks this user to sign is taken back."""
    return f"plan:{version.id}:turn:{user.id}"


def _over(version: PlanRecord) -> str:
    return f"plan:{version.id}:over"


def theirs(version: PlanRecord) -> str:
    return f"/o/{version.onboarding.ref}/plan"


def desk(version: PlanRecord, page: str = "") -> str:
    return f"/staff/accounts/{version.onboarding.account.ref}/plan{page}?o={version.onboarding.ref}"


def countersign(version: PlanRecord) -> str:
    return desk(version, "/countersign")


def _because(reader: User) -> str:
    if reader.is_staff:
        return _("You get this because you sign this plan for us.")
    return _("You get this because you can sign for your company.")
