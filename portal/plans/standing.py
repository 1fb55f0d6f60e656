"""How the plan stands for one reader: which version they see, and what it is called."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto

from flask_babel import gettext as _

from portal import web
from portal.accounts.models import User
from portal.onboardings.words import listed
from portal.plans.models import Plan, PlanVersion
from portal.plans.rules import PlanState


class Kind(StrEnum):
    """`TO_SIGN` is the reader's own turn, `WAITS` somebody else's; `SIGNED_BY_YOU` the reader has done it and others
    have not; `STOPPED` nobody signs it, because the road is paused or over."""

    DRAFT = auto()
    REVIEW = auto()
    TO_SIGN = auto()
    WAITS = auto()
    SIGNED_BY_YOU = auto()
    SIGNED = auto()
    DECLINED = auto()
    EXPIRED = auto()
    STOPPED = auto()


@dataclass(frozen=True)
class Standing:
    """`version` is the one shown; none for a draft that nobody has begun to write."""

    kind: Kind
    version: PlanVersion | None
    title: str
    sub: str


def of(plan: Plan, reader: User) -> Standing:
    """What this reader of the customer's finds on the page of the plan."""
    version, kind = _shown(plan, reader)
    title, sub = _words(plan, kind, version, reader)
    return Standing(kind, version, title, sub)


def _shown(plan: Plan, reader: User) -> tuple[PlanVersion | None, Kind]:
    if (version := plan.to_sign) is not None:
        return version, _open(version, reader)
    last, written = plan.last_sent, plan.written
    if written is not None and written.state is PlanState.IN_REVIEW:
        return written, Kind.REVIEW
    if last is not None and last.state is PlanState.EXPIRED:
        return last, Kind.EXPIRED if plan.onboarding.is_running else Kind.STOPPED
    if last is not None and last.state is PlanState.DECLINED:
        return last, Kind.DECLINED
    if (version := plan.in_force) is not None:
        return version, Kind.SIGNED
    return written, Kind.DRAFT


def _open(version: PlanVersion, reader: User) -> Kind:
    if not version.onboarding.is_running:
        return Kind.STOPPED
    if version.is_overdue:
        return Kind.EXPIRED
    if version.signature(reader) is not None:
        return Kind.SIGNED_BY_YOU
    return Kind.TO_SIGN if version.signer(reader) in version.turn_of else Kind.WAITS


def _words(plan: Plan, kind: Kind, version: PlanVersion | None, reader: User) -> tuple[str, str]:
    if version is None or kind in (Kind.DRAFT, Kind.REVIEW):
        return _of_draft(plan, kind, reader)
    n, sent = version.n, web.day(version.sent_at, "dMMMM")
    sender = version.sent_by.called if version.sent_by else _("Your team")
    match kind:
        case Kind.TO_SIGN:
            until = web.day(version.expires_on, "dMMMM")
            said = _("Version %(n)s, sent by %(who)s on %(date)s, open until %(until)s.",
                     n=n, who=sender, date=sent, until=until)  # fmt: skip
            return _("Your plan is ready to sign, %(name)s.", name=reader.called), said
        case Kind.SIGNED_BY_YOU:
            return _("You signed version %(n)s, %(name)s.", n=n, name=reader.called), _who_next(version)
        case Kind.WAITS:
            who = listed(one.user.called for one in version.turn_of)
            said = _("Version %(n)s, sent by %(who)s on %(date)s.", n=n, who=sender, date=sent)
            return _("Your plan waits for %(who)s to sign.", who=who), said
        case Kind.SIGNED:
            signed = web.day(version.signed_at, "dMMMM")
            return (
                _("Your plan is signed by both sides."),
                _("Version %(n)s has been in force since %(date)s.", n=n, date=signed),
            )
        case Kind.DECLINED:
            return _("Version %(n)s was declined.", n=n), _in_force(plan)
        case Kind.STOPPED:
            return _("Version %(n)s is not signed by everybody.", n=n), _why_stopped(plan)
        case _:
            until = web.day(version.expires_on, "dMMMM")
            return (
                _("The time to sign version %(n)s is over.", n=n),
                _("It was open until %(date)s. Nothing is lost: what it says is below.", date=until),
            )


def _who_next(version: PlanVersion) -> str:
    turn = version.turn_of
    who = listed(one.user.called for one in turn)
    after = listed(
        one.user.called for one in version.waiting if one not in turn and not version.is_by_rule(one)
    )
    if after:
        return _(
            "It waits for %(who)s now, then for %(after)s. Once all have signed, it is in force.",
            who=who,
            after=after,
        )
    if len(turn) > 1:
        return _("It waits for %(who)s now. Once all have signed, it is in force.", who=who)
    return _("Now %(who)s signs. Then it is in force.", who=who)


def _of_draft(plan: Plan, kind: Kind, reader: User) -> tuple[str, str]:
    if kind is Kind.REVIEW:
        owner = plan.onboarding.owner
        who = owner.acting.called if owner else _("Your team")
        return (
            _("Look through your plan, %(name)s.", name=reader.called),
            _("%(who)s asks you to look through it. Nobody signs anything yet.", who=who),
        )
    today = web.day(plan.onboarding.account.today, "dMMMM")
    return (
        _("Your plan, as it stands today."),
        _("Draft of %(date)s: it grows with what you agree.", date=today),
    )


def _why_stopped(plan: Plan) -> str:
    if hold := plan.onboarding.hold:
        until = web.day(hold.review_on, "dMMMM")
        return _("Your onboarding is paused until %(date)s. Nobody signs anything meanwhile.", date=until)
    return _("Your onboarding is over, so nobody signs it any more.")


def _in_force(plan: Plan) -> str:
    if plan.in_force is None:
        return _("What it says is below; the next draft begins from it.")
    return _("Version %(n)s, which both sides signed, stays in force.", n=plan.in_force.n)
