"""Partnerly, which runs the demo's install, and the people who work there."""

from dataclasses import dataclass
from datetime import date, time, timedelta

from portal import db
from portal.accounts.kinds import TeamRole
from portal.accounts.models import Product, Provider, Staff
from portal.activity.models import Audience, Verb, record
from portal.usage.products import new_product

CHICAGO, LISBON, SINGAPORE = "America/Chicago", "Europe/Lisbon", "Asia/Singapore"


@dataclass(frozen=True)
class Hand:
    """One staff member before there is a row. Hours are on their own wall."""

    name: str
    roles: tuple[str, ...]
    city: str
    zone: str
    country: str
    phone: str
    bio: str
    languages: tuple[str, ...] = ("en",)
    regions: tuple[str, ...] = ("americas",)
    capacity: int = 20
    hours: tuple[int, int] = (9, 17)

    @property
    def called(self) -> str:
        return self.name.split()[0]

    @property
    def email(self) -> str:
        plain = self.called.lower().translate(str.maketrans("áéíóúñ", "aeioun"))
        return f"{plain}@partnerly.example"


HANDS = [
    Hand(
        "Lena Fischer", ("cs_leader", "site_admin"), "Chicago", CHICAGO, "US", "+1 312 555 0100",
        "Leads the onboarding team and reads every retrospective herself.", ("en", "de"), capacity=0,
    ),
    Hand(
        "Priya Rao", ("consultant",), "Chicago", CHICAGO, "US", "+1 312 555 0114",
        "Ran a partner programme for six years before she helped others start theirs.", ("en", "hi"), capacity=22,
    ),
    Hand(
        "Tomás Moreira", ("integration_specialist",), "Lisbon", LISBON, "PT", "+351 21 555 0122",
        "Has connected more than eighty CRMs and remembers what each of them calls a won deal.",
        ("en", "pt", "es"), ("americas", "emea"), capacity=40, hours=(9, 18),
    ),
    Hand(
        "June Lin", ("csm",), "Chicago", CHICAGO, "US", "+1 312 555 0131",
        "Looks after customers once they run it themselves. Likes a phone call better than a letter.",
        ("en", "zh"), capacity=40,
    ),
    Hand(
        "Sam Hale", ("account_executive",), "Boston", "America/New_York", "US", "+1 617 555 0147",
        "Sold it to you, and stays in reach for contract and seats.", capacity=60,
    ),
    Hand(
        "Nadia Haddad", ("consultant", "csm"), "London", "Europe/London", "GB", "+44 20 5550 0163",
        "Came from the customer's side: she set up Partnerly at her last company.",
        ("en", "fr", "ar"), ("emea",), capacity=22,
    ),
    Hand(
        "Owen Clarke", ("consultant",), "Toronto", "America/Toronto", "CA", "+1 416 555 0178",
        "Takes large roll-outs apart into pieces that fit into a week.", ("en", "fr"), capacity=14,
    ),
    Hand(
        "Mei Tan", ("consultant", "integration_specialist", "csm"), "Singapore", SINGAPORE, "SG", "+65 5550 0182",
        "Our whole team in the Asia-Pacific mornings: consulting, connections and what comes after.",
        ("en", "zh", "ms"), ("apac",), capacity=12,
    ),
]  # fmt: skip


@dataclass(frozen=True)
class Cast:
    """Everybody at Partnerly, by the name they are called, and what they sell."""

    staff: dict[str, Staff]
    product: Product

    def __getitem__(self, called: str) -> Staff:
        return self.staff[called]

    def team(self, consultant: str, integrations: str, csm: str, sales: str = "Sam") -> dict[TeamRole, Staff]:
        """The four who meet one customer."""
        return {
            TeamRole.CONSULTANT: self[consultant],
            TeamRole.INTEGRATION_SPECIALIST: self[integrations],
            TeamRole.CSM: self[csm],
            TeamRole.ACCOUNT_EXECUTIVE: self[sales],
        }


def hire() -> Cast:
    """The provider's row, its product and its people. The clock stands at the day the install was set up."""
    db.session.add(
        Provider(
            id=1,
            name="Partnerly",
            locale="en",
            time_zone=CHICAGO,
            country="US",
            product_base_url="https://app.partnerly.example",
            reply_hours=4,
        )
    )
    product = new_product("partner_programme", "Partner programme", core=True)
    db.session.add(product)
    staff = {hand.called: _row(hand) for hand in HANDS}
    db.session.add_all(staff.values())
    db.session.flush()
    lead = staff["Lena"]
    for person in staff.values():
        person.lead_id = None if person is lead else lead.id
        roles = {"roles": sorted(person.staff_roles)}
        record(person, Verb.STAFF_ADDED, by=lead, audience=Audience.STAFF, after=roles)
    return Cast(staff, product)


def _row(hand: Hand) -> Staff:
    return Staff(
        name=hand.name,
        called=hand.called,
        email=hand.email,
        staff_roles=list(hand.roles),
        languages=list(hand.languages),
        regions=list(hand.regions),
        capacity=hand.capacity,
        bio=hand.bio,
        city=hand.city,
        phone=hand.phone,
        country=hand.country,
        time_zone=hand.zone,
        work_start=time(hand.hours[0]),
        work_end=time(hand.hours[1]),
    )


def send_away(cast: Cast, today: date) -> None:
    """Owen is on holiday until the end of next week; Priya answers for him."""
    owen, priya = cast["Owen"], cast["Priya"]
    db.session.add_all([owen, priya])
    owen.away_until = today + timedelta(days=11 - today.weekday())
    owen.stand_in_id = priya.id
    after = {"until": owen.away_until.isoformat()}
    record(
        owen, Verb.STAFF_AWAY, by=owen, audience=Audience.STAFF, after=after, personal={"whom": priya.name}
    )
