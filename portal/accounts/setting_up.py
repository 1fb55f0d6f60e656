"""What only commands set up: the provider's own settings, and its people."""

import hashlib
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import email_validator

from portal import calendars, db, filekinds
from portal.access import Role
from portal.accounts.models import Provider, Staff, User, provider
from portal.activity.models import Audience, Verb, record
from portal.errors import Refused

SHOWN = ("name", "logo", "accent", "time_zone", "country", "product_base_url", "reply_hours")
LONGEST = {"name": 200, "product_base_url": 300}
LARGEST_LOGO = 500_000
LONGEST_NAME, LONGEST_CALLED = 120, 60


def change(data_dir: Path, given: dict[str, Any]) -> Provider:
    """Store the settings in `given`, and return the provider as it is then. Raises Refused for what can't be."""
    row = provider()
    if not given:
        return row
    checked = {field: _checked(field, value, data_dir) for field, value in given.items()}
    row = db.session.merge(row)
    for field, value in checked.items():
        setattr(row, field, value)
    db.session.flush()
    record(row, Verb.PROVIDER_CHANGED, by=None, audience=Audience.STAFF, after={"fields": sorted(given)})
    return row


def add_staff(name: str, email: str, roles: list[str]) -> Staff:
    """Somebody who works here from now on. Raises Refused for a name or an address that can't be."""
    name, address = " ".join(name.split()), email.strip().lower()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused(f"A name has 1 to {LONGEST_NAME} characters; write it like --name 'Lena Voss'.")
    try:
        email_validator.validate_email(address, check_deliverability=False)
    except email_validator.EmailNotValidError:
        raise Refused(f"{email} is not an e-mail address. Write it like lena@partnerly.example.") from None
    if User.by_email(address):
        raise Refused(f"{address} already belongs to someone here.")
    person = Staff(
        name=name,
        called=name.split()[0][:LONGEST_CALLED],
        email=address,
        staff_roles=sorted(Role(role).value for role in set(roles)),
    )
    db.session.add(person)
    db.session.flush()
    record(person, Verb.STAFF_ADDED, by=None, audience=Audience.STAFF, after={"roles": person.staff_roles})
    return person


def _checked(field: str, value: Any, data_dir: Path) -> Any:
    if isinstance(value, str) and not value.strip():
        raise Refused(f"The {field.replace('_', ' ')} is empty; leave the option out to keep what it is.")
    if len(str(value)) > LONGEST.get(field, 10_000):
        raise Refused(f"The {field.replace('_', ' ')} is too long; {LONGEST[field]} characters at most.")
    try:
        match field:
            case "time_zone":
                return str(calendars.zone(value))
            case "country":
                return calendars.country(value)
            case "accent" if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
                raise ValueError(f"{value} is not a colour we know; write it like #0b6152.")
            case "product_base_url" if not _is_address(value):
                raise ValueError(f"{value} is not an address; write it like https://app.partnerly.example.")
            case "logo":
                return _stored(value, data_dir / "provider")
    except ValueError as error:
        raise Refused(str(error)) from None
    return value


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in text


def _stored(path: Path, folder: Path) -> str:
    """Keep a copy of the logo under a name that follows its content."""
    content = path.read_bytes()
    if len(content) > LARGEST_LOGO:
        raise ValueError("The logo is larger than 500 kB; a smaller one loads faster.")
    try:
        with path.open("rb") as file:
            kind = str(filekinds.judge(file, path.name))
    except Refused:
        kind = "none"
    if kind not in ("png", "jpg"):
        raise ValueError("The logo must be a png or jpg picture.")
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{hashlib.sha256(content).hexdigest()[:12]}.{kind}"
    (folder / name).write_bytes(content)
    return name
