"""The team: what each carries, when they are away, and handing over one, several or all of their onboardings."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from portal import db, web
from portal.access import Can, allow, viewer
from portal.accounts.absence import come_back, go_away
from portal.accounts.models import Staff
from portal.desk import bp, bulk, team_page
from portal.desk.handing import HandOver
from portal.desk.nav import desk_nav
from portal.desk.team_forms import AwayForm, HandOverForm
from portal.errors import Refused
from portal.forms import EmptyForm
from portal.onboardings.models import Onboarding
from portal.onboardings.notes import Note


@bp.get("/staff/team")
@allow(Can.SEE_TEAM)
def team() -> Any:
    return render_template("desk/team.html", nav=desk_nav("team"), loads=team_page.loads())


@bp.get("/staff/team/<ref>")
@allow(Can.SEE_TEAM)
def member(ref: str) -> Any:
    return _page(_member(ref))


def _member(ref: str) -> Staff:
    found = db.session.scalar(select(Staff).where(Staff.ref == ref, Staff.left_at.is_(None)))
    return found or abort(404)


def _page(staff: Staff, status: int = 200, outcome: bulk.Outcome | None = None, **forms: Any) -> Any:
    colleagues, held = team_page.colleagues_of(staff), team_page.held_by(staff)
    away = forms.get("away") or AwayForm(formdata=None).called("away")
    away.stand_in.choices = [
        ("", _("Choose who answers"), {}),
        *((ref, text, {}) for ref, text in colleagues),
    ]
    hand = forms.get("hand") or HandOverForm(formdata=None).called("hand")
    hand.offer(colleagues, held)
    return render_template(
        "desk/member.html",
        nav=desk_nav("team"),
        staff=staff,
        here=team_page.here(staff),
        held=held,
        away=away,
        hand=hand,
        may_set=_may_set(staff),
        may_hand=viewer().may(Can.ASSIGN_TEAM),
        outcome=outcome,
        ticks_all=request.args.get("pick") == "all",
        tried=set(forms),
        problems=[problem for form in forms.values() for problem in form.problems],
    ), status


def _may_set(staff: Staff) -> bool:
    """One's own absence is one's own to say; whoever leads may say anybody's."""
    return staff.id == viewer().id or viewer().may(Can.LEAD_TEAM)


@bp.post("/staff/team/<ref>/away")
@allow(Can.SEE_TEAM)
def set_away(ref: str) -> Any:
    staff, form = _member(ref), AwayForm().called("away")
    if not _may_set(staff):
        abort(403)
    form.stand_in.choices = [(one, text, {}) for one, text in team_page.colleagues_of(staff)]
    if not form.validate():
        return _page(staff, 422, away=form)
    try:
        go_away(staff, form.until.data, _member(form.stand_in.data), by=viewer())
    except Refused as refusal:
        status = form.refuse(refusal)
        return _page(_member(ref), status, away=form)
    flash(
        _(
            "%(name)s is away until %(date)s; %(other)s answers.",
            name=staff.called,
            date=web.day(staff.away_until),
            other=_member(form.stand_in.data).called,
        ),
        "done",
    )
    return redirect(url_for("desk.member", ref=ref), 303)


@bp.post("/staff/team/<ref>/back")
@allow(Can.SEE_TEAM)
def set_back(ref: str) -> Any:
    staff, form = _member(ref), EmptyForm()
    if not _may_set(staff):
        abort(403)
    try:
        form.demand()
        come_back(staff, by=viewer())
    except Refused as refusal:
        return _page(_member(ref), form.refuse(refusal), button=form)
    flash(_("%(name)s is here again.", name=staff.called), "done")
    return redirect(url_for("desk.member", ref=ref), 303)


@bp.post("/staff/team/<ref>/hand-over")
@allow(Can.ASSIGN_TEAM)
def hand_over(ref: str) -> Any:
    """The parts that this person plays in the chosen onboardings go to a colleague, with what they must know."""
    staff, form = _member(ref), HandOverForm().called("hand")
    form.offer(team_page.colleagues_of(staff), team_page.held_by(staff))
    if not form.validate():
        return _page(staff, 422, hand=form)
    to = _member(form.to.data)
    hand = HandOver(to, by=viewer())

    def give(onboarding: Onboarding) -> None:
        roles = [one.role for one in onboarding.team if one.staff_id == staff.id]
        if not roles:
            if any(one.staff_id == to.id for one in onboarding.team):
                return  # A second click, or a colleague's of the same mind.
            raise Refused(_("%(name)s has no part in it any more; somebody was quicker.", name=staff.name))
        said = _("Handed over from %(one)s to %(other)s.", one=staff.name, other=to.name)
        Note.write(onboarding, f"{said}\n\n{form.know.data}", by=viewer())
        hand.give(onboarding, roles)

    outcome = bulk.each(form.pick.data, give)
    hand.tell(form.know.data)
    if outcome.done:
        said = ngettext(
            "%(num)s account is with %(name)s now; your note stands on it.",
            "%(num)s accounts are with %(name)s now; your note stands on each.",
            len(outcome.done),
            name=to.called,
        )
        flash(said, "done")
    if outcome.refused:
        return _page(_member(ref), 200 if outcome.done else 422, outcome, hand=form)
    return redirect(url_for("desk.member", ref=ref), 303)
