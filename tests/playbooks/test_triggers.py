"""The triggers that come with the portal, what a file of them may say, and numbers that make no sense."""

from typing import NamedTuple

import pytest

from portal.playbooks import trigger_check, triggers
from portal.playbooks.models import TriggerSetting
from portal.playbooks.reader import read_triggers
from portal.playbooks.source import PlaybookError


class Known(NamedTuple):
    kind: str
    label: str = "it"


FACTS = {"share": Known("percent", "share of seats"), "days": Known("days", "days quiet"),
         "seen": Known("flag", "seen"), "health": Known("word", "health"), "pace": Known("number", "pace")}  # fmt: skip
PLAYS = {"ghosting"}
TEXT = """key: mine
name: Mine
triggers:
  - key: T6
    title: Low use
    when:
      - {fact: share, test: below, value: 40, name: limit}
      - {fact: days, test: at_least, value: 3, name: quiet}
    then:
      - do: escalate
        level: 1
        play: ghosting
        reason: R7
        when:
          - {fact: days, test: at_least, value: 7, name: later}
    clears_when:
      - {fact: share, test: at_least, value: 45, name: back}
"""

MISSHAPEN = [
    ("test: below", "test: under", "“under” is not known here"),
    ("play: ghosting", "plays: ghosting", "did you mean “play”?"),
    ("        play: ghosting\n", "", "needs a play"),
    ("        reason: R7\n", "", "needs a reason"),
    ("value: 45, name: back", "name: back", "needs a value"),
    ("value: 45, name: back", "value: yes, name: back", "only a whole number can be changed"),
    ("value: 45", "value: 4.5", "must be a whole number, true, false, a word"),
    ("key: T6", "key: low_use", "is not a trigger's key"),
    ("    title: Low use", "    title: Low use\n    events: [help]", "either events or when"),
    ("do: escalate", "do: nudge", "an action has the one its word asks for"),
]
UNUSABLE = [
    ("fact: share, test: below", "fact: shares, test: below", "did you mean “share”?"),
    ("fact: share, test: below", "fact: weather, test: below", "Known are: share, days"),
    ("fact: days, test: at_least, value: 3", "fact: seen, test: at_least, value: 3", "can't be asked of seen"),
    ("fact: days, test: at_least, value: 3, name: quiet", "fact: seen, test: is, value: 3", "either true or false"),
    ("fact: days, test: at_least, value: 3, name: quiet", "fact: days, test: is, value: a lot", "is a whole number"),
    ("play: ghosting", "play: gosting", "there is no play “gosting”"),
    ("value: 40", "value: 0", "could never be true"),
    ("value: 40", "value: 101", "would always be true"),
    ("value: 45", "value: 39", "at 39 it would fire and clear at once"),
    ("value: 7, name: later", "value: 2, name: later", "comes before the trigger itself fires"),
    ("value: 3, name: quiet", "value: 0, name: quiet", "would always be true"),
    (
        "{fact: days, test: at_least, value: 3, name: quiet}",
        "{fact: share, test: at_least, value: 60}",
        "beside what else is asked of “share of seats”",
    ),
]  # fmt: skip


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


@pytest.mark.parametrize(("part", "instead", "said"), MISSHAPEN)
def test_a_file_that_is_misshapen_is_refused_in_words(part: str, instead: str, said: str) -> None:
    with pytest.raises(PlaybookError) as refused:
        read_triggers(TEXT.replace(part, instead, 1), "mine.yaml")
    assert said in str(refused.value), str(refused.value)
    assert "mine.yaml:" in str(refused.value)


@pytest.mark.parametrize(("part", "instead", "said"), UNUSABLE)
def test_what_can_not_be_or_never_is_is_refused(part: str, instead: str, said: str) -> None:
    changed = read_triggers(TEXT.replace(part, instead, 1))
    messages = [message for _loc, message in trigger_check.findings(changed, FACTS, PLAYS)]
    assert any(said in message for message in messages), messages


def test_a_set_that_makes_sense_is_taken() -> None:
    assert trigger_check.findings(read_triggers(TEXT), FACTS, PLAYS) == []


def test_two_triggers_of_one_key_are_refused() -> None:
    again = TEXT[TEXT.index("  - key: T6") :]
    found = trigger_check.findings(read_triggers(TEXT + again), FACTS, PLAYS)
    assert found == [(("triggers", 1, "key"), "“T6” is used twice; each must differ")]


def test_a_later_rung_comes_later() -> None:
    spec = _standard("T2").with_numbers({"day_7": 12, "day_12": 10})
    facts = {name: Known("days") for name in ("silent_days",)}
    facts |= {name: Known("flag") for name in ("customers_turn", "anyone_signed_in", "engaged")}
    wrong = list(trigger_check.nonsense(spec, facts))
    assert {one.name for one in wrong} == {"day_12"}
    assert "after 12" in wrong[0].why


def test_each_number_stands_in_the_order_of_reading() -> None:
    assert list(_standard("T6").numbers) == ["share", "live_for", "for_days", "again_after", "clear_share"]
    assert list(_standard("T2").numbers) == ["day_3", "day_7", "day_12", "again_after"]


def test_a_number_with_one_name_changes_everywhere() -> None:
    changed = _standard("T2").with_numbers({"day_12": 15, "unknown": 1})
    asked = [one.value for action in changed.then for one in action.when if one.name == "day_12"]
    assert asked == [15, 15, 15]
    assert changed.numbers["day_3"].value == 3


def test_the_numbers_of_a_setting_are_laid_over_the_playbooks(session) -> None:
    session.add(TriggerSetting(key="T6", on=False, values={"share": 30, "for_days": 4}))
    session.flush()
    found = triggers.current("T6")
    assert (found.number("share"), found.number("live_for"), found.spec.for_days) == (30, 30, 4)
    assert not found.on
    assert found.is_changed
    assert triggers.current("T2").on
    assert not triggers.current("T2").is_changed
    with pytest.raises(KeyError):
        triggers.current("T99")


def _standard(key: str) -> triggers.TriggerSpec:
    return next(spec for spec in triggers.standard().triggers if spec.key == key)
