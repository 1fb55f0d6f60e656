"""Hours as people type them, what differs between two lists, what a priority is proposed from."""

import pytest

from portal.scope import rules


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("1,5", 90), ("1.5", 90), ("0.25", 15), ("40", 2400), ("0", None), ("0,2", None), ("41", None), ("40,1", None),
     ("-2", None), ("1e1", None), ("nan", None), ("", None), ("1,5,5", None), ("١", None), ("9" * 400, None)],
)  # fmt: skip
def test_hours(text, minutes) -> None:
    assert rules.minutes_in(text) == minutes


def test_a_list_is_told_and_read_whatever_its_order() -> None:
    marks = {"b": "2", "a": "1"}
    assert rules.read(rules.told(marks)) == marks
    assert rules.told(marks) == rules.told({"a": "1", "b": "2"})
    assert rules.read("") == {}
    assert rules.read(",,x,:") == {"x": "", "": ""}


def test_what_is_different() -> None:
    found = rules.changes({"same": "1", "other": "1", "gone": "1"}, {"same": "1", "other": "2", "new": "1"})
    assert (found.added, found.changed, found.gone) == (("new",), ("other",), ("gone",))
    assert not rules.changes({"a": "1"}, {"a": "1"})


@pytest.mark.parametrize(
    ("segment", "seats", "size"),
    [
        ("smb", None, 1),
        ("enterprise", None, 3),
        ("enterprise", 5, 1),
        ("smb", 20, 2),
        ("smb", 200, 3),
        ("smb", 0, 1),
    ],
)
def test_size_goes_by_seats_before_segment(segment, seats, size) -> None:
    assert rules.proposed_size(segment, seats) == size


def test_nothing_confirmed_proposes_nothing() -> None:
    assert [rules.proposed_resources(m) for m in (0, 30, 119, 120, 359, 360)] == [None, 1, 1, 2, 2, 3]
