"""What one of ours was told inside the portal, and that they have read it."""

from typing import Any

from flask import redirect, render_template, request, url_for

from portal.access import Can, allow, viewer
from portal.desk import bp
from portal.forms import EmptyForm
from portal.notifications import notices as news


@bp.get("/staff/notices")
@allow(Can.SEE_DESK)
def notices() -> Any:
    return render_template("desk/notices.html", notices=news.lately(viewer()))


@bp.post("/staff/notices/read")
@allow(Can.SEE_DESK)
def read_notices() -> Any:
    """All of them, or the one that the address names."""
    EmptyForm().demand()
    one = request.args.get("one")
    news.read(viewer(), *([one] if one else []))
    return redirect(url_for("desk.notices"), 303)
