"""What the Readiness tab of an account shows: the answers, what they do to the road, and what is to be decided."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from wtforms import StringField, TextAreaField
from wtforms.validators import Length, Optional

from portal import db, web
from portal.access import Can, viewer
from portal.desk.forms import ChangeForm
from portal.desk.waits import Open
from portal.forms import Named, clean
from portal.onboardings.models import Onboarding
from portal.onboardings.words import facts
from portal.playbooks.kit import Kit, KitQuestion
from portal.readiness.asks import ReadinessAsk
from portal.readiness.effect_words import KINDS, because, called, signed, standing
from portal.readiness.effects import LONGEST, EffectState, ReadinessEffect
from portal.readiness.kits import kit_of
from portal.readiness.models import ReadinessAnswer, ReadinessSubmission
from portal.readiness.prerequisite_desk import staff_part
from portal.readiness.words import answer_text

MARKS = {
    EffectState.APPLIED: "done",
    EffectState.ACCEPTED: "done",
    EffectState.TAKEN: "done",
    EffectState.PROPOSED: "with_us",
    EffectState.CONTESTED: "with_us",
}


class DecideForm(Named):
    """What the road is to be, and what the customer reads about it, if anything."""

    go = StringField()
    why = TextAreaField(
        _l("Why? They read it."),
        filters=[clean],
        validators=[Optional(), Length(max=LONGEST, message=_l("Keep this under 400 characters"))],
    )


@dataclass(frozen=True)
class Answer:
    """One question with what stands for it; `changed` since it was confirmed."""

    key: str
    question: str
    text: str
    who: str
    changed: bool
    waits_for: str


@dataclass(frozen=True)
class Line:
    """One effect. `keep` and `drop` are the words of what may be decided, empty where nothing may."""

    ref: str
    kind: str
    title: str
    mark: str
    state: str
    because: str
    minutes: str
    said: str
    keep: str
    drop: str
    wave_url: str
    form: DecideForm


def submission_of(onboarding: Onboarding) -> ReadinessSubmission | None:
    """The kit of this road as it is now, with all of it; four statements, one where nobody has begun."""
    people = (joinedload(ReadinessEffect.contested_by), joinedload(ReadinessEffect.decided_by))
    rows = select(ReadinessSubmission).where(ReadinessSubmission.onboarding_id == onboarding.id)
    rows = rows.options(
        selectinload(ReadinessSubmission.answers).joinedload(ReadinessAnswer.by),
        selectinload(ReadinessSubmission.asks).joinedload(ReadinessAsk.person),
        selectinload(ReadinessSubmission.effects).options(*people),
        joinedload(ReadinessSubmission.confirmed_by),
        joinedload(ReadinessSubmission.submitted_by),
    )
    return db.session.scalars(rows.execution_options(populate_existing=True)).one_or_none()


def readiness_of(now: Open) -> dict[str, Any]:
    """All that the tab reads."""
    onboarding = now.onboarding
    kit, sent = kit_of(onboarding), submission_of(onboarding)
    lines = [_line(row) for row in sent.effects] if sent else []
    may = viewer().may(Can.CONFIRM_KIT) and onboarding.is_running
    return {
        "sections": _sections(kit, sent),
        "standing": _standing(sent),
        "waiting": [line for line in lines if line.keep and line.drop],
        "signed_version": onboarding.signed_version,
        "settled": [line for line in lines if not (line.keep and line.drop)],
        "may_confirm": may and sent is not None and sent.is_handed_in and not sent.is_confirmed,
        "seen": sent.seal if sent else "",
        "return_form": ChangeForm(formdata=None).called("return"),
        "part": staff_part(onboarding, back="readiness"),
    }


def _standing(sent: ReadinessSubmission | None) -> str:
    if sent is None or sent.submitted_at is None:
        return _("They haven't sent it yet.")
    who = sent.submitted_by.called if sent.submitted_by else _("Someone")
    parts = [_("%(who)s sent it on %(date)s", who=who, date=web.short_day(sent.submitted_at))]
    if sent.returned_why:
        parts.append(_("sent back: “%(why)s”", why=sent.returned_why))
    if sent.confirmed_at and sent.confirmed_by:
        ours, on = sent.confirmed_by.called, web.short_day(sent.confirmed_at)
        parts.append(_("%(who)s confirmed it on %(date)s", who=ours, date=on))
    return facts(parts)


# --- Answers ------------------------------------------------------------------------------------


def _sections(kit: Kit, sent: ReadinessSubmission | None) -> list[tuple[str, list[Answer]]]:
    """The questions that are asked, by section."""
    asked = sent.asked.questions if sent else kit.questions
    rows = sent.by_question if sent else {}
    since = sent.confirmed_at if sent else None
    waits = {ask.question: ask.called for ask in (sent.asks if sent else []) if ask.is_waiting}
    return [
        (
            section.title,
            [
                _answer(one, rows.get(one.key), since, waits.get(one.key, ""))
                for one in asked
                if one.section == section.key
            ],
        )
        for section in kit.sections
    ]


def _answer(question: KitQuestion, row: ReadinessAnswer | None, since: datetime | None, waits: str) -> Answer:
    if row is None or row.is_empty:
        return Answer(question.key, question.text, "", "", changed=False, waits_for=waits)
    text = answer_text(question, row.value, row.more, row.unknown)
    who = facts([row.author, web.short_day(row.at)])
    return Answer(
        question.key, question.text, text, who, changed=since is not None and row.at > since, waits_for=waits
    )


# --- Effects ------------------------------------------------------------------------------------


def _line(row: ReadinessEffect) -> Line:
    keep, drop = _choices(row) if viewer().may(Can.CONFIRM_KIT) else ("", "")
    wave = row.kind == "wave" and row.state is EffectState.PROPOSED
    road = row.submission.onboarding
    return Line(
        ref=row.ref,
        kind=str(KINDS[row.kind]),
        title=called(row),
        mark=MARKS.get(row.state, "todo"),
        state=standing(row),
        because=because(row),
        minutes=signed(row.minutes) if row.minutes else "",
        said=_said(row),
        keep=keep,
        drop=drop,
        wave_url=url_for("desk.new_wave", ref=road.account.ref, o=road.ref, department=row.target)
        if wave and viewer().may(Can.EDIT_WHOLE_ROAD)
        else "",
        form=DecideForm(formdata=None).called(f"why-{row.ref}"),
    )


def _choices(row: ReadinessEffect) -> tuple[str, str]:
    """The words for letting the road have it, and for not; one of them where the other is so already."""
    if not row.submission.onboarding.is_running or row.state is EffectState.WITHDRAWN:
        return "", ""
    if row.kind == "wave":
        return (_("It is planned"), _("Not needed")) if row.state is EffectState.PROPOSED else ("", "")
    if row.state is EffectState.PROPOSED and row.is_on:
        return _("Keep it"), _("Take it back")
    if row.state is EffectState.PROPOSED:
        return _("Accept it"), _("Decline it")
    if row.state is EffectState.CONTESTED:
        return (
            (_("It stays"), _("They are right"))
            if row.is_on
            else (_("Do it all the same"), _("They are right"))
        )
    if row.kind in ("signal", "agenda"):
        return "", ""
    if row.state is EffectState.OFFERED:
        return _("Add it"), ""
    return ("", _("Take it back")) if row.is_on else (_("Do it after all"), "")


def _said(row: ReadinessEffect) -> str:
    parts = []
    if row.contested_why:
        who = row.contested_by.called if row.contested_by else _("Someone")
        parts.append(_("%(who)s: “%(why)s”", who=who, why=row.contested_why))
    if row.decided_why:
        ours = row.decided_by.called if row.decided_by else _("Someone")
        parts.append(_("%(who)s: “%(why)s”", who=ours, why=row.decided_why))
    if row.state is EffectState.WITHDRAWN and row.is_on:
        parts.append(_("It stays, because somebody has begun it."))
    return " ".join(parts)
