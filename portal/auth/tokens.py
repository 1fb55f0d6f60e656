"""Secrets that leave the house, and what is kept of them: a hash, never the secret itself."""

import base64
import hashlib
import hmac
import secrets

from flask import current_app


def new() -> str:
    """A random secret of 256 bits, fit for an address or a cookie."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is stored of a secret of 256 bits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def peppered(*parts: str) -> str:
    """What is stored of something short enough to guess: useless without the install's secret key."""
    return _keyed(*parts).hex()


def derived(*parts: str) -> str:
    """A secret that can be made again from `parts` (one of them random) and the install's secret key.

    A letter that has to be sent twice, because the first attempt was cut off, so carries the same link.
    """
    return base64.urlsafe_b64encode(_keyed(*parts)).rstrip(b"=").decode()


def derived_code(*parts: str) -> str:
    """Six digits, made the same way."""
    return f"{int.from_bytes(_keyed(*parts)) % 1_000_000:06d}"


def same(one: str | None, other: str) -> bool:
    """Compare without telling by the time it takes how far they agree."""
    return hmac.compare_digest((one or "").encode(), other.encode())


def _keyed(*parts: str) -> bytes:
    key = current_app.config["PORTAL"].secret_key.encode()
    return hmac.digest(key, "\x1f".join(parts).encode("utf-8", "surrogatepass"), "sha256")
