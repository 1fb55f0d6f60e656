"""The staff's list of onboardings. The address holds the filters; anything mangled in it means no filter."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from portal import clock, sheets
from portal.access import Can, allow, viewer
from portal.desk import bp, list_page, list_queries, list_sheet, peek
from portal.desk.bulk import Outcome
from portal.desk.list_filters import Filters
from portal.desk.list_forms import AssignManyForm, HoldManyForm, ViewForm
from portal.desk.models import SavedView
from portal.desk.nav import desk_nav
from portal.errors import Refused
from portal.forms import EmptyForm


@bp.get("/staff/accounts")
@allow(Can.SEE_DESK)
def accounts() -> Any:
    """Who needs us first."""
    return show()


def show(
    view_form: ViewForm | None = None,
    hold_form: HoldManyForm | None = None,
    assign_form: AssignManyForm | None = None,
    outcome: Outcome | None = None,
) -> str:
    """The list, with the one form that was sent as it was sent, and what came of it."""
    colleagues, views = list_queries.colleagues_and_views()
    filters = Filters.read(request.args, colleagues)
    sent = hold_form or assign_form
    after = request.args.get("after")
    shown = list_page.page(filters, after, colleagues)
    return render_template(
        "desk/accounts.html",
        nav=desk_nav("accounts"),
        **shown,
        views=list_page.views_of(views, filters, colleagues),
        view_form=view_form or ViewForm(formdata=None),
        hold_form=hold_form or HoldManyForm(formdata=None).called("hold"),
        assign_form=assign_form or AssignManyForm.offering(colleagues, formdata=None),
        problems=[] if outcome else (view_form or sent or EmptyForm(formdata=None)).problems,
        outcome=outcome,
        select=request.args.get("select") if sent is None else "1",
        picked=(sent.pick.data if sent else None) or [],
        after=request.args.get("after"),
        peek=peek.of(
            request.args.get("peek"),
            {**filters.args, "after": request.args.get("after")},
        ),
    )


@bp.get("/staff/accounts.csv")
@allow(Can.SEE_DESK)
def sheet() -> Any:
    """Every row that the filters find, as a file."""
    colleagues, _views = list_queries.colleagues_and_views()
    filters = Filters.read(request.args, colleagues)
    return sheets.download(f"accounts-{clock.today(str(viewer().zone))}", list_sheet.lines(filters))


# --- Views --------------------------------------------------------------------------------------


@bp.post("/staff/accounts/views")
@allow(Can.SEE_DESK)
def save_view() -> Any:
    """Name what the address asks for."""
    form = ViewForm()
    if not form.validate():
        return show(form), 422
    colleagues, _views = list_queries.colleagues_and_views()
    filters = Filters.read(request.args, colleagues).args
    try:
        had = SavedView.save(form.name.data, filters, by=viewer())
    except Refused as refusal:
        status = form.refuse(refusal)
        return show(form), status
    said = _("“%(name)s” shows these filters now.") if had else _("“%(name)s” is saved above the list.")
    flash(said % {"name": form.name.data}, "done")
    return redirect(url_for("desk.accounts", **filters), 303)


@bp.post("/staff/accounts/views/<ref>/delete")
@allow(Can.SEE_DESK)
def delete_view(ref: str) -> Any:
    view = SavedView.find_or_404(ref, of=viewer())
    EmptyForm().demand()
    view.delete(by=viewer())
    flash(_("“%(name)s” is deleted.", name=view.name), "done")
    return redirect(url_for("desk.accounts", **view.filters), 303)
