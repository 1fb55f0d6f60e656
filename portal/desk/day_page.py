"""My day as a page, with whatever was just refused on it."""

from datetime import datetime
from typing import Any

from flask import current_app, render_template
from wtforms import HiddenField

from portal.access import Can, viewer
from portal.desk.day import day_of
from portal.desk.day_entries import Tried
from portal.desk.nav import desk_nav
from portal.plans import keys


def page(status: int = 200, tried: Tried | None = None) -> Any:
    """`tried` is the form that was refused: it stands open with what was typed at the thing to do that it is of. Where
    that is gone, because a colleague has done it meanwhile, what was typed is said above."""
    day = day_of(viewer(), tried)
    is_here = any(entry.tried for entry in day.entries)
    problems = tried.form.problems if tried else []
    return render_template(
        "desk/today.html",
        nav=desk_nav("today"),
        day=day,
        problems=problems if is_here else [(None, text) for _id, text in problems],
        seal_ends=_seal_ends(),
        typed=[] if is_here or tried is None else _typed(tried),
    ), status


def _seal_ends() -> datetime | None:
    """For whoever leads the team: when the certificate that seals plans ends, once that is near."""
    return keys.ends_soon(current_app.config["PORTAL"]) if viewer().may(Can.LEAD_TEAM) else None


def _typed(tried: Tried) -> list[str]:
    """What people wrote in it."""
    fields = (field for field in tried.form if not isinstance(field, HiddenField))
    return [field.data for field in fields if isinstance(field.data, str) and field.data]
