"""A plan as both sides would sign it."""

from datetime import date
from typing import Any

from portal.plans.document import (
    Checkpoint,
    MilestonePlan,
    Need,
    PlanDocument,
    Player,
    Result,
    ScopeLine,
    StagePlan,
    Tick,
    Why,
)

WEIGHTS = {
    "welcome": "111122",
    "expectations": "211211212",
    "training": "11122111211111111111",
    "graduation": "12112122",
}


def ticks(stage: str, done: int = 0) -> tuple[Tick, ...]:
    """The ticks of a stage of the sample, the first `done` of them done."""
    return tuple(
        Tick(weight=int(weight), done=n < done, begins_module=n % 7 == 3)
        for n, weight in enumerate(WEIGHTS[stage])
    )


def a_document(**changes: Any) -> PlanDocument:
    """Version 2 of Northwind's plan; `changes` go into the fields of the document."""
    return PlanDocument(**{**_plain(), **changes})


def _plain() -> dict[str, Any]:
    return {
        "plan": "k7Qm2xAbC9dE",
        "version": 2,
        "locale": "en",
        "customer": "Northwind",
        "provider": "Partnerly",
        "headline": "Pay partners on time, from 13 April.",
        "summary": "What Northwind and Partnerly will do together between 9 March and 23 April 2026, and how both"
        " will know that it worked.",
        "why": Why(
            quote="Stop losing partners because we pay them late.",
            text="Northwind pays 200 partners by hand, twice a month. Every run takes 14 hours, three in ten partners"
            " are paid late, and some have left over it.",
            said="Ana Nuñez, confirmed 2 March.",
        ),
        "results": RESULTS,
        "results_note": "Results marked “must have” are met before graduation. “Partners paid on time” continues with"
        " June after it.",
        "starts_on": date(2026, 3, 2),
        "first_value_on": date(2026, 4, 13),
        "graduates_on": date(2026, 4, 23),
        "stages": _stages(),
        "milestones": MILESTONES,
        "theirs": THEIRS,
        "ours": OURS,
        "needs": NEEDS,
        "scope": SCOPE,
        "changes": (
            "Either side can ask for a change on this page or by letter. A new version shows what differs.",
            "It is signed again only when dates, results or scope change.",
            "If a date of ours slips, Priya writes before it passes; after five working days her lead Lena joins.",
        ),
    }


RESULTS = (
    Result(
        key="hours",
        statement="Hours spent on each payout run",
        must_have=True,
        baseline="14 h",
        target="2 h",
        by=date(2026, 4, 20),
        seen="payout log, seen in your account",
        checkpoints=(Checkpoint(on=date(2026, 4, 2), says="8 h in the test run"),),
    ),
    Result(
        key="on_time",
        statement="Partners paid on time",
        must_have=False,
        baseline="71 %",
        target="98 %",
        by=date(2026, 4, 30),
        seen="payout dates in your account",
        checkpoints=(Checkpoint(on=date(2026, 4, 20), says="90 %"),),
    ),
    Result(
        key="own_team",
        statement="First payout run done by your own team",
        must_have=True,
        baseline="none",
        target="1 run",
        by=date(2026, 4, 17),
        seen="seen in your account",
        checkpoints=(Checkpoint(on=date(2026, 4, 2), says="test run"),),
    ),
)


def _stages() -> tuple[StagePlan, ...]:
    def stage(key: str, share: int, starts: date, ends: date, done: int = 0, **more: Any) -> StagePlan:
        items = ticks(key, done)
        return StagePlan(
            key=key,
            title=key.capitalize(),
            share=share,
            starts=starts,
            ends=ends,
            items=len(items),
            ticks=items,
            **more,
        )

    return (
        stage("welcome", 14, date(2026, 3, 2), date(2026, 3, 11), done=6),
        stage("expectations", 22, date(2026, 3, 9), date(2026, 3, 16), done=9),
        stage(
            "training",
            44,
            date(2026, 3, 16),
            date(2026, 4, 8),
            modules=("Partner import", "CRM connection", "Monthly payouts"),
        ),
        stage("graduation", 20, date(2026, 4, 8), date(2026, 4, 23)),
    )


MILESTONES = tuple(
    MilestonePlan(key=key, title=title, on=on, who=who, stage=stage, place=place)
    for key, title, on, who, stage, place in (
        ("plan", "Plan signed", date(2026, 3, 16), "Ana, Priya", "expectations", 9),
        ("data", "Data checked", date(2026, 3, 25), "Ben, Tomás", "training", 6),
        ("test", "Test payout", date(2026, 4, 1), "Ben", "training", 12),
        ("live", "Go-live", date(2026, 4, 8), "Ana", "training", 20),
        ("first", "First partner paid", date(2026, 4, 13), "Northwind", "graduation", 3),
        ("done", "Graduation", date(2026, 4, 23), "Ana, June", "graduation", 8),
    )
)
THEIRS = (
    Player(
        name="Ana Nuñez",
        part="decides, admin of the portal",
        does="Agrees goals and plan, says when you are done",
        time="2 h a week",
    ),
    Player(
        name="Ben Ortiz",
        part="partner operations",
        does="Brings the partner list, connects payouts and CRM",
        time="4 h a week",
    ),
    Player(
        name="Rui Tavares",
        part="sponsor, finance",
        does="Opens the bank account, joins two calls",
        time="2 h in all",
    ),
)
OURS = (
    Player(
        name="Priya Rao",
        part="onboarding consultant",
        does="Runs this plan until graduation",
        time="same day",
    ),
    Player(
        name="Tomás Moreira",
        part="integration specialist",
        does="Sandbox, CRM connection, checks",
        time="same day",
    ),
    Player(
        name="June Lin",
        part="customer success manager",
        does="Your person from graduation on",
        time="from 23 April",
    ),
)
NEEDS = (
    Need(
        key="list",
        by=date(2026, 3, 16),
        what="Partner list as a file.",
        detail="200 partners, the template is in Documents",
        who="Ben",
    ),
    Need(
        key="crm",
        by=date(2026, 3, 18),
        what="Admin access to your CRM",
        detail="for one test user",
        who="Ben",
    ),
    Need(
        key="bank",
        by=date(2026, 3, 27),
        what="The bank account that pays partners,",
        detail="opened for test payouts",
        who="Rui",
    ),
)
SCOPE = (
    ScopeLine(key="import", side="in", statement="Partner import"),
    ScopeLine(key="crm", side="in", statement="One CRM connection"),
    ScopeLine(key="groups", side="in", statement="Three partner groups"),
    ScopeLine(key="payouts", side="in", statement="Monthly payouts in euro, admin and finance training"),
    ScopeLine(
        key="chains",
        side="not_in",
        statement="Approval chains.",
        why="They need your finance rules settled first.",
        alternative="single approval works meanwhile. On June’s list for May.",
    ),
    ScopeLine(
        key="sso",
        side="not_in",
        statement="Single sign-on.",
        why="Nobody at Northwind uses it yet.",
        alternative="you can add it at any time.",
    ),
)
