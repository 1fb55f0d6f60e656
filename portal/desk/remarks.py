"""The notes and signals of one onboarding, as far as the reader may read them, with the forms to write more."""

from typing import Any

from flask import request
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload

from portal import db
from portal.access import Can, viewer
from portal.activity.kinds import Kind, verbs_of
from portal.activity.models import Activity
from portal.desk import lines
from portal.desk.account_forms import CorrectionForm, NoteForm, OutcomeForm, SignalForm
from portal.desk.nav import to
from portal.onboardings.models import Onboarding
from portal.onboardings.notes import Note, reads_all, technical
from portal.onboardings.signals import CALLING, KINDS, LEFT, Signal
from portal.onboardings.steps import Step


def readable(model: type[Note] | type[Signal], onboarding: Onboarding) -> list[ColumnElement[bool]]:
    """What the rows of this onboarding have to fulfil for the reader to read them."""
    here = [model.onboarding_id == onboarding.id]
    if reads_all(viewer(), onboarding):
        return here
    about = [step.id for step in technical(onboarding)]
    return [*here, or_(model.author_id == viewer().id, model.step_id.in_(about))]


def history_limits(onboarding: Onboarding) -> list[ColumnElement[bool]]:
    """What the history leaves out for the reader: nothing, or the notes and signals that aren't for them."""
    if reads_all(viewer(), onboarding):
        return []
    readable_here = [
        (Activity.subject_type == model.__tablename__)
        & Activity.subject_id.in_(select(model.id).where(*readable(model, onboarding)))
        for model in (Note, Signal)
    ]
    return [or_(Activity.verb.not_in(verbs_of(Kind.NOTES)), *readable_here)]


# --- To write more ------------------------------------------------------------------------------


def forms_of(onboarding: Onboarding) -> dict[str, Any]:
    """An empty form for a note and one for a signal; `?step=` names the step that they begin with."""
    about = request.args.get("step", "")
    note, signal = NoteForm(formdata=None, step=about), SignalForm(formdata=None, step=about)
    return {
        "note_form": offered(note.called("note"), onboarding),
        "signal_form": offered_signal(signal, onboarding),
    }


def offered(form: NoteForm, onboarding: Onboarding) -> NoteForm:
    """The form with what a note can be about."""
    everything = reads_all(viewer(), onboarding)
    form.offer(onboarding.steps if everything else technical(onboarding), whole=everything)
    return form


def offered_signal(form: SignalForm, onboarding: Onboarding) -> SignalForm:
    """The form with what a signal can be about, and who can have left."""
    everything = reads_all(viewer(), onboarding)
    form.offer(onboarding.steps if everything else technical(onboarding), whole=everything)
    form.offer_people(onboarding.account.people)
    return form.called("signal")


# --- What there is ------------------------------------------------------------------------------


def notes_at(step: Step) -> list[dict[str, Any]]:
    """What was noted about one step, latest first."""
    rows = select(Note).where(*readable(Note, step.onboarding), Note.step_id == step.id)
    found = db.session.scalars(rows.options(joinedload(Note.author)).order_by(Note.id.desc()))
    return [{"body": one.body, "who": one.author.called, "on": one.created_at} for one in found]


def correctable(entries: list[Activity]) -> dict[int, Note]:
    """By their ids the notes whose writing is among these and that the reader may correct now."""
    mine = [one.subject_id for one in entries if one.subject_type == "note" and one.actor_id == viewer().id]
    if not mine:
        return {}
    found = db.session.scalars(select(Note).where(Note.id.in_(mine)))
    return {note.id: note for note in found if note.correctable_by(viewer())}


def correction_of(note: Note) -> CorrectionForm:
    """The form to correct it, with what it says now."""
    return CorrectionForm(formdata=None, body=note.body).called(f"note-{note.ref}")


def calling(onboarding: Onboarding) -> list[dict[str, Any]]:
    """The signals that ask for attention, latest first."""
    rows = select(Signal).where(
        *readable(Signal, onboarding), Signal.settled_at.is_(None), Signal.kind.in_(CALLING)
    )
    found = db.session.scalars(rows.options(joinedload(Signal.author)).order_by(Signal.id.desc()))
    return [_calling(onboarding, signal) for signal in found]


def _calling(onboarding: Onboarding, signal: Signal) -> dict[str, Any]:
    about = next((step for step in onboarding.steps if step.id == signal.step_id), None)
    return {
        "ref": signal.ref,
        "word": str(KINDS[signal.kind]),
        "text": signal.text,
        "who": signal.author.called,
        "on": signal.created_at,
        "about": about and {"title": about.title, "url": lines.address(onboarding, about)},
        "left": _left(onboarding, signal) if signal.kind in LEFT else None,
        "form": OutcomeForm(formdata=None).called(f"signal-{signal.ref}"),
    }


def _left(onboarding: Onboarding, signal: Signal) -> dict[str, str] | None:
    """The way to mark whoever left as gone, while that isn't done; the signal alone ends nobody's access."""
    if not viewer().may(Can.INVITE_CUSTOMER):
        return None
    people = onboarding.account.people
    person = next((one for one in people if one.id == signal.person_id), None)
    if person is None:
        return {"text": _("Say who left, on the people page"), "url": to(onboarding, "people")}
    if not person.is_active:
        return None
    said = _("Mark %(name)s as gone, which ends their access", name=person.called)
    return {"text": said, "url": to(onboarding, "people", _anchor=f"p-{person.ref}")}
