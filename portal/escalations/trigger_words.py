"""Triggers read back as sentences. A clause is written around its number, so that the same words stand around the box
in which the number is changed."""

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from itertools import groupby
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal.escalations import plays
from portal.health.facts import FACTS
from portal.onboardings.words import STAGE_TITLES, facts, listed
from portal.playbooks.trigger_set import Action, Condition, Scope, TriggerSpec

Said = Callable[[int, str], str]

# By fact and test; the number decides one or several, what is shown is the number or a place for it.
CLAUSES: dict[tuple[str, str], Said] = {
    ("invited_days", "at_least"): lambda n, shown: ngettext(
        "the first invitation is %(shown)s day old or older",
        "the first invitation is %(shown)s days old or older", n, shown=shown,
    ),
    ("silent_days", "at_least"): lambda n, shown: ngettext(
        "they have moved nothing for %(shown)s working day",
        "they have moved nothing for %(shown)s working days", n, shown=shown,
    ),
    ("active_percent", "below"): lambda n, shown: _(
        "fewer than %(shown)s%% of their seats were used in the last 30 days", shown=shown
    ),
    ("active_percent", "at_least"): lambda n, shown: _(
        "%(shown)s%% of their seats or more were used in the last 30 days", shown=shown
    ),
    ("live_days", "at_least"): lambda n, shown: ngettext(
        "they went live %(shown)s day ago or earlier", "they went live %(shown)s days ago or earlier", n, shown=shown
    ),
    ("usage_fall_percent", "above"): lambda n, shown: _(
        "use fell by more than %(shown)s%% from one week to the next", shown=shown
    ),
    ("before_events", "at_least"): lambda n, shown: _(
        "the week before had %(shown)s events or more", shown=shown
    ),
    ("before_people", "at_least"): lambda n, shown: ngettext(
        "%(shown)s person or more used it in that week", "%(shown)s people or more used it in that week", n, shown=shown
    ),
    ("first_value_due_in", "at_most"): lambda n, shown: _value_due(n, shown),
    ("first_value_due_in", "below"): lambda n, shown: _("the day for first value has passed"),
    ("first_value_late_by", "above"): lambda n, shown: ngettext(
        "its forecast is more than %(shown)s working day late",
        "its forecast is more than %(shown)s working days late", n, shown=shown,
    ),
    ("gap_days", "at_least"): lambda n, shown: ngettext(
        "something that the start needs is %(shown)s working day late",
        "something that the start needs is %(shown)s working days late", n, shown=shown,
    ),
    ("no_shows", "at_least"): lambda n, shown: ngettext(
        "they missed %(shown)s call", "they missed %(shown)s calls", n, shown=shown
    ),
    ("frustration", "below"): lambda n, shown: _("no frustration is left open"),
    ("surprise", "below"): lambda n, shown: _("no surprise is left open"),
    ("at_risk_days", "at_least"): lambda n, shown: ngettext(
        "they have been at risk for %(shown)s working day",
        "they have been at risk for %(shown)s working days", n, shown=shown,
    ),
    ("stalled_days", "at_least"): lambda n, shown: ngettext(
        "they have been stalled for %(shown)s working day",
        "they have been stalled for %(shown)s working days", n, shown=shown,
    ),
}  # fmt: skip

# What has no number, by fact, test and value.
PLAIN = {
    ("anyone_signed_in", "is", False): _l("nobody has signed in"),
    ("anyone_signed_in", "is", True): _l("somebody has signed in"),
    ("customers_turn", "is", True): _l("it is their turn"),
    ("engaged", "is", True): _l("they give signs of life"),
    ("engaged", "is_not", True): _l("they give no sign of life"),
    ("first_value_seen", "is", False): _l("first value hasn't been seen"),
    ("champion_left", "is", True): _l("their champion has left"),
    ("sponsor_left", "is", True): _l("their sponsor has left"),
    ("health", "is", "at_risk"): _l("they are at risk"),
    ("health", "is", "stalled"): _l("they have stalled"),
    ("quiet", "is", "ghosting"): _l("there is no sign of life"),
    ("quiet", "is", "engaged"): _l("there are signs of life"),
    ("touch", "is_not", "low"): _l("they are mid or high touch"),
    ("sponsor_missing", "is", "signing"): _l("the plan waits for a sponsor who hasn't joined"),
}
TESTS = {
    "below": _l("%(fact)s: below %(value)s"),
    "at_most": _l("%(fact)s: at most %(value)s"),
    "at_least": _l("%(fact)s: at least %(value)s"),
    "above": _l("%(fact)s: above %(value)s"),
    "is": _l("%(fact)s: %(value)s"),
    "is_not": _l("%(fact)s: not %(value)s"),
    "includes": _l("%(fact)s: one of %(value)s"),
    "lacks": _l("%(fact)s: none of %(value)s"),
}
HAPPENINGS = {
    "frustration": _l("one of us records frustration"),
    "surprise": _l("one of us records a surprise"),
    "help": _l("they ask for help"),
}
RUNGS = {
    "invite_3": _l("a first follow-up with a fresh invitation is planned"),
    "day_3": _l("the first follow-up is planned"),
    "day_7": _l("the second follow-up is planned"),
    "day_12": _l("the third follow-up is planned"),
}
TOLD = {
    "owner": _l("their consultant is told"),
    "account_executive": _l("the account executive is told and asked in"),
}
TOUCHES = {"low": _l("low"), "mid": _l("mid"), "high": _l("high")}


def _value_due(n: int, shown: str) -> str:
    if n < 0:
        return ngettext(
            "the day for first value passed %(num)s working day ago or earlier",
            "the day for first value passed %(num)s working days ago or earlier", -n,
        )  # fmt: skip
    return ngettext(
        "first value is due in %(shown)s working day or less",
        "first value is due in %(shown)s working days or less", n, shown=shown,
    )  # fmt: skip


# --- Clauses ------------------------------------------------------------------------------------


def clause(condition: Condition, shown: str | None = None) -> str:
    """One comparison in words; `shown` stands where its number is."""
    fact, value = str(condition.fact), condition.value
    if condition.is_number and (said := CLAUSES.get((fact, condition.test))):
        return said(int(value), str(value) if shown is None else shown)
    if fact == "reasons":
        return _reasons(condition)
    plain = PLAIN.get((fact, condition.test, value)) if not isinstance(value, tuple) else None
    if plain is not None:
        return str(plain)
    named = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    label = FACTS[fact].label
    return str(TESTS[condition.test]) % {"fact": label, "value": named if shown is None else shown}


def _reasons(condition: Condition) -> str:
    """The codes stand on pages of triggers only."""
    codes = [str(one).partition(":")[0] for one in condition.value]
    if condition.test == "lacks":
        return _("only things to watch add up to it")
    return _("%(codes)s is a reason", codes=listed(codes, "or"))


def condition_text(condition: Condition) -> str:
    """A condition with all that is in it."""
    if condition.any:
        ways = [condition_text(one) for one in condition.any]
        if any(one.all for one in condition.any):
            # Each way is a list of its own.
            return reduce(lambda before, one: _("%(before)s; or %(one)s", before=before, one=one), ways)
        return _("either %(ways)s", ways=listed(ways, "or"))
    if condition.all:
        return listed(condition_text(one) for one in condition.all)
    return clause(condition)


def scope_text(scope: Scope) -> str:
    """“low touch, in Graduation”; empty for all."""
    return facts(
        [
            touch_text(scope.touch) if scope.touch else "",
            listed((_("%(days)s days", days=one) for one in scope.programmes), "or")
            if scope.programmes
            else "",
            _("in %(stage)s", stage=listed((STAGE_TITLES[one] for one in scope.stages), "or"))
            if scope.stages
            else "",
        ]
    )


def touch_text(touches: Sequence[str]) -> str:
    """“mid or high touch”."""
    return _("%(which)s touch", which=listed((TOUCHES[one] for one in touches), "or"))


def limit_text(condition: Condition) -> str:
    """The number of a comparison with what it is counted in."""
    fact = FACTS[str(condition.fact)]
    if fact.kind == "percent":
        return f"{condition.value}%"
    return _("%(n)s %(unit)s", n=condition.value, unit=fact.unit) if fact.unit else str(condition.value)


def evenings(n: int, shown: str | None = None) -> str:
    """For how many evenings in a row."""
    return ngettext(
        "%(shown)s evening", "%(shown)s evenings in a row", n, shown=n if shown is None else shown
    )


# --- Actions ------------------------------------------------------------------------------------


def action_text(actions: Sequence[Action]) -> str:
    """What is done; several that differ in their play alone are one."""
    action = actions[0]
    if action.do == "nudge":
        return str(RUNGS[str(action.rung)])
    if action.do == "tell":
        return str(TOLD[str(action.whom)])
    titles = dict.fromkeys(plays.play_called(str(one.play)).title for one in actions)
    quoted = listed((_("“%(title)s”", title=title) for title in titles), "or")
    return _("a case opens at level %(level)s, with the play %(play)s", level=action.level, play=quoted)


def grouped(actions: Iterable[Action]) -> list[list[Action]]:
    """Actions that are one to a reader: alike but for their play and what chooses it."""

    def alike(action: Action) -> tuple[Any, ...]:
        return action.do, action.rung, action.whom, action.level, action.touch, action.after, action.name

    return [list(group) for _alike, group in groupby(actions, alike)]


def shared(actions: Sequence[Action]) -> list[Condition]:
    """The conditions that each of these has."""
    return [one for one in actions[0].when if all(one in other.when for other in actions[1:])]


def after_text(n: int, shown: str | None = None) -> str:
    return ngettext(
        "after %(shown)s working day", "after %(shown)s working days", n, shown=n if shown is None else shown
    )


def _action_sentence(actions: Sequence[Action]) -> str:
    action, when = actions[0], shared(actions)
    said = action_text(actions)
    if action.after:
        said = _("%(after)s, if it is still so, %(what)s", after=after_text(action.after), what=said)
    if when:
        said = _("when %(when)s, %(what)s", when=listed(map(condition_text, when)), what=said)
    if action.touch:
        said = _("for %(touch)s %(what)s", touch=touch_text(action.touch), what=said)
    return said


# --- The whole ----------------------------------------------------------------------------------


def sentence(spec: TriggerSpec) -> str:
    """What it does, as one would tell a colleague."""
    if spec.at_once:
        when = _("As soon as %(what)s", what=listed((HAPPENINGS[one] for one in spec.events), "or"))
    else:
        when = _("If %(what)s", what=listed(map(condition_text, spec.when)))
        if spec.for_days > 1:
            when = _("%(when)s, %(evenings)s", when=when, evenings=evenings(spec.for_days))
    scope = scope_text(spec.scope)
    if scope:
        when = _("%(when)s (%(scope)s)", when=when, scope=scope)
    done = [_action_sentence(group) for group in grouped(spec.then)]
    said = [_("%(when)s: %(what)s.", when=when, what=done[0])]
    said += [f"{one[:1].upper()}{one[1:]}." for one in done[1:]]
    return " ".join([*said, _clears(spec)])


def _clears(spec: TriggerSpec) -> str:
    if spec.a_person_clears:
        return _("It is over when whoever has the case closes it.")
    if spec.clears_when:
        return _("It is over when %(what)s.", what=listed(map(condition_text, spec.clears_when)))
    return _("It is over when this holds no more.")
