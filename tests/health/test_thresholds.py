"""The numbers of health for each segment: what is in force, what is refused, and who changed what."""

from contextlib import nullcontext
from dataclasses import asdict, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portal import db
from portal.accounts.kinds import Segment
from portal.activity.models import Activity, Verb
from portal.errors import Refused
from portal.health import thresholds
from portal.health.thresholds import BELOW, NUMBERS, SHIPPED, Thresholds
from tests import make

PAGE = "/staff/settings/health"


@pytest.fixture
def otto(app):
    with app.app_context():
        make.provider()
        made = make.staff("Otto Brandt", "site_admin")
        db.session.commit()
        return made


def form(segment: Segment = Segment.SMB, **changes: str) -> dict[str, str]:
    """The form as it stands, its switch among it, with these changes."""
    shipped = asdict(SHIPPED[segment])
    switch = {"nudges_need_approval": "y"} if shipped.pop("nudges_need_approval") else {}
    return {**{name: str(value) for name, value in shipped.items()}, **switch, **changes}


def test_what_is_shipped_is_what_the_product_says():
    told = {
        segment: (one.stalled_after, one.acknowledge_hours, one.act_days, one.nudges_need_approval)
        for segment, one in SHIPPED.items()
    }
    assert told == {
        Segment.SMB: (5, 8, 3, False),
        Segment.MID_MARKET: (7, 8, 2, True),
        Segment.ENTERPRISE: (10, 4, 1, True),
    }
    assert set(NUMBERS) | {"nudges_need_approval"} == {one.name for one in fields(Thresholds)}
    for one in SHIPPED.values():
        thresholds.check(one)


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"stalled_after": 0}, "stalled_after", "“Stalled after” takes 1 to 60 working days."),
        ({"active_percent": 150}, "active_percent", "“Low use, risk: fewer active than” takes 1 to 100 %."),
        (
            {"pace_watch_points": 20},
            "pace_watch_points",
            "Watch has to come before risk, else nobody is ever warned",
        ),
        ({"tickets_watch": 5}, "tickets_watch", "Watch has to come before risk, else nobody is ever warned"),
        ({"watches_make_risk": 1}, "watches_make_risk", "takes 2 to 10 reasons."),
    ],
)
def test_what_could_never_or_always_be_true_is_refused_in_a_sentence(changes, field, sentence, app):
    with app.test_request_context(), pytest.raises(Refused) as refused:
        thresholds.check(Thresholds(**changes))
    assert sentence in str(refused.value)
    assert refused.value.field == field


@given(st.fixed_dictionaries({name: st.integers(one.least, one.most) for name, one in NUMBERS.items()}))
def test_whatever_is_within_its_bounds_passes_but_for_what_comes_before_what(shared_app, values):
    limits = Thresholds(**values)
    wrong = [watch for watch, risk in BELOW if values[watch] >= values[risk]]
    with shared_app.test_request_context(), pytest.raises(Refused) if wrong else nullcontext() as refused:
        thresholds.check(limits)
    assert not wrong or refused.value.field == wrong[0]


def test_a_change_is_in_force_with_who_and_when_and_reset_takes_it_back(visitor, otto, clock):
    window = visitor(otto)
    window.get(PAGE)
    window.post(f"{PAGE}/smb", form(stalled_after="6", tickets_risk="9"))
    assert (thresholds.of(Segment.SMB).stalled_after, thresholds.of(Segment.MID_MARKET).stalled_after) == (
        6,
        7,
    )
    page = window.get(f"{PAGE}/smb")
    row = next(one.text() for one in page.all("tr") if one.text().startswith("Stalled after"))
    assert row == "Stalled after working days 5 3 Mar, Otto Brandt"
    assert page.one("input", id="stalled_after").get("value") == "6"
    window.post(f"{PAGE}/smb/reset")
    assert thresholds.of(Segment.SMB) == SHIPPED[Segment.SMB]
    told = db.session.scalars(
        select(Activity).where(Activity.verb == Verb.THRESHOLDS_CHANGED).order_by(Activity.id)
    )
    assert [(one.data["before"], one.data["after"]) for one in told] == [
        ({"stalled_after": 5, "tickets_risk": 5}, {"stalled_after": 6, "tickets_risk": 9}),
        ({"stalled_after": 6, "tickets_risk": 9}, {"stalled_after": 5, "tickets_risk": 5}),
    ]


def test_a_later_change_of_one_leaves_who_changed_another(visitor, otto, clock):
    window = visitor(otto)
    window.get(PAGE)
    window.post(f"{PAGE}/smb", form(stalled_after="6"))
    clock.forward(days=4)
    window = visitor(otto)
    window.get(PAGE)
    window.post(f"{PAGE}/smb", form(stalled_after="6", gap_days="7"))
    days = {name: one.at.day for name, one in thresholds.all_in_force()[Segment.SMB].changed.items()}
    assert days == {"stalled_after": 3, "gap_days": 7}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"stalled_after": "0"}, "“Stalled after” takes 1 to 60 working days."),
        ({"stalled_after": "soon"}, "Enter a whole number, like 12"),
        ({"stalled_after": ""}, "Enter a whole number, like 12"),
        ({"stage_watch_percent": "100"}, "Watch has to come before risk"),
        ({"stalled_after": "9" * 400}, "“Stalled after” takes 1 to 60 working days."),
        ({"colour": "red"}, "This form has no field called colour"),
    ],
)
def test_what_is_refused_stays_as_typed_and_changes_nothing(visitor, otto, changes, sentence):
    window = visitor(otto)
    window.get(PAGE)
    page = window.post(f"{PAGE}/smb", form(**changes), status=422)
    assert sentence in page.text
    name, typed = next(iter(changes.items()))
    assert page.all("input", id=name) == [] or page.one("input", id=name).get("value") == typed
    assert thresholds.of(Segment.SMB) == SHIPPED[Segment.SMB]


def test_a_segment_that_is_none_is_not_there_and_only_a_site_admin_comes_in(visitor, otto):
    visitor(otto).get(f"{PAGE}/huge", status=404)
    priya = make.staff()
    db.session.commit()
    visitor(priya).get(PAGE, status=403)
