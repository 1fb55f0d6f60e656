"""Settings of health: the numbers it goes by, for each segment."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from portal import db
from portal.access import Can, allow, viewer
from portal.accounts.kinds import Segment
from portal.accounts.models import Staff
from portal.accounts.words import SEGMENTS
from portal.errors import Refused
from portal.forms import EmptyForm
from portal.health import thresholds as numbers
from portal.health.forms import ThresholdsForm

bp = Blueprint("health", __name__)


@bp.get("/staff/settings/health")
@allow(Can.MANAGE_SETTINGS)
def thresholds() -> Any:
    """The smallest segment first."""
    return _page(Segment.SMB, ThresholdsForm.of(numbers.of(Segment.SMB)))


@bp.get("/staff/settings/health/<segment>")
@allow(Can.MANAGE_SETTINGS)
def of_segment(segment: str) -> Any:
    found = _segment(segment)
    return _page(found, ThresholdsForm.of(numbers.of(found)))


@bp.post("/staff/settings/health/<segment>")
@allow(Can.MANAGE_SETTINGS)
def change(segment: str) -> Any:
    found, form = _segment(segment), ThresholdsForm()
    if not form.validate():
        return _page(found, form), 422
    try:
        changed = numbers.change(found, form.wanted, by=viewer())
    except Refused as refusal:
        status = form.refuse(refusal)
        return _page(found, form), status
    said = _("Saved. Health follows these numbers when it is looked at next, this evening at the latest.")
    flash(said if changed else _("Nothing was changed."), "done")
    return redirect(url_for("health.of_segment", segment=found.value), 303)


@bp.post("/staff/settings/health/<segment>/reset")
@allow(Can.MANAGE_SETTINGS)
def reset(segment: str) -> Any:
    """Everything of this segment as it is shipped."""
    found = _segment(segment)
    EmptyForm().demand()
    numbers.change(found, {}, by=viewer())
    flash(_("These are the shipped numbers again."), "done")
    return redirect(url_for("health.of_segment", segment=found.value), 303)


def _segment(word: str) -> Segment:
    if word not in set(Segment):
        abort(404)
    return Segment(word)


def _page(segment: Segment, form: ThresholdsForm) -> str:
    changed = numbers.all_in_force()[segment].changed
    people = select(Staff).where(Staff.id.in_({one.by_id for one in changed.values()}))
    names = {staff.id: staff.name for staff in db.session.scalars(people)} if changed else {}
    return render_template(
        "health/thresholds.html",
        form=form,
        problems=form.problems,
        segment=segment,
        segments=[(one, str(SEGMENTS[one])) for one in Segment],
        numbers=numbers.NUMBERS,
        shipped=numbers.SHIPPED[segment],
        changed=changed,
        names=names,
    )
