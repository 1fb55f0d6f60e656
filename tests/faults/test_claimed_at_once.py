"""FT09: two people claim one case at once; one has it, the other reads who."""

import threading

import pytest
from sqlalchemy import select

from portal import db
from portal.activity.models import Activity, Verb
from portal.app import create_app
from portal.auth.models import Session
from portal.escalations import cases
from portal.escalations.models import Escalation, EscalationState
from portal.onboardings.models import Onboarding
from tests.escalations.conftest import QUIET, build
from tests.faults.test_signers_at_once import Browser

pytestmark = pytest.mark.fault
WHO = ("june", "mira")


@pytest.fixture
def app(real_database, settings):
    """An install of its own."""
    return create_app(settings(PORTAL_DATABASE_URL=real_database))


@pytest.fixture
def team(app, clock):
    """Two colleagues with a browser each, and the id of the road."""
    with app.test_request_context(), db.transaction():
        made = build()
        cookies = {
            name: Session.begin(getattr(made, name), user_agent="tests", ip="127.0.0.1")[1] for name in WHO
        }
        ids, road = {name: getattr(made, name).id for name in WHO}, made.onboarding.id
    return ids, {name: Browser(app, cookie) for name, cookie in cookies.items()}, road


def open_one(app, road: int) -> str:
    with app.test_request_context(), db.transaction():
        return cases.open_case(db.session.get_one(Onboarding, road), [QUIET]).ref


def test_FT09_two_claim_one_case_and_one_has_it(app, team, sized):
    ids, browsers, road = team
    for _round in range(sized(50)):
        ref = open_one(app, road)
        gate, answers, read = threading.Barrier(len(WHO)), {}, {}

        def press(
            name: str, path: str = f"/staff/escalations/{ref}", gate=gate, answers=answers, read=read
        ) -> None:
            client = browsers[name].client()
            gate.wait()
            sent = client.post(f"{path}/ack", data={"csrf_token": browsers[name].token})
            answers[name], read[name] = sent.status_code, client.get(path).text

        threads = [threading.Thread(target=press, args=(name,)) for name in WHO]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == {"june": 303, "mira": 303}
        with app.test_request_context(), db.transaction():
            case = db.session.scalars(select(Escalation).where(Escalation.ref == ref)).one()
            assert case.state is EscalationState.ACKNOWLEDGED
            taken = select(Activity.actor_id).where(
                Activity.verb == Verb.ESCALATION_TAKEN, Activity.subject_id == case.id
            )
            assert list(db.session.scalars(taken)) == [case.owner_id]
            winner = next(name for name, user in ids.items() if user == case.owner_id)
            case.state, case.resolved_at = EscalationState.DISMISSED, case.acknowledged_at
        loser = next(name for name in WHO if name != winner)
        assert f"{winner.title()} took it at" in read[loser]
        assert "You are on it." in read[winner]
        assert "You are on it." not in read[loser]
