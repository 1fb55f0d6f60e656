"""The page where anybody can check a signed plan, signed in or not. It keeps nothing of the file."""

from datetime import UTC, datetime, timedelta
from threading import BoundedSemaphore
from typing import Any

from flask import make_response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal import db, web
from portal.access import public
from portal.auth import rules, throttle
from portal.auth.rules import Limit
from portal.forms import Form, OneFileField
from portal.plans import verification
from portal.plans.verification import Verdict
from portal.plans.views import bp

OFTEN = 30  # Files of one network in a quarter of an hour.
CHECKS = Limit("verify", timedelta(minutes=15), by_pair=OFTEN, by_address=OFTEN, by_network=OFTEN)
BUSY_FOR = 10  # Seconds to come back in.

# A file of a stranger may take seconds to read: the other threads are for everybody else.
_turns = BoundedSemaphore(2)


class VerifyForm(Form):
    """One file."""

    file = OneFileField(_l("The signed plan"))


@bp.get("/verify")
@public
def verify() -> Any:
    return _page(VerifyForm(formdata=None))


@bp.post("/verify")
@public
def check() -> Any:
    form = VerifyForm()
    if not form.validate():
        return _page(form, status=422)
    sent = form.file.data
    if not sent or not sent.filename:
        form.file.errors = [_("Choose the file to check")]
        return _page(form, status=422)
    near = rules.network(request.remote_addr)
    with db.transaction():
        wait = throttle.spend(CHECKS, near)
    if wait:
        return _again(form, wait, _often(wait))
    if not _turns.acquire(blocking=False):
        return _again(form, BUSY_FOR, _("Other files are being checked. Send it again in a few seconds."))
    try:
        content = sent.stream.read(verification.MOST_BYTES + 1)
        with db.reading():
            verdict = verification.verify(content)
    finally:
        _turns.release()
    return _page(VerifyForm(formdata=None), verdict)


def _page(form: VerifyForm, verdict: Verdict | None = None, status: int = 200) -> Any:
    page = render_template("plans/verify.html", form=form, problems=form.problems, verdict=verdict, utc=_utc)
    return make_response(page, status)


def _again(form: VerifyForm, seconds: int, why: str) -> Any:
    form.form_errors.append(why)
    answer = _page(form, status=429)
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _often(seconds: int) -> str:
    return ngettext(
        "Many files were checked from where you are. Try again in %(num)s minute.",
        "Many files were checked from where you are. Try again in %(num)s minutes.",
        -(-seconds // 60),
    )


def _utc(moment: datetime) -> str:
    """“16 Mar 2026, 14:41 UTC”: the same for every reader, as on the certificate."""
    there = moment.astimezone(UTC)
    return _("%(day)s, %(time)s UTC", day=web.day(there.date(), "yMMMd"), time=f"{there:%H:%M}")
