"""What keeps a draft from being sent, each with what would be right and where that is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from flask_babel import ngettext

from portal import web
from portal.accounts.models import User
from portal.criteria.road_step import content
from portal.criteria.rules import OVER
from portal.onboardings.states import RUNNING, OnboardingState
from portal.plans.differences import since
from portal.plans.document import PlanDocument
from portal.plans.rules import SignerRole

if TYPE_CHECKING:
    from portal.onboardings.models import Onboarding
    from portal.plans.composing import Sources

FEW = 3  # Milestones that are named one by one.


@dataclass(frozen=True)
class Blocker:
    """`page` says where it is settled: goals, scope, dates, signers or nowhere."""

    says: str
    page: str = ""


def blockers(
    onboarding: Onboarding,
    document: PlanDocument,
    sources: Sources,
    signing: Sequence[tuple[User, SignerRole]],
    in_force: PlanDocument | None,
) -> list[Blocker]:
    """All that is missing; empty when it can be sent."""
    return [
        *_running(onboarding),
        *_results(onboarding, sources),
        *_scope(sources),
        *past_dates(onboarding, document),
        *_late_results(onboarding, sources),
        *_signers(onboarding, signing),
        *_amendment(document, in_force),
    ]


def unsettled(onboarding: Onboarding, sources: Sources) -> list[Blocker]:
    """What both sides still have to agree before the plan can be sent."""
    return [*_results(onboarding, sources), *_scope(sources)]


def _running(onboarding: Onboarding) -> list[Blocker]:
    if onboarding.state is OnboardingState.DRAFT:
        return [Blocker(_("This onboarding hasn't started yet."))]
    if hold := onboarding.hold:
        until = web.day(hold.review_on, "dMMMM")
        return [Blocker(_("This onboarding is paused until %(date)s.", date=until))]
    return [] if onboarding.state in RUNNING else [Blocker(_("This onboarding is over."))]


def _results(onboarding: Onboarding, sources: Sources) -> list[Blocker]:
    least = content(onboarding).least
    agreed = sum(one.is_agreed for one in sources.results)
    open_ones = sum(one.open is not None for one in sources.results)
    found = []
    if open_ones:
        says = ngettext("%(num)s result isn't agreed yet.", "%(num)s results aren't agreed yet.", open_ones)
        found.append(Blocker(says, "goals"))
    if agreed < least:
        says = ngettext(
            "A plan needs %(num)s agreed result; there are %(agreed)s.",
            "A plan needs %(num)s agreed results; there are %(agreed)s.",
            least,
            agreed=agreed,
        )
        found.append(Blocker(says, "goals"))
    return found


def _scope(sources: Sources) -> list[Blocker]:
    scope = sources.scope
    if not scope.standing or scope.is_agreed:
        return []
    if scope.agreement is None:
        return [Blocker(_("What is in and what is not isn't agreed yet."), "scope")]
    return [Blocker(_("What is in and what is not has changed since it was agreed."), "scope")]


def past_dates(onboarding: Onboarding, document: PlanDocument) -> list[Blocker]:
    """Dates that the plan promises and that have passed without being reached; its own signing is no such promise."""
    today = onboarding.account.today
    signing = {step.key for step in onboarding.steps if step.kind == "sign"}
    kept = {one.key for one in onboarding.milestones if one.reached_on or signing.issuperset(one.step_keys)}
    late = [one for one in document.milestones if one.on < today and one.key not in kept]
    found = [
        Blocker(
            _(
                "“%(what)s” is promised for %(date)s, which has passed. Move its date first.",
                what=one.title,
                date=web.day(one.on, "dMMMM"),
            ),
            "dates",
        )
        for one in late[:FEW]
    ]
    if len(late) > FEW:
        more = len(late) - FEW
        says = ngettext(
            "%(num)s more milestone is promised for a day that has passed.",
            "%(num)s more milestones are promised for days that have passed.",
            more,
        )
        found.append(Blocker(says, "dates"))
    if document.graduates_on < today and not late:
        date = web.day(document.graduates_on, "dMMMM")
        found.append(Blocker(_("Graduation is promised for %(date)s, which has passed.", date=date), "dates"))
    return found


def _late_results(onboarding: Onboarding, sources: Sources) -> list[Blocker]:
    today = onboarding.account.today
    found = []
    for one in sources.results:
        terms = one.in_force
        if terms and terms.target_on < today and one.achievement not in OVER and not one.open:
            date = web.day(terms.target_on, "dMMMM")
            says = _("“%(what)s” was to be there by %(date)s.", what=terms.statement, date=date)
            found.append(Blocker(says, "goals"))
    return found


def _signers(onboarding: Onboarding, signing: Sequence[tuple[User, SignerRole]]) -> list[Blocker]:
    roles = {role for _user, role in signing}
    found = []
    if SignerRole.CUSTOMER not in roles:
        says = _("Nobody signs for %(company)s. Choose one of its admins.", company=onboarding.account.name)
        found.append(Blocker(says, "signers"))
    if SignerRole.PROVIDER not in roles:
        found.append(Blocker(_("Nobody signs for us. Choose one of us."), "signers"))
    return found


def _amendment(document: PlanDocument, in_force: PlanDocument | None) -> list[Blocker]:
    if in_force is None or since(in_force, document):
        return []
    says = _(
        "Nothing differs that is signed again: dates, results and scope are as in version %(n)s.",
        n=in_force.version,
    )
    return [Blocker(says)]
