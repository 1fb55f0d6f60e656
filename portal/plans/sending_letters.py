"""Letters with which a plan goes to the customer: the draft can be read, a version waits to be signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.accounts.models import User
from portal.notifications import letters as notifications
from portal.notifications.rules import Kind
from portal.onboardings.letters import admins
from portal.onboardings.paper import PREHEADER, SUBJECT, Row, Section, Words, fitted, post
from portal.plans import difference_words
from portal.plans.differences import between
from portal.plans.letters import ask, theirs
from portal.web import day

if TYPE_CHECKING:
    from portal.plans.drafting import Drafting
    from portal.plans.signers import PlanSigner

FEW = 5  # Differences that a letter names.


def review(version: Drafting, by: User) -> None:
    """To the customer's admins: the draft can be read, and every part of it can be asked about."""

    def write(_reader: User) -> Words:
        return Words(
            subject=_("Your plan: a draft to look through"),
            preheader=_("10 minutes to read, and a word where something isn't right"),
            paragraphs=[
                _("%(who)s wrote down what you agreed so far, as one plan.", who=by.called),
                _("Read it and say where it isn't right. Nobody signs anything yet."),
            ],
            button=_("Read the draft"),
            path=theirs(version),
            because=_("You get this because you decide for your company here."),
        )

    for person in admins(version.onboarding):
        post(person, Kind.PLAN_REVIEW, version.onboarding, write, about=_review(version), reply_to=by)


def to_sign(version: Drafting, signer: PlanSigner, by: User) -> None:
    """To one of the customer's whose turn it is: what it promises, until when it is open, what differs from the one
    in force."""
    plan, before, company = version.document, version.amends, version.onboarding.account.name

    def write(_reader: User) -> Words:
        changed = difference_words.rows(between(before.document, plan)) if before else []
        rows = [Row(row.title, _was_and_is(row)) for row in changed[:FEW]]
        return Words(
            subject=_subject(version),
            preheader=fitted(PREHEADER, lambda what: what, plan.headline),
            paragraphs=[
                _what_came(version, by),
                _(
                    "Read it, then sign it for %(company)s with your name. It takes about 10 minutes.",
                    company=company,
                ),
            ],
            button=_("Read and sign the plan"),
            path=theirs(version),
            because=_("You get this because you sign the plan for your company."),
            sections=[Section(_differ(len(changed)), rows)] if rows else [],
        )

    ask(version, signer, write, by)


def _what_came(version: Drafting, by: User) -> str:
    if version.amends:
        return _(
            "%(who)s sent you version %(n)s of your onboarding plan, because something has changed. Version %(old)s "
            "stays in force until both have signed the new one.",
            who=by.called,
            n=version.n,
            old=version.amends.n,
        )
    return _(
        "%(who)s sent you version %(n)s of your onboarding plan. It is open until %(date)s.",
        who=by.called,
        n=version.n,
        date=day(version.expires_on, "dMMMM"),
    )


def _was_and_is(row: difference_words.DifferenceRow) -> str:
    return f"{row.was} → {row.now}" if row.was and row.now else row.was or row.now or row.mark


def forget(version: Drafting) -> None:
    """Nobody is asked to look through the draft any more, so a letter that asks doesn't leave."""
    notifications.withdraw(_review(version))


def _review(version: Drafting) -> str:
    return f"plan:{version.id}:review"


def _subject(version: Drafting) -> str:
    if version.amends:
        return _("Your plan has changed: sign it again")
    return fitted(
        SUBJECT, lambda name: _("Your plan with %(name)s, to sign", name=name), version.document.provider
    )


def _differ(count: int) -> str:
    return ngettext("%(num)s thing is different", "%(num)s things are different", count)
