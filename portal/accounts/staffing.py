"""The people who work at the provider, as commands add and change them."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, time
from pathlib import Path
from typing import Any

from babel import Locale
from sqlalchemy import select

from portal import calendars, clock, db
from portal.access import Role
from portal.accounts import absence, pictures
from portal.accounts.absence import Obstacle
from portal.accounts.models import Staff, User
from portal.activity.models import Audience, Verb, record
from portal.addresses import canonical, is_plain
from portal.characters import first_name
from portal.errors import Refused

LONGEST_NAME, LONGEST_CALLED = 120, 60
# What customers read of somebody, and the most characters of each.
FACTS = {"bio": 300, "phone": 40, "city": 80}
ABSENCE = ("away_until", "stand_in", "back")


def add(name: str, email: str, roles: list[str]) -> Staff:
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


def called(email: str) -> Staff:
    """The one who works here with this address. Raises Refused when nobody does."""
    found = User.by_email(email)
    if not isinstance(found, Staff) or not found.is_active:
        raise Refused(f"Nobody who works here has the address {email}. See who does with: portal staff list")
    return found


def change(person: Staff, given: Mapping[str, Any], data_dir: Path) -> None:
    """Store what is in `given`, all as typed: roles, capacity, hours, time_zone, what customers read of them (FACTS,
    languages, photo), and when they are away and who stands in (away_until, stand_in) or that they are back.

    Raises Refused for what can't be, with nothing changed.
    """
    if not given:
        raise Refused("Say what to change, like --capacity 25; see portal staff set --help.")
    plain = {name: value for name, value in given.items() if name not in (*ABSENCE, "roles")}
    fields = {name: value for pair in plain.items() for name, value in _plain(*pair, data_dir).items()}
    zone = str(fields.get("time_zone", person.zone))
    fields |= _absence(person, given, clock.today(zone))
    if "roles" in given:
        _give_roles(person, given["roles"])
    for name, value in fields.items():
        setattr(person, name, value)
    db.session.flush()
    if plain:
        after = {"fields": sorted(plain)}
        record(person, Verb.PROFILE_CHANGED, by=None, audience=Audience.STAFF, after=after)
    if any(name in given for name in ABSENCE):
        absence.keep(person, by=None)


def check_needed(person: Staff) -> None:
    """Refuse for the only site admin, and for whoever stands in for somebody who is away."""
    _refuse_if_last_admin(person)
    _refuse_if_needed(person)


def _give_roles(person: Staff, roles: Iterable[str]) -> None:
    """These and no others from now on."""
    before, after = person.staff_roles, sorted(Role(role).value for role in set(roles))
    if Role.SITE_ADMIN not in after:
        _refuse_if_last_admin(person)
    person.staff_roles = after
    record(
        person,
        Verb.ROLE_CHANGED,
        by=None,
        audience=Audience.STAFF,
        before={"roles": before},
        after={"roles": after},
        personal={"whom": person.name},
    )


def _refuse_if_last_admin(person: Staff) -> None:
    """All of us are held until the transaction ends, so that the last two can't both go."""
    ours = select(Staff).where(Staff.left_at.is_(None)).order_by(Staff.id)
    here = db.session.scalars(ours.with_for_update(of=Staff.__table__, key_share=True)).all()
    admins = [one for one in here if Role.SITE_ADMIN in one.staff_roles]
    if admins == [person]:
        raise Refused(
            f"{person.name} is the only site admin. First make another: "
            "portal staff set EMAIL --role site_admin, with their other roles"
        )


def told_of(person: Staff, load: int) -> list[str]:
    """One of us in six cells: name, address, roles, how many onboardings of how many, hours, and whether away."""
    hours = f"{person.work_start:%H:%M}-{person.work_end:%H:%M} {person.zone}"
    away = ""
    if person.is_away:
        answers = f"{person.stand_in.name} stands in" if person.stand_in else "nobody stands in"
        away = f"away until {person.away_until}, {answers}"
    roles = ", ".join(person.staff_roles)
    return [person.name, person.email, roles, f"{load} of {person.capacity}", hours, away]


def _plain(name: str, value: Any, data_dir: Path) -> dict[str, Any]:
    """The columns that one option fills."""
    if name in FACTS:
        return {name: _fact(name, value)}
    try:
        match name:
            case "hours":
                start, end = _hours(value)
                return {"work_start": start, "work_end": end}
            case "time_zone":
                return {"time_zone": str(calendars.zone(value))}
            case "country":
                return {"country": calendars.country(value)}
            case "languages":
                return {"languages": [_language(code) for code in dict.fromkeys(value)]}
            case "photo":
                return {"photo": pictures.kept(value, data_dir / "faces", "photo")}
    except ValueError as error:
        raise Refused(str(error)) from None
    return {name: value}


def _fact(name: str, text: str) -> str:
    text = " ".join(text.split())
    if not text or not text.isprintable():
        raise Refused(f"The {name} is empty; leave the option out to keep what it is.")
    if len(text) > FACTS[name]:
        raise Refused(f"The {name} is too long; {FACTS[name]} characters at most.")
    return text


def _language(code: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}", code) or code not in Locale("en").languages:
        raise ValueError(f"“{code}” is not a language code we know; write it like en or pt.")
    return code


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
    wrong = absence.obstacle_of_day(until, today)
    if wrong is Obstacle.PASSED:
        raise Refused(f"{text} has passed. Give the last day they are away, today or later.")
    if wrong is Obstacle.TOO_FAR:
        raise Refused(f"{text} is more than a year ahead. Give the last day they are away.")
    return until


def _stand_in(person: Staff, email: str) -> Staff:
    other = called(email)
    wrong = absence.obstacle_of_stand_in(person, other)
    if wrong is Obstacle.ONESELF:
        raise Refused(f"{person.name} can't stand in for themselves. Name a colleague.")
    if wrong is Obstacle.AWAY_TOO:
        raise Refused(f"{other.name} is away until {other.away_until} too. Name somebody who is here.")
    return other


def _refuse_if_needed(person: Staff) -> None:
    """Whoever stands in for somebody who is away has to be here."""
    if waiting := next(iter(absence.covered_by(person)), None):
        raise Refused(
            f"{person.name} stands in for {waiting.name} until {waiting.away_until}. "
            f"First name another: portal staff set {waiting.email} --stand-in EMAIL"
        )
