"""What the pages of triggers show."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import clock, web
from portal.access import Can, viewer
from portal.escalations import trigger_queries as queries
from portal.escalations import trigger_words as words
from portal.escalations.models import EscalationState, TriggerFiring
from portal.escalations.trigger_forms import TriggerForm
from portal.escalations.trigger_queries import Match, Tally
from portal.health.facts import FACTS
from portal.onboardings.words import facts, listed
from portal.playbooks.trigger_set import AGAIN_AFTER, FOR_DAYS, Condition, TriggerSpec
from portal.playbooks.triggers import Current, all_current

SHOWN, FIRINGS = 10, 10
PLACE = "\x00"  # Where a number stands in a clause.
COMMA = ", "
Piece = tuple[str, Any]  # Text, or no text and the field of a number.
WIDE = 640  # The width of the drawing of the last 90 days.


# --- The list -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One trigger in the list."""

    key: str
    title: str
    on: bool
    about: str
    fired: str
    right: str
    lasting: int
    url: str


def lines() -> list[Line]:
    """Every trigger; two statements."""
    tallies = queries.tallies()
    return [
        Line(
            key=one.key,
            title=one.spec.title,
            on=one.on,
            about=words.scope_text(one.spec.scope) or _("everybody"),
            fired=str(tally.fired),
            right=right_text(tally),
            lasting=tally.lasting,
            url=url_for("escalations.trigger", key=one.key),
        )
        for one in all_current()
        for tally in [tallies.get(one.key, Tally())]
    ]


def right_text(tally: Tally) -> str:
    """“8 of 11”; nothing while nobody has judged any."""
    return _("%(right)s of %(judged)s", right=tally.right, judged=tally.judged) if tally.judged else ""


# --- One trigger --------------------------------------------------------------------------------


@dataclass
class Row:
    """A line of the form: its heading, and pieces of text and fields in the order of reading."""

    label: str
    pieces: list[Piece]
    inner: bool = False


@dataclass
class Rows:
    """The rows of one trigger; each number has its box where it is first read."""

    spec: TriggerSpec
    form: TriggerForm | None
    boxed: set[str] = field(default_factory=set)

    def all(self) -> list[Row]:
        spec = self.spec
        scope = words.scope_text(spec.scope) or _("everybody")
        rest = (
            _("at any hour") if spec.at_once else _("not while on hold, and from their next working moment")
        )
        again = ngettext(
            "no sooner than %(shown)s day after it last fired",
            "no sooner than %(shown)s days after it last fired", spec.again_after, shown=PLACE,
        )  # fmt: skip
        return [
            *self._when(),
            Row(_("For"), [(facts([scope, rest]), None)]),
            *self._then(),
            Row(_("Again"), self._pieces(again, AGAIN_AFTER, spec.again_after)),
            *self._clears(),
        ]

    def _when(self) -> list[Row]:
        spec, label, rows = self.spec, _("When"), list[Row]()
        if spec.at_once:
            rows.append(Row(label, [(listed((words.HAPPENINGS[one] for one in spec.events), "or"), None)]))
        for condition in spec.when:
            rows += self._rows(label, condition)
            label = _("and")
        if FOR_DAYS in spec.numbers:
            said = self._pieces(words.evenings(spec.for_days, PLACE), FOR_DAYS, spec.for_days)
            rows[-1].pieces += [(COMMA, None), *said]
        return rows

    def _rows(self, label: str, condition: Condition, *, inner: bool = False) -> Iterator[Row]:
        """A comparison is a row; those that hold together share one, and each way of several has its own."""
        if condition.any:
            for one in condition.any:
                yield from self._rows(label, one, inner=inner)
                label, inner = _("or"), True
        else:
            parts = [self._leaf(one) for one in condition.all or (condition,)]
            yield Row(label, _together(parts), inner)

    def _leaf(self, condition: Condition) -> list[Piece]:
        if condition.fact is None or condition.name is None:
            return [(words.condition_text(condition), None)]
        return self._pieces(words.clause(condition, PLACE), condition.name, condition.value)

    def _then(self) -> Iterator[Row]:
        label = _("Then")
        for group in words.grouped(self.spec.then):
            action, parts = group[0], list[list[Piece]]()
            if action.touch:
                parts.append([(words.touch_text(action.touch), None)])
            if action.after and action.name:
                parts.append(self._pieces(words.after_text(action.after, PLACE), action.name, action.after))
            for condition in words.shared(group):
                parts.append([(_("when") + " ", None), *self._leaf(condition)])
            parts.append([(words.action_text(group), None)])
            yield Row(label, _together(parts))
            label = ""

    def _clears(self) -> Iterator[Row]:
        spec, label = self.spec, _("Over")
        if spec.a_person_clears:
            yield Row(label, [(_("when whoever has the case closes it"), None)])
        elif not spec.clears_when:
            yield Row(label, [(_("when this holds no more"), None)])
        for condition in spec.clears_when:
            yield from self._rows(label, condition)
            label = _("and")

    def _pieces(self, said: str, name: str, value: int) -> list[Piece]:
        """The text around the number, and the number: in a box the first time, then as it is."""
        before, _place, after = said.partition(PLACE)
        if self.form is None or name in self.boxed:
            return [(f"{before}{value}{after}", None)]
        self.boxed.add(name)
        return [(before, None), ("", self.form[name]), (after, None)]


def _together(parts: Sequence[list[Piece]]) -> list[Piece]:
    """One after the other, with commas between."""
    found: list[Piece] = []
    for part in parts:
        found += [(COMMA, None), *part] if found else part
    return found


# --- What it matches ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Bar:
    """One onboarding that matches, with what its first number is; `share` and `limit` are of 100, for the drawing."""

    name: str
    url: str
    value: str
    share: int
    limit: int


def bars(spec: TriggerSpec, matches: Sequence[Match]) -> list[Bar]:
    """Those that match, furthest beyond the limit first."""
    leaf = measured(spec)
    if leaf is None:
        return [
            _bar(match, "", 0, 0) for match in sorted(matches, key=lambda one: one.onboarding.account.name)
        ]
    fact, limit = str(leaf.fact), int(leaf.value)
    known = [(float(match.facts.get(fact) or 0), match) for match in matches]
    downwards = leaf.test in ("below", "at_most")
    known.sort(key=lambda one: (one[0] if downwards else -one[0], one[1].onboarding.account.name))
    percent = FACTS[fact].kind == "percent"
    whole = 100 if percent else max([limit * 2, *(value for value, _match in known)]) or 1
    return [
        _bar(
            match,
            f"{value:g}%" if percent else f"{value:g}",
            round(100 * value / whole),
            round(100 * limit / whole),
        )
        for value, match in known
    ]


def _bar(match: Match, value: str, share: int, limit: int) -> Bar:
    road = match.onboarding
    url = url_for("desk.account", ref=road.account.ref, o=road.ref)
    return Bar(road.account.name, url, value, max(0, min(share, 100)), max(0, min(limit, 100)))


def measured(spec: TriggerSpec) -> Condition | None:
    """The first number that its condition compares."""
    leaves = (leaf for condition in spec.when for leaf in condition.leaves())
    return (
        next((leaf for leaf in leaves if leaf.is_number and leaf.name), None) if not _forked(spec) else None
    )


def _forked(spec: TriggerSpec) -> bool:
    """Whether there are several ways in which it can be true: then no one number says how far it is."""
    return any(condition.any for condition in spec.when)


# --- What came of it ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Fired:
    """One time that it fired; `case` is the address of the case that came of it, when one did."""

    name: str
    url: str
    day: str
    outcome: str
    case: str | None


def fired(firings: Sequence[TriggerFiring]) -> list[Fired]:
    """In words, with what came of each."""
    return [
        Fired(
            name=one.onboarding.account.name,
            url=url_for("desk.account", ref=one.onboarding.account.ref, o=one.onboarding.ref),
            day=web.short_day(one.fired_at),
            outcome=outcome(one),
            case=url_for("escalations.show", ref=one.escalation.ref) if one.escalation else None,
        )
        for one in firings
    ]


def outcome(firing: TriggerFiring) -> str:
    """What came of one that fired."""
    case = firing.escalation
    if case is None:
        if firing.cleared_on is not None:
            return _("Over on %(date)s", date=web.short_day(firing.cleared_on))
        return _("Goes on; nobody was called in so far")
    if case.resolved_at is None:
        return (
            _("A case is open with %(name)s", name=case.owner.called) if case.owner else _("A case is open")
        )
    if case.state is EscalationState.DISMISSED:
        return _("A false alarm: %(cause)s", cause=case.cause or "")
    closed = {
        True: _("Right; resolved on %(date)s", date=web.short_day(case.resolved_at)),
        False: _("Need not have fired; resolved on %(date)s", date=web.short_day(case.resolved_at)),
        None: _("Resolved on %(date)s", date=web.short_day(case.resolved_at)),
    }[case.trigger_right]
    return _("%(closed)s: %(cause)s", closed=closed, cause=case.cause) if case.cause else closed


def dots(times: Sequence[tuple[datetime, bool | None]]) -> list[tuple[int, str]]:
    """Where each time of the last 90 days stands in the drawing, and how it was judged."""
    begin, whole = clock.now() - queries.WINDOW, queries.WINDOW.total_seconds()
    kinds = {True: "right", False: "wrong", None: "open"}
    return [
        (8 + round((WIDE - 16) * (at - begin).total_seconds() / whole), kinds[right]) for at, right in times
    ]


def page_of(current: Current, spec: TriggerSpec, form: TriggerForm) -> dict[str, Any]:
    """Everything that the page of one trigger shows; `spec` may have numbers that aren't saved."""
    may_set = viewer().may(Can.SET_TRIGGERS)
    tally = queries.tallies().get(current.key, Tally())
    matches = [] if spec.at_once else bars(spec, queries.matching(spec))
    times = queries.fired_since(current.key)
    leaf = measured(spec)
    return {
        "trigger": current,
        "sentence": words.sentence(spec),
        "rows": Rows(spec, form if may_set else None).all(),
        "may_set": may_set,
        "unsaved": spec != current.spec,
        "matches": matches[:SHOWN],
        "more": len(matches) - SHOWN,
        "count": len(matches),
        "limit": None if leaf is None else words.limit_text(leaf),
        "tally": tally,
        "right": right_text(tally),
        "dots": dots(times),
        "since": web.short_day(clock.now() - queries.WINDOW),
        "today": web.short_day(clock.now()),
        "firings": fired(queries.last_firings(current.key, FIRINGS)),
    }
