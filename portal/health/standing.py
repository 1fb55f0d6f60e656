"""How onboardings stand, stored where lists read it, whenever it changes; and what somebody of ours says instead."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from flask_babel import gettext as _
from sqlalchemy import select, update

from portal import clock, db
from portal.accounts.models import Staff
from portal.activity.models import Activity, Audience, Verb, record
from portal.errors import Refused
from portal.health.facts import Facts
from portal.health.models import HealthChange, HealthOverride
from portal.health.queries import chunks, of_chunk
from portal.health.rules import KEPT, Reason, Verdict, assess, is_engaged
from portal.health.sources import whole
from portal.health.thresholds import by_segment
from portal.onboardings.models import Onboarding
from portal.onboardings.standings import Health
from portal.onboardings.states import OnboardingState

OVERRIDE_DAYS: Final = 7
# What somebody may say instead: what is a plain fact (a pause, whose turn it is, silence) stays one.
SAYABLE: Final = (Health.ON_TRACK, Health.WATCH, Health.AT_RISK)


@dataclass(frozen=True)
class Standing:
    """What was found of one onboarding: `label` is what somebody said instead where they did, None where none is kept;
    `seen` is the newest activity of its account before it was looked at."""

    facts: Facts
    verdict: Verdict
    label: Health | None
    engaged: bool
    seen: int
    by_hand: bool

    @property
    def columns(self) -> dict[str, Any]:
        """What is stored with the onboarding."""
        if self.label is None:
            return dict.fromkeys(("health", "quiet", "health_reasons", "health_evidence"))
        stalled = self.label is Health.STALLED
        return {
            "health": self.label,
            "quiet": self.verdict.quiet if stalled else None,
            "health_reasons": [reason.as_json() for reason in self.verdict.reasons],
            "health_evidence": self._evidence,
        }

    @property
    def _evidence(self) -> dict[str, Any]:
        """What the label rests on: silence, or that somebody said so."""
        if self.by_hand:
            return {"by_hand": True}
        return dict(self.verdict.evidence) if self.label is Health.STALLED else {}

    def as_json(self, road: Onboarding, today: date) -> dict[str, Any]:
        """Every fact of `today`, what follows included; `road` holds since when its label is so."""
        kept = self.label is not None
        since = road.health_since if road.health is self.label else None
        days = 0
        if since is not None:
            first = since.astimezone(road.account.zone).date()
            days = max(0, road.account.calendar.working_days_between(first, today))
        columns = self.columns
        return self.facts.as_json(
            engaged=self.engaged,
            health=self.label.value if self.label else None,
            quiet=columns["quiet"].value if columns["quiet"] else None,
            reasons=[reason.key for reason in self.verdict.reasons] if kept else [],
            at_risk_days=days if self.label is Health.AT_RISK else None,
            stalled_days=days if self.label is Health.STALLED else None,
        )


def reasons_of(road: Onboarding) -> list[Reason]:
    """The reasons that are stored with an onboarding."""
    return [Reason.read(stored) for stored in road.health_reasons or []]


# --- Looking, and keeping what was found ----------------------------------------------------------


def look(ids: Collection[int]) -> dict[int, Standing]:
    """How each of these stands now; the statements grow by one set for each chunk."""
    now, limits, found = clock.now(), by_segment(), dict[int, Standing]()
    for some in chunks(list(ids)):
        newest = _newest_activity(some)
        roads = {road.id: road for road in whole(some)}
        instead = _said_instead(some)
        for road_id, facts in of_chunk(list(roads.values()), limits, now).items():
            road = roads[road_id]
            of_segment = limits[road.account.segment]
            verdict = assess(facts, of_segment)
            label = verdict.label if road.state in KEPT else None
            by_hand = label not in (None, Health.ON_HOLD) and _holds(instead.get(road_id), road, now)
            if by_hand:
                label = instead[road_id].label
            engaged, seen = is_engaged(facts, of_segment), newest[road_id]
            found[road_id] = Standing(facts, verdict, label, engaged, seen, by_hand)
    return found


def _newest_activity(ids: Collection[int]) -> dict[int, int]:
    """The newest activity of each one's account. One account's come in the order of their numbers, because each waits
    for its chain; of two accounts the higher number may be there first, so that one for all would hide the other."""
    newest = select(Activity.id).where(Activity.chain == Onboarding.account_id)
    last = newest.order_by(Activity.seq.desc()).limit(1).scalar_subquery()
    rows = db.session.execute(select(Onboarding.id, last).where(Onboarding.id.in_(ids)))
    return {road_id: number or 0 for road_id, number in rows}


def keep(found: Mapping[int, Standing]) -> int:
    """Store what differs from what is stored, in the caller's transaction; returns how many labels changed.

    The rows are locked in the order of their ids, all of them before anything is recorded: whoever writes to a chain
    has its roads already.
    """
    now, changed = clock.now(), 0
    for some in chunks(sorted(found)):
        db.session.execute(
            select(Onboarding.id).where(Onboarding.id.in_(some)).order_by(Onboarding.id).with_for_update()
        )
        seen = [{"id": one, "health_at": now, "health_seen": found[one].seen} for one in some]
        db.session.execute(update(Onboarding), seen)
    for some in chunks(sorted(_differing(found))):
        rows = select(Onboarding).where(Onboarding.id.in_(some)).order_by(Onboarding.id)
        for road in db.session.scalars(rows.execution_options(populate_existing=True)):
            changed += _store(road, found[road.id], now)
    return changed


def refresh(onboarding_ids: Collection[int]) -> int:
    """Look at these and keep what is found, in the caller's transaction; returns how many labels changed."""
    db.session.flush()
    return keep(look(onboarding_ids))


def _differing(found: Mapping[int, Standing]) -> Iterator[int]:
    """Of which something else is stored."""
    stored = (Onboarding.health, Onboarding.quiet, Onboarding.health_reasons, Onboarding.health_evidence)
    for some in chunks(list(found)):
        rows = select(Onboarding.id, *stored).where(Onboarding.id.in_(some))
        for road_id, *values in db.session.execute(rows):
            if values != list(found[road_id].columns.values()):
                yield road_id


def _store(road: Onboarding, one: Standing, now: datetime) -> bool:
    """Whether its label, or a reason for it, changed. What only counts on (day 9, day 10) is stored and no change."""
    columns = one.columns
    before, after = (
        _key(road.health, road.quiet, road.health_reasons),
        _key(columns["health"], columns["quiet"], columns["health_reasons"]),
    )
    was = road.health
    for name, value in columns.items():
        setattr(road, name, value)
    if before == after:
        return False
    if was is not one.label:
        road.health_since = now if one.label else None
    if one.label is None:
        return True
    db.session.add(
        HealthChange(
            account_id=road.account_id,
            onboarding=road,
            at=now,
            label=one.label,
            quiet=columns["quiet"],
            reasons=columns["health_reasons"],
        )
    )
    if was is not None and was is not one.label and not one.by_hand:
        record(
            road, Verb.HEALTH_CHANGED, by=None, onboarding=road, audience=Audience.STAFF,
            before={"health": was.value},
            after={"health": one.label.value, "reasons": [reason.key for reason in one.verdict.reasons]},
        )  # fmt: skip
    return True


def _key(label: Any, quiet: Any, reasons: Any) -> tuple[Any, ...]:
    return label, quiet, sorted((one["code"], one["level"]) for one in reasons or [])


# --- What somebody says instead -------------------------------------------------------------------


def _said_instead(ids: Collection[int]) -> dict[int, HealthOverride]:
    rows = select(HealthOverride).where(
        HealthOverride.onboarding_id.in_(ids), HealthOverride.ended_at.is_(None)
    )
    return {row.onboarding_id: row for row in db.session.scalars(rows)}


def _holds(one: HealthOverride | None, road: Onboarding, now: datetime) -> bool:
    return one is not None and one.until >= now.astimezone(road.account.zone).date()


def override_of(road: Onboarding) -> HealthOverride | None:
    """What somebody says instead of this onboarding's health, while it holds."""
    found = _said_instead([road.id]).get(road.id)
    return found if _holds(found, road, clock.now()) else None


def override(road: Onboarding, label: Health, why: str, *, by: Staff) -> HealthOverride:
    """Say what its health is instead, for seven days; what was said before ends. The caller holds the road's lock.

    Raises Refused for what is no matter of opinion, and where no health is kept."""
    if road.state not in KEPT or road.state is OnboardingState.ON_HOLD:
        raise Refused(_("Health can be set while the onboarding runs, from its day 0 on."))
    if label not in SAYABLE:
        raise Refused(_("Choose on track, watch or at risk."), field="label")
    before = _said_instead([road.id]).get(road.id)
    if before is not None and (before.label, before.why, before.by_id) == (label, why, by.id):
        return before  # A second click.
    if before is not None:
        before.ended_at, before.ended_by = clock.now(), by
        db.session.flush()
    made = HealthOverride(
        account_id=road.account_id,
        onboarding=road,
        label=label,
        why=why,
        by=by,
        until=road.account.today + timedelta(days=OVERRIDE_DAYS),
    )
    db.session.add(made)
    was = road.health
    refresh([road.id])
    record(
        made, Verb.HEALTH_SET, by=by, onboarding=road, audience=Audience.STAFF,
        before={"health": was.value if was else ""}, after={"health": label.value, "until": made.until.isoformat()},
        personal={"why": why},
    )  # fmt: skip
    return made


def end_override(found: HealthOverride, *, by: Staff | None) -> None:
    """Health follows the facts again; `by` is None when its days are over. Ending it twice is remembered once."""
    if found.ended_at is not None:
        return
    road = found.onboarding
    found.ended_at, found.ended_by = clock.now(), by
    record(found, Verb.HEALTH_SET_ENDED, by=by, onboarding=road, audience=Audience.STAFF)
    refresh([road.id])
