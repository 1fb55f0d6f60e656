"""Pages of the hand-offs from sales to onboarding."""

from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    session,
    url_for,
)
from flask_babel import gettext as _

from portal import db
from portal.access import Can, allow, find_or_404, public, viewer
from portal.errors import Conflict, Refused
from portal.forms import EmptyForm
from portal.handoffs import queries
from portal.handoffs.forms import HandoffForm, PreviewForm, ReturnForm
from portal.handoffs.models import FREE, Handoff
from portal.handoffs.preview import BEFORE, Preview, ahead_of
from portal.handoffs.rules import REQUIRED, TOLD, HandoffState
from portal.handoffs.why import why_of
from portal.handoffs.words import FIELDS, HINTS, STATES

bp = Blueprint("handoffs", __name__)
MADE = "preview"  # In the form cookie, from the answer that made a link to the page that shows it.


def _here(handoff: Handoff) -> Any:
    return redirect(url_for("handoffs.show", ref=handoff.ref), 303)


@bp.get("/staff/handoffs")
@allow(Can.SEE_HANDOFF)
def index() -> Any:
    return render_template(
        "handoffs/index.html",
        lists=queries.lists_for(viewer()),
        states=STATES,
        may_write=viewer().may(Can.WRITE_HANDOFF),
    )


@bp.get("/staff/handoffs/<ref>")
@allow(Can.SEE_HANDOFF)
def show(ref: str) -> Any:
    return _page(find_or_404(Handoff, ref))


def _filled(handoff: Handoff) -> HandoffForm:
    form = HandoffForm(formdata=None, data=handoff.texts)
    form.seen.data = handoff.seal
    return form


def _page(
    handoff: Handoff,
    form: HandoffForm | None = None,
    return_form: ReturnForm | None = None,
    status: int = 200,
    theirs: list[tuple[str, str]] | None = None,
) -> Any:
    """`theirs` is what somebody else wrote meanwhile, where it differs."""
    me = viewer()
    refused = form or return_form
    return render_template(
        "handoffs/show.html",
        handoff=handoff,
        onboarding=handoff.onboarding,
        account=handoff.onboarding.account,
        form=form or _filled(handoff),
        return_form=return_form or ReturnForm(formdata=None),
        returning=return_form is not None,
        why=why_of(handoff.onboarding, handoff) if handoff.state is HandoffState.ACCEPTED else None,
        told=TOLD,
        fields=FIELDS,
        hints=HINTS,
        required=REQUIRED,
        state=STATES[handoff.state],
        theirs=theirs or [],
        writes=handoff.with_sales and me.may(Can.WRITE_HANDOFF),
        decides=not handoff.with_sales and me.may(Can.ACCEPT_HANDOFF),
        problems=refused.problems if refused else [],
        preview=Preview.last(handoff),
        may_preview=me.may(Can.WRITE_HANDOFF) and handoff.onboarding.state in BEFORE,
        preview_link=session.pop(MADE, ""),
    ), status


@bp.post("/staff/handoffs/<ref>")
@allow(Can.WRITE_HANDOFF)
def write(ref: str) -> Any:
    """Keep it, and submit it where that was pressed."""
    handoff, form = find_or_404(Handoff, ref, lock=True), HandoffForm()
    if not form.validate():
        return _page(handoff, form, status=422)
    try:
        handoff.save(form.texts, seen=form.seen.data or "", by=viewer())
    except Refused as refusal:
        status = form.refuse(refusal)
        fresh = find_or_404(Handoff, ref)
        theirs = None
        if isinstance(refusal, Conflict):
            form.seen.data = fresh.seal  # Sent again, theirs has been seen.
            theirs = [
                (str(FIELDS[name]), getattr(fresh, name) or "")
                for name in FREE
                if (getattr(fresh, name) or "") != form.texts[name]
            ]
        return _page(fresh, form, status=status, theirs=theirs)
    if form.go.data != "submit":
        flash(_("Kept. It is %(percent)s %% complete.", percent=handoff.percent), "done")
        return _here(handoff)
    try:
        handoff.submit(by=viewer())
    except Refused as refusal:
        status = form.refuse(refusal)
        return _page(find_or_404(Handoff, ref), form, status=status)
    owner = handoff.onboarding.owner
    name = owner.acting.called if owner else _("the team")
    flash(
        _("Submitted. %(name)s reads it and accepts it, or returns it with what is missing.", name=name),
        "done",
    )
    return _here(handoff)


@bp.post("/staff/handoffs/<ref>/accept")
@allow(Can.ACCEPT_HANDOFF)
def accept(ref: str) -> Any:
    handoff = find_or_404(Handoff, ref, lock=True)
    EmptyForm().demand()
    try:
        handoff.accept(by=viewer())
    except Refused as refusal:  # It is a button without a form to come back to; the page says how it stands.
        db.session.rollback()
        flash(str(refusal), "info")
        return _here(find_or_404(Handoff, ref))
    flash(_("Accepted. What they said stands on their home."), "done")
    return _here(handoff)


@bp.post("/staff/handoffs/<ref>/return")
@allow(Can.ACCEPT_HANDOFF)
def give_back(ref: str) -> Any:
    handoff, form = find_or_404(Handoff, ref, lock=True), ReturnForm()
    if not form.validate():
        return _page(handoff, return_form=form, status=422)
    try:
        handoff.give_back(form.reason.data, by=viewer())
    except Refused as refusal:
        status = form.refuse(refusal)
        return _page(find_or_404(Handoff, ref), return_form=form, status=status)
    flash(_("Returned to %(name)s with what you need.", name=handoff.author.called), "done")
    return _here(handoff)


# --- A look ahead -------------------------------------------------------------------------------


@bp.post("/staff/handoffs/<ref>/preview")
@allow(Can.WRITE_HANDOFF)
def make_preview(ref: str) -> Any:
    """Make a link to the road for whoever considers buying. It stands on the next page, and nowhere later."""
    handoff, form = find_or_404(Handoff, ref, lock=True), PreviewForm()
    form.demand()
    try:
        token = Preview.make(handoff, seen=form.number, by=viewer())
    except Refused as refusal:
        db.session.rollback()
        flash(str(refusal), "info")
        return _here(find_or_404(Handoff, ref))
    session[MADE] = f"{current_app.config['PORTAL'].base_url}/preview/{token}"
    return _here(handoff)


@bp.post("/staff/handoffs/<ref>/preview/revoke")
@allow(Can.WRITE_HANDOFF)
def revoke_preview(ref: str) -> Any:
    handoff = find_or_404(Handoff, ref, lock=True)
    EmptyForm().demand()
    was = Preview.revoke(handoff, by=viewer())
    flash(_("Withdrawn. The link shows nothing any more.") if was else _("There is no link."), "done")
    return _here(handoff)


@bp.get("/preview/<token>")
@public
def preview(token: str) -> Response:
    """The road, to whoever holds the link. Every link that shows none gets the same answer."""
    road = Preview.road_at(token)
    page = render_template("handoffs/preview.html", ahead=ahead_of(road)) if road else None
    answer = make_response(page or render_template("handoffs/preview_over.html"), 200 if page else 404)
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
