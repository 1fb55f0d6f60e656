"""Which hand-offs a viewer has to write, to accept, and lately had; what the customer may read of one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, select
from sqlalchemy.orm import joinedload

from portal import db
from portal.access import visible
from portal.accounts.models import Staff, User
from portal.handoffs import why
from portal.handoffs.models import Handoff
from portal.handoffs.rules import WITH_SALES, HandoffState
from portal.onboardings.models import Onboarding
from portal.onboardings.states import OnboardingState
from portal.onboardings.steps import Step

LATELY = 20  # Accepted ones on the page.
MOST = 100


@dataclass(frozen=True)
class Lists:
    """`unwritten` are drafts of onboardings without a hand-off."""

    to_accept: list[Handoff]
    writing: list[Handoff]
    unwritten: list[Onboarding]
    accepted: list[Handoff]


def lists_for(viewer: User) -> Lists:
    """Of the accounts that this viewer sees, theirs first; four statements."""
    whole = visible(Handoff).options(
        joinedload(Handoff.onboarding).joinedload(Onboarding.account),
        joinedload(Handoff.onboarding).joinedload(Onboarding.product),
        joinedload(Handoff.author),
        joinedload(Handoff.decided_by),
    )
    waiting = whole.where(Handoff.state == HandoffState.SUBMITTED).order_by(Handoff.submitted_at, Handoff.id)
    writing = whole.where(Handoff.state.in_(WITH_SALES)).order_by(
        Handoff.author_id != viewer.id, Handoff.state.desc(), Handoff.id.desc()
    )
    accepted = whole.where(Handoff.state == HandoffState.ACCEPTED).order_by(Handoff.decided_at.desc())
    unwritten = (
        visible(Onboarding)
        .where(
            Onboarding.state == OnboardingState.DRAFT,
            ~exists().where(Handoff.onboarding_id == Onboarding.id),
        )
        .options(joinedload(Onboarding.account), joinedload(Onboarding.product))
        .order_by(Onboarding.id.desc())
    )
    return Lists(
        to_accept=list(db.session.scalars(waiting.limit(MOST))),
        writing=list(db.session.scalars(writing.limit(MOST))),
        unwritten=list(db.session.scalars(unwritten.limit(MOST))),
        accepted=list(db.session.scalars(accepted.limit(LATELY))),
    )


@dataclass(frozen=True)
class Told:
    """What the customer told sales, as `author` (a first name) wrote it down, who submitted it on `day` of the
    customer's calendar. Once they were asked about it these are the words that they left or put instead; `confirmed`
    says that it was they who did."""

    quote: str
    problem: str
    promised_impact: str
    author: str
    day: date
    confirmed: bool


def told(onboarding: Onboarding, steps: Iterable[Step] | None = None) -> Told | None:
    """What of this onboarding's hand-off its customer may read; None unless it is accepted. One statement, which reads
    nothing else of the hand-off, and another unless `steps` are those of this road."""
    row = db.session.execute(
        select(Handoff.quote, Handoff.problem, Handoff.promised_impact, Staff.called, Handoff.submitted_at)
        .join(Staff, Staff.id == Handoff.author_id)
        .where(Handoff.onboarding_id == onboarding.id, Handoff.state == HandoffState.ACCEPTED)
    ).one_or_none()
    if row is None or row.submitted_at is None:
        return None
    texts = {"quote": row.quote, "problem": row.problem, "promised_impact": row.promised_impact}
    step = why.asked_at(onboarding, steps)
    answered = step is not None and step.done_at is not None
    if step is not None and answered:
        texts |= why.answers(step)
    return Told(
        **{name: text or "" for name, text in texts.items()},
        author=row.called,
        day=row.submitted_at.astimezone(onboarding.account.zone).date(),
        confirmed=step is not None and answered and not step.done_for_you,
    )


def told_at(step: Step) -> Told | None:
    """What fills in the form of this step; None, without a statement, where its form takes nothing from a hand-off."""
    form = step.spec.form
    if step.is_closed or form is None or not any(field.prefill for field in form.fields):
        return None
    return told(step.onboarding, step.onboarding.steps)
