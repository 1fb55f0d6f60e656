"""What our team is told about a case: a line in the portal for each thing, and a letter to whoever is called in.

A letter leaves in the reader's own working hours and doesn't wait for the next day's digest; it is taken back when
somebody else was quicker.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask_babel import force_locale, format_datetime
from flask_babel import gettext as _

from portal import web
from portal.accounts.kinds import TeamRole
from portal.accounts.models import Staff, User
from portal.escalations import words
from portal.notifications import letters as notifications
from portal.notifications import notices
from portal.notifications.rules import Kind
from portal.onboardings.paper import SUBJECT, Words, fitted, language, post

if TYPE_CHECKING:
    from portal.escalations.models import Escalation

CALLED_IN, MORE, RAISED, TAKEN, BACK, OVERDUE = "called_in", "more", "raised", "taken", "back", "overdue"


def path_of(case: Escalation) -> str:
    return f"/staff/escalations/{case.ref}"


def about(case: Escalation) -> str:
    """What notices and letters about a case are filed under."""
    return f"escalation:{case.ref}"


def called_in(case: Escalation, by: User | None) -> None:
    """Whoever is asked, unless they asked themselves."""
    if case.owner is None or case.owner is by:
        return
    company = case.onboarding.account.name
    _tell(
        case,
        case.owner,
        CALLED_IN,
        lambda: _("%(company)s needs you: %(why)s", company=company, why=words.short(case)),
    )
    _write(case, case.owner, lambda reader: _called(case, reader))


def raised(case: Escalation, before: Staff | None, by: User | None) -> None:
    """The next person is called in, whoever had it hears, and at level 2 the account executive too."""
    notifications.withdraw(about(case))
    called_in(case, by)
    company, level = case.onboarding.account.name, case.level
    whom = case.owner.called if case.owner else _("nobody")
    seller = case.onboarding.on_team(TeamRole.ACCOUNT_EXECUTIVE)
    for one in dict.fromkeys((before, seller)):
        if one is not None and one not in (case.owner, by):
            _tell(
                case, one.acting, RAISED,
                lambda: _("%(company)s is at level %(n)s now, with %(whom)s", company=company, n=level, whom=whom),
            )  # fmt: skip


def more(case: Escalation, by: User | None) -> None:
    """One more reason, to whoever has it."""
    if case.owner is not None and case.owner is not by:
        company = case.onboarding.account.name
        _tell(
            case,
            case.owner,
            MORE,
            lambda: _("%(company)s: one more reason, %(why)s", company=company, why=words.newest(case)),
        )


def taken(case: Escalation, before: Staff | None) -> None:
    """Somebody has it: whoever was asked instead hears, and nothing more is mailed about it."""
    notifications.withdraw(about(case))
    notices.settle(about(case))
    owner = case.owner
    if before is not None and owner is not None and before is not owner:
        company, name = case.onboarding.account.name, owner.called
        _tell(case, before, TAKEN, lambda: _("%(name)s took %(company)s", name=name, company=company))


def back(case: Escalation) -> None:
    """The wait is over."""
    if case.owner is not None:
        company = case.onboarding.account.name
        _tell(
            case, case.owner, BACK, lambda: _("%(company)s: the wait is over, see what came", company=company)
        )


def overdue(case: Escalation) -> None:
    """Nobody moves and there is nobody above: the last one asked hears it once more."""
    if case.owner is None:
        return
    company = case.onboarding.account.name
    _tell(case, case.owner, OVERDUE, lambda: _("%(company)s: the clock has run out", company=company))
    _write(case, case.owner, lambda reader: _called(case, reader, late=True))


def over(case: Escalation) -> None:
    """It is settled: what nobody has read yet is news no more."""
    notifications.withdraw(about(case))
    notices.settle(about(case))


# --- How ------------------------------------------------------------------------------------------


def _tell(case: Escalation, to: User, kind: str, line: Callable[[], str]) -> None:
    with force_locale(language(to)):
        said = line()
    notices.tell(to, kind, said, path_of(case), account_id=case.account_id, about=about(case))


def _write(case: Escalation, to: Staff, write: Callable[[User], Words]) -> None:
    post(to, Kind.ESCALATION, case.onboarding, write, about=about(case))


def _called(case: Escalation, reader: User, *, late: bool = False) -> Words:
    company = case.onboarding.account.name
    until = case.acknowledge_by or case.act_by
    by = ""
    if until is not None:
        local = until.astimezone(reader.zone)
        by = _(
            "%(day)s, %(time)s", day=web.day(local.date()), time=format_datetime(local, "HH:mm", rebase=False)
        )
    lines = [words.sentence(reason) for reason in case.reasons]
    if late:
        first = _("%(company)s still waits for somebody, and the clock has run out.", company=company)
    elif case.level > 1:
        first = _(
            "%(company)s needs somebody, and nobody has taken it: it comes to you at level %(n)s.",
            company=company,
            n=case.level,
        )
    else:
        first = _("%(company)s needs somebody, and that is you.", company=company)
    return Words(
        subject=fitted(SUBJECT, lambda name: _("%(company)s needs you", company=name), company),
        preheader=_("Say that you are on it by %(moment)s.", moment=by) if by else words.short(case)[:90],
        paragraphs=[
            first,
            *lines,
            *([words.why_owner(case)] if case.instead_of else []),
            *(
                [_("Say that you are on it by %(moment)s; after that the next person is asked.", moment=by)]
                if by and not late
                else []
            ),
        ],
        button=_("Open the case"),
        path=path_of(case),
        because=_("You get this because you are the one who is asked."),
    )
