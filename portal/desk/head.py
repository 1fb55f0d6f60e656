"""The head of the staff's page of one onboarding: whose turn it is and why, and how it stands against the plan."""

from typing import Any

from flask_babel import format_datetime, ngettext
from flask_babel import gettext as _

from portal import clock, web
from portal.accounts.models import Account
from portal.accounts.words import SEGMENTS
from portal.desk import waits
from portal.desk.list_rows import LOOKS
from portal.desk.waits import Open, Wait
from portal.onboardings.models import Onboarding
from portal.onboardings.staggered import may_start
from portal.onboardings.states import OnboardingState
from portal.onboardings.turns import Turn
from portal.onboardings.words import ONBOARDING_STATES


def head_of(now: Open) -> dict[str, Any]:
    """Line, shape, word, reason and figures."""
    onboarding = now.onboarding
    account = onboarding.account
    there = format_datetime(clock.now().astimezone(account.zone), "HH:mm", rebase=False)
    place = web.city(account.time_zone)
    parts = [
        str(SEGMENTS[account.segment]),
        _(
            "%(book)s, %(days)s days",
            book=onboarding.playbook_version.document.name,
            days=onboarding.programme,
        ),
        _("priority %(n)s of 9", n=onboarding.priority) if onboarding.priority else "",
        _("%(time)s in %(place)s", time=there, place=place),
        ", ".join(member.staff.name for member in onboarding.team),
    ]
    kind, word, why = _standing(now)
    return {
        "line": " · ".join(filter(None, parts)),
        "kind": kind,
        "word": word,
        "why": why,
        "lines": _pace(onboarding),
    }


def _standing(now: Open) -> tuple[str, str, str]:
    """Shape, word and reason: who has to move, by the same rule as in the list, or what the onboarding is instead."""
    onboarding = now.onboarding
    state = onboarding.state
    if hold := onboarding.hold:
        return "on_hold", _("On hold"), _("until %(date)s", date=web.day(hold.review_on))
    if state is OnboardingState.DRAFT:
        return "in_progress", _("Draft"), _draft(onboarding)
    if onboarding.graduated:
        return "done", _("Graduated"), web.day(onboarding.graduated_at)
    if not onboarding.is_running:
        return "on_hold", str(ONBOARDING_STATES[state]).capitalize(), onboarding.cancel_reason or ""
    kind, word, _rule = LOOKS[onboarding.turn]
    if onboarding.turn is Turn.US and now.waits:
        return kind, str(word), _why(now.waits[0], onboarding.account)
    if onboarding.turn is Turn.BLOCKED and (step := waits.in_the_way(onboarding.steps)):
        since = waits.day_of(step.blocked_at, onboarding.account)
        return kind, str(word), _("“%(title)s” since %(date)s", title=step.title, date=since)
    since = waits.day_of(onboarding.ball_since, onboarding.account)
    return kind, str(word), _("since %(date)s", date=since)


def _draft(onboarding: Onboarding) -> str:
    """What a draft waits for."""
    first = onboarding.starts_after
    if first is None:
        return _("the customer sees nothing yet")
    if may_start(onboarding):
        return _("%(product)s has brought its first value, so it can start", product=first.product.name)
    date = web.short_day(first.first_value_due)
    return _(
        "waits for the first value of %(product)s, planned %(date)s", product=first.product.name, date=date
    )


def _why(wait: Wait, account: Account) -> str:
    """What we owe first, and since when, or that its day has passed."""
    since = waits.day_of(wait.since, account)
    if wait.question is not None:
        return _("%(who)s asked on %(date)s", who=wait.question.author.called, date=since)
    if wait.call is not None and wait.is_to_move:
        return _("“%(title)s” on %(date)s needs another time", title=wait.call.title, date=since)
    if wait.call is not None:
        return _("“%(title)s” on %(date)s is not logged", title=wait.call.title, date=since)
    title = wait.step.title if wait.step else ""
    if wait.is_late(account.today):
        return _("“%(title)s” was due %(date)s", title=title, date=web.short_day(wait.by))
    return _("“%(title)s” since %(date)s", title=title, date=since)


def _pace(onboarding: Onboarding) -> list[str]:
    lines_ = [_("%(done)s of %(total)s items", done=onboarding.items_done, total=onboarding.items_total)]
    if onboarding.day < 0 and onboarding.is_running:
        lines_.append(_("starts %(date)s", date=web.day(onboarding.start_date)))
    elif onboarding.is_running:
        lines_.append(_("day %(day)s of %(days)s", day=onboarding.day, days=onboarding.programme))
        points = onboarding.pace
        if not points:
            lines_.append(_("on plan"))
        elif points > 0:
            lines_.append(ngettext("%(num)s point ahead of plan", "%(num)s points ahead of plan", points))
        else:
            lines_.append(ngettext("%(num)s point behind plan", "%(num)s points behind plan", -points))
    return lines_
