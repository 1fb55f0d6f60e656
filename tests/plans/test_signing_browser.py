"""The pages on which a plan is read and signed, in Chromium: nothing cut, no tiny target, every colour to be read, on a
phone and on a desk; and a name as it is typed stands on the line."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal import db
from portal.accounts.models import User
from portal.plans.models import Plan
from tests.desk.looks import TARGETS, look, unfold
from tests.infra.visit import session_cookie
from tests.plans import making
from tests.plans.signed import agree, sign

FOLDER = os.environ.get("PORTAL_TEST_PICTURES")  # Where somebody who looks at them wants them.


class Stage:
    """Northwind's plan in the site's own database, brought from one state to the next."""

    def __init__(self, site, clock, window) -> None:
        self.site, self.window = site, window
        with site.app.test_request_context():
            db.start()
            self.made = making.road(clock)
            db.session.flush()
            self.cookies = {
                name: session_cookie(getattr(self.made, name)) for name in ("ana", "ben", "priya")
            }
            road, account = self.made.onboarding.ref, self.made.account.ref
        self.plan = f"/o/{road}/plan"
        self.desk = f"/staff/accounts/{account}/plan/countersign?o={road}"

    def do(self, act) -> None:
        with self.site.app.test_request_context():
            db.start()
            act(making.anew(self.made))
            db.session.commit()

    def check(self, name: str, who: str = "ana", path: str = "") -> list[str]:
        wrong = []
        for scheme in ("light", "dark"):
            shape = self.window(self.site, scheme=scheme)
            shape.sign_in(self.cookies[who])
            shape.open(path or self.plan)
            for size in ("phone", "desktop"):
                wrong += [f"{name} {who} {scheme}: {one}" for one in look(shape, size, TARGETS)]
                if FOLDER:
                    picture = Path(FOLDER) / f"{name}-{who}-{size}-{scheme}.png"
                    shape.page.screenshot(path=picture, full_page=True)
        unfold(shape.page)
        wrong += [f"{name} {who} unfolded: {one}" for one in look(shape, "phone", TARGETS)]
        if FOLDER:
            shape.page.screenshot(path=Path(FOLDER) / f"{name}-{who}-unfolded.png", full_page=True)
        return wrong


@pytest.fixture
def stage(site, clock, window) -> Iterator[Stage]:
    return Stage(site, clock, window)


def last(made):
    version = Plan.of(made.onboarding).last_sent
    assert version is not None
    return version


def test_every_state_of_the_plan(stage) -> None:
    wrong = stage.check("1-draft")
    stage.do(lambda made: making.sent(made, headline="Pay partners on time, from 13 April."))
    wrong += stage.check("2-to-sign") + stage.check("2-to-sign", "ben")
    stage.do(lambda made: agree(last(made), made.ana))
    wrong += stage.check("3-is-it-you", path=f"{stage.plan}/sign/confirm")
    stage.do(lambda made: sign(last(made), made.ana))
    wrong += stage.check("4-signed-by-you") + stage.check("4-countersign", "priya", stage.desk)
    stage.do(lambda made: agree(last(made), made.priya))
    wrong += stage.check("5-is-it-you", "priya", stage.desk.replace("?", "/confirm?"))
    stage.do(lambda made: sign(last(made), made.priya))
    wrong += stage.check("6-signed") + stage.check("6-signed", "priya", stage.desk)
    stage.do(lambda made: making.sent(made))
    wrong += stage.check("7-amendment")
    stage.do(lambda made: last(made).decline("April is too early for our bank.", by=made.ana))
    wrong += stage.check("8-declined")
    assert not wrong, "\n".join(wrong)


def test_a_version_that_ran_out(stage, clock) -> None:
    stage.do(making.sent)
    clock.forward(days=15)
    with stage.site.app.test_request_context():
        db.start()
        stage.cookies = {"ana": session_cookie(db.session.get_one(User, stage.made.ana.id))}
    assert not stage.check("9-expired")


def test_the_name_stands_on_the_line_as_it_is_typed(stage) -> None:
    stage.do(making.sent)
    shape = stage.window(stage.site)
    shape.sign_in(stage.cookies["ana"])
    shape.open(stage.plan)
    line = shape.page.locator("[data-shows]")
    assert line.inner_text().strip() == ""
    shape.page.get_by_label("Type your full name").fill("Ana Núñez")
    assert line.inner_text().strip() == "Ana Núñez"
