"""A customer as the demo begins with it: the company, its people and what was agreed with them."""

import csv
from dataclasses import dataclass
from pathlib import Path

from portal.accounts.kinds import Segment, StakeholderRole, Touch
from portal.calendars import Calendar

SMB, MID, ENT = Segment.SMB, Segment.MID_MARKET, Segment.ENTERPRISE
CHAMPION, DECIDES = StakeholderRole.CHAMPION, StakeholderRole.DECISION_MAKER
IT, USER, BILLING = StakeholderRole.IT_CONTACT, StakeholderRole.END_USER, StakeholderRole.BILLING_CONTACT

AMERICAS, EMEA, APAC = "americas", "emea", "apac"
# Consultant, integration specialist, CSM: people whose days overlap with the customer's.
TEAMS = {
    AMERICAS: ("Priya", "Tomás", "June"),
    EMEA: ("Nadia", "Tomás", "Nadia"),
    APAC: ("Mei", "Mei", "Mei"),
}


@dataclass(frozen=True)
class Someone:
    """One of a customer's people."""

    name: str
    title: str
    roles: tuple[StakeholderRole, ...] = ()
    portal_role: str = "teammate"


@dataclass(frozen=True)
class Company:
    """`people` begins with the admin. `starts` is day 0 in days before today (negative: ahead).

    `pace` is in per cent of the time passed: 0 keeps to the plan, 20 takes a fifth longer, -10 is early.
    `quiet` is for how many working days nobody there has done anything; `turn` names how the story goes on. `sealed`:
    the files of its signed plans are there at the start.
    """

    name: str
    segment: Segment
    programme: int
    region: str
    country: str
    zone: str
    people: tuple[Someone, ...]
    quote: str
    starts: int = 0
    pace: int = 0
    quiet: int = 0
    turn: str | None = None
    currency: str = "USD"
    acv: int = 12000
    seats: int = 10
    locale: str = "en"
    touch: Touch | None = None
    team: tuple[str, str, str] | None = None
    leave: tuple[str, ...] = ()
    sealed: bool = False

    @property
    def slug(self) -> str:
        """The name in small letters, without what an address cannot hold; also the external id."""
        plain = self.name.lower().replace("'", "").replace("’", "")
        return plain.replace(" ", "-")

    @property
    def calendar(self) -> Calendar:
        return Calendar(country=self.country)

    @property
    def staff(self) -> tuple[str, str, str]:
        if self.team:
            return self.team
        consultant, integrations, csm = TEAMS[self.region]
        large = self.region == AMERICAS and self.segment is ENT
        return ("Owen" if large else consultant, integrations, csm)


TABLE = Path(__file__).with_name("portfolio.csv")


def portfolio() -> list[Company]:
    """The customers beyond the named ones, from the table beside this file."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [_company(row) for row in csv.DictReader(file, delimiter="|")]


def _company(row: dict[str, str]) -> Company:
    admin, title = row["admin"].split(", ")
    others = [text.strip() for text in row["others"].split(";") if text.strip()]
    return Company(
        name=row["name"],
        segment=Segment(row["segment"]),
        programme=int(row["programme"]),
        region=row["region"],
        country=row["country"],
        zone=row["zone"],
        people=(Someone(admin, title, (CHAMPION,)), *map(_someone, others)),
        quote=row["quote"],
        starts=int(row["starts"]),
        pace=int(row["pace"]),
        quiet=int(row["quiet"]),
        turn=row["turn"] or None,
        leave=tuple(row["leave"].split()),
        currency=row["currency"],
        acv=int(row["acv"]),
        seats=int(row["seats"]),
        touch=Touch(row["touch"]) if row["touch"] else None,
    )


def _someone(text: str) -> Someone:
    name, title, roles, *portal_role = text.split(", ")
    played = tuple(StakeholderRole(role) for role in roles.split("+"))
    return Someone(name, title, played, portal_role[0] if portal_role else "teammate")
