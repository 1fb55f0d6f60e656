"""The week of calls at the desk."""

from typing import Any

from flask import render_template, request
from flask_login import current_user

from portal import web
from portal.access import Can, allow
from portal.calls.views import bp
from portal.calls.week import monday, week_of


@bp.get("/staff/calls")
@allow(Can.LOG_CALL)
def week() -> Any:
    today, everybody = web.local_today(), request.args.get("who") == "all"
    first = monday(request.args.get("week"), today)
    return render_template(
        "calls/week.html",
        week=week_of(current_user, first, everybody=everybody),
        today=today,
        this_week=monday(None, today),
        who="all" if everybody else None,
    )
