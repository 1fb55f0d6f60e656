"""What the customer's page of the plan shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from flask import render_template, url_for
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from markupsafe import Markup

from portal import web
from portal.access import Can
from portal.accounts.models import User
from portal.criteria.road_step import asked_for
from portal.errors import Conflict, Refused
from portal.onboardings.models import Onboarding
from portal.onboardings.words import listed
from portal.plans import consent, reading, standing, talk
from portal.plans.checks import unsettled
from portal.plans.composing import Sources
from portal.plans.difference_words import rows
from portal.plans.differences import between
from portal.plans.document import PlanDocument
from portal.plans.forms import CommentForm, DeclineForm, OtherForm, SignForm
from portal.plans.models import Plan, PlanVersion
from portal.plans.rules import Identified
from portal.plans.signers import PlanSigner
from portal.plans.standing import Kind, Standing


@dataclass
class Tried:
    """What was sent and refused: its form by name, and the ref of the version that its sender had read."""

    forms: dict[str, Any] = field(default_factory=dict)
    problems: list[tuple[str | None, str]] = field(default_factory=list)
    refusal: Refused | None = None
    read: str = ""

    @classmethod
    def to_sign(cls, form: SignForm | None, refusal: Refused | None, read: str) -> Self:
        """Of the form at the end of the plan; without it, of what was refused on the page after."""
        if form is None:
            return cls({}, [(None, str(refusal))], refusal, read)
        return cls({"sign": form}, form.problems, refusal, read)


def page_of(onboarding: Onboarding, reader: User, tried: Tried) -> dict[str, Any]:
    """Everything the template reads."""
    plan = Plan.of(onboarding)
    stands = standing.of(plan, reader)
    version = stands.version if stands.version is not None and stands.version.sent_at else None
    document = _document(plan, stands)
    signs = stands.kind is Kind.TO_SIGN and version is not None
    return {
        "onboarding": onboarding,
        "stands": stands,
        "kind": stands.kind.value,
        "version": version,
        "document": document,
        "drawn": drawn(document),
        "changes": changes(plan, document),
        "arrived": _arrived(plan, version, tried),
        "lines": lines_of(version, reader) if version else [],
        "sign": _sign_form(version, reader, tried, document.customer) if signs and version else None,
        "consent": consent.text(document.locale) if signs else [],
        "comment": _named(tried, "comment", CommentForm),
        "decline": _of_version(_named(tried, "decline", DeclineForm), version),
        "other": _other_form(version, tried) if signs and version else None,
        "opened": set(tried.forms),
        "may_comment": reader.may(Can.SIGN_PLAN),
        "talk": talk.said(onboarding),
        "earlier": [one for one in plan.versions if one.is_complete and one is not version],
        "in_force": plan.in_force,
        "taken_back": _taken_back(plan, stands),
        "next": what_next(version) if version else [],
        "unsettled": _unsettled(onboarding, reader) if stands.kind in (Kind.DRAFT, Kind.REVIEW) else [],
        "owner": onboarding.owner.acting if onboarding.owner else None,
        "problems": tried.problems,
    }


def countersign_page(version: PlanVersion, reader: User, tried: Tried) -> dict[str, Any]:
    """The same for our side, at the desk."""
    plan = Plan.of(version.onboarding)
    signs = version.signer(reader) in version.turn_of and not version.is_stopped
    document = version.document
    return {
        "onboarding": version.onboarding,
        "account": version.onboarding.account,
        "version": version,
        "document": document,
        "drawn": drawn(document),
        "changes": changes(plan, document),
        "arrived": _arrived(plan, version, tried),
        "lines": lines_of(version, reader),
        "sign": _sign_form(version, reader, tried, document.provider) if signs else None,
        "consent": consent.text(document.locale) if signs else [],
        "says": listed_signers(version),
        "problems": tried.problems,
    }


def listed_signers(version: PlanVersion) -> str:
    """Who has signed, and who signs next."""
    signed = listed(one.name for one in version.signatures)
    waits = "" if version.is_stopped else listed(one.user.called for one in version.turn_of)
    lines = [
        _("Signed by %(who)s.", who=signed) if signed else _("Nobody has signed yet."),
        _("%(who)s signs next.", who=waits) if waits else "",
    ]
    return " ".join(line for line in lines if line)


def _unsettled(onboarding: Onboarding, reader: User) -> list[tuple[str, str]]:
    """What has to be agreed before it can be sent, and where whoever may agree it does."""
    if not asked_for(onboarding):  # A road from before results were agreed.
        return []
    pages = {"goals": "criteria.show", "scope": "scope.show"} if reader.may(Can.AGREE_SCOPE) else {}
    return [
        (one.says, url_for(pages[one.page], oid=onboarding.ref) if one.page in pages else "")
        for one in unsettled(onboarding, Sources.of(onboarding))
    ]


# --- The document ---------------------------------------------------------------------------------


def drawn(document: PlanDocument) -> Markup:
    """The plan as it is read, in its own language, whatever language its reader's pages are in."""
    with force_locale(document.locale):
        return Markup(render_template("plans/_drawn.html", plan=document))


def _document(plan: Plan, stands: Standing) -> PlanDocument:
    """What was sent; of a draft, what it would say today. What staff write shows once they ask for a look at it."""
    version = stands.version
    if version is not None and version.snapshot is not None:
        return version.document
    return plan.document if stands.kind is Kind.REVIEW else plan.filled


def changes(plan: Plan, document: PlanDocument) -> dict[str, Any] | None:
    """What differs from the version that this one amends; None when it amends none."""
    before = plan.version(document.amends) if document.amends else None
    if before is None or before.snapshot is None:
        return None
    return {"n": before.n, "rows": rows(between(before.document, document))}


def _arrived(plan: Plan, version: PlanVersion | None, tried: Tried) -> dict[str, Any] | None:
    """What differs from what they had open, when another version has come since."""
    if not isinstance(tried.refusal, Conflict) or version is None:
        return None
    before = next((one for one in plan.versions if one.ref == tried.read), None)
    if before is None or before is version or before.snapshot is None:
        return None
    at = version.sent_at
    return {"n": version.n, "at": at, "rows": rows(between(before.document, version.document))}


def _taken_back(plan: Plan, stands: Standing) -> PlanVersion | None:
    """The last version, where we took it back and have sent no other since."""
    last = plan.last_sent
    gone = last is not None and last.voided_at is not None
    return last if gone and stands.kind in (Kind.DRAFT, Kind.REVIEW, Kind.SIGNED) else None


# --- Who signs ------------------------------------------------------------------------------------


def lines_of(version: PlanVersion, reader: User) -> list[dict[str, Any]]:
    """The lines at the end of the plan, each with who signs there and how far they are; in the order of its signers."""
    return [_line(version, signer, reader) for signer in version.signers]


def _line(version: PlanVersion, signer: PlanSigner, reader: User) -> dict[str, Any]:
    signature = version.signature(signer.user)
    document, mine = version.document, signer.user_id == reader.id
    company = document.provider if signer.role.is_ours else document.customer
    return {
        "typed": signature.typed_name if signature else "",
        "name": signature.name if signature else signer.user.name,
        "company": company,
        "role": _("sponsor") if signer.role.is_sponsor else "",
        "mine": mine,
        "turn": signer in version.turn_of and not version.is_stopped,
        "says": _says(version, signer, mine, reader),
    }  # fmt: skip


def _says(version: PlanVersion, signer: PlanSigner, mine: bool, reader: User) -> str:
    signature = version.signature(signer.user)
    if signature is not None:
        at = signature.signed_at.astimezone(reader.zone)
        when = {"date": web.day(at.date(), "dMMMM"), "time": f"{at:%H:%M}"}
        if signature.identified_by is Identified.STANDING:
            return _("countersigned by rule, %(date)s at %(time)s", **when)
        return _("signed %(date)s at %(time)s", **when)
    if not version.is_open or version.is_stopped:
        return _("not signed")
    if mine and signer in version.turn_of:
        return _("waiting for you")
    if signer in version.turn_of:
        return _("signs next")
    if version.is_by_rule(signer):
        return _("countersigned as soon as your side has signed")
    return _("signs after you") if version.signer(reader) in version.turn_of else _("signs after that")


def what_next(version: PlanVersion) -> list[str]:
    """What happens once somebody has signed, line by line."""
    ours = [one.user.called for one in version.waiting if one.role.is_ours and not version.is_by_rule(one)]
    theirs = [one.user.called for one in version.waiting if not one.role.is_ours]
    lines = []
    if theirs:
        lines.append(
            ngettext(
                "%(who)s signs too, for your company.",
                "%(who)s sign too, for your company.",
                len(theirs),
                who=listed(theirs),
            )
        )
    if any(version.is_by_rule(one) for one in version.waiting):
        lines.append(_("Then it is countersigned for us at once."))
    if ours:
        lines.append(
            ngettext(
                "%(who)s countersigns, and gets a letter about it.",
                "%(who)s countersign, and get letters about it.",
                len(ours),
                who=listed(ours),
            )
        )
    if version.waiting:
        lines.append(
            _("Then both sides get the sealed file by mail, with a certificate of who signed what and when.")
        )
    return lines


# --- Forms ----------------------------------------------------------------------------------------


def _sign_form(version: PlanVersion, reader: User, tried: Tried, company: str) -> SignForm:
    form = tried.forms.get("sign") or SignForm(formdata=None)
    if isinstance(tried.refusal, Conflict):  # What they ticked was about another text.
        form.read.data = form.consent.data = False
    form.read.label.text = _(
        "I have read version %(n)s and can agree to it for %(company)s.",
        n=version.n,
        company=company,
    )
    form.shown.data = reading.shown(version, reader)
    return form


def _other_form(version: PlanVersion, tried: Tried) -> OtherForm:
    form: OtherForm = _named(tried, "other", OtherForm).offer(version.substitutes())
    _of_version(form, version)
    return form


def _of_version(form: Any, version: PlanVersion | None) -> Any:
    form.version.data = version.ref if version else ""
    return form


def _named(tried: Tried, name: str, kind: Any) -> Any:
    return tried.forms.get(name) or kind(formdata=None).called(name)
