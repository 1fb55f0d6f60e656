"""Bringing in daily counts as a file: looked at first, kept when somebody says so."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.access import Can, allow, viewer
from portal.usage import importing
from portal.usage.forms import MOST_BYTES, ImportForm
from portal.usage.importing import Sheet

bp = Blueprint("usage_import", __name__)

SHOWN = 20


@bp.get("/staff/settings/events/import")
@allow(Can.MANAGE_SETTINGS)
def page() -> Any:
    return _page(ImportForm(formdata=None))


@bp.post("/staff/settings/events/import")
@allow(Can.MANAGE_SETTINGS)
def bring_in() -> Any:
    """A file is shown as it was read; what was shown is kept when it is sent again with `sure`."""
    form = ImportForm()
    if not form.validate():
        return _page(form), 422
    text = form.content.data or _text_of(form)
    if text is None:
        return _page(form), 422
    sheet = importing.read(text)
    if sheet.problems:
        more = len(sheet.problems) - SHOWN
        shown = [*sheet.problems[:SHOWN], *([_("And %(n)s more.", n=more)] if more > 0 else [])]
        form.form_errors.extend(shown)
        return _page(form), 422
    if not form.sure.data:
        return _page(form, sheet, text)
    importing.keep(sheet, by=viewer())
    flash(ngettext("%(num)s count is set.", "%(num)s counts are set.", len(sheet.lines)), "done")
    return redirect(url_for("usage_import.page"), 303)


def _text_of(form: ImportForm) -> str | None:
    """What the chosen file holds; None when it can't be read, which the form then says."""
    sent = form.file.data
    if not sent or not sent.filename:
        form.file.errors = [_("Choose the file")]
        return None
    content = sent.stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        form.file.errors = [_("Keep the file under %(most)s KB; send it in parts", most=MOST_BYTES // 1024)]
        return None
    try:
        return str(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        form.file.errors = [_("Save the file as CSV in UTF-8, then send it again")]
        return None


def _page(form: ImportForm, sheet: Sheet | None = None, text: str = "") -> str:
    return render_template(
        "usage/import.html",
        sample=_sample(),
        form=form,
        sheet=sheet,
        text=text,
        shown=SHOWN,
        problems=form.problems,
    )


def _sample() -> str:
    """Three lines of such a file. Its headings are the same in every language."""
    return _(
        "account,day,metric,count,user\n"
        "northwind,2026-03-02,Signed In,3,ana@northwind.example\n"
        "northwind,2026-03-02,Referral Submitted,14,"
    )
