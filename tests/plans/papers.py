"""Versions that were never in a database, and their pages: what a printer is given."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from portal.accounts.models import Person, Staff
from portal.plans import printing
from portal.plans.document import MilestonePlan, Need, PlanDocument, Player, Result, ScopeLine, Tick, digest
from portal.plans.models import PlanSigner, PlanVersion, Signature
from portal.plans.rules import Identified, PlanState, SignerRole
from portal.plans.sealing import About
from tests.plans.samples import a_document

SENT = datetime(2026, 3, 13, 16, 20, 5, tzinfo=UTC)
BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:148.0) Gecko/20100101 Firefox/148.0",
    "Mozilla/5.0 (Macintosh) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36",
)
ABOUT = About(
    certificate="06298432e8066b29e2223bcc23aa9504b56ae508fabf3435508869b9c3190e22",
    time_source="tsa.partnerly.example",
    audit_head="b81f37a043a6f767e7c94d105f4bd31282f3ecc20680bb9d09bd93461cf4c863",
)
ANA, PRIYA = ("Ana Nuñez", SignerRole.CUSTOMER), ("Priya Rao", SignerRole.PROVIDER)
SPONSORS = (
    ("Rui Tavares de Albuquerque e Castro", SignerRole.CUSTOMER_SPONSOR),
    ("Wolfeschlegelsteinhausenbergerdorff-Schwarzenberg-Hohenlohe, Maximiliane", SignerRole.CUSTOMER_SPONSOR),
    ("Lena Berg", SignerRole.PROVIDER_SPONSOR),
)


def version(plan: PlanDocument, *signing: tuple[str, SignerRole], signed: int = 0) -> PlanVersion:
    """This plan as it was sent to these people, the first `signed` of whom have signed."""
    canonical = plan.canonical
    made = PlanVersion(
        id=7,
        ref="k7Qm2xAbC9dE",
        n=plan.version,
        state=PlanState.SIGNED if signed == len(signing) else PlanState.SENT,
        snapshot=canonical,
        sha256=digest(canonical),
        sent_at=SENT,
        sent_by=Staff(name="Priya Rao", email="priya@partnerly.example"),
        signed_at=SENT + timedelta(days=3) if signed == len(signing) else None,
    )
    for n, (name, role) in enumerate(signing):
        kind = Staff if role.is_ours else Person
        user = kind(
            id=n + 1,
            name=name,
            email=f"{name.split()[0].lower()}@{'partnerly' if role.is_ours else 'northwind'}.example",
        )
        made.signers.append(PlanSigner(user_id=n + 1, user=user, role=role, position=n))
        if n < signed:
            made.signatures.append(_signature(n, user, role, made))
    return made


def _signature(n: int, user: Any, role: SignerRole, of: PlanVersion) -> Signature:
    at = datetime(2026, 3, 16, 9, 31, 7, tzinfo=UTC) + timedelta(hours=n * 4)
    return Signature(
        id=n + 1,
        user_id=user.id,
        role=role,
        name=user.name,
        email=user.email,
        typed_name=user.name,
        snapshot_sha256=of.sha256,
        consent_sha256="12423e0482f3e81cb1d23230664e95bb3d11b9f34f06fc199e588d4cdab6e4d4",
        identified_by=Identified.PASSWORD if role.is_ours else Identified.CODE,
        identified_at=at + timedelta(minutes=10),
        viewed_at=at,
        consented_at=at + timedelta(minutes=9, seconds=45),
        signed_at=at + timedelta(minutes=10, seconds=3),
        zone="Europe/Lisbon",
        ip=("203.0.113.24", "198.51.100.7")[n % 2],
        user_agent=BROWSERS[n % 2],
    )


def large(**changes: Any) -> PlanDocument:
    """120 steps, 5 results with long words, many people, needs and 30 lines of scope."""
    plain = a_document()
    stages = tuple(
        one.model_copy(
            update={
                "ticks": tuple(
                    Tick(weight=1 + n % 3, done=n < 4, begins_module=n % 6 == 0) for n in range(30)
                ),
                "items": 30,
                "modules": tuple(f"Module {n} with a name of its own" for n in range(7)),
            }
        )
        for one in plain.stages
    )
    long = (
        "that goes on for a good while because somebody at the customer wanted it said with every condition"
    )
    results = tuple(
        Result(
            key=f"r{n}", statement=f"Result {n} {long}", must_have=n % 2 == 0, baseline=f"{n}4 hours a month",
            target=f"{n} hours a month", by=date(2026, 4, 20), seen=f"payout log {long}",
            checkpoints=plain.results[0].checkpoints * 4,
        )
        for n in range(5)
    )  # fmt: skip
    scope = tuple(
        ScopeLine(
            key=f"s{n}", side="in" if n < 15 else "not_in", statement=f"Line {n}: something we bring, {long}",
            why="" if n < 15 else f"Reason {n}, {long}.", alternative="" if n < 15 else "a list by hand meanwhile",
        )
        for n in range(30)
    )  # fmt: skip
    needs = tuple(
        Need(
            key=f"n{n}",
            by=date(2026, 3, 16) if n % 3 else None,
            what=f"Need {n}",
            detail=long,
            who="Ben, Rui",
        )
        for n in range(16)
    )
    marks = tuple(
        MilestonePlan(
            key=f"m{n}", title=f"Milestone {n} {long if n % 4 == 0 else ''}".strip(), on=date(2026, 3, 16),
            who="Ana Nuñez, Priya Rao and Tomás Moreira", stage=plain.stages[n % 4].key, place=n * 2,
        )
        for n in range(14)
    )  # fmt: skip
    people = tuple(
        Player(
            name=f"Bartholomew Featherstonehaugh the {n}th", part=f"head of something, {long}", does=long,
            time="two hours on each working day",
        )
        for n in range(7)
    )  # fmt: skip
    told: dict[str, Any] = {
        "stages": stages, "results": results, "scope": scope, "needs": needs, "milestones": marks, "theirs": people,
        "ours": people, "headline": f"Pay every partner of all eleven companies on time, {long}.",
        "customer": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft mbH & Co. KG",
        "changes": plain.changes * 3,
    }  # fmt: skip
    return a_document(**{**told, **changes})


SENTENCES = {
    "pl": "Zażółć gęślą jaźń. Pchnąć w tę łódź jeża lub ośm skrzyń fig. ĄĆĘŁŃÓŚŹŻ",
    "de": "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. ÄÖÜẞ äöüß „Anführung“",
    "tr": "Pijamalı hasta yağız şoföre çabucak güvendi. ÇĞİIÖŞÜ çğıiöşü",
    "el": "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. ΆΈΉΊΌΎΏ άέήίόύώϊΐϋΰ ς",
}


def foreign(locale: str) -> PlanDocument:
    """The sample with a sentence that has every letter of a language in every text."""
    says = SENTENCES[locale]
    plain = a_document()
    return a_document(
        locale=locale,
        customer=f"Northwind {says.split()[0]}",
        headline=says,
        summary=says,
        why=plain.why.model_copy(update={"quote": says, "text": says, "said": says}),
        results=tuple(one.model_copy(update={"statement": says, "seen": says}) for one in plain.results),
        milestones=tuple(one.model_copy(update={"title": says[:24].strip()}) for one in plain.milestones),
        theirs=tuple(one.model_copy(update={"part": says, "does": says}) for one in plain.theirs),
        scope=tuple(
            one.model_copy(update={"statement": says, "why": one.why and says}) for one in plain.scope
        ),
        changes=(says, says),
    )


PAPERS = {
    "sent": lambda: version(a_document(), ANA, PRIYA),
    "partly": lambda: version(a_document(amends=1), ANA, PRIYA, signed=1),
    "final": lambda: version(a_document(), ANA, PRIYA, signed=2),
    "large": lambda: version(large(), ANA, *SPONSORS[:2], PRIYA, SPONSORS[2], signed=5),
    **{name: (lambda name=name: version(foreign(name), ANA, PRIYA, signed=2)) for name in SENTENCES},
}


def page(name: str) -> str:
    """The page of one of these papers."""
    made = PAPERS[name]()
    return printing.html(made, ABOUT if made.is_complete else None)
