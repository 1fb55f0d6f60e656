"""The agenda of a call writes itself from the answers, and from what nobody was sure of."""

from portal import clock
from portal.calls.models import Call
from tests.readiness.test_effects import answer

SENT = {"problem": "Late payouts", "users": 4, "data": "Spreadsheets", "quality": "Some gaps", "sso": "yes"}


def book(cast, kind: str, day: int) -> Call:
    return Call.book(
        cast.onboarding, kind=kind, title="A call", minutes=60, agenda=["Goals"],
        start=clock.now().replace(day=day, hour=15), owner=cast.priya, by=cast.ana, people=[cast.ana],
    )  # fmt: skip


def test_a_topic_stands_on_the_agenda_of_its_call_alone_and_goes_with_its_answer(spoken, kit) -> None:
    kickoff, consultation = book(spoken, "kickoff", 5), book(spoken, "consultation", 6)
    answer(kit, spoken.ana, **SENT)
    assert "Which of your lists is right" not in kickoff.points
    kit.submit(by=spoken.ana)
    assert kickoff.points[:2] == ["Goals", "Which of your lists is right"]
    assert "Which of your lists is right" not in consultation.points
    kit.answer("quality", "Clean", by=spoken.ana, seen=1)
    assert "Which of your lists is right" not in kickoff.points


def test_what_nobody_is_sure_of_stands_on_the_agenda_of_the_consultation(spoken, kit) -> None:
    kickoff, consultation = book(spoken, "kickoff", 5), book(spoken, "consultation", 6)
    answer(kit, spoken.ana, **SENT)
    kit.answer("data", unknown=True, by=spoken.ana, seen=1)
    kit.submit(by=spoken.ana)
    assert consultation.points[:3] == ["Goals", "What an import needs", "Where the partner data comes from"]
    assert "Where the partner data comes from" not in kickoff.points
