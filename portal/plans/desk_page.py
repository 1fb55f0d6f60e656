"""The plan of one onboarding as staff see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import web
from portal.access import Can, viewer
from portal.onboardings.models import Onboarding
from portal.onboardings.states import EDITABLE
from portal.onboardings.words import facts
from portal.plans import difference_words, talk
from portal.plans.desk_forms import LINES, SIDES, AnswerForm, VoidForm, form_of
from portal.plans.differences import between
from portal.plans.document import PlanDocument
from portal.plans.drafts import Draft
from portal.plans.models import Plan, PlanVersion
from portal.plans.notices import is_as_declined, notice_of
from portal.plans.page import Tried
from portal.plans.rules import PlanState, version_may
from portal.plans.words import ROLES, STATES, TITLES

BUILDER, VOID, ANSWER = "builder", "void", "answer"


@dataclass
class DeskTried(Tried):
    """The same at the desk: `theirs` is what somebody else wrote meanwhile, as label and text."""

    theirs: list[tuple[str, str]] = field(default_factory=list)


def at(onboarding: Onboarding, ending: str = "") -> str:
    """The address of the desk's page of this plan, or of what lies below it."""
    base = url_for("plans.desk", ref=onboarding.account.ref)
    return f"{base}{ending}?o={onboarding.ref}"


def desk_page_of(plan: Plan, tried: DeskTried) -> dict[str, Any]:
    """Everything the template reads."""
    onboarding, draft, reader = plan.onboarding, plan.draft(), viewer()
    base, changed = _base(plan, draft)
    drafting = _is_drafting(plan, draft, changed=bool(changed))
    shown = draft.document if drafting or base is None else base.document
    may_write = reader.may(Can.WRITE_PLAN) and onboarding.state in EDITABLE
    builder = tried.forms.get(BUILDER) or form_of(draft)
    if BUILDER not in tried.forms:
        builder.seen.data = str(plan.written.words_version if plan.written else 0)
    return {
        "onboarding": onboarding,
        "account": onboarding.account,
        "plan": plan,
        "stands": _stands(plan),
        "notice": notice_of(plan, draft),
        "as_declined": drafting and is_as_declined(plan, draft),
        "to_dates": _place(onboarding, "dates"),
        "to_sign": plan.to_sign,
        "my_turn": _my_turn(plan),
        "drafting": drafting,
        "may_write": may_write,
        "may_build": may_write and (drafting or plan.in_force is None),
        "next_n": draft.document.version,
        "blockers": [{"says": one.says, "url": _place(onboarding, one.page)} for one in draft.blockers],
        "changed": difference_words.rows(changed),
        "base": base,
        "mark": draft.document.mark,
        "to_review": drafting and (plan.written is None or plan.written.state is PlanState.DRAFT),
        "document": shown,
        "is_read": not drafting or _is_read(plan, draft),
        "builder": builder,
        "people": _people(builder, draft),
        "theirs": tried.theirs,
        "signers": _signers(plan, draft, drafting=drafting),
        "versions": [_version(plan, one) for one in reversed(plan.versions)],
        "milestones": _milestones(plan),
        "void_form": tried.forms.get(VOID) or VoidForm(formdata=None).called(VOID),
        "voidable": _voidable(plan),
        "said": talk.said(onboarding),
        "answer_form": tried.forms.get(ANSWER) or AnswerForm(formdata=None).called(ANSWER),
        "tried": set(tried.forms),
        "problems": tried.problems,
        "at": at,
    }


# --- How it stands ------------------------------------------------------------------------------


def _base(plan: Plan, draft: Draft) -> tuple[PlanVersion | None, list[Any]]:
    """What the draft is compared with, and what differs: the version that waits, else the one in force, else the
    last one that was sent."""
    base = plan.to_sign or plan.in_force or plan.last_sent
    return base, (between(base.document, draft.document) if base else [])


def _is_drafting(plan: Plan, draft: Draft, *, changed: bool) -> bool:
    """Whether the next version is what this page is about: there is one to send, or to finish first."""
    last = plan.last_sent
    if last is not None and last.is_overdue and not changed:
        return not last.may_go_again(draft.able) and (plan.in_force is None or bool(draft.since))
    waits = plan.to_sign is not None and not plan.to_sign.is_overdue
    if plan.in_force is not None:
        return bool(draft.since) and (changed or not waits)
    return changed or not waits


def _is_read(plan: Plan, draft: Draft) -> bool:
    """Whether the customer's page says what the draft says."""
    return plan.is_shown or (plan.last_sent is None and draft.document == draft.filled)


def _stands(plan: Plan) -> str:
    """In a sentence or two."""
    said = []
    if one := plan.in_force:
        date = web.day(one.signed_at, "dMMMM")
        said.append(_("Both sides signed version %(n)s on %(date)s.", n=one.n, date=date))
    if one := plan.to_sign:
        said.append(
            _(
                "Version %(n)s was sent on %(date)s and can be signed until %(until)s.",
                n=one.n,
                date=web.day(one.sent_at, "dMMMM"),
                until=web.day(one.expires_on, "dMMMM"),
            )
        )
    if one := plan.written:
        if one.review_asked_at:
            date = web.day(one.review_asked_at, "dMMMM")
            said.append(_("Their admins were asked on %(date)s to look through the draft.", date=date))
        else:
            said.append(_("Version %(n)s is a draft.", n=one.n))
    if not plan.versions:
        said.append(_("A draft that fills itself from what is agreed. They can read it at any time."))
    return " ".join(said)


def _my_turn(plan: Plan) -> str:
    """Where the reader countersigns; empty when it isn't their turn."""
    version = plan.to_sign
    if version is None or version.is_stopped or not viewer().may(Can.COUNTERSIGN_PLAN):
        return ""
    mine = any(signer.user_id == viewer().id for signer in version.turn_of)
    return at(plan.onboarding, "/countersign") if mine else ""


def _place(onboarding: Onboarding, page: str) -> str:
    """Where one thing that is missing is settled."""
    ref = onboarding.account.ref
    places = {
        "goals": f"/staff/accounts/{ref}/goals?o={onboarding.ref}",
        "scope": url_for("scope.desk", ref=ref, o=onboarding.ref),
        "dates": f"/staff/accounts/{ref}/road/dates?o={onboarding.ref}",
        "signers": "#signers",
    }
    return places.get(page, "")


# --- Its parts ----------------------------------------------------------------------------------


def _people(form: Any, draft: Draft) -> list[dict[str, Any]]:
    return [
        {
            "key": one.key,
            "name": one.player.name,
            "part": one.player.part,
            **{side: form[f"{side}-{one.key}"] for side in SIDES},
        }
        for one in draft.players
        if f"does-{one.key}" in form
    ]


def _signers(plan: Plan, draft: Draft, *, drafting: bool) -> list[dict[str, str]]:
    """Who signs, and how far each is: of the version that waits, else of the draft; without either, who has signed."""
    version = plan.to_sign or (None if drafting else plan.in_force)
    if version is None:
        return [
            {"name": user.name, "part": str(ROLES[role]), "said": "", "mark": ""}
            for user, role in draft.signing
        ]
    turn = version.turn_of
    rows = []
    for signer in version.signers:
        signature = version.signature(signer.user)
        said, mark = _("waits for the customer's side"), ""
        if signature:
            said, mark = _("signed %(date)s", date=web.short_day(signature.signed_at)), "ok"
        elif version.is_stopped:
            said = _("not signed")
        elif signer in turn:
            said = _("is looking at it") if signer.viewed_at else _("can sign now")
        part = str(ROLES[signer.role])
        if signer.instead_of:
            part = facts([part, _("instead of %(who)s", who=signer.instead_of.called)])
        rows.append({"name": signer.user.name, "part": part, "said": said, "mark": mark})
    return rows


def _version(plan: Plan, one: PlanVersion) -> dict[str, Any]:
    when = one.signed_at or one.voided_at or one.declined_at or one.sent_at or one.created_at
    return {
        "n": one.n,
        "state": str(STATES[PlanState.EXPIRED if one.is_overdue else one.state]),
        "when": web.day(when, "dMMMM"),
        "why": one.declined_why or plan.why_void(one),
        "pdf": at(plan.onboarding, f"/v{one.n}.pdf") if one.sent_at else "",
        "sealed": one.seal is not None,
        "sha256": one.sha256 or "",
    }


def _milestones(plan: Plan) -> list[dict[str, str]]:
    """What was promised in the version in force beside what is planned or was reached."""
    if plan.in_force is None:
        return []
    promised = {one.key: one.on for one in plan.in_force.document.milestones}
    calendar = plan.onboarding.account.calendar
    rows = []
    for one in plan.onboarding.checkpoints:
        signed, now = promised.get(one.key), one.reached_on or one.due_on
        said, mark = _("not in the signed plan"), ""
        if signed is not None:
            said = _("promised for %(date)s", date=web.short_day(signed))
            if now > signed:
                late = max(1, calendar.working_days_between(signed, now))
                over = ngettext("%(num)s working day later", "%(num)s working days later", late)
                said, mark = facts([said, over]), "warn"
            elif one.reached_on:
                mark = "ok"
        how = _("reached %(date)s") if one.reached_on else _("planned %(date)s")
        rows.append(
            {"title": one.title, "now": how % {"date": web.short_day(now)}, "said": said, "mark": mark}
        )
    return rows


def _voidable(plan: Plan) -> PlanVersion | None:
    """What can be taken back: what waits for signatures or ran out, else a draft that was begun."""
    sent = next(
        (one for one in reversed(plan.versions) if one.sent_at and version_may(one.state, PlanState.VOIDED)),
        None,
    )
    return sent or plan.written


def told_words(words: Mapping[str, Any], document: PlanDocument) -> list[tuple[str, str]]:
    """What somebody else wrote meanwhile, each with its label."""
    labels = {name: difference_words.PARTS[name] for name in LINES}
    labels |= {"changes": TITLES["changes"], "reason": _("Why this changes")}
    found = [
        (str(label), "\n\n".join(said) if isinstance(said := words[name], list) else str(said))
        for name, label in labels.items()
        if words.get(name)
    ]
    if words.get("people"):
        lines = [f"{one.name}: {facts([one.does, one.time])}" for one in [*document.theirs, *document.ours]]
        found.append((str(TITLES["people"]), "\n".join(lines)))
    return found
