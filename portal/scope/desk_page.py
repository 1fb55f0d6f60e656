"""Both lists as staff write them."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import seals, web
from portal.access import viewer
from portal.onboardings.models import Onboarding
from portal.onboardings.states import EDITABLE
from portal.scope import rules
from portal.scope.editing import Row, beside
from portal.scope.forms import ItemForm, NeedForm, PriorityForm
from portal.scope.models import ResourceNeed, Scope, ScopeItem
from portal.scope.page import Tried, stands, told_changes, window
from portal.scope.rows import NeedTerms
from portal.scope.rules import NeedKind, Side
from portal.scope.words import NEED_KINDS, THEIR_ROLES, hours, whom

ITEMS, NEEDS = "items", "needs"
NEW = "new"  # No key: those begin with what their playbook calls them, or with `own_`.


def page_of(scope: Scope, tried: Tried) -> dict[str, Any]:
    """Everything the template reads."""
    onboarding = scope.onboarding
    return {
        "onboarding": onboarding,
        "account": onboarding.account,
        "can_change": onboarding.state in EDITABLE,
        "stands": _stands(scope),
        "since": told_changes(scope, scope.since_agreed),
        "lists": [
            _list(scope, ITEMS, _("In"), [one for one in scope.items if one.side is Side.IN], tried),
            _list(
                scope,
                ITEMS,
                _("Not in, and why"),
                [one for one in scope.items if one.side is Side.NOT_IN],
                tried,
            ),
            _list(scope, NEEDS, _("What they bring"), scope.needs, tried),
        ],
        "add": [
            (ITEMS, _("Add what is in, or not in"), tried.forms.get(f"{ITEMS}-{NEW}") or blank_item()),
            (NEEDS, _("Add what they bring"), tried.forms.get(f"{NEEDS}-{NEW}") or blank_need(onboarding)),
        ],
        "to_ask": onboarding.is_running and scope.waits and scope.asked_seal != scope.seal,
        "asked": web.day(scope.asked_at) if scope.asked_at else "",
        "priority_form": tried.forms.get("priority") or priority_form(scope),
        "priority": priority_lines(scope),
        "tried": set(tried.forms),
        "problems": tried.problems,
        "where": where,
    }


def where(onboarding: Onboarding, endpoint: str, **more: Any) -> str:
    """The address of one of our pages of this road."""
    return url_for(f"scope.{endpoint}", ref=onboarding.account.ref, o=onboarding.ref, **more)


def _stands(scope: Scope) -> list[str]:
    """Where both lists are with the customer."""
    agreement, needs = scope.agreement, scope.wanted
    if agreement is None:
        lines = [_("Nobody has agreed the list yet.")]
    else:
        said = {"who": agreement.by.name, "date": web.day(agreement.at, "dMMMM")}
        now = scope.is_agreed
        lines = [
            _("%(who)s agreed it on %(date)s, as it stands.", **said)
            if now
            else _(
                "%(who)s agreed it on %(date)s. It has changed since, and that agreement stays in force.",
                **said,
            )
        ]
    if needs:
        confirmed = sum(need.is_confirmed for need in needs)
        lines.append(_("%(n)s of %(total)s needs confirmed.", n=confirmed, total=len(needs)))
    if refused := sum(need.is_refused for need in needs):
        lines.append(ngettext("%(num)s can't be released.", "%(num)s can't be released.", refused))
    return lines


# --- Rows ---------------------------------------------------------------------------------------


def _list(scope: Scope, which: str, title: str, rows: Any, tried: Tried) -> dict[str, Any]:
    here = scope.standing
    shown = sorted((row for row in rows if not row.left_out), key=lambda row: (row.position, row.id or 0))
    return {
        "which": which,
        "title": title,
        "rows": [_row(scope, which, row, tried, row in here) for row in shown],
        "out": [{"row": row, "seal": row.seal} for row in rows if row.left_out],
    }


def _row(scope: Scope, which: str, row: Row, tried: Tried, shown: bool) -> dict[str, Any]:
    name = f"{which}-{row.key}"
    others = beside(scope, row)
    plain = {
        "row": row,
        "seal": row.seal,
        "name": name,
        "form": tried.forms.get(name) or form_of(scope, row),
        "open": name in tried.forms,
        "first": others[0] is row,
        "last": others[-1] is row,
    }
    if isinstance(row, ScopeItem):
        hidden = "" if shown else _("not shown: its module isn't on this road")
        return {
            **plain,
            "facts": hidden,
            "said": "",
            "why": row.why,
            "alternative": row.alternative,
            "quote": "",
        }
    kind, said = stands(row, viewer())
    facts = [
        str(NEED_KINDS[row.kind]),
        whom(scope, row, THEIR_ROLES),
        hours(row.minutes or 0),
        window(scope, row),
    ]
    quote = row.refused_why if kind == "warn" else ""
    return {
        **plain,
        "facts": " · ".join(filter(None, facts)),
        "said": said,
        "why": "",
        "alternative": "",
        "quote": quote,
    }


def form_of(scope: Scope, row: Row, *, sent: bool = False) -> Any:
    """The form of a row, as it was sent or with what it says now."""
    more: dict[str, Any] = {} if sent else {"formdata": None}
    if isinstance(row, ResourceNeed):
        need_form = NeedForm(**more).called(f"{NEEDS}-{row.key}").offer(scope.onboarding)
        if not sent:
            need_form.fill(row.terms, scope.onboarding).seen.data = row.seal
        return need_form
    item_form = ItemForm(**more).called(f"{ITEMS}-{row.key}")
    if not sent:
        item_form.fill(row.terms).seen.data = row.seal
    return item_form


def blank_item() -> ItemForm:
    form = ItemForm(formdata=None).called(f"{ITEMS}-{NEW}")
    form.side.data = Side.NOT_IN.value
    return form


def blank_need(onboarding: Onboarding) -> NeedForm:
    form = NeedForm(formdata=None).called(f"{NEEDS}-{NEW}").offer(onboarding)
    return form.fill(NeedTerms(NeedKind.PEOPLE, ""), onboarding)


# --- Priority -----------------------------------------------------------------------------------


def priority_form(scope: Scope) -> PriorityForm:
    """What is set, else what is proposed."""
    onboarding = scope.onboarding
    form = PriorityForm(formdata=None).called("priority")
    size, resources = proposed(scope)
    form.size.data = str(onboarding.size or size)
    form.change_resources.data = str(onboarding.change_resources or resources or "")
    form.seen.data = seals.of(onboarding.size, onboarding.change_resources)
    return form


def proposed(scope: Scope) -> tuple[int, int | None]:
    account = scope.onboarding.account
    size = rules.proposed_size(account.segment.value, account.licensed_seats)
    return size, rules.proposed_resources(scope.minutes_confirmed)


def priority_lines(scope: Scope) -> list[str]:
    """What it is, and from what each half is proposed."""
    onboarding, account = scope.onboarding, scope.onboarding.account
    size, resources = proposed(scope)
    lines = [_("%(n)s of 9.", n=onboarding.priority) if onboarding.priority else _("Nobody has set it yet.")]
    lines.append(
        _("Size %(n)s is proposed by %(seats)s seats.", n=size, seats=account.licensed_seats)
        if account.licensed_seats is not None
        else _("Size %(n)s is proposed by their segment.", n=size)
    )
    lines.append(
        _(
            "Resources %(n)s are proposed by the %(hours)s that they confirmed.",
            n=resources,
            hours=hours(scope.minutes_confirmed),
        )
        if resources
        else _("They have confirmed no hours yet, so nothing is proposed for resources.")
    )
    return lines
