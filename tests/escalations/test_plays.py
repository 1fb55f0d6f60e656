"""The ten plays that come with the portal, and what a draft does with what isn't known."""

import pytest
from pydantic import ValidationError

from portal.escalations import plays
from portal.onboardings.standings import Quiet

TEN = {
    "ghosting", "engaged", "readiness_gap", "back_on_path", "low_adoption", "technical_block", "low_score",
    "late_value", "champion_lost", "too_late",
}  # fmt: skip
VALUES = {name: f"[{name}]" for name in plays.VALUES}


def test_the_ten_are_there_each_with_lines_and_a_message():
    shipped = plays.shipped()
    assert set(shipped) == TEN
    assert {len(play.items) for play in shipped.values()} <= {4, 5, 6, 7}
    for play in shipped.values():
        assert "{" not in plays.filled(play.draft.body, VALUES)


@pytest.mark.parametrize("key", sorted(TEN))
def test_a_message_makes_sense_with_nothing_but_two_names(key):
    body = plays.filled(plays.play_called(key).draft.body, {"first": "Ana", "me": "June"})
    assert body.startswith("Hi Ana,")
    assert body.endswith("June")
    assert len(body.split("\n\n")) > 2


def test_a_paragraph_whose_value_is_unknown_is_left_out():
    text = "Hi {first},\n\nyou said: {quote}\n\nNext is {step}."
    assert plays.filled(text, {"first": "Ana", "quote": "", "step": "the import"}) == (
        "Hi Ana,\n\nNext is the import."
    )


def test_a_place_that_no_account_has_is_refused_where_the_file_is_read():
    with pytest.raises(ValidationError, match="unknown places: weather"):
        plays.Draft(subject="The {weather}", body="Something long enough to be a message at all.")


def test_the_first_reason_that_suits_a_play_decides_else_how_quiet_they_are(team):
    road = team.onboarding
    assert plays.for_codes(["R1", "R10"], road) == "readiness_gap"
    road.quiet = Quiet.ENGAGED
    assert plays.for_codes(["R1"], road) == "engaged"
    road.quiet = None
    assert plays.for_codes(["R1"], road) == "back_on_path"
