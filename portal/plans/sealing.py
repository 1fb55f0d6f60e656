"""The one organisation seal over the final PDF of a version: a PAdES certification signature that allows no change,
with the time from an RFC 3161 authority when one is set.

A simple electronic signature with an organisation seal: the certificate is self-made, and nothing more is claimed.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import gettext as _

from portal import clock
from portal.config import Config
from portal.plans import inspection, keys
from portal.plans.keys import CannotSeal, SealKey

FIELD = "Seal"


@dataclass(frozen=True, slots=True)
class About:
    """What the certificate page says of the seal before there is one: the fingerprint of its certificate, the host that
    vouches for its time (None for this server's own clock), and the head of the account's chain that is anchored."""

    certificate: str
    time_source: str | None
    audit_head: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """The sealed file. `certificate` and `time_certificate` are SHA-256 fingerprints."""

    content: bytes
    at: datetime
    certificate: str
    time_source: str | None
    time_certificate: str | None


def about(audit_head: str) -> About:
    """Asked before the file is drawn. Raises CannotSeal, so that nothing is drawn in vain."""
    settings = _settings()
    host = urlsplit(settings.tsa_url).hostname if settings.tsa_url else None
    return About(keys.current(settings).fingerprint, host, audit_head)


def seal(pdf: bytes, named: About, *, reason: str = "") -> Sealed:
    """Seal a file, in which the seal is named as `about` said, and look at it before it is given out. Raises CannotSeal
    when there is no key, no time, or the certificate was renewed meanwhile."""
    settings, key = _settings(), keys.current(_settings())
    if key.fingerprint != named.certificate:
        raise CannotSeal(_("The seal's certificate was renewed while the plan was drawn. It is drawn anew."))
    at = clock.now().replace(microsecond=0)
    content = _signed(pdf, key, settings.tsa_url, at, reason)
    stamped = inspection.stamped_by(content)
    seen = inspection.inspect(content, [keys.der(key.certificate)], at, stamped)
    if not seen.is_good or bool(stamped) != bool(settings.tsa_url):
        raise CannotSeal(_("The seal was made, but doesn't hold. Nothing was given out."))
    return Sealed(content, at, key.fingerprint, named.time_source, stamped)


def _settings() -> Config:
    settings: Config = current_app.config["PORTAL"]
    return settings


def _signed(pdf: bytes, key: SealKey, tsa_url: str | None, at: datetime, reason: str) -> bytes:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata

    meta = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        name=inspection.common_name(_signer(key).signing_cert),
        reason=reason or None,
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    authority = _authority(tsa_url) if tsa_url else None
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        signer = _pdf_signer(meta, _signer(key), authority, at)
        sealed = inspection.apart(lambda: signer.sign_pdf(writer))
    except PdfError as error:
        raise CannotSeal(_("The plan's file can't be sealed (%(why)s).", why=type(error).__name__)) from None
    return bytes(sealed.getvalue())


def _pdf_signer(meta: Any, signer: Any, authority: Any, at: datetime) -> Any:
    """pyHanko's, but with the portal's clock."""
    from pyhanko.sign.signers import PdfSigner

    class Timed(PdfSigner):
        def init_signing_session(self, pdf_out: Any, existing_fields_only: bool = False) -> Any:
            session = super().init_signing_session(pdf_out, existing_fields_only)
            session.system_time = at
            return session

    return Timed(meta, signer, timestamper=authority)


@lru_cache(2)
def _signer(key: SealKey) -> Any:
    """The opened key as pyHanko wants it; it stays in memory like the key itself."""
    from asn1crypto.keys import PrivateKeyInfo
    from asn1crypto.x509 import Certificate
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from pyhanko.sign.signers import SimpleSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    plain = key.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return SimpleSigner(
        signing_cert=Certificate.load(keys.der(key.certificate)),
        signing_key=PrivateKeyInfo.load(plain),
        cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
    )


@lru_cache(2)
def _authority(url: str) -> Any:
    """Kept, so that how much room its answer takes is asked only once."""
    from portal.plans.stamping import Authority

    return Authority(url)
