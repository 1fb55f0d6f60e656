"""My day as a page, with whatever was just refused on it."""

from typing import Any

from flask import render_template
from wtforms import HiddenField

from portal.access import viewer
from portal.desk.day import day_of
from portal.desk.day_entries import Tried
from portal.desk.nav import desk_nav


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
        typed=[] if is_here or tried is None else _typed(tried),
    ), status


def _typed(tried: Tried) -> list[str]:
    """What people wrote in it."""
    fields = (field for field in tried.form if not isinstance(field, HiddenField))
    return [field.data for field in fields if isinstance(field.data, str) and field.data]
