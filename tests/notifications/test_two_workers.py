"""One a day holds however many post at once: the database decides."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from portal import clock, db
from portal.accounts.models import User
from portal.mail import Letter
from portal.notifications.letters import post
from portal.notifications.models import DigestItem
from portal.notifications.rules import Kind
from tests.notifications.conftest import make_people


def test_ten_posts_at_once_make_one_letter_and_nine_lines(real_database):
    db.connect(real_database)
    with db.transaction():
        ana, _priya = make_people()

    def send(n):
        with db.transaction():
            to = db.session.get_one(User, ana.id)
            post(to=to, kind=Kind.STEP_ASSIGNED, subject=f"Step {n}", text="…")

    with clock.frozen(datetime(2026, 3, 3, 9, tzinfo=UTC)), ThreadPoolExecutor(10) as pool:
        for done in [pool.submit(send, n) for n in range(10)]:
            done.result()
    with db.transaction():
        assert db.session.query(Letter).count() == 1
        assert db.session.query(DigestItem).count() == 9
