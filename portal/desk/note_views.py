"""What our team keeps for itself about an onboarding: notes, and signals with what came of them."""

from typing import Any

from flask import abort, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from portal import db
from portal.access import Can, allow
from portal.desk import account as pages
from portal.desk import bp, queries, remarks
from portal.desk.account_forms import CorrectionForm, HelpForm, NoteForm, OutcomeForm, SignalForm
from portal.escalations import cases
from portal.onboardings.models import Onboarding
from portal.onboardings.notes import Note
from portal.onboardings.signals import CALLING, Signal, SignalKind


def _onboarding(ref: str) -> Onboarding:
    return queries.onboarding_of(ref, request.args.get("o"), lock=True)


def _tab() -> str:
    """Notes and signals are written on two tabs; the address says on which."""
    return "history" if request.args.get("from") == "history" else "overview"


def _one(model: Any, onboarding: Onboarding, ref: str) -> Any:
    """The note or signal of this onboarding that the reader may read, else 404."""
    rows = select(model).where(*remarks.readable(model, onboarding), model.ref == ref)
    return db.session.scalar(rows) or abort(404)


@bp.post("/staff/accounts/<ref>/notes")
@allow(Can.WRITE_NOTE)
def note(ref: str) -> Any:
    onboarding = _onboarding(ref)
    form = remarks.offered(NoteForm().called("note"), onboarding)

    def act() -> str:
        Note.write(onboarding, form.body.data, by=current_user, step=form.step_of(onboarding))
        return _("Kept. Only your team sees it.")

    return pages.attempt(onboarding, _tab(), act, note_form=form)


@bp.post("/staff/accounts/<ref>/notes/<note>/correct")
@allow(Can.WRITE_NOTE)
def correct(ref: str, note: str) -> Any:
    onboarding = _onboarding(ref)
    found, form = _one(Note, onboarding, note), CorrectionForm().called(f"note-{note}")

    def act() -> str:
        found.correct(form.body.data, by=current_user)
        return _("Corrected. The history keeps what it said before.")

    return pages.attempt(onboarding, "history", act, correction_form=form)


@bp.post("/staff/accounts/<ref>/signals")
@allow(Can.WRITE_NOTE)
def signal(ref: str) -> Any:
    onboarding = _onboarding(ref)
    form = remarks.offered_signal(SignalForm(), onboarding)

    def act() -> str:
        kind = SignalKind(form.kind.data)
        step, person = form.step_of(onboarding), form.person_of(onboarding)
        Signal.give(onboarding, kind, form.text.data, by=current_user, step=step, person=person)
        if kind not in CALLING:
            return _("Recorded. It stands in the history; only your team sees it.")
        return _("Recorded. It stands under “Needs attention” until it is settled; only your team sees it.")

    return pages.attempt(onboarding, _tab(), act, signal_form=form)


@bp.post("/staff/accounts/<ref>/signals/<signal>/settle")
@allow(Can.WRITE_NOTE)
def settle(ref: str, signal: str) -> Any:
    onboarding = _onboarding(ref)
    found, form = _one(Signal, onboarding, signal), OutcomeForm().called(f"signal-{signal}")

    def act() -> str:
        found.settle(form.outcome.data, by=current_user)
        return _("Settled. It stands in the history with what came of it.")

    return pages.attempt(onboarding, "overview", act, outcome_form=form)


@bp.post("/staff/accounts/<ref>/help")
@allow(Can.WORK_ESCALATION)
def call_in(ref: str) -> Any:
    """Call somebody in by hand; with a case that is open it is one more reason."""
    onboarding, form = _onboarding(ref), HelpForm().called("help")

    def act() -> str:
        why = cases.Why("person", {"text": form.text.data, "who": current_user.name})
        case = cases.ask_for_help(onboarding, why, by=current_user._get_current_object())
        name = case.owner.called if case.owner else _("A CS leader")
        return _("%(name)s is asked, with a clock. Only your team sees it.", name=name)

    return pages.attempt(onboarding, "overview", act, help_form=form)
