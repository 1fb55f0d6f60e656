"""Northwind as a low-touch customer who has gone quiet on a Monday, with an empty outbox."""

import email
import email.policy
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select

from portal import db, jobs, mail, schedule, worker
from portal.accounts.kinds import Segment
from portal.notifications.letters import hold_back
from portal.notifications.models import DailyLetter, DigestItem
from portal.nudges.models import Nudge
from tests import make

QUIET_SINCE = datetime(2026, 3, 16, 10, tzinfo=UTC)  # A Monday, a week after day 0.


def empty_outbox(*, commit=True):
    """As if nobody had had a letter yet."""
    for model in (DailyLetter, DigestItem, mail.Letter, jobs.Job):
        db.session.execute(delete(model))
    if commit:
        db.session.commit()


class Story:
    """The same people and their road, read anew each time: the worker's transactions let go of what was read."""

    def __init__(self, made):
        self._ids = {name: (type(row), row.id) for name, row in vars(made).items()}

    def __getattr__(self, name):
        model, row_id = self._ids[name]
        return db.session.get_one(model, row_id)

    def step(self, key):
        return self.onboarding.step_called(key)


def go_quiet(made, clock):
    """Of low touch, and Ana did her last thing when QUIET_SINCE says: what comes next is hers."""
    made.account.segment = Segment.SMB
    made.onboarding.quote = "Stop losing partners because we pay them late."
    clock.at(QUIET_SINCE)
    made.ana.joined_at = made.ana.invited_at = clock.now
    made.onboarding.begin()
    for step in made.onboarding.steps:
        if step.owner_side == "us" and step.with_us:
            step.complete(by=made.priya)
    made.step("purchase_reason").save({"reason": "Late payouts"}, version=0, by=made.ana)


@pytest.fixture
def cast(app, clock, monkeypatch, tmp_path, settings):
    """Ana did her last thing on 16 March at ten; every reminder about dates is out of the way."""
    monkeypatch.setattr(mail, "_gate", hold_back)
    mail.configure(settings(PORTAL_DATA_DIR=str(tmp_path / "data")))
    with app.app_context():
        made = make.northwind()
        go_quiet(made, clock)
        db.session.commit()
        empty_outbox()
        return Story(made)


@pytest.fixture
def pass_time(app, clock):
    """Lets the worker run at 09:30 in Lisbon on this day of March 2026."""

    def until(day, hour=9, minute=30):
        clock.at(datetime(2026, 3, day, hour, minute, tzinfo=UTC))
        worker.work(once=True, schedule=schedule.run_due, around=app.app_context)
        db.session.expire_all()

    return until


@pytest.fixture
def arrived(tmp_path):
    """Reads the follow-ups that have left, in the order of their dates."""

    def read():
        files = (tmp_path / "data" / "mail").glob("*.eml")
        found = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
        kinds = dict(db.session.execute(select(mail.Letter.message_id, mail.Letter.kind)).all())
        ours = [one for one in found if kinds.get(one["Message-ID"].strip("<>").partition("@")[0]) == "nudge"]
        return sorted(ours, key=lambda one: one["Date"].datetime)

    return read


@pytest.fixture
def nudges():
    """What the ladder keeps: rung and state, oldest first."""

    def read():
        db.session.expire_all()
        return [(one.rung, one.state.value) for one in db.session.query(Nudge).order_by(Nudge.id)]

    return read
