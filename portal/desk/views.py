"""The desk: the list of onboardings, and one onboarding with its road, people, messages and history."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from portal import uploads
from portal.access import DELIVERY, Can, Role, allow, find_or_404
from portal.desk import account as pages
from portal.desk import bp, portfolio, queries
from portal.desk.nav import desk_nav
from portal.desk.rows import LOOKS, groups_of
from portal.forms import EmptyForm
from portal.messages.forms import MessageForm
from portal.messages.models import Message, Thread
from portal.messages.queries import step_of
from portal.onboardings.turns import MOVING, Turn


@bp.get("/staff")
@allow(Can.SEE_DESK)
def front() -> Any:
    return redirect(url_for("desk.accounts"), 303)


# --- The list -----------------------------------------------------------------------------------


@bp.get("/staff/accounts")
@allow(Can.SEE_DESK)
def accounts() -> Any:
    """Who needs us first. The address holds the filters; anything mangled in it means no filter."""
    asked = {name: request.args.get(name, "").strip()[:80] for name in ("who", "turn", "q")}
    who = asked["who"] if asked["who"] in ("mine", "all") else _whose()
    turn = portfolio.TURNS.get(asked["turn"])
    text = asked["q"].replace("\x00", "")
    mine = current_user if who == "mine" else None
    page = portfolio.page(mine=mine, turn=turn, text=text, after=request.args.get("after"))
    counts = portfolio.counts(mine, text)
    kept: dict[str, Any] = {"who": who, "q": text or None}
    total = counts.get(turn, 0) if turn is not None else sum(counts.values())
    groups, yours = groups_of(page, counts, mine=mine, mark=not request.args.get("after"))
    return render_template(
        "desk/accounts.html",
        nav=desk_nav("accounts"),
        groups=groups,
        headline=_headline(counts, text, yours),
        counts=_counts(counts, turn, kept),
        who=who,
        turn=turn.key if turn is not None else "",
        text=text,
        shown=_("%(shown)s of %(total)s shown", shown=len(page.rows), total=total),
        more=url_for("desk.accounts", **kept, turn=turn.key if turn is not None else None, after=page.after)
        if page.after
        else "",
    )


def _whose() -> str:
    """Who works with customers looks at their own accounts first, who leads at everybody's."""
    return "mine" if current_user.roles & (DELIVERY | {Role.ACCOUNT_EXECUTIVE}) else "all"


def _headline(counts: dict[Turn, int], text: str, yours: int | None) -> str:
    """How many of those that can still move need the reader, or, where the list is everybody's, need us."""
    if text:
        total = sum(counts.values())
        return ngettext("%(num)s account fits", "%(num)s accounts fit", total)
    if not any(counts.values()):
        return _("Accounts")
    total, us = sum(counts.get(turn, 0) for turn in MOVING), counts.get(Turn.US, 0)
    if yours is not None:
        if not yours:
            return _("Nothing waits on you")
        return ngettext(
            "%(num)s of your %(total)s accounts needs you",
            "%(num)s of your %(total)s accounts need you",
            yours,
            total=total,
        )
    if not us:
        return _("Nothing waits on us")
    return ngettext(
        "%(num)s of %(total)s accounts needs us", "%(num)s of %(total)s accounts need us", us, total=total
    )


def _counts(counts: dict[Turn, int], turn: Turn | None, kept: dict[str, Any]) -> list[dict[str, Any]]:
    """Counts that filter: all, whose turn it is, and of the rest what there is."""
    shown = [one for one in Turn if one in (Turn.US, Turn.CUSTOMER) or counts.get(one) or one is turn]
    everything = {
        "text": _("All"),
        "n": sum(counts.values()),
        "url": url_for("desk.accounts", **kept),
        "current": turn is None,
    }
    return [everything] + [
        {
            "text": LOOKS[one][1],
            "n": counts.get(one, 0),
            "url": url_for("desk.accounts", **kept, turn=one.key),
            "current": one is turn,
        }
        for one in shown
    ]


# --- One onboarding -----------------------------------------------------------------------------


@bp.get("/staff/accounts/<ref>")
@bp.get("/staff/accounts/<ref>/<any(road, people, messages, history):tab>")
@allow(Can.SEE_DESK)
def account(ref: str, tab: str = "overview") -> Any:
    return pages.page(queries.onboarding_of(ref, request.args.get("o")), tab)


@bp.post("/staff/accounts/<ref>/messages")
@allow(Can.SEE_DESK)
def write(ref: str) -> Any:
    """A message to the customer, written at the desk: whoever sees the account may write."""
    onboarding = queries.onboarding_of(ref, request.args.get("o"), lock=True)
    form = MessageForm()
    about = step_of(onboarding, form.step.data)

    def act() -> str:
        Message.write(onboarding, form.body.data, by=current_user, step=about)
        return _("Sent.")

    return pages.attempt(onboarding, "messages", act, message_form=form)


@bp.post("/staff/accounts/<ref>/messages/close")
@allow(Can.SEE_DESK)
def close(ref: str) -> Any:
    """What the customer wrote needs no answer, a thank-you for example."""
    onboarding = queries.onboarding_of(ref, request.args.get("o"), lock=True)

    def act() -> str:
        Thread.of(onboarding).close(by=current_user)
        return _("Nothing waits for an answer here any more.")

    return pages.attempt(onboarding, "messages", act, button=EmptyForm())


@bp.get("/staff/accounts/<ref>/documents/<document>")
@allow(Can.SEE_DESK)
def document(ref: str, document: str) -> Any:
    onboarding = queries.onboarding_of(ref, request.args.get("o"))
    found = find_or_404(uploads.Document, document, onboarding_id=onboarding.id, removed_at=None)
    return uploads.send(found)
