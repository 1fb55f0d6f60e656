"""FT01: the web process is killed while staff do something with many onboardings; it is done for all, or for none."""

import http.client
import os
import re
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from portal import clock, config, db
from portal.accounts.kinds import TeamRole
from portal.accounts.models import Account, Staff, TeamMember
from portal.activity.models import Activity, Verb
from portal.activity.queries import verify
from portal.app import create_app
from portal.auth.models import Session
from portal.onboardings.models import Hold, Onboarding
from portal.onboardings.notes import Note
from portal.onboardings.rollout import WaveTerms, add_wave
from portal.onboardings.steps import Step
from portal.onboardings.wave_dates import usual
from portal.onboardings.waves import Wave
from tests.bench import roads, servers
from tests.faults.test_web_killed import _ask

pytestmark = pytest.mark.fault

ROADS, STEPS = 8, 20
FORM = "application/x-www-form-urlencoded"


def _desk(environ: dict[str, str]) -> tuple[str, dict[str, list[tuple[str, str]]], dict[str, str]]:
    """A staff session, the fields of each form, and where it is sent."""
    app = create_app(config.read(environ))
    with app.test_request_context(), db.transaction():
        priya = db.session.scalars(select(Staff)).one()
        june = Staff(name="June Park", called="June", email="june@p.example", staff_roles=["consultant"])
        db.session.add(june)
        db.session.flush()
        session = Session.begin(priya, user_agent="Firefox/140.0")[1]
        picks = [("pick", ref) for ref in db.session.scalars(select(Onboarding.ref))]
        later = clock.today().replace(year=clock.today().year + 1).isoformat()
        playbook = db.session.scalars(select(Onboarding)).first().playbook_version.playbook.key
        new = {
            "name": "Tailspin", "segment": "mid_market", "country": "PT", "time_zone": "", "playbook": playbook,
            "programme": "45", "start_date": later, "consultant": priya.ref, "integration_specialist": "", "csm": "",
            "account_executive": "", "admin_name": "Tea Spin", "admin_email": "tea@tailspin.example", "quote": "",
        }  # fmt: skip
        forms = {
            "hold": [*picks, ("reason", "Holidays"), ("review_on", later)],
            "hand-over": [*picks, ("to", june.ref), ("know", "They like mornings")],
            "create": list(new.items()),
            "wave": _second_wave(priya),
        }
        paths = {
            "hold": "/staff/accounts/bulk/hold",
            "hand-over": f"/staff/team/{priya.ref}/hand-over",
            "create": "/staff/onboardings/new",
            "wave": _address_of_waves(),
        }
    db.disconnect()
    return session, forms, paths


def _second_wave(priya: Staff) -> list[tuple[str, str]]:
    """The form of another wave, for a road that has one already."""
    road = db.session.scalars(select(Onboarding).order_by(Onboarding.id)).first()
    add_wave(road, WaveTerms("Sales", [], *usual(road)), "They sell first", by=priya)
    starts_on, go_live_on = (day.isoformat() for day in usual(road))
    return [
        ("department", "Finance"), ("starts_on", starts_on), ("go_live_on", go_live_on), ("reason", "They follow"),
    ]  # fmt: skip


def _address_of_waves() -> str:
    road = db.session.scalars(select(Onboarding).order_by(Onboarding.id)).first()
    return f"/staff/accounts/{road.account.ref}/road/waves/add"


def _done(act: str) -> int:
    """For how many onboardings it is done; of one that is created, how many of its steps are there."""
    if act == "hold":
        return db.session.scalar(select(func.count(Hold.id))) or 0
    if act == "hand-over":
        june = select(Staff.id).where(Staff.name == "June Park").scalar_subquery()
        moved = select(func.count()).where(
            TeamMember.staff_id == june, TeamMember.role == TeamRole.CONSULTANT
        )
        notes = db.session.scalar(select(func.count(Note.id)))
        assert notes == db.session.scalar(moved)
        return notes or 0
    if act == "wave":
        waves = db.session.scalars(select(Wave.n).order_by(Wave.n)).all()
        assert max(db.session.scalars(select(Onboarding.waves_made))) == len(waves)
        told = db.session.scalar(select(func.count()).where(Activity.verb == Verb.WAVE_ADDED))
        assert told == len(waves)
        items = db.session.scalar(select(func.count(Step.id)).where(Step.wave_n == 2)) or 0
        assert (items > 0) is (2 in waves)
        return items
    made = db.session.scalars(select(Onboarding).join(Account).where(Account.name == "Tailspin")).all()
    assert len(made) == db.session.scalar(select(func.count()).where(Account.name == "Tailspin"))
    return sum(len(one.steps) for one in made)


@pytest.mark.parametrize("act", ["hold", "hand-over", "create", "wave"])
def test_FT01_what_staff_do_with_many_is_done_for_all_or_none(
    tmp_path: Path, sized: Callable[[int], int], act: str
) -> None:
    lives = max(2, sized(20))
    first = tmp_path / "first.sqlite3"
    environ = roads.settings(tmp_path, f"sqlite:///{first}")
    roads.build(environ, [STEPS] * ROADS)
    session, forms, paths = _desk(environ)
    ends = []
    for life in range(lives):
        here = tmp_path / f"life-{life}.sqlite3"
        shutil.copyfile(first, here)
        url, port = f"sqlite:///{here}", servers.free_port()
        command = ["portal", "serve", "--port", str(port)]
        with servers.running(command, {**environ, "PORTAL_DATABASE_URL": url}, port) as (process, _took):
            _status, page, cookie = _ask(port, "GET", "/preferences", {"Cookie": f"session={session}"})
            token, form = (
                re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page),
                re.search(r"form=([^;]+)", cookie),
            )
            assert token is not None
            assert form is not None
            body = urlencode([*forms[act], ("csrf_token", token[1])])
            headers = {"Cookie": f"session={session}; form={form[1]}", "Content-Type": FORM}
            if act == "wave":  # Only what was shown is made.
                shown = _ask(port, "POST", paths[act], headers, body)[1]
                seal = re.search(r'name="looked"[^>]*value="([^"]+)"', shown)
                assert seal is not None
                body += f"&looked={seal[1]}"
            if life == 0:  # It is what it seems: left alone, it is done for all.
                assert _ask(port, "POST", paths[act], headers, body)[0] == 303
            else:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
                connection.request("POST", paths[act], body, headers)
                time.sleep(0.04 * life)  # Not a wait for anything: another moment of its work in each life.
                os.kill(process.pid, signal.SIGKILL)
                connection.close()
        db.connect(url)
        with db.transaction():
            ends.append(_done(act))
            assert verify() == []
        db.disconnect()
    assert ends[0] >= (1 if act == "wave" else ROADS)
    assert set(ends) <= {0, ends[0]}
