"""What the staff's list says around its rows: the headline, counts and selects that filter, and why it is empty."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user

from portal.access import Can
from portal.accounts import words
from portal.accounts.models import Staff
from portal.desk import list_queries
from portal.desk.list_filters import EVERYBODYS, HEALTHS, MINE, SEGMENTS, TURNS, Filters
from portal.desk.list_queries import Counts
from portal.desk.list_rows import LOOKS, groups_of
from portal.desk.models import SavedView
from portal.health.words import LABELS
from portal.onboardings.standings import Health
from portal.onboardings.turns import MOVING, Turn
from portal.onboardings.words import STAGE_TITLES

Option = tuple[str, str]

# Nobody is made to feel guilty by an empty list: it says what that means.
EMPTY = {
    Turn.US: (_l("Nothing waits on us."), _l("Every promise of ours is kept.")),
    Turn.CUSTOMER: (_l("No customer has to move now."), _l("What they can do is done, or with us.")),
    Turn.BLOCKED: (_l("Nothing is blocked. Good week."), _l("Every road can go on.")),
    Turn.NOBODY: (_l("No road stands still."), _l("In each somebody can do the next thing.")),
    Turn.DRAFT: (_l("No drafts."), _l("Every onboarding that was created is open to its customer.")),
    Turn.HOLD: (_l("Nothing is on hold."), _l("Every road runs.")),
    Turn.OVER: (_l("None is over yet."), _l("Graduated and ended onboardings will stand here.")),
}


def page(filters: Filters, after: str | None, colleagues: Sequence[Staff]) -> dict[str, Any]:
    """Everything that the template needs; the statements don't grow with the list."""
    found, counts = list_queries.page(filters, after), list_queries.counts(filters)
    groups, yours = groups_of(
        found, {turn: counts.of(turn, filters.health) for turn in Turn}, mine=filters.are_mine, mark=not after
    )
    total = counts.of(filters.turn, filters.health)
    return {
        "groups": groups,
        "headline": _headline(filters, counts, yours),
        "counts": _counts(filters, counts),
        "filters": filters,
        "sheet": url_for("desk.sheet", **filters.args),
        "selects": _selects(filters, colleagues),
        "shown": _("%(shown)s of %(total)s shown", shown=len(found.rows), total=total),
        "more": url_for("desk.accounts", **filters.args, after=found.after) if found.after else "",
        "empty": None if groups else _empty(filters, after),
    }


def views_of(
    views: Sequence[SavedView], filters: Filters, colleagues: Sequence[Staff]
) -> list[dict[str, Any]]:
    """The reader's own views as links, each with its `ref`; what has become unknown in one is no filter."""
    found = []
    for view in views:
        asks = Filters.read(view.filters, colleagues)
        url = url_for("desk.accounts", **asks.args)
        found.append({"name": view.name, "ref": view.ref, "url": url, "current": asks == filters})
    return found


def _headline(filters: Filters, counts: Counts, yours: int | None) -> str:
    """How many of those that can still move need the reader, or, where the list is everybody's, need us."""
    if filters.narrow:
        total = counts.of(filters.turn, filters.health)
        return ngettext("%(num)s account fits", "%(num)s accounts fit", total)
    if not counts.of():
        return _("Accounts")
    total, us = sum(counts.of(turn) for turn in MOVING), counts.of(Turn.US)
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
    if filters.of is not None:
        return ngettext(
            "%(num)s of %(total)s accounts of %(name)s needs us",
            "%(num)s of %(total)s accounts of %(name)s need us",
            us,
            total=total,
            name=filters.of.called,
        )
    return ngettext(
        "%(num)s of %(total)s accounts needs us", "%(num)s of %(total)s accounts need us", us, total=total
    )


def _counts(filters: Filters, counts: Counts) -> list[dict[str, Any]]:
    """Counts that filter: all, whose turn it is, who is stalled or at risk, and of the rest what there is."""
    always = (Turn.US, Turn.CUSTOMER, filters.turn)
    turns = [turn for turn in Turn if turn in always or counts.of(turn)]
    alarming = [label for label in (Health.STALLED, Health.AT_RISK) if counts.of(health=label)]
    if filters.health is not None and filters.health not in alarming:
        alarming.append(filters.health)
    shown = [(_("All"), counts.of(), filters.by(), filters.turn is None and filters.health is None)]
    for turn in turns:
        current = turn is filters.turn and filters.health is None
        shown.append((str(LOOKS[turn][1]), counts.of(turn), filters.by(turn), current))
    for label in alarming:
        current = label is filters.health and filters.turn is None
        shown.append((str(LABELS[label]), counts.of(health=label), filters.by(health=label), current))
    return [
        {"text": text, "n": n, "url": url_for("desk.accounts", **leads.args), "current": current}
        for text, n, leads, current in shown
    ]


def _selects(filters: Filters, colleagues: Sequence[Staff]) -> list[dict[str, Any]]:
    """The selects of the form: name, label, options, and which one is chosen."""
    whose: list[Option] = [(MINE, _("My accounts")), (EVERYBODYS, _("Everybody's accounts"))]
    whose += [(one.ref, one.name) for one in colleagues if one.id != current_user.id]
    stages = [("", _("Any stage")), *((key, str(title)) for key, title in STAGE_TITLES.items())]
    healths = [("", _("Any health")), *((key, str(LABELS[label])) for key, label in HEALTHS.items())]
    sizes = [("", _("Any segment")), *((key, str(words.SEGMENTS[key])) for key in SEGMENTS)]
    turns = [("", _("Anybody's turn")), *((key, str(LOOKS[turn][1])) for key, turn in TURNS.items())]
    chosen = filters.args
    every = (
        ("who", _("Whose accounts"), whose),
        ("stage", _("Stage"), stages),
        ("health", _("Health"), healths),
        ("segment", _("Segment"), sizes),
        ("turn", _("Whose turn"), turns),
    )
    return [
        {"name": name, "label": label, "options": options, "chosen": chosen.get(name, "")}
        for name, label, options in every
    ]


def _empty(filters: Filters, after: str | None) -> dict[str, str]:
    """Title, text, and where to go from here."""
    everything = url_for("desk.accounts", who=EVERYBODYS)
    if filters.text and filters.of is not None:
        title = _("None of these accounts is called “%(text)s”.", text=filters.text)
        wider = url_for("desk.accounts", who=EVERYBODYS, q=filters.text)
        return _said(title, _("It may be a colleague's."), _("Look among everybody's accounts"), wider)
    if filters.narrow or after:
        return _said(
            _("No account fits."), _("Nothing matches what you chose."), _("Show all accounts"), everything
        )
    if filters.health is not None:
        title = _("No account is “%(label)s”. Good week.", label=LABELS[filters.health])
        if filters.health is Health.ON_TRACK:
            title = _("No account is on track.")
        any_health = url_for("desk.accounts", **filters.by(filters.turn).args)
        return _said(title, _("Health is looked at every few minutes."), _("Show any health"), any_health)
    if filters.turn is not None:
        title, text = EMPTY[filters.turn]
        all_turns = url_for("desk.accounts", **filters.by(None).args)
        return _said(str(title), str(text), _("Show whosever turn it is"), all_turns)
    shows_all = _("Show everybody's accounts")
    if filters.are_mine:
        text = _("An onboarding is yours when you are on its team.")
        return _said(_("No account is yours yet."), text, shows_all, everything)
    if filters.of is not None:
        name = filters.of.called
        text = _("An onboarding is theirs when they are on its team.")
        return _said(_("%(name)s has no accounts yet.", name=name), text, shows_all, everything)
    first = _("Create the first onboarding: the customer, the playbook, the dates and the team.")
    may = current_user.may(Can.CREATE_ONBOARDING)
    return _said(_("No accounts yet."), first, _("New onboarding"), url_for("desk.new") if may else "")


def _said(title: str, text: str, way: str, url: str) -> dict[str, str]:
    return {"title": title, "text": text, "way": way, "url": url}
