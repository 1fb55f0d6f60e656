"""What can be seen in a PDF that claims to be sealed: read with pyHanko, without the database and without the network.

It reads files of strangers, so the web lets a bounded child do it. Everything that goes in and comes out is plain data.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum, auto
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from asn1crypto.x509 import Certificate
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
    from pyhanko_certvalidator import ValidationContext

T = TypeVar("T")

HEADER_WITHIN = 1024  # Bytes before which a PDF says that it is one, ISO 32000 annex H.
RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s*\]")


class Found(StrEnum):
    """What kind of thing it is. `CUT`: its end is missing."""

    NOT_PDF = auto()
    CUT = auto()
    UNREADABLE = auto()
    ENCRYPTED = auto()
    UNSIGNED = auto()
    SEVERAL = auto()
    SIGNED = auto()


@dataclass(frozen=True, slots=True)
class Seen:
    """One file. All but `found` speaks of its only signature: who made it by its certificate's name and fingerprint,
    whether it stands over the whole file (`whole`), fits the bytes (`intact`) and the certificate (`valid`), and
    whether all is well together (`sound`): by a certificate that was given, valid at the moment that was given."""

    found: Found
    name: str = ""
    fingerprint: str = ""
    whole: bool = False
    intact: bool = False
    valid: bool = False
    sound: bool = False
    time_certificate: str | None = None

    @property
    def is_good(self) -> bool:
        """All that the file by itself can show."""
        return self.found is Found.SIGNED and self.sound and self.intact and self.valid and self.whole


def inspect(
    content: bytes, certificates: Sequence[bytes], moment: datetime, time_certificate: str | None = None
) -> Seen:
    """Look at a file. `certificates` are ours (DER); `moment` is when they must have been valid; a time stamp counts
    when the authority's certificate has the fingerprint `time_certificate`."""
    if b"%PDF-" not in content[:HEADER_WITHIN]:
        return Seen(Found.NOT_PDF)
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        reader = PdfFileReader(io.BytesIO(content))
        if reader.encrypted:
            return Seen(Found.ENCRYPTED)
        signatures = reader.embedded_signatures
        if len(signatures) == 1:
            return _signed(signatures[0], certificates, moment, time_certificate)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 — whatever a stranger's file makes of the reader, it is a file that can't be read
        return Seen(Found.CUT if _is_cut(content) else Found.UNREADABLE)
    if signatures:
        return Seen(Found.SEVERAL)
    return Seen(Found.CUT if _is_cut(content) else Found.UNSIGNED)


def look(
    content: bytes, certificates: Sequence[bytes], moment: str, time_certificate: str | None
) -> dict[str, Any]:
    """The same for a bounded child, which takes and gives what JSON has."""
    return asdict(inspect(content, certificates, datetime.fromisoformat(moment), time_certificate))


def apart(work: Callable[[], T]) -> T:
    """Do this in a thread of its own: pyHanko runs an event loop, and the caller's thread may have one already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(copy_context().run, work).result()


def stamped_by(content: bytes) -> str | None:
    """Fingerprint of the certificate behind the time stamp of a file that was just sealed."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    return _stamped_by(PdfFileReader(io.BytesIO(content)).embedded_signatures[0])


def _is_cut(content: bytes) -> bool:
    """Whether the signed range or the file itself goes on beyond the last byte."""
    ranges = RANGE.findall(content)
    beyond = any(int(start) + int(length) > len(content) for _a, _b, start, length in ranges)
    return beyond or not content.rstrip(b"\0\t\n\f\r ").endswith(b"%%EOF")


def _signed(
    signature: EmbeddedPdfSignature, ours: Sequence[bytes], moment: datetime, time_certificate: str | None
) -> Seen:
    from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature

    certificate = signature.signer_cert
    times = [one for one in _authorities(signature) if one.sha256.hex() == time_certificate]
    trusted, timely = _trusting(_read(ours), moment), _trusting(times, moment)
    status = apart(lambda: validate_pdf_signature(signature, trusted, timely, skip_diff=True))
    whole = signature.evaluate_signature_coverage() is SignatureCoverageLevel.ENTIRE_FILE
    return Seen(
        Found.SIGNED,
        name=common_name(certificate),
        fingerprint=certificate.sha256.hex(),
        whole=whole,
        intact=bool(status.intact),
        valid=bool(status.valid),
        sound=bool(status.bottom_line)
        and _lasts(certificate, moment)
        and all(_lasts(one, moment) for one in times),
        time_certificate=_stamped_by(signature),
    )


def _lasts(certificate: Certificate, moment: datetime) -> bool:
    """Whether it is valid at this moment, which pyHanko doesn't ask of what is trusted anyway."""
    return bool(certificate.not_valid_before <= moment <= certificate.not_valid_after)


def common_name(certificate: Certificate) -> str:
    """The name that a certificate carries, as far as it can be read."""
    named: dict[str, Any] = certificate.subject.native
    words = named.get("common_name") or named.get("organization_name") or ""
    return str(words if isinstance(words, str) else words[0])[:200]


def _trusting(certificates: Sequence[Certificate], moment: datetime) -> ValidationContext:
    """Nothing but these counts, at this moment, and nobody is asked about them."""
    from pyhanko_certvalidator import ValidationContext

    return ValidationContext(trust_roots=list(certificates), moment=moment, allow_fetching=False)


def _read(ours: Sequence[bytes]) -> list[Certificate]:
    from asn1crypto.x509 import Certificate

    return [Certificate.load(one) for one in ours]


def _token(signature: EmbeddedPdfSignature) -> Any:
    """The time stamp in the signature, as CMS; None without one."""
    attributes = signature.signer_info["unsigned_attrs"]
    found = [one for one in attributes if one["type"].native == "signature_time_stamp_token"]
    return found[0]["values"][0]["content"] if found else None


def _authorities(signature: EmbeddedPdfSignature) -> list[Certificate]:
    """The certificates that came with the time stamp."""
    token = _token(signature)
    return [] if token is None else [one.chosen for one in token["certificates"]]


def _stamped_by(signature: EmbeddedPdfSignature) -> str | None:
    """Fingerprint of the certificate that made the time stamp."""
    token = _token(signature)
    if token is None:
        return None
    who = token["signer_infos"][0]["sid"].chosen
    mine = [
        one
        for one in _authorities(signature)
        if (one.issuer, one.serial_number) == (who["issuer"], who["serial_number"].native)
    ]
    return mine[0].sha256.hex() if mine else None
