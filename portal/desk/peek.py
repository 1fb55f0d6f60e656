"""One onboarding beside the list: whose turn it is and why, what is next, what happened lately, what to do."""

from typing import Any

from flask import url_for
from sqlalchemy.orm import joinedload

from portal import db
from portal.access import Can, viewer, visible
from portal.desk import history, overview, standing
from portal.desk.account_forms import NoteForm
from portal.desk.forms import HoldForm
from portal.desk.head import head_of
from portal.desk.list_rows import planned_percent
from portal.desk.nav import follow_up_at, to
from portal.desk.remarks import offered
from portal.desk.waits import open_now
from portal.escalations.page import open_on
from portal.escalations.queries import open_case_of
from portal.onboardings import queries as roads
from portal.onboardings.models import Onboarding
from portal.onboardings.states import RUNNING

LAST = 5


def of(ref: str | None, beside: dict[str, Any]) -> dict[str, Any] | None:
    """What the panel shows of the onboarding with this ref, `beside` a list with these arguments in its address; None
    when the reader sees no such one."""
    if not ref:
        return None
    rows = visible(Onboarding).where(Onboarding.ref == ref)
    whole = (
        joinedload(Onboarding.account),
        joinedload(Onboarding.playbook_version),
        joinedload(Onboarding.holds),
    )
    onboarding = db.session.scalars(rows.options(*whole)).unique().first()
    if onboarding is None:
        return None
    roads.load_road(onboarding)
    roads.load_people(onboarding)
    now = open_now(onboarding)
    sent = {"ref": onboarding.account.ref, "o": onboarding.ref, "back": "list", **beside}
    return {
        "ref": onboarding.ref,
        "name": onboarding.account.name,
        "head": head_of(now),
        "case": open_on(case) if (case := open_case_of(onboarding)) else None,
        "health": standing.whole_of(onboarding),
        "legs": onboarding.meter["stages"],
        "percent": onboarding.percent,
        "plan": planned_percent(onboarding) if onboarding.state in RUNNING else None,
        "next": overview.next_of(now),
        "lately": history.lately_of(onboarding, LAST),
        "url": to(onboarding),
        "write_url": to(onboarding, "messages", _anchor="write"),
        "calls_url": to(onboarding, "calls", _anchor="unbooked"),
        "closes_to": url_for("desk.accounts", **beside, _anchor=f"r-{onboarding.ref}"),
        "follow_url": follow_up_at(onboarding),
        "note_url": url_for("desk.note", **sent) if viewer().may(Can.WRITE_NOTE) else "",
        "note_form": offered(NoteForm(formdata=None).called("note"), onboarding),
        "hold_url": url_for("desk.hold", **sent) if onboarding.is_running and viewer().may(Can.HOLD) else "",
        "hold_form": HoldForm(formdata=None).called("hold"),
    }
