"""The provider's own settings, which only a command changes."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from portal import calendars, db
from portal.accounts import pictures
from portal.accounts.models import Provider, provider
from portal.activity.models import Audience, Verb, record
from portal.errors import Refused

SHOWN = ("name", "logo", "accent", "time_zone", "country", "product_base_url", "reply_hours")
LONGEST = {"name": 200, "product_base_url": 300}


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
                return pictures.kept(value, data_dir / "provider", "logo")
    except ValueError as error:
        raise Refused(str(error)) from None
    return value


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in text
