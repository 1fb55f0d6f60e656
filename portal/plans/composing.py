"""The draft of a plan, filled from the road as it is today: from the first day, and without a row of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from babel import Locale, UnknownLocaleError
from flask_babel import force_locale
from flask_babel import gettext as _

from portal import db, web
from portal.accounts.models import Staff, provider
from portal.criteria.models import CriterionWording, SuccessCriterion
from portal.criteria.rules import Direction
from portal.criteria.words import value_of
from portal.handoffs.queries import told
from portal.handoffs.why import asked_at
from portal.onboardings.models import Onboarding
from portal.onboardings.words import facts, listed
from portal.plans.document import Checkpoint, PlanDocument, Result, ScopeLine, Why
from portal.plans.players import ours_of, theirs_of
from portal.plans.stretches import milestones_of, stages_of
from portal.plans.supplies import needs_of
from portal.plans.words import SEEN
from portal.readiness import prerequisites
from portal.scope.models import Scope


@dataclass(frozen=True)
class Sources:
    """What a draft is filled from beside the road itself."""

    results: Sequence[SuccessCriterion]
    scope: Scope
    ready: Sequence[prerequisites.Prerequisite]

    @classmethod
    def of(cls, onboarding: Onboarding) -> Self:
        """Nine statements."""
        return cls(SuccessCriterion.of(onboarding), Scope.of(onboarding), prerequisites.wanted_of(onboarding))


def language_of(onboarding: Onboarding) -> str:
    """The language that its plan is written in: the customer's, English when that is unknown."""
    try:
        return str(Locale.parse(onboarding.account.locale.replace("-", "_")))
    except (ValueError, UnknownLocaleError):
        return "en"


def compose(
    onboarding: Onboarding,
    *,
    n: int,
    words: Mapping[str, Any],
    locale: str,
    amends: PlanDocument | None = None,
    sources: Sources | None = None,
) -> PlanDocument:
    """Version `n` as it would be sent today. `words` are what somebody wrote in place of what is filled in; with
    `amends`, only its dates, results and scope are today's, and all else is carried over.

    Twelve statements on a road that is loaded with its people; those of `Sources.of` fewer where they are at hand.
    """
    found = sources or Sources.of(onboarding)
    scope = found.scope
    with force_locale(locale):
        customer, ours, until = onboarding.account.name, provider().name, onboarding.target_graduation
        results = tuple(_result(one) for one in found.results if one.in_force)
        whole = PlanDocument(
            plan=onboarding.ref,
            version=n,
            locale=locale,
            customer=customer,
            provider=ours,
            headline=words.get("headline") or _headline(customer, ours, until),
            summary=words.get("summary") or _summary(onboarding.start_date, until),
            why=_why(onboarding),
            results=results,
            results_note=words.get("results_note") or _results_note(results, until),
            starts_on=onboarding.start_date,
            first_value_on=onboarding.first_value_due,
            graduates_on=until,
            stages=stages_of(onboarding),
            milestones=milestones_of(onboarding),
            theirs=theirs_of(onboarding, scope, words.get("people", {})),
            ours=ours_of(onboarding, words.get("people", {})),
            needs=needs_of(scope, found.ready),
            scope=scope_of(scope),
            changes=tuple(words.get("changes") or changes_of(onboarding)),
        )
    return whole if amends is None else _amended(whole, amends, words)


# --- An amendment ---------------------------------------------------------------------------------


def _amended(today: PlanDocument, was: PlanDocument, words: Mapping[str, Any]) -> PlanDocument:
    """The signed version with today's dates, results and scope. What was filled in from these follows them."""
    with force_locale(was.locale):
        filled, now = _filled(was, was), _filled(was, today)
    said = {
        name: text if getattr(was, name) == filled[name] else getattr(was, name) for name, text in now.items()
    }
    known = {one.key: one for one in was.milestones}
    return was.model_copy(
        update={
            "version": today.version,
            "amends": was.version,
            **said,
            "summary": words.get("reason") or said["summary"],
            "results": today.results,
            "starts_on": today.starts_on,
            "first_value_on": today.first_value_on,
            "graduates_on": today.graduates_on,
            "stages": today.stages,
            "milestones": tuple(
                one.model_copy(update={"who": known[one.key].who}) if one.key in known else one
                for one in today.milestones
            ),
            "scope": today.scope,
        }
    )


def _filled(names: PlanDocument, dates: PlanDocument) -> dict[str, str]:
    """What is filled in from the dates and the results of one plan, with the names of another."""
    return {
        "headline": _headline(names.customer, names.provider, dates.graduates_on),
        "summary": _summary(dates.starts_on, dates.graduates_on),
        "results_note": _results_note(dates.results, dates.graduates_on),
    }


# --- What is filled in ----------------------------------------------------------------------------


def _headline(customer: str, ours: str, until: date) -> str:
    return _(
        "What %(customer)s and %(provider)s will do by %(date)s",
        customer=customer,
        provider=ours,
        date=web.day(until, "dMMMM"),
    )


def _summary(since: date, until: date) -> str:
    return _(
        "What both will do together between %(first)s and %(last)s, and how both will know that it worked.",
        first=web.day(since, "dMMMM"),
        last=web.day(until, "yMMMMd"),
    )


def _why(onboarding: Onboarding) -> Why:
    """In the customer's own words where they have confirmed any, else as they told sales; nothing else that sales
    wrote."""
    heard = told(onboarding, onboarding.steps)
    step = asked_at(onboarding, onboarding.steps)
    text = "\n".join(filter(None, (heard.problem, heard.promised_impact))) if heard else ""
    quote = onboarding.quote or (heard.quote if heard else "")
    if step is not None and step.done_at is not None and step.done_by is not None and not step.done_for_you:
        on = step.done_at.astimezone(onboarding.account.zone).date()
        said = _("%(who)s, confirmed %(date)s", who=step.done_by.name, date=web.day(on, "dMMMM"))
    elif onboarding.quote and onboarding.quoted_by:
        said = facts([onboarding.quoted_by, web.day(onboarding.quoted_on, "dMMMM")])
    elif heard and (quote or text):
        said = _("As %(who)s wrote it down on %(date)s", who=heard.author, date=web.day(heard.day, "dMMMM"))
    else:
        said = ""
    return Why(quote=quote, text=text, said=said)


def _result(one: SuccessCriterion) -> Result:
    terms = one.in_force
    assert terms is not None
    return Result(
        key=one.ref,
        statement=terms.statement,
        must_have=terms.must_have,
        baseline=_("not yet") if terms.direction is Direction.BY_DATE else value_of(terms, terms.baseline),
        target=value_of(terms, terms.target),
        by=terms.target_on,
        seen=facts([terms.seen_in, SEEN[terms.evidence]]),
        checkpoints=_checkpoints(terms),
    )


def _checkpoints(terms: CriterionWording) -> tuple[Checkpoint, ...]:
    found = []
    for one in terms.checkpoints:
        value = "" if one.value is None else value_of(terms, one.value)
        says = _("%(value)s %(what)s", value=value, what=one.what) if value and one.what else None
        found.append(Checkpoint(on=one.on, says=says or value or one.what or ""))
    return tuple(found)


def _results_note(results: Sequence[Result], until: date) -> str:
    after = [one.statement for one in results if one.by > until]
    must = any(one.must_have for one in results)
    lines = [_("Results marked “must have” are met before graduation.")] if must else []
    if after:
        lines.append(
            _(
                "%(what)s: measured after graduation too.",
                what=listed(f"“{statement}”" for statement in after),
            )
        )
    return " ".join(lines)


def scope_of(scope: Scope) -> tuple[ScopeLine, ...]:
    """The list as it was agreed last, else as it is proposed."""
    agreed = scope.agreement
    terms = agreed.terms if agreed else {item.key: item.terms for item in scope.standing}
    return tuple(
        ScopeLine(
            key=key,
            side=one.side.value,
            statement=one.statement,
            why=one.why or "",
            alternative=one.alternative or "",
        )
        for key, one in terms.items()
    )


def changes_of(onboarding: Onboarding) -> list[str]:
    """How the plan changes and who hears when something slips."""
    owner = onboarding.owner
    lead = db.session.get(Staff, owner.lead_id) if owner and owner.lead_id else None
    lines = [
        _(
            "Either side can ask for a change on this page or by letter. A new version shows what differs, and is "
            "signed again only when dates, results or scope change."
        )
    ]
    if owner and lead:
        lines.append(
            _(
                "If a date of ours slips, %(owner)s writes before it passes; after five working days %(lead)s, who "
                "leads the team, joins.",
                owner=owner.called,
                lead=lead.called,
            )
        )
    elif owner:
        lines.append(
            _(
                "If a date of ours slips, %(owner)s writes before it passes; after five working days whoever leads "
                "the team joins.",
                owner=owner.called,
            )
        )
    return lines
