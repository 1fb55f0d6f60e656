"""What only commands set up: the provider's own settings, and its people."""

import hashlib
import re
from collections.abc import Mapping
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select

from portal import calendars, clock, db, filekinds
from portal.access import Role
from portal.accounts.models import Provider, Staff, User, provider
from portal.activity.models import Audience, Verb, record
from portal.addresses import canonical, is_plain
from portal.characters import first_name
from portal.errors import Refused

SHOWN = ("name", "logo", "accent", "time_zone", "country", "product_base_url", "reply_hours")
LONGEST = {"name": 200, "product_base_url": 300}
LARGEST_LOGO = 500_000
LONGEST_NAME, LONGEST_CALLED = 120, 60
LONGEST_AWAY = timedelta(days=366)


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
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused(f"A name has 1 to {LONGEST_NAME} characters; write it like --name 'Lena Voss'.")
    try:
        address = canonical(email)
    except ValueError:
        if not is_plain(email):
            raise Refused(
                f"Before the @ of {email} stand characters that mail servers refuse. Write letters without accents,"
                " digits and signs, like lena@partnerly.example."
            ) from None
        raise Refused(f"{email} is not an e-mail address. Write it like lena@partnerly.example.") from None
    if User.by_email(address):
        raise Refused(f"{address} already belongs to someone here.")
    person = Staff(
        name=name,
        called=first_name(name)[:LONGEST_CALLED],
        email=address,
        staff_roles=sorted(Role(role).value for role in set(roles)),
    )
    db.session.add(person)
    db.session.flush()
    record(person, Verb.STAFF_ADDED, by=None, audience=Audience.STAFF, after={"roles": person.staff_roles})
    return person


def staff_called(email: str) -> Staff:
    """The one who works here with this address. Raises Refused when nobody does."""
    found = User.by_email(email)
    if not isinstance(found, Staff) or not found.is_active:
        raise Refused(f"Nobody who works here has the address {email}. See who does with: portal staff list")
    return found


def change_staff(person: Staff, given: Mapping[str, Any]) -> None:
    """Store what is in `given`: capacity, hours and time_zone, all as typed, and when they are away and who stands in
    (away_until, stand_in) or that they are back. Raises Refused for what can't be, with nothing changed."""
    if not given:
        raise Refused("Say what to change, like --capacity 25; see portal staff set --help.")
    plain = {name: value for name, value in given.items() if name in ("capacity", "hours", "time_zone")}
    fields = {name: value for pair in plain.items() for name, value in _plain(*pair).items()}
    zone = str(fields.get("time_zone", person.zone))
    fields |= _absence(person, given, clock.today(zone))
    for name, value in fields.items():
        setattr(person, name, value)
    db.session.flush()
    if plain:
        after = {"fields": sorted(plain)}
        record(person, Verb.PROFILE_CHANGED, by=None, audience=Audience.STAFF, after=after)
    if len(plain) < len(given):
        until = person.away_until.isoformat() if person.away_until else None
        record(person, Verb.STAFF_AWAY, by=None, audience=Audience.STAFF, after={"until": until})


def told_of(person: Staff, load: int) -> list[str]:
    """One of us in six cells: name, address, roles, how many onboardings of how many, hours, and whether away."""
    hours = f"{person.work_start:%H:%M}-{person.work_end:%H:%M} {person.zone}"
    away = ""
    if person.is_away:
        answers = f"{person.stand_in.name} stands in" if person.stand_in else "nobody stands in"
        away = f"away until {person.away_until}, {answers}"
    roles = ", ".join(person.staff_roles)
    return [person.name, person.email, roles, f"{load} of {person.capacity}", hours, away]


def _plain(name: str, value: Any) -> dict[str, Any]:
    if name == "hours":
        start, end = _hours(value)
        return {"work_start": start, "work_end": end}
    if name == "time_zone":
        try:
            return {"time_zone": str(calendars.zone(value))}
        except ValueError as error:
            raise Refused(str(error)) from None
    return {name: value}


def _hours(text: str) -> tuple[time, time]:
    """From “9-17” or “08:30-16:45”."""
    found = re.fullmatch(r"(\d{1,2})(?::(\d{2}))?\s*-\s*(\d{1,2})(?::(\d{2}))?", text.strip())
    try:
        if found is None:
            raise ValueError
        first, first_minute, last, last_minute = (int(part or 0) for part in found.groups())
        start, end = time(first, first_minute), time(last, last_minute)
    except ValueError:
        raise Refused(f"“{text}” is no working day. Write it like 9-17 or 08:30-16:45.") from None
    if start >= end:
        raise Refused(f"A working day ends after it starts; {text} doesn't. Write it like 9-17.")
    return start, end


def _absence(person: Staff, given: Mapping[str, Any], today: date) -> dict[str, Any]:
    """The columns that say whether somebody is away and who stands in."""
    if given.get("back"):
        if "away_until" in given or "stand_in" in given:
            raise Refused("Either they are back, or they are away: leave out --back or the other two.")
        return {"away_until": None, "stand_in_id": None}
    fields: dict[str, Any] = {}
    if "away_until" in given:
        fields["away_until"] = _until(given["away_until"], today)
    if "stand_in" in given:
        fields["stand_in_id"] = _stand_in(person, given["stand_in"]).id
    elif "away_until" in given and person.stand_in_id is not None:
        _stand_in(person, person.stand_in.email if person.stand_in else "")
    if fields.get("away_until", person.is_away):
        _refuse_if_needed(person)
    return fields


def _until(text: str, today: date) -> date:
    try:
        until = date.fromisoformat(text)
    except ValueError:
        raise Refused(f"“{text}” is not a date. Write it like 2026-03-31.") from None
    if until < today:
        raise Refused(f"{text} has passed. Give the last day they are away, today or later.")
    if until - today > LONGEST_AWAY:
        raise Refused(f"{text} is more than a year ahead. Give the last day they are away.")
    return until


def _stand_in(person: Staff, email: str) -> Staff:
    other = staff_called(email)
    if other.id == person.id:
        raise Refused(f"{person.name} can't stand in for themselves. Name a colleague.")
    if other.is_away:
        raise Refused(f"{other.name} is away until {other.away_until} too. Name somebody who is here.")
    return other


def _refuse_if_needed(person: Staff) -> None:
    """Whoever stands in for somebody who is away has to be here."""
    rows = select(Staff).where(Staff.stand_in_id == person.id, Staff.left_at.is_(None)).order_by(Staff.id)
    if waiting := next((one for one in db.session.scalars(rows) if one.is_away), None):
        raise Refused(
            f"{person.name} stands in for {waiting.name} until {waiting.away_until}. "
            f"First name another: portal staff set {waiting.email} --stand-in EMAIL"
        )


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
