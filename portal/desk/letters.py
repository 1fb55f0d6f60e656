"""Letters among us: accounts were handed over."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from portal.accounts.models import Staff, User
from portal.accounts.words import TEAM_ROLES
from portal.calls.letters import path_for
from portal.calls.models import Call
from portal.notifications import letters as notifications
from portal.notifications.rules import Kind
from portal.onboardings import paper
from portal.onboardings.models import Onboarding
from portal.onboardings.paper import Row, Section, Words
from portal.onboardings.words import facts


def handed_over(
    to: Staff, given: Sequence[Onboarding], know: str, calls: Sequence[Call], *, by: User
) -> None:
    """One letter to whoever has these now: which, what they must know, and which calls need another time. It leaves at
    once, for somebody did this just now; nobody is written to about what they did themselves."""
    if not given or to.id == by.id:
        return
    with force_locale(paper.language(to)):
        words = _words(to, given, know, calls, by)
        text, html = paper.laid_out(to, words, None)
        notifications.post(
            to=to,
            kind=Kind.STEP_ASSIGNED,
            subject=words.subject,
            text=text,
            html=html,
            path=words.path,
            account_id=given[0].account_id if len(given) == 1 else None,
            from_name=paper.sent_by(by, given[0]),
            reply_to=by.email,
            just_asked=True,
        )


def _words(to: Staff, given: Sequence[Onboarding], know: str, calls: Sequence[Call], by: User) -> Words:
    num = len(given)
    said = ngettext(
        "%(by)s handed you %(num)s account. It is yours from now on.",
        "%(by)s handed you %(num)s accounts. They are yours from now on.",
        num,
        by=by.called,
    )
    asks = [_("%(by)s writes what to know:", by=by.called)] if know else []
    return Words(
        subject=_subject(given),
        preheader=_("Which, what to know, and what comes next"),
        paragraphs=[said, *asks],
        quote=know or None,
        sections=[_accounts(to, given), *_calls(to, calls)],
        button=_("Open your day"),
        path="/staff",
        because=_("You get this because you take over an onboarding."),
    )


def _subject(given: Sequence[Onboarding]) -> str:
    if len(given) == 1:
        name = given[0].account.name
        return paper.fitted(paper.SUBJECT, lambda what: _("%(account)s is yours now", account=what), name)
    return ngettext("%(num)s account is yours now", "%(num)s accounts are yours now", len(given))


def _accounts(to: Staff, given: Sequence[Onboarding]) -> Section:
    rows = []
    for one in given:
        parts = facts(TEAM_ROLES[member.role] for member in one.team if member.staff_id == to.id)
        path = f"/staff/accounts/{one.account.ref}?o={one.ref}"
        rows.append(Row(facts([one.account.name, one.product.name]), parts, url=paper.address(path)))
    return Section(_("Yours now"), rows)


def _calls(to: Staff, calls: Sequence[Call]) -> list[Section]:
    if not calls:
        return []
    rows = [
        Row(
            facts([call.title, call.onboarding.account.name]),
            paper.when(call.start, to),
            url=paper.address(path_for(call, to)),
        )
        for call in calls
    ]
    return [Section(_("Calls that need another time"), rows)]
