"""The whole story, on real rows, by the timetable, with the letters that a worker sends: a customer of low touch goes
quiet and is followed up, somebody is called in whose colleague is away, nobody moves in time, use brings them back."""

import email
import email.policy
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select

from portal import db, jobs, mail, schedule, worker
from portal.accounts import absence
from portal.accounts.kinds import Segment, TeamRole
from portal.accounts.models import Staff
from portal.calendars import at
from portal.escalations import cases, closing
from portal.escalations.models import Escalation, EscalationState
from portal.notifications.letters import hold_back
from portal.notifications.models import DailyLetter, DigestItem
from portal.notifications.notices import Notice
from portal.nudges.models import Nudge
from portal.onboardings.models import Onboarding
from tests import make
from tests.health.walking import Walk, walk
from tests.usage import sending
from tests.usage.seen import PAID, means

QUIET_FROM = date(2026, 3, 18)  # A Wednesday; the last thing that they did was on the day before.
# In Lisbon, where the customer is. What was true of a day is kept in its evening, and triggers look at it after that.
MORNING, NOON, EVENING, LATE = time(9, 30), time(12), time(18, 30), time(19)
COMPANY = "Walker 45 smb"


@dataclass
class Story:
    """One customer's road, walked day by day. The worker lets go of what was read: rows are read anew by their id."""

    app: Flask
    walk: Walk
    ids: dict[str, int]

    @property
    def here(self) -> AbstractContextManager[Any]:
        return self.app.test_request_context()

    def who(self, name: str) -> Staff:
        return db.session.get_one(Staff, self.ids[name])

    @property
    def road(self) -> Onboarding:
        return db.session.get_one(Onboarding, self.ids["road"])

    @property
    def case(self) -> Escalation:
        return db.session.scalars(select(Escalation)).one()

    def moment(self, day: date, wall: time) -> None:
        """The worker does what is due then."""
        self.set(day, wall)
        worker.work(once=True, schedule=schedule.run_due, around=self.app.app_context)
        db.session.expire_all()

    def set(self, day: date, wall: time) -> None:
        db.session.commit()
        self.walk.clock.at(at(day, wall, self.road.account.zone))

    def live(self, since: date, until: date) -> None:
        """All of these days, each with its evening; what is ours to do on the road is done at noon."""
        for n in range((until - since).days + 1):
            day = since + timedelta(days=n)
            self.moment(day, MORNING)
            self.set(day, NOON)
            with self.here:
                self.walk.road, self.walk.priya = self.road, self.who("priya")
                self.walk.work(day)
                db.session.commit()
            self.moment(day, EVENING)
            self.moment(day, LATE)


@pytest.fixture
def story(app, clock, monkeypatch, tmp_path, settings):
    """On plan until the evening of 17 March; June, who has the account, is away, and Mira stands in for her."""
    monkeypatch.setattr(mail, "_gate", hold_back)
    mail.configure(settings(PORTAL_DATA_DIR=str(tmp_path / "data")))
    with app.test_request_context():
        one = walk(clock, programme=45, segment=Segment.SMB, quiet_from=QUIET_FROM)
        means(one.road.product)
        names, home = ("June Park", "Mira Sato", "Lena Voss"), {"time_zone": "Europe/Berlin", "country": "DE"}
        june, mira, lena = (make.staff(name, "csm", **home) for name in names)
        next(member for member in one.road.team if member.role is TeamRole.CSM).staff = june
        june.lead_id = mira.lead_id = lena.id
        absence.go_away(june, date(2026, 5, 8), mira, by=lena)
        people = {"priya": one.priya, "june": june, "mira": mira, "lena": lena}
        ids = {"road": one.road.id, **{name: who.id for name, who in people.items()}}
        for day in one.days:
            if day == QUIET_FROM:
                break
            clock.at(at(day, NOON, one.road.account.zone))
            one.work(day)
        for model in (DailyLetter, DigestItem, mail.Letter, jobs.Job):
            db.session.execute(delete(model))
        db.session.commit()
    return Story(app, one, ids)


@pytest.fixture
def mailed(tmp_path):
    """What has left since the silence began: when (UTC), what kind it is, to whom, and its subject; or, of those that
    our own people get each morning, the same."""

    def read(*, mornings: bool = False) -> list[tuple[str, str, str, str]]:
        known = dict(db.session.execute(select(mail.Letter.message_id, mail.Letter.kind)).all())
        files = (tmp_path / "data" / "mail").glob("*.eml")
        found = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
        told = [
            (
                f"{one['Date'].datetime:%a %d %b %H:%M}",
                known[one["Message-ID"].strip("<>").partition("@")[0]],
                one["To"].partition("@")[0],
                one["Subject"],
            )
            for one in sorted(found, key=lambda one: one["Date"].datetime)
        ]
        return [one for one in told if (one[1] == "staff_digest") is mornings]

    return read


def told(name: str) -> list[str]:
    """What this person reads in the portal."""
    rows = select(Notice.line).join(Staff, Staff.id == Notice.user_id).where(Staff.name == name)
    return list(db.session.scalars(rows.order_by(Notice.id)))


def test_from_the_first_silent_day_until_use_returns(story, mailed) -> None:
    story.live(QUIET_FROM, date(2026, 4, 6))
    ladder = select(Nudge.rung, Nudge.state).order_by(Nudge.id)
    assert db.session.execute(ladder).all() == [("day_3", "sent"), ("day_7", "sent"), ("day_12", "sent")]
    assert mailed() == [
        ("Wed 18 Mar 09:30", "reminder_before", "ana", "Due Thu 19 Mar: Choose how partners get paid"),
        ("Fri 20 Mar 09:30", "nudge", "ana", "2 items left in “Set up your account”"),
        ("Thu 26 Mar 09:30", "nudge", "ana", "10 min for “Choose how partners get paid”"),
        ("Thu 02 Apr 08:30", "nudge", "ana", "Pick up where you left off"),
    ], "from the third silent day on follow-ups are all that they get"

    # The evening of the twelfth working day was Thursday the 2nd. Good Friday and the weekend are nobody's.
    case = story.case
    assert [(one.code, one.trigger) for one in case.reasons] == [("ghosting", "T2")]
    assert f"{case.opened_at:%a %d %b %H:%M}" == "Mon 06 Apr 08:30"
    assert (case.owner, case.instead_of, case.level) == (story.who("mira"), story.who("june"), 1)
    assert told("Mira Sato") == [f"{COMPANY} needs you: No sign of life on their turn"]
    assert told("June Park") == []

    # Easter Monday is a holiday where Mira is: her letter waits for the next morning, and so does her clock.
    story.live(date(2026, 4, 7), date(2026, 4, 7))
    assert mailed()[4:] == [("Tue 07 Apr 08:30", "called_in", "mira", f"{COMPANY} needs you")]
    case = story.case
    assert (case.state, case.level, case.owner) == (EscalationState.OPEN, 2, story.who("lena"))
    assert told("Lena Voss") == [f"{COMPANY} needs you: No sign of life on their turn"]
    assert told("Mira Sato")[1:] == [f"{COMPANY} is at level 2 now, with Lena"]

    # Lena's letter came after her hours; it leaves in the morning. Then Mira says, late, that she is on it.
    story.moment(date(2026, 4, 8), MORNING)
    assert mailed()[5:] == [("Wed 08 Apr 08:30", "called_in", "lena", f"{COMPANY} needs you")]
    story.set(date(2026, 4, 8), time(10))
    with story.here:
        cases.take(story.case, by=story.who("mira"))
        db.session.commit()
    assert (story.case.state, story.case.owner) == (EscalationState.ACKNOWLEDGED, story.who("mira"))
    assert told("Lena Voss") == [f"Mira took {COMPANY}"], "what she read as news is settled"

    # Their product says that a first partner was paid: the item is done, the silence over, the case clear.
    slug = story.road.account.slug
    partnerly = sending.Sender(story.app, sending.key(story.app))
    partnerly.batch(sending.track(PAID, user="ana", group=slug, timestamp="2026-04-08T10:00:00.000Z"))
    story.moment(date(2026, 4, 8), NOON)
    assert story.road.step_called("first_value").done_via == "usage"
    story.moment(date(2026, 4, 8), EVENING)
    story.moment(date(2026, 4, 8), LATE)
    assert story.road.quiet is None
    assert story.case.clear_since == date(2026, 4, 8)

    assert mailed(mornings=True) == [
        ("Tue 07 Apr 08:30", "staff_digest", "mira", f"{COMPANY} needs you"),
        ("Wed 08 Apr 08:30", "staff_digest", "lena", f"{COMPANY} needs you"),
    ], "June is away"

    # It waits for her word all the same, since she is on it; nothing more is mailed about it.
    story.live(date(2026, 4, 9), date(2026, 4, 10))
    assert story.case.state is EscalationState.ACKNOWLEDGED
    with story.here:
        closing.resolve(story.case, "Ana was ill", "I rang Ben", True, by=story.who("mira"))
        db.session.commit()
    assert story.case.resolved_by is story.who("mira")
    assert [one[2] for one in mailed()[6:] if one[1] in ("nudge", "called_in")] == []
