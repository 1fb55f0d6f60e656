"""The keys that seal signed plans, each with the certificate made for it, under the data directory.

One file for each, numbered: the newest one seals. Of those before only the certificates are kept, by which the files
they sealed go on verifying. Nothing here needs the database, but for the provider's name in a new certificate.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from portal import clock
from portal.errors import Refused

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate

    from portal.config import Config

YEARS = timedelta(days=5 * 365 + 1)
CLOCKS_APART = timedelta(days=1)  # Machines that share the key may disagree about when it was made.
WARN_BEFORE = timedelta(days=60)
LONGEST_NAME = 64  # Of a subject, RFC 5280.
ENDS, CERTIFICATE, PRIVATE = "Ends: ", "-----BEGIN CERTIFICATE-----", "-----BEGIN ENCRYPTED PRIVATE KEY-----"


class CannotSeal(Exception):
    """Why nothing can be sealed now: a sentence for our own people, with what to do."""


@dataclass(frozen=True, slots=True)
class SealKey:
    """The key that seals, opened, and its certificate. `fingerprint` is the certificate's SHA-256 in hex."""

    private: EllipticCurvePrivateKey
    certificate: Certificate
    fingerprint: str


def folder(settings: Config) -> Path:
    """Where the keys lie."""
    return settings.data_dir / "keys"


def ensure(settings: Config, name: str) -> bool:
    """Make the first key, with a certificate for the provider of this `name`, where there is none: whether it was made
    here. Of two processes that do so at once one makes it."""
    return not _files(settings) and _make(settings, name, 1)


def renew(settings: Config, name: str) -> datetime:
    """Make a new key and certificate, which seal from now on; returns when the certificate ends.

    The keys before are deleted, their certificates stay. Raises Refused when somebody did the same a moment ago.
    """
    before = _files(settings)
    number = int(before[-1].stem.rpartition("-")[2]) + 1 if before else 1
    if not _make(settings, name, number):
        raise Refused(_("Somebody has renewed it a moment ago. Look with: portal doctor"))
    for path in before:
        _retire(path)
    ends = ends_at(settings)
    assert ends is not None
    return ends


def ends_at(settings: Config) -> datetime | None:
    """When the newest certificate ends; None before one was made. It is read from the file's own words, so that a page
    can ask without opening anything."""
    files = _files(settings)
    first = files[-1].read_text(encoding="ascii").partition("\n")[0] if files else ""
    return datetime.fromisoformat(first.removeprefix(ENDS)) if first.startswith(ENDS) else None


def ends_soon(settings: Config) -> datetime | None:
    """When the newest certificate ends, within the next 60 days or since. None while there is time, and where there is
    nothing to read."""
    try:
        ends = ends_at(settings)
    except (OSError, ValueError):
        return None
    return ends if ends is not None and ends - clock.now() < WARN_BEFORE else None


def current(settings: Config) -> SealKey:
    """The newest key. It stays open in this process, so that only the first seal takes the time. Raises CannotSeal when
    there is none, the passphrase doesn't open it, or its certificate has ended."""
    files = _files(settings)
    if not files:
        raise CannotSeal(
            _("There is no key to seal with. Whoever runs the server makes one: portal seal renew")
        )
    try:
        key = _opened(files[-1], files[-1].stat().st_mtime_ns, settings.seal_passphrase)
    except (ValueError, TypeError):
        raise CannotSeal(
            _("The seal's key can't be opened: PORTAL_SEAL_PASSPHRASE is not the one that it was made with.")
        ) from None
    except OSError as error:
        raise CannotSeal(
            _("The seal's key can't be read (%(why)s). Check PORTAL_DATA_DIR.", why=error.strerror)
        ) from None
    if key.certificate.not_valid_after_utc <= clock.now():
        raise CannotSeal(
            _("The seal's certificate has ended. Whoever runs the server makes a new one: portal seal renew")
        )
    return key


def certificates(settings: Config) -> dict[str, Certificate]:
    """Every certificate that was ever ours, by its fingerprint. Files that hold none are passed over."""
    found: dict[str, Certificate] = {}
    for path in _files(settings):
        with suppress(OSError, ValueError):
            certificate = _certificate(path.read_text(encoding="ascii"))
            found[fingerprint(certificate)] = certificate
    return found


def fingerprint(certificate: Certificate) -> str:
    """SHA-256 of a certificate, in hex."""
    from cryptography.hazmat.primitives.hashes import SHA256

    return certificate.fingerprint(SHA256()).hex()


def der(certificate: Certificate) -> bytes:
    """A certificate in the form that other tools read."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.DER)


# --- Files ----------------------------------------------------------------------------------------


def _files(settings: Config) -> list[Path]:
    """The numbered ones, the newest last."""
    return sorted(folder(settings).glob("seal-[0-9][0-9][0-9][0-9].pem"))


@lru_cache(4)
def _opened(path: Path, _written: int, passphrase: str) -> SealKey:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    text = path.read_text(encoding="ascii")
    certificate = _certificate(text)
    private = load_pem_private_key((PRIVATE + text.partition(PRIVATE)[2]).encode(), passphrase.encode())
    if private.public_key() != certificate.public_key():
        raise ValueError("the key and the certificate belong to different files")
    return SealKey(private, certificate, fingerprint(certificate))  # type: ignore[arg-type]


def _certificate(text: str) -> Certificate:
    from cryptography.x509 import load_pem_x509_certificate

    return load_pem_x509_certificate(
        (CERTIFICATE + text.partition(CERTIFICATE)[2].partition(PRIVATE)[0]).encode()
    )


def _make(settings: Config, name: str, number: int) -> bool:
    """Make key and certificate `number`; False when another process was first."""
    home = folder(settings)
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)
    return _put(home / f"seal-{number:04}.pem", _fresh(name, settings.seal_passphrase))


def _fresh(name: str, passphrase: str) -> str:
    """A new key and its certificate, as the text of their file."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

    private = ec.generate_private_key(ec.SECP256R1())
    certificate = _self_made(private, name)
    locked = private.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase.encode())
    )
    return _text(certificate) + locked.decode()


def _text(certificate: Certificate) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding

    ends = certificate.not_valid_after_utc.isoformat()
    about = f"{ENDS}{ends}\nSHA-256: {fingerprint(certificate)}\n"
    return about + certificate.public_bytes(Encoding.PEM).decode()


def _self_made(private: EllipticCurvePrivateKey, name: str) -> Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509.oid import NameOID

    words = "".join(c for c in name if c.isprintable())[:LONGEST_NAME].strip() or "Firstmile"
    named = (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
    subject = x509.Name([x509.NameAttribute(kind, words) for kind in named])
    now = clock.now().replace(microsecond=0)
    usage = {"digital_signature": True, "content_commitment": True}
    others = (
        "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only",
        "decipher_only",
    )  # fmt: skip
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(private.public_key())
    )
    made = made.serial_number(x509.random_serial_number())
    made = made.not_valid_before(now - CLOCKS_APART).not_valid_after(now + YEARS)
    made = made.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    made = made.add_extension(x509.KeyUsage(**usage, **dict.fromkeys(others, False)), critical=True)
    made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
    return made.sign(private, SHA256())


def _put(path: Path, text: str, *, instead: bool = False) -> bool:
    """Write a file whole, for its owner only. Without `instead` it is a new one: False when there is one already."""
    part = path.with_name(f".{secrets.token_hex(8)}")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if instead:
            part.replace(path)
        else:
            path.hardlink_to(part)
    except FileExistsError:
        return False
    finally:
        part.unlink(missing_ok=True)
    _fsync(path.parent)
    return True


def _retire(path: Path) -> None:
    """Leave only the certificate: nobody seals with this key any more."""
    text = path.read_text(encoding="ascii")
    if PRIVATE in text:
        _put(path, _text(_certificate(text)), instead=True)


def _fsync(home: Path) -> None:
    handle = os.open(home, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
