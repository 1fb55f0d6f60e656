"""The certificate of completion: who agreed to what, when, and how each showed who they are. All moments in UTC."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from babel import dates
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal import clock
from portal.plans.days import reader_locale
from portal.plans.rules import Identified, SignerRole

if TYPE_CHECKING:
    from portal.plans.record import PlanRecord
    from portal.plans.sealing import About
    from portal.plans.signers import Signature

FOR = {
    SignerRole.CUSTOMER: _l("customer signatory"),
    SignerRole.CUSTOMER_SPONSOR: _l("customer sponsor"),
    SignerRole.PROVIDER: _l("provider signatory"),
    SignerRole.PROVIDER_SPONSOR: _l("provider sponsor"),
}
HOW = {
    Identified.CODE: _l("a code mailed to this address, entered before signing"),
    Identified.PASSWORD: _l("password, entered again before signing"),
    Identified.STANDING: _l("standing agreement of the provider, given before the plan was sent"),
}


@dataclass(frozen=True)
class Signed:
    """One signature: the name as it was typed, and everything else as rows of label and value."""

    name: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Certificate:
    """`document` and `seal` are rows of label and value."""

    signed: tuple[Signed, ...]
    document: tuple[tuple[str, str], ...]
    seal: tuple[tuple[str, str], ...]


def certificate(version: PlanRecord, about: About, check_at: str) -> Certificate:
    """Of a version that everybody has signed, in the language that holds now. `check_at` is where files are checked."""
    return Certificate(
        signed=tuple(_signed(version, one) for one in in_turn(version)),
        document=tuple(_document(version, about)),
        seal=tuple(_seal(version, about, check_at)),
    )


def in_turn(version: PlanRecord) -> list[Signature]:
    """The signatures in the order in which the plan names its signers."""
    places = {signer.user_id: signer.position for signer in version.signers}
    return sorted(version.signatures, key=lambda one: (places.get(one.user_id, len(places)), one.id))


def utc(moment: datetime) -> str:
    """“16 March 2026, 09:31:07 UTC”."""
    moment = moment.astimezone(UTC)
    day = dates.format_skeleton("yMMMMd", moment.date(), locale=reader_locale())
    return _("%(day)s, %(time)s UTC", day=day, time=f"{moment:%H:%M:%S}")


def grouped(digest: str) -> str:
    """A SHA-256 in groups of eight, as people compare it."""
    return " ".join(digest[at : at + 8] for at in range(0, len(digest), 8))


def _signed(version: PlanRecord, one: Signature) -> Signed:
    plan = version.document
    company = plan.provider if one.role.is_ours else plan.customer
    rows = [
        (_("For"), _("%(company)s, %(role)s", company=company, role=FOR[one.role])),
        (_("Name"), one.name if one.name != one.typed_name else ""),
        (_("E-mail"), one.email),
        (_("Identified by"), str(HOW[one.identified_by])),
        (_("Viewed"), "" if one.identified_by is Identified.STANDING else utc(one.viewed_at)),
        (_("Consented"), utc(one.consented_at)),
        (_("Identified"), utc(one.identified_at)),
        (_("Signed"), utc(one.signed_at)),
        (_("From"), one.ip or _("our own server")),
        (_("With"), one.user_agent),
    ]
    return Signed(one.typed_name, tuple((label, value) for label, value in rows if value))


def _document(version: PlanRecord, about: About) -> Iterator[tuple[str, str]]:
    plan = version.document
    yield (
        _("Plan"),
        f"{_('%(company)s, onboarding plan, version %(n)s', company=plan.customer, n=plan.version)} · {version.ref}",
    )
    if version.sent_at:
        who = version.sent_by.name if version.sent_by else _("somebody who has left")
        yield _("Sent by"), f"{who}, {plan.provider} · {utc(version.sent_at)}"
    yield _("Content, SHA-256"), grouped(version.sha256 or "")
    for consent in dict.fromkeys(one.consent_sha256 for one in in_turn(version)):
        yield _("Consent text, SHA-256"), grouped(consent)
    yield _("Record head, SHA-256"), grouped(about.audit_head)


def _seal(version: PlanRecord, about: About, check_at: str) -> Iterator[tuple[str, str]]:
    company = version.document.provider
    yield (
        _("Drawn up"),
        _("%(when)s, and sealed at once by %(company)s", when=utc(clock.now()), company=company),
    )
    yield _("Seal certificate, SHA-256"), grouped(about.certificate)
    yield (
        _("Time from"),
        (
            _("time stamp authority (RFC 3161), %(host)s", host=about.time_source)
            if about.time_source
            else _("the clock of %(company)s's server", company=company)
        ),
    )
    yield _("Check this file"), _("%(page)s, or any PDF reader that shows signatures", page=check_at)
