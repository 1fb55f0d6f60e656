"""What of an accepted hand-off its customer may read."""

from dataclasses import asdict
from datetime import date

from portal.handoffs.queries import told
from tests.handoffs.conftest import WORDS, the


def test_only_an_accepted_one_and_only_what_is_meant_for_them(cast, submitted, visitor, statements) -> None:
    road = the(cast).onboarding
    assert told(road) is None
    priya = visitor(cast.priya)
    priya.get(submitted)
    priya.submit(f"{submitted}/accept")
    road = the(cast).onboarding
    assert road.account.zone
    assert road.playbook_version.n == 1
    with statements() as seen:
        found = told(road)
    assert len(seen) == 2
    assert asdict(found) == {
        **{name: WORDS[name] for name in ("quote", "problem", "promised_impact")},
        "author": "Sam",
        "day": date(2026, 3, 3),
        "confirmed": False,
    }
