"""Every setting, read once from the environment and checked before anything starts."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class SettingError(Exception):
    """A setting is missing or impossible; the message names it and says what would be right."""


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one process. Field `x` comes from `PORTAL_X`, except host and port."""

    database_url: str
    secret_key: str
    base_url: str
    data_dir: Path
    smtp_url: str | None
    mail_from: str
    seal_passphrase: str
    tsa_url: str | None
    trusted_proxies: int
    event_days: int
    log: str
    demo: bool
    host: str
    port: int

    @property
    def secure(self) -> bool:
        """Whether people reach this install over https."""
        return self.base_url.startswith("https://")


def environment() -> dict[str, str]:
    """What this process was started with, for those who start another one with changes."""
    return dict(os.environ)


def read(environ: Mapping[str, str] | None = None) -> Config:
    """The settings of `environ` (the process's own when left out). Raises SettingError."""
    env = os.environ if environ is None else environ
    port = _number(env, "PORT", 8000, 1, 65535)
    demo = _flag(env, "PORTAL_DEMO")
    return Config(
        database_url=_database_url(env.get("PORTAL_DATABASE_URL") or "sqlite:///var/portal.sqlite3"),
        secret_key=_secret_key(env.get("PORTAL_SECRET_KEY", "")),
        base_url=_base_url(env.get("PORTAL_BASE_URL") or f"http://127.0.0.1:{port}", demo),
        data_dir=_data_dir(Path(env.get("PORTAL_DATA_DIR") or "var").absolute()),
        smtp_url=_smtp_url(env.get("PORTAL_SMTP_URL") or None),
        mail_from=_mail_from(env.get("PORTAL_MAIL_FROM") or "onboarding@localhost"),
        seal_passphrase=_seal_passphrase(env.get("PORTAL_SEAL_PASSPHRASE", "")),
        tsa_url=_tsa_url(env.get("PORTAL_TSA_URL") or None),
        trusted_proxies=_number(env, "PORTAL_TRUSTED_PROXIES", 0, 0, 10),
        event_days=_number(env, "PORTAL_EVENT_DAYS", 400, 1, 3650),
        log=_one_of(env, "PORTAL_LOG", ("text", "json")),
        demo=demo,
        host=env.get("HOST") or "127.0.0.1",
        port=port,
    )


def _number(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = env.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and len(text) < 10 and low <= int(text) <= high):
        raise SettingError(f"{name} must be a whole number from {low} to {high}, not {text!r}")
    return int(text)


def _flag(env: Mapping[str, str], name: str) -> bool:
    text = env.get(name) or "0"
    if text not in ("0", "1"):
        raise SettingError(f"{name} must be 1 or 0, not {text!r}")
    return text == "1"


def _one_of(env: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    text = env.get(name) or choices[0]
    if text not in choices:
        raise SettingError(f"{name} must be one of {', '.join(choices)}, not {text!r}")
    return text


def _database_url(url: str) -> str:
    # A portal of several processes can't share a database that lives in one of them.
    file = url.removeprefix("sqlite:///").partition("?")[0] if url.startswith("sqlite:///") else ""
    if not (_is_postgresql(url) or (file and file != ":memory:")):
        raise SettingError(
            "PORTAL_DATABASE_URL must be sqlite:///path/to/file or postgresql+psycopg://, "
            "for example postgresql+psycopg://portal@localhost/portal"
        )
    return url


def _is_postgresql(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme == "postgresql+psycopg" and len(parts.path) > 1 and parts.port != 0
    except ValueError:
        return False


def _data_dir(folder: Path) -> Path:
    try:
        there = next(place for place in (folder, *folder.parents) if place.exists())
    except OSError as error:
        raise SettingError(
            f"PORTAL_DATA_DIR must be a directory that the portal may write, not {folder} ({error.strerror})"
        ) from None
    if not there.is_dir():
        raise SettingError(f"PORTAL_DATA_DIR must be a directory, and {there} is a file")
    return folder


def _secret_key(key: str) -> str:
    if len(key.strip()) < 32:
        raise SettingError(
            "PORTAL_SECRET_KEY must be a random text of at least 32 characters; "
            'python -c "import secrets; print(secrets.token_hex(32))" makes one'
        )
    return key


def _seal_passphrase(words: str) -> str:
    if len(words.strip()) < 12:
        raise SettingError(
            "PORTAL_SEAL_PASSPHRASE must be at least 12 characters; it opens the key that seals signed plans, "
            'and python -c "import secrets; print(secrets.token_urlsafe(24))" makes one'
        )
    return words


def _tsa_url(url: str | None) -> str | None:
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        usable = usable and not (parts.username or parts.fragment) and url.isascii() and " " not in url
    except ValueError:
        usable = False
    if not usable or not url.isprintable():
        raise SettingError(
            "PORTAL_TSA_URL must be the address of an RFC 3161 time stamp authority, like https://tsa.example/stamp"
        )
    return url


def _base_url(url: str, demo: bool) -> str:
    try:
        parts = urlsplit(url)
        bare = not (parts.path.strip("/") or parts.query or parts.fragment or parts.username)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and bare
    except ValueError:
        usable = False
    if not usable:
        raise SettingError(
            f"PORTAL_BASE_URL must be an address without a path, like https://onboarding.example, not {url!r}"
        )
    if parts.scheme == "http" and not demo and parts.hostname not in LOOPBACK:
        raise SettingError(
            f"PORTAL_BASE_URL must begin with https://; plain http is for the demo and loopback only, not {url!r}"
        )
    return url.rstrip("/")


def _smtp_url(url: str | None) -> str | None:
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("smtp", "smtps") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise SettingError("PORTAL_SMTP_URL must look like smtp://host:25 or smtps://user:password@host:465")
    return url


def _mail_from(address: str) -> str:
    name, _at, domain = address.partition("@")
    if not (name and domain) or "@" in domain or not address.isprintable() or set(address) & set(' ,;<>"'):
        raise SettingError(
            f"PORTAL_MAIL_FROM must be one e-mail address, like onboarding@company.example, not {address!r}"
        )
    return address
