"""The staff's list of onboardings. The address holds the filters; anything mangled in it means no filter."""

from typing import Any

from flask import render_template, request

from portal.access import Can, allow
from portal.desk import bp, list_page, portfolio
from portal.desk.filters import Filters
from portal.desk.nav import desk_nav


@bp.get("/staff/accounts")
@allow(Can.SEE_DESK)
def accounts() -> Any:
    """Who needs us first."""
    colleagues = portfolio.colleagues()
    filters = Filters.read(request.args, colleagues)
    shown = list_page.page(filters, request.args.get("after"), colleagues)
    return render_template("desk/accounts.html", nav=desk_nav("accounts"), **shown)
