"""FT08: all signers of a plan press at the same moment, a hundred times: one signature each, one seal.

First the customer's two, of whom either may be the last of their side, then both of ours, of whom either may be the
last of all. Each answer says what became of its request, and what is in the database agrees with all of them.
"""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal import db, jobs
from portal.accounts.models import User
from portal.activity.models import Activity, Verb
from portal.app import create_app
from portal.auth import rules
from portal.auth.models import Purpose, Session, SignInLink
from portal.jobs import Job
from portal.onboardings.models import Onboarding
from portal.plans import jobs as seal_jobs
from portal.plans import keys
from portal.plans.models import Plan, PlanSigner, PlanVersion, Seal, Signature
from portal.plans.rules import PlanState, SignerRole
from tests import make
from tests.plans import making
from tests.plans.seals import a_pdf
from tests.plans.signed import agree

pytestmark = pytest.mark.fault
PRESSES = 100
SIDES = (("ana", "rui"), ("priya", "lena"))


@pytest.fixture
def app(real_database, settings, monkeypatch):
    """An install of its own, on which a hundred tries are not too many."""
    many = rules.Limit("code", rules.CODES.window, 10**6, 10**6, 10**6)
    monkeypatch.setattr(rules, "CODES", many)
    monkeypatch.setattr(rules, "CODE_TRIES", 10**6)
    monkeypatch.setattr(seal_jobs.printing, "final", lambda _page: a_pdf())
    return create_app(settings(PORTAL_DATABASE_URL=real_database))


@pytest.fixture
def road(app, clock):
    """Who signs, by name, each with a browser: the cookie of a session and a csrf token."""
    with app.test_request_context(), db.transaction():
        made = making.road(clock)
        users = {
            "ana": made.ana,
            "rui": made.rui,
            "priya": made.priya,
            "lena": make.staff("Lena Voss", "cs_leader"),
        }
        cookies = {
            name: Session.begin(user, user_agent="tests", ip="127.0.0.1")[1] for name, user in users.items()
        }
        ids = {name: user.id for name, user in users.items()}
        places = (made.onboarding.id, made.onboarding.ref, made.account.ref)
    with app.test_request_context():
        keys.ensure(app.config["PORTAL"], "Partnerly")
    return ids, {name: Browser(app, cookie) for name, cookie in cookies.items()}, places


class Browser:
    """Many windows of one browser."""

    def __init__(self, app: Flask, cookie: str) -> None:
        self.app, self.cookie = app, cookie
        client = self.client()
        self.token = client.get("/preferences").text.partition('csrf_token" value="')[2].partition('"')[0]
        self.form = client.get_cookie("form").value

    def client(self):
        client = self.app.test_client()
        client.set_cookie("session", self.cookie)
        if hasattr(self, "form"):
            client.set_cookie("form", self.form)
        return client

    def press(self, path: str, fields: dict[str, str]) -> int:
        return self.client().post(path, data={"csrf_token": self.token, **fields}).status_code


def send(app: Flask, ids: dict[str, int], road_id: int) -> PlanVersion:
    """The next version, for two on either side."""
    with app.test_request_context(), db.transaction():
        onboarding = db.session.get_one(Onboarding, road_id)
        plan = Plan.of(onboarding)
        if plan.in_force is not None:
            onboarding.target_graduation += timedelta(days=1)
            onboarding.milestones[-1].due_on += timedelta(days=1)
            db.session.flush()
        priya = db.session.get_one(User, ids["priya"])
        version = plan.send(seen=plan.document.mark, by=priya)
        sponsors = (("rui", SignerRole.CUSTOMER_SPONSOR), ("lena", SignerRole.PROVIDER_SPONSOR))
        for place, (name, role) in enumerate(sponsors, len(version.signers)):
            user = db.session.get_one(User, ids[name])
            version.signers.append(
                PlanSigner(account_id=version.account_id, user=user, role=role, position=place)
            )
        return version


def ready(
    app: Flask, ids: dict[str, int], version_id: int, names: tuple[str, ...]
) -> dict[str, dict[str, str]]:
    """These have agreed to sign and hold their codes: what each of them sends."""
    sent = {}
    with app.test_request_context(), db.transaction():
        version = db.session.get_one(PlanVersion, version_id)
        for name in names:
            user = db.session.get_one(User, ids[name])
            agree(version, user)
            link = SignInLink.ask_for(user, version.about, Purpose.AGAIN)
            assert link is not None
            sent[name] = {"version": version.ref, "way": "code", "code": link.mint()[1]}
    return sent


def all_press(browsers, paths: dict[str, str], fields: dict[str, dict[str, str]]) -> Counter:
    names = [name for _press in range(PRESSES // len(fields)) for name in fields]
    gate, answers = threading.Barrier(len(names)), []

    def press(name: str) -> None:
        gate.wait()
        answers.append((name, browsers[name].press(paths[name], fields[name])))

    threads = [threading.Thread(target=press, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(answers)


def test_FT08_one_signature_each_and_one_seal(app, road, sized, database):
    ids, browsers, (road_id, oid, account) = road
    theirs, ours = (
        f"/o/{oid}/plan/sign/confirm",
        f"/staff/accounts/{account}/plan/countersign/confirm?o={oid}",
    )
    paths = {name: ours if name in SIDES[1] else theirs for name in ids}
    rounds = sized(20)
    for n in range(1, rounds + 1):
        version = send(app, ids, road_id)
        for side in SIDES:
            answers = all_press(browsers, paths, ready(app, ids, version.id, side))
            # 303: signed, or signed already; 422: the code was used up by then; nothing else, and never a 5xx.
            assert {status for _name, status in answers} <= {303, 422}, answers
            for name in side:
                assert answers[name, 303] >= 1, answers
        with app.app_context(), db.transaction():
            kept = db.session.get_one(PlanVersion, version.id)
            assert kept.state is PlanState.SIGNED
            assert sorted(row.user_id for row in kept.signatures) == sorted(ids.values())
            assert db.session.get_one(Onboarding, road_id).signed_version == n
            signed = select(Activity).where(
                Activity.verb == Verb.PLAN_SIGNED_BY, Activity.subject_id == kept.id
            )
            assert len(db.session.scalars(signed).all()) == len(ids)
            asked = list(db.session.scalars(select(Job).where(Job.kind == "plans.seal")))
            assert len([job for job in asked if job.payload["version"] == kept.id]) == 1
    _two_workers(app)
    with app.app_context(), db.transaction():
        versions = db.session.scalars(select(PlanVersion.id)).all()
        assert sorted(db.session.scalars(select(Seal.version_id))) == sorted(versions)
        assert len(versions) == rounds
        assert len(db.session.scalars(select(Signature)).all()) == rounds * len(ids)


def _two_workers(app: Flask) -> None:
    """Whatever is to be sealed is, by two who take what they get."""

    def work() -> None:
        with app.app_context():
            while (claim := jobs.claim()) is not None:
                if claim.kind == "plans.seal":
                    jobs.run(claim)
                else:
                    with claim.finish():
                        pass
            db.session.remove()

    threads = [threading.Thread(target=work) for _worker in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
