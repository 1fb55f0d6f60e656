"""The numbers that health and escalations go by, for each segment: what is shipped (product.md 2.4 and 2.8), and what
a site admin has made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from portal import clock, db
from portal.accounts.kinds import Segment
from portal.accounts.models import Staff, provider
from portal.accounts.words import SEGMENTS
from portal.activity.models import Audience, Verb, record
from portal.errors import Refused
from portal.health.models import SegmentThresholds
from portal.jobs import insert_if_new


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Days are working days unless their name says `calendar`; hours are hours of our working time."""

    stalled_after: int = 7
    acknowledge_hours: int = 8
    act_days: int = 2
    nudges_need_approval: bool = True
    stage_watch_percent: int = 80
    stage_done_percent: int = 60
    stage_risk_percent: int = 100
    pace_watch_points: int = 10
    pace_risk_points: int = 20
    milestone_days: int = 3
    milestones_many: int = 2
    no_shows_watch: int = 1
    no_shows_risk: int = 2
    call_percent: int = 80
    activated_percent: int = 50
    activated_calendar_days: int = 14
    active_percent: int = 40
    active_calendar_days: int = 30
    value_days: int = 3
    tickets_watch: int = 3
    tickets_risk: int = 5
    gap_days: int = 5
    champion_calendar_days: int = 14
    unsigned_days: int = 5
    kickoff_days: int = 3
    watches_make_risk: int = 2


SHIPPED: Final[Mapping[Segment, Thresholds]] = {
    Segment.SMB: Thresholds(stalled_after=5, acknowledge_hours=8, act_days=3, nudges_need_approval=False),
    Segment.MID_MARKET: Thresholds(),
    Segment.ENTERPRISE: Thresholds(stalled_after=10, acknowledge_hours=4, act_days=1),
}


class Threshold(NamedTuple):
    """What one number is called, what it is counted in, between which values it means something, and which reason of
    health reads it."""

    label: Any
    unit: Any
    least: int
    most: int
    code: str = ""


_DAYS, _CALENDAR, _PERCENT, _POINTS = _l("working days"), _l("days"), "%", _l("points")

# Every number in the order of the page. `nudges_need_approval` is a switch and stands beside them.
NUMBERS: Final[Mapping[str, Threshold]] = {
    "stalled_after": Threshold(_l("Stalled after"), _DAYS, 1, 60),
    "watches_make_risk": Threshold(_l("Reasons to watch that make a risk together"), _l("reasons"), 2, 10),
    "stage_watch_percent": Threshold(_l("Too long in a stage, watch: over"), _PERCENT, 1, 300, "R1"),
    "stage_done_percent": Threshold(_l("… while less of it is done than"), _PERCENT, 1, 100, "R1"),
    "stage_risk_percent": Threshold(_l("Too long in a stage, risk: over"), _PERCENT, 1, 300, "R1"),
    "pace_watch_points": Threshold(_l("Behind the plan, watch: more than"), _POINTS, 0, 99, "R2"),
    "pace_risk_points": Threshold(_l("Behind the plan, risk: more than"), _POINTS, 1, 99, "R2"),
    "milestone_days": Threshold(_l("A milestone late, risk: more than"), _DAYS, 0, 60, "R3"),
    "milestones_many": Threshold(_l("Milestones late, risk: from"), _l("milestones"), 2, 20, "R3"),
    "no_shows_watch": Threshold(_l("Missed calls, watch: from"), _l("calls"), 1, 20, "R6"),
    "no_shows_risk": Threshold(_l("Missed calls, risk: from"), _l("calls"), 2, 20, "R6"),
    "call_percent": Threshold(_l("A call of the minimum is missing: from"), _PERCENT, 1, 100, "R6"),
    "activated_percent": Threshold(_l("Low use, watch: fewer activated than"), _PERCENT, 1, 100, "R7"),
    "activated_calendar_days": Threshold(_l("… from this long after go-live"), _CALENDAR, 1, 180, "R7"),
    "active_percent": Threshold(_l("Low use, risk: fewer active than"), _PERCENT, 1, 100, "R7"),
    "active_calendar_days": Threshold(_l("… from this long after go-live, risk"), _CALENDAR, 1, 180, "R7"),
    "value_days": Threshold(_l("First value forecast late, watch: more than"), _DAYS, 0, 60, "R8"),
    "tickets_watch": Threshold(_l("Support tickets, watch: more than"), _l("tickets"), 0, 500, "R9"),
    "tickets_risk": Threshold(_l("Support tickets, risk: more than"), _l("tickets"), 1, 500, "R9"),
    "gap_days": Threshold(_l("What blocks is not ready, risk: more than"), _DAYS, 0, 60, "R10"),
    "champion_calendar_days": Threshold(_l("Champion not seen, watch: from"), _CALENDAR, 1, 180, "R12"),
    "unsigned_days": Threshold(_l("Training without a signed plan, risk: more than"), _DAYS, 0, 60, "R15"),
    "kickoff_days": Threshold(_l("Kickoff not booked, risk: more than"), _DAYS, 0, 60, "R16"),
    "acknowledge_hours": Threshold(
        _l("Somebody has to have taken a case within"), _l("working hours"), 1, 80
    ),
    "act_days": Threshold(_l("Somebody has to have acted on a case within"), _DAYS, 1, 20),
}

# What has to lie below what, and the sentence for when it doesn't.
BELOW: Final = (
    ("stage_watch_percent", "stage_risk_percent"),
    ("pace_watch_points", "pace_risk_points"),
    ("no_shows_watch", "no_shows_risk"),
    ("tickets_watch", "tickets_risk"),
)


def check(limits: Thresholds) -> None:
    """Refuse what could never or always be true, in a sentence, with the field that is wrong."""
    for name, (label, unit, least, most, _code) in NUMBERS.items():
        value = getattr(limits, name)
        if not least <= value <= most:
            words = {"label": str(label).lstrip("… "), "least": least, "most": most, "unit": unit}
            raise Refused(_("“%(label)s” takes %(least)s to %(most)s %(unit)s.", **words), field=name)
    for watch, risk in BELOW:
        if getattr(limits, watch) >= getattr(limits, risk):
            raise Refused(
                _(
                    "Watch has to come before risk, else nobody is ever warned: enter less than %(risk)s.",
                    risk=getattr(limits, risk),
                ),
                field=watch,
            )


# --- What is in force -----------------------------------------------------------------------------


class Change(NamedTuple):
    """What a site admin has made of one number, who and when."""

    value: Any
    at: datetime
    by_id: int


class InForce(NamedTuple):
    """The numbers of one segment, and which of them are not as shipped."""

    limits: Thresholds
    changed: Mapping[str, Change]


def all_in_force() -> dict[Segment, InForce]:
    """Every segment's; one statement."""
    kept = {row.segment: _changes(row) for row in db.session.scalars(select(SegmentThresholds))}
    found = {}
    for segment, shipped in SHIPPED.items():
        changed = kept.get(segment, {})
        values = {name: one.value for name, one in changed.items()}
        found[segment] = InForce(replace(shipped, **values), changed)
    return found


def _changes(row: SegmentThresholds) -> dict[str, Change]:
    known = {one.name for one in fields(Thresholds)}
    return {
        name: Change(one["value"], datetime.fromisoformat(one["at"]), one["by"])
        for name, one in row.values.items()
        if name in known
    }


def of(segment: Segment) -> Thresholds:
    """What is in force for this segment."""
    return by_segment()[segment]


def by_segment() -> dict[Segment, Thresholds]:
    """What is in force for each segment; one statement."""
    return {segment: found.limits for segment, found in all_in_force().items()}


def change(segment: Segment, wanted: Mapping[str, Any], *, by: Staff) -> bool:
    """Put these in force; what is as shipped is kept as no change. Returns whether anything differs. Raises Refused
    for what could never or always be true."""
    shipped = SHIPPED[segment]
    limits = replace(shipped, **wanted)
    check(limits)
    insert_if_new(SegmentThresholds, segment=segment, values={})
    rows = select(SegmentThresholds).where(SegmentThresholds.segment == segment)
    row = db.session.scalars(rows.with_for_update().execution_options(populate_existing=True)).one()
    before, after, values = {}, {}, {}
    now, kept = clock.now(), _changes(row)
    for name in (one.name for one in fields(Thresholds)):
        value, was = getattr(limits, name), kept[name].value if name in kept else getattr(shipped, name)
        if value != was:
            before[name], after[name] = was, value
        if value != getattr(shipped, name):
            same = value == was and name in kept
            at, by_id = (kept[name].at, kept[name].by_id) if same else (now, by.id)
            values[name] = {"value": value, "at": at.isoformat(), "by": by_id}
    if not after:
        return False
    row.values = values
    record(
        provider(), Verb.THRESHOLDS_CHANGED, by=by, audience=Audience.STAFF, before=before, after=after,
        personal={"what": str(SEGMENTS[segment])},
    )  # fmt: skip
    return True
