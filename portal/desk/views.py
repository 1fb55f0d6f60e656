"""The desk: the way in, and one onboarding with its road, people, messages and history."""

from typing import Any

from flask import abort, request
from flask_babel import gettext as _
from flask_login import current_user

from portal import clock, sheets, uploads
from portal.access import Can, allow, find_or_404, viewer
from portal.desk import account as pages
from portal.desk import bp, day_page, queries
from portal.desk.account_forms import ShareForm
from portal.desk.forms import ReplyForm
from portal.desk.history_filters import HistoryFilters
from portal.desk.history_sheet import lines as lines_of
from portal.forms import EmptyForm
from portal.messages.models import Message, Thread
from portal.messages.queries import step_of
from portal.onboardings import files


@bp.get("/staff")
@allow(Can.SEE_DESK)
def today() -> Any:
    """My day."""
    return day_page.page()


# --- One onboarding -----------------------------------------------------------------------------


@bp.get("/staff/accounts/<ref>")
@bp.get(
    "/staff/accounts/<ref>/<any(road, goals, readiness, people, calls, usage, messages, documents, history):tab>"
)
@allow(Can.SEE_DESK)
def account(ref: str, tab: str = "overview") -> Any:
    onboarding = queries.onboarding_of(ref, request.args.get("o"))
    return pages.page(onboarding, tab) if pages.has_tab(onboarding, tab) else abort(404)


@bp.get("/staff/accounts/<ref>/history.csv")
@allow(Can.SEE_DESK)
def history_sheet(ref: str) -> Any:
    """The same lines as the tab, all of them, as a file."""
    onboarding = queries.onboarding_of(ref, request.args.get("o"))
    lines = lines_of(ref, onboarding.ref, HistoryFilters.read(request.args))
    return sheets.download(f"history-{onboarding.account.slug}-{clock.today(str(viewer().zone))}", lines)


@bp.post("/staff/accounts/<ref>/messages")
@allow(Can.SEE_DESK)
def write(ref: str) -> Any:
    """A message to the customer, written at the desk: whoever sees the account may write."""
    onboarding = queries.onboarding_of(ref, request.args.get("o"), lock=True)
    form = ReplyForm()
    about = step_of(onboarding, form.step.data)

    def act() -> str:
        Message.write(onboarding, form.body.data, by=current_user, step=about)
        return _("Sent.")

    return pages.attempt(onboarding, "messages", act, message_form=form)


@bp.post("/staff/accounts/<ref>/messages/close")
@allow(Can.SEE_DESK)
def close(ref: str) -> Any:
    """What the customer wrote needs no answer, a thank-you for example."""
    onboarding = queries.onboarding_of(ref, request.args.get("o"), lock=True)

    def act() -> str:
        Thread.of(onboarding).close(by=current_user)
        return _("Nothing waits for an answer here any more.")

    return pages.attempt(onboarding, "messages", act, button=EmptyForm())


@bp.get("/staff/accounts/<ref>/documents/<document>")
@allow(Can.SEE_DESK)
def document(ref: str, document: str) -> Any:
    onboarding = queries.onboarding_of(ref, request.args.get("o"))
    found = find_or_404(uploads.Document, document, onboarding_id=onboarding.id, removed_at=None)
    return uploads.send(found)


@bp.post("/staff/accounts/<ref>/documents/upload")
@allow(Can.SEE_DESK)
def share(ref: str) -> Any:
    """A file from our side, for everybody on the road or for our team alone: whoever sees the account may share."""
    onboarding, form = queries.onboarding_of(ref, request.args.get("o"), lock=True), ShareForm()

    def act() -> str:
        seen_by = uploads.Audience(form.audience.data)
        document = files.share(onboarding, request.files.get("file"), by=current_user, seen_by=seen_by)
        if seen_by is uploads.Audience.STAFF:
            return _("“%(name)s” is kept for your team.", name=document.name)
        return _("“%(name)s” is shared with everybody on this road.", name=document.name)

    return pages.attempt(onboarding, "documents", act, share_form=form)


@bp.post("/staff/accounts/<ref>/documents/<document>/remove")
@allow(Can.SEE_DESK)
def remove_document(ref: str, document: str) -> Any:
    """What our side shared goes from both sides' pages: whoever may share may clear away."""
    onboarding = queries.onboarding_of(ref, request.args.get("o"), lock=True)
    found = find_or_404(uploads.Document, document, lock=True, onboarding_id=onboarding.id)

    def act() -> str:
        files.Shelf(onboarding, current_user).remove(found)
        return _("“%(name)s” is removed.", name=found.name)

    return pages.attempt(onboarding, "documents", act, button=EmptyForm())
