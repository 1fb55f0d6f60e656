"""A road walked day by day on real rows, exactly as its own dates say, and judged every morning and every evening."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from portal import clock as clocks
from portal import db
from portal.accounts.kinds import PortalRole, Segment, StakeholderRole, TeamRole
from portal.accounts.models import Person, Staff
from portal.auth.models import Session
from portal.calendars import at
from portal.calls.models import Call
from portal.calls.rules import CallState
from portal.errors import Refused
from portal.health.facts import Facts
from portal.health.queries import gather
from portal.onboardings.models import Onboarding
from portal.onboardings.planning import Window
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step
from portal.playbooks.models import publish
from portal.playbooks.reader import read_checked, shipped
from portal.readiness.prerequisite_rules import Status
from portal.readiness.prerequisites import Prerequisite
from tests import make
from tests.usage.seen import REFERRED, saw

MORNING, NOON, EVENING = time(9, 30), time(12), time(19)


@dataclass
class Walk:
    """One customer who does each item on its day and nothing on days off. `quiet_from`: nobody there does anything from
    that day on; `leave` are keys that nobody ever sees to; so many `users` use the product each working day once it
    is live."""

    road: Onboarding
    ana: Person
    priya: Staff
    clock: Any
    quiet_from: date | None = None
    leave: set[str] = field(default_factory=set)
    users: int = 0

    @property
    def days(self) -> Iterator[date]:
        """From the day on which the portal opens to the planned graduation."""
        first: Window = self.road.plan["welcome"]
        day = first.starts
        while day <= self.road.target_graduation:
            yield day
            day += timedelta(days=1)

    def go(self, *, until: date | None = None) -> Iterator[tuple[datetime, Facts]]:
        """Each morning and each evening with the facts of that moment."""
        for day in self.days:
            if until is not None and day > until:
                return
            for wall in (MORNING, NOON, EVENING):
                self.clock.at(at(day, wall, self.road.account.zone))
                if wall is NOON:
                    self.work(day)
                elif self.road.is_running:
                    db.session.flush()
                    yield clocks.now(), gather([self.road], clocks.now())[self.road.id]

    def work(self, day: date) -> None:
        """What falls due today, ours and theirs; on a day off, nothing."""
        if not self.road.account.calendar.is_working_day(day):
            return
        if day.weekday() == 0 and not self.is_quiet(day):
            self.be_seen()  # They look in every week, also while nothing is theirs to do.
        if day >= self.road.start_date and self.road.state == "preparing":
            self.road.begin()
        for one in db.session.query(Prerequisite).filter_by(onboarding_id=self.road.id):
            if not self.is_quiet(day) and (one.due_on or day) <= day:
                one.status = Status.READY
        while due := [step for step in self.road.steps if self._is_due(step, day)]:
            for step in due:
                self.finish(step)
        live = self.road.went_live_on
        if live is not None and live <= day and not self.is_quiet(day):
            for n in range(self.users):
                saw(self.road.account, REFERRED, day, who=f"user {n}")

    def _is_due(self, step: Step, day: date) -> bool:
        open_now = step.state in (StepState.READY, StepState.IN_PROGRESS, StepState.RETURNED)
        theirs_and_quiet = self.is_quiet(day) and step.owner_side != "us"
        return (
            open_now and step.key not in self.leave and not theirs_and_quiet and (step.due_on or day) <= day
        )

    def is_quiet(self, day: date) -> bool:
        return self.quiet_from is not None and day >= self.quiet_from

    def finish(self, step: Step) -> None:
        """As whoever has to; what has a page of its own counts as done there."""
        theirs = step.owner_side != "us"
        if theirs:
            self.be_seen()
        if step.kind in ("book_call", "attend_call"):
            self.call(step)
        try:
            step.complete(by=self.ana if theirs else self.priya)
        except Refused:
            step.complete(by=self.priya)
        if step.kind == "sign":
            self.road.signed_version = 1
        if theirs:
            self.road.customer_moved_at = clocks.now()
        db.session.flush()

    def call(self, step: Step) -> None:
        """Booking one fixes it for the day on which it is to be attended."""
        kind = step.spec.call.kind if step.spec.call else "other"
        rows = db.session.query(Call).filter_by(onboarding_id=self.road.id, kind=kind).all()
        if step.kind == "attend_call":
            for call in rows:
                call.state = CallState.HELD
            if rows:
                return
        state = CallState.SCHEDULED if step.kind == "book_call" else CallState.HELD
        db.session.add(
            Call(
                account_id=self.road.account_id, onboarding_id=self.road.id, kind=kind, title=step.title,
                owner_id=self.priya.id, start=clocks.now() + timedelta(minutes=step.position), minutes=45, state=state,
            )
        )  # fmt: skip
        db.session.flush()

    def be_seen(self) -> None:
        found = db.session.query(Session).filter_by(user_id=self.ana.id).first()
        if found is None:
            found, _token = Session.begin(self.ana)
        found.seen_at = clocks.now()
        self.ana.joined_at = self.ana.joined_at or clocks.now()

    def champion_leaves(self) -> None:
        """Ana is gone; somebody else goes on with what was hers."""
        self.ana.left_at = clocks.now()
        self.ana = make.person(self.road.account, "Eva Lima", joined_at=clocks.now())


def walk(clock: Any, *, programme: int, segment: Segment, start: date = make.DAY_0, **more: Any) -> Walk:
    """Somebody new on the shipped programme; needs an app context, because letters are written."""
    make.provider()
    account = make.account(f"Walker {programme} {segment}", segment=segment, licensed_seats=20)
    clock.at(datetime.combine(start - timedelta(days=20), NOON, UTC))
    champion = [StakeholderRole.CHAMPION, StakeholderRole.DECISION_MAKER]
    ana = make.person(account, stakeholder_roles=champion, invited_at=clocks.now())
    make.person(
        account,
        "Ben Ortiz",
        PortalRole.TEAMMATE,
        stakeholder_roles=[StakeholderRole.IT_CONTACT],
        invited_at=clocks.now(),
    )
    make.person(account, "Rui Tavares", PortalRole.SPONSOR, invited_at=clocks.now(), joined_at=clocks.now())
    priya = make.staff()
    book = publish(read_checked(next(path for path in shipped() if path.stem == "partner-programme")))
    team = dict.fromkeys(TeamRole, priya)
    road = make.onboarding(account, team, programme=programme, start_date=start, book=book)
    clock.at(at(road.plan["welcome"].starts, MORNING, account.zone))
    road.prepare(by=priya)
    db.session.flush()
    return Walk(road, ana, priya, clock, **more)
