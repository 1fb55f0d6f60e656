"""The peek beside the list: why it stands there, the last five events, and what can be done without leaving. T03."""

from portal import db
from portal.accounts.kinds import TeamRole
from portal.escalations import cases
from portal.escalations.cases import Why
from portal.health.rules import Reason
from portal.messages.models import Message
from portal.onboardings.notes import Note
from portal.onboardings.standings import Health
from tests import make

LIST = "/staff/accounts"


def test_a_peek_says_why_what_is_next_and_what_happened_last(visitor, cast, acted) -> None:
    acted(lambda now: [Note.write(now.onboarding, f"Note {n}", by=now.priya) for n in range(6)])
    acted(lambda now: Message.write(now.onboarding, "Which bank do we use?", by=now.ana))
    priya = visitor(cast.priya)
    page = priya.get(LIST)
    assert not page.all("aside", class_="peek")
    link = page.one("tr", class_="first").one("a", class_="peek-at")
    page = priya.get(link["href"])
    beside = page.one("aside", class_="peek")
    assert beside.one("h2").text() == "Northwind"
    assert "Ana asks you: Which bank do we use?" in beside.text()
    last = [line.text() for line in beside.one("ul", class_="history").all("li")]
    assert len(last) == 5
    assert "Ana Moreira wrote a message" in last[0]
    assert page.all("th", class_="c-name"), "the list is still there"


def test_the_open_case_stands_before_the_reasons_of_its_health(visitor, cast, acted) -> None:
    def worse(now) -> None:
        now.onboarding.begin()
        cases.open_case(now.onboarding, [Why("R3", {"milestones_late": 2}, "T14")])
        now.onboarding.health, now.onboarding.health_evidence = Health.AT_RISK, {}
        now.onboarding.health_reasons = [Reason("R9", "risk", {"value": 6, "limit": 5}).as_json()]

    acted(worse)
    text = visitor(cast.june).get(f"{LIST}?peek={cast.onboarding.ref}").one("aside", class_="peek").text()
    case, health = text.index("Open case Escalation, level 1: "), text.index("6 support tickets")
    assert case < health
    assert "Priya is asked and nobody is on it yet" in text


def test_a_note_and_a_hold_are_written_there_and_the_list_comes_back(visitor, cast) -> None:
    priya = visitor(cast.priya)
    where = f"/staff/accounts/{cast.account.ref}"
    page = priya.get(f"{LIST}?peek={cast.onboarding.ref}&turn=customer&q=north")
    (note,) = [one["action"] for one in page.all("form") if "/notes?" in one["action"]]
    priya.submit(note, {"body": "They like mornings."})
    page = priya.follow()
    assert page.one("aside", class_="peek").one("h2").text() == "Northwind", "the peek is still open"
    assert page.one("input", id="q")["value"] == "north"
    priya.get(f"{LIST}?peek={cast.onboarding.ref}")
    answers = {"reason": "Their bank migrates", "review_on": "2026-03-20"}
    priya.submit(f"{where}/hold?o={cast.onboarding.ref}&back=list&who=mine", answers)
    page = priya.follow()
    assert "On hold" in page.text


def test_closing_leads_back_to_the_row(visitor, cast) -> None:
    page = visitor(cast.priya).get(f"{LIST}?who=mine&peek={cast.onboarding.ref}")
    closes = page.one("aside", class_="peek").one("a", **{"data-key": "close"})
    assert closes["href"] == f"{LIST}?who=mine#r-{cast.onboarding.ref}"
    assert page.one("tr", id=f"r-{cast.onboarding.ref}")


def test_a_mangled_or_strange_ref_peeks_at_nothing(visitor, cast) -> None:
    sam = make.staff("Saul Field", "account_executive")
    rival = make.onboarding(make.account("Fabrikam"), {TeamRole.CONSULTANT: cast.priya}, by=cast.priya)
    db.session.commit()
    for ref in (rival.ref, cast.onboarding.ref, "nothing", "%00", "x" * 300):
        page = visitor(sam).get(f"{LIST}?peek={ref}")
        assert not page.all("aside", class_="peek")


def test_a_peek_costs_as_much_however_long_the_list_is(visitor, cast, more, statements) -> None:
    priya = visitor(cast.priya)
    with statements() as few:
        priya.get(f"{LIST}?peek={cast.onboarding.ref}")
    more(*[f"Company {n}" for n in range(6)], ball="us")
    with statements() as many:
        priya.get(f"{LIST}?peek={cast.onboarding.ref}")
    assert len(many) == len(few) <= 20, "\n".join(many)
