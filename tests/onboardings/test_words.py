"""Lengths of time and lists, said the same way by pages and letters, in the reader's language."""

import pytest
from flask_babel import force_locale

from portal.onboardings import words

pytestmark = pytest.mark.usefixtures("cast")


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 min"), (10, "10 min"), (60, "1 h"), (80, "1 h 20 min"), (305, "5 h 5 min")]
)
def test_hours_are_said_as_hours(count, said) -> None:
    assert words.minutes(count) == said


def test_facts_stand_side_by_side_without_the_empty_ones() -> None:
    assert words.facts(["Admin", None, "", words.STAGE_TITLES["welcome"]]) == "Admin, Welcome"
    assert words.facts([]) == ""


def test_lists_end_as_the_language_ends_them() -> None:
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b", "c"], "or") == "a, b, or c"
    with force_locale("de"):
        assert words.listed(["a", "b", "c"]) == "a, b und c"
        assert words.listed(["{0}", "%s"], "or") == "{0} oder %s"
