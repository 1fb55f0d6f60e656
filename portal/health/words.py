"""Health in words: labels, and each reason as a sentence with the numbers it rests on. For staff alone."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal.calls.minimum import TITLES
from portal.health.rules import RISK, Reason
from portal.onboardings.standings import Health, Quiet
from portal.onboardings.words import STAGE_TITLES, listed

LABELS: Final = {
    Health.ON_HOLD: _l("On hold"),
    Health.WAITING_ON_US: _l("Waiting on us"),
    Health.STALLED: _l("Stalled"),
    Health.AT_RISK: _l("At risk"),
    Health.WATCH: _l("Watch"),
    Health.ON_TRACK: _l("On track"),
}
# Shapes of components/icons.html.
SHAPES: Final = {
    Health.ON_HOLD: "on_hold",
    Health.WAITING_ON_US: "with_us",
    Health.STALLED: "stalled",
    Health.AT_RISK: "at_risk",
    Health.WATCH: "watch",
    Health.ON_TRACK: "on_track",
}
QUIETS: Final = {Quiet.GHOSTING: _l("ghosting"), Quiet.ENGAGED: _l("engaged, not moving")}
LEVELS: Final = {"watch": _l("watch"), "risk": _l("risk")}


def label_text(label: Health, quiet: Quiet | None = None) -> str:
    """“Stalled, ghosting”."""
    word = str(LABELS[label])
    return _("%(label)s, %(how)s", label=word, how=QUIETS[quiet]) if quiet else word


def quiet_text(quiet: Quiet, evidence: Mapping[str, Any]) -> str:
    """“Nothing from them for 8 working days; limit 5.”"""
    silent, limit = evidence["silent"], evidence["limit"]
    if quiet is Quiet.GHOSTING:
        return ngettext(
            "Nothing from anybody there for %(num)s working day; stalled from %(limit)s",
            "Nothing from anybody there for %(num)s working days; stalled from %(limit)s",
            silent,
            limit=limit,
        )
    return ngettext(
        "Nothing finished for %(num)s working day, though they give signs of life; stalled from %(limit)s",
        "Nothing finished for %(num)s working days, though they give signs of life; stalled from %(limit)s",
        silent,
        limit=limit,
    )


def quiet_in_short(quiet: Quiet, evidence: Mapping[str, Any]) -> str:
    """The same in a few words."""
    if quiet is Quiet.GHOSTING:
        return ngettext("Silent %(num)s day", "Silent %(num)s days", evidence["silent"])
    return ngettext("Nothing done in %(num)s day", "Nothing done in %(num)s days", evidence["silent"])


def reason_text(reason: Reason) -> str:
    """The whole sentence, limits among it: “Day 9 of 7 in Expectations, 40% done; limit 100%”."""
    return _WHOLE[reason.code]({**reason.evidence, "level": reason.level})


def reason_in_short(reason: Reason) -> str:
    """The same in a few words, for a row of a list."""
    return _SHORT[reason.code]({**reason.evidence, "level": reason.level})


Say = Callable[[Mapping[str, Any]], str]


# --- Whole sentences ------------------------------------------------------------------------------


def _r1(e: Mapping[str, Any]) -> str:
    said = {"age": e["age"], "budget": e["budget"], "done": e["done"], "limit": e["limit"]}
    stage = STAGE_TITLES[e["stage"]]
    if e["level"] == RISK:
        return _("Day %(age)s of %(budget)s planned in %(stage)s; limit %(limit)s%%", stage=stage, **said)
    return _(
        "Day %(age)s of %(budget)s planned in %(stage)s and %(done)s%% of it done; to watch from %(limit)s%%",
        stage=stage,
        **said,
    )


def _r2(e: Mapping[str, Any]) -> str:
    behind = ngettext("%(num)s point behind the plan", "%(num)s points behind the plan", e["value"])
    late = ngettext("%(num)s item past its date", "%(num)s items past their date", e["overdue"])
    return _("%(behind)s, %(late)s; limit %(limit)s", behind=behind, late=late, limit=e["limit"])


def _r3(e: Mapping[str, Any]) -> str:
    late = ngettext("%(num)s working day late", "%(num)s working days late", e["days"])
    if e["count"] == 1:
        return _(
            "Milestone “%(title)s” %(late)s; limit %(limit)s", title=e["what"], late=late, limit=e["limit"]
        )
    return ngettext(
        "%(num)s milestone late, “%(title)s” %(late)s",
        "%(num)s milestones late, the first is “%(title)s”, %(late)s",
        e["count"],
        title=e["what"],
        late=late,
    )


def _r6(e: Mapping[str, Any]) -> str:
    if "missing" in e:
        titles = listed([str(TITLES[kind]) for kind in e["missing"]])
        return _(
            "Neither held nor booked: %(calls)s; its stage is over %(limit)s%% of its days",
            calls=titles,
            limit=e["limit"],
        )
    return ngettext(
        "They missed %(num)s call that was not held since; limit %(limit)s",
        "They missed %(num)s calls that were not held since; limit %(limit)s",
        e["value"],
        limit=e["limit"],
    )


def _r7(e: Mapping[str, Any]) -> str:
    if "active" in e:
        return _(
            "%(share)s%% of %(seats)s seats active %(days)s days after go-live; limit %(limit)s%%",
            share=e["active"],
            seats=e["seats"],
            days=e["live"],
            limit=e["limit"],
        )
    return _(
        "%(share)s%% of %(seats)s seats activated %(days)s days after go-live; limit %(limit)s%%",
        share=e["activated"],
        seats=e["seats"],
        days=e["live"],
        limit=e["limit"],
    )


def _r8(e: Mapping[str, Any]) -> str:
    if e["level"] == RISK:
        return ngettext(
            "First value was due %(num)s working day ago and is not seen",
            "First value was due %(num)s working days ago and is not seen",
            e["overdue"],
        )
    return ngettext(
        "First value is forecast %(num)s working day late; limit %(limit)s",
        "First value is forecast %(num)s working days late; limit %(limit)s",
        e["late"],
        limit=e["limit"],
    )


def _r9(e: Mapping[str, Any]) -> str:
    return ngettext(
        "%(num)s support ticket since the start; limit %(limit)s",
        "%(num)s support tickets since the start; limit %(limit)s",
        e["value"],
        limit=e["limit"],
    )


def _r10(e: Mapping[str, Any]) -> str:
    late = ngettext("%(num)s working day late", "%(num)s working days late", e["days"])
    if e["level"] == RISK:
        return _(
            "“%(what)s” blocks and is %(late)s; limit %(limit)s", what=e["what"], late=late, limit=e["limit"]
        )
    return _("“%(what)s” is not ready, %(late)s", what=e["what"], late=late)


def _r11(e: Mapping[str, Any]) -> str:
    if e["level"] == RISK:
        return _("A must-have result is forecast to miss: “%(what)s”", what=e["what"])
    return _("A result is behind: “%(what)s”", what=e["what"])


def _r12(e: Mapping[str, Any]) -> str:
    if "left" in e:
        return _("The champion has left") if e["left"] == "champion" else _("The sponsor has left")
    if "silent" in e:
        return ngettext(
            "The champion was not seen for %(num)s day; limit %(limit)s",
            "The champion was not seen for %(num)s days; limit %(limit)s",
            e["silent"],
            limit=e["limit"],
        )
    if e["missing"] == "signing":
        return _("The sponsor has not joined, and the plan waits for their signature")
    return _("The sponsor has not joined since the kickoff")


def _r15(e: Mapping[str, Any]) -> str:
    return ngettext(
        "Training runs for %(num)s working day without a signed plan; limit %(limit)s",
        "Training runs for %(num)s working days without a signed plan; limit %(limit)s",
        e["value"],
        limit=e["limit"],
    )


def _r16(e: Mapping[str, Any]) -> str:
    return ngettext(
        "Kickoff not booked %(num)s working day after the start; limit %(limit)s",
        "Kickoff not booked %(num)s working days after the start; limit %(limit)s",
        e["value"],
        limit=e["limit"],
    )


_WHOLE: Final[Mapping[str, Say]] = {
    "R1": _r1,
    "R2": _r2,
    "R3": _r3,
    "R4": lambda e: _("Frustration that nobody has settled"),
    "R5": lambda e: _("A surprise that nobody has settled"),
    "R6": _r6,
    "R7": _r7,
    "R8": _r8,
    "R9": _r9,
    "R10": _r10,
    "R11": _r11,
    "R12": _r12,
    "R15": _r15,
    "R16": _r16,
}


# --- In short -------------------------------------------------------------------------------------


def _r3_short(e: Mapping[str, Any]) -> str:
    if e["count"] > 1:
        return ngettext("%(num)s milestone late", "%(num)s milestones late", e["count"])
    return ngettext("Milestone %(num)s day late", "Milestone %(num)s days late", e["days"])


def _r6_short(e: Mapping[str, Any]) -> str:
    if "missing" in e:
        return ngettext("%(num)s call not booked", "%(num)s calls not booked", len(e["missing"]))
    return ngettext("%(num)s missed call", "%(num)s missed calls", e["value"])


def _r7_short(e: Mapping[str, Any]) -> str:
    if "active" in e:
        return _("%(share)s%% active after go-live", share=e["active"])
    return _("%(share)s%% activated after go-live", share=e["activated"])


def _r12_short(e: Mapping[str, Any]) -> str:
    if "left" in e:
        return _("Champion left") if e["left"] == "champion" else _("Sponsor left")
    if "silent" in e:
        return ngettext("Champion not seen %(num)s day", "Champion not seen %(num)s days", e["silent"])
    return _("Sponsor not joined to sign") if e["missing"] == "signing" else _("Sponsor not joined")


_SHORT: Final[Mapping[str, Say]] = {
    "R1": lambda e: _("Day %(age)s of %(budget)s in its stage", age=e["age"], budget=e["budget"]),
    "R2": lambda e: ngettext("%(num)s point behind", "%(num)s points behind", e["value"]),
    "R3": _r3_short,
    "R4": lambda e: _("Frustration"),
    "R5": lambda e: _("A surprise"),
    "R6": _r6_short,
    "R7": _r7_short,
    "R8": lambda e: _("First value overdue") if e["level"] == RISK else _("First value forecast late"),
    "R9": lambda e: ngettext("%(num)s support ticket", "%(num)s support tickets", e["value"]),
    "R10": lambda e: ngettext("Not ready, %(num)s day late", "Not ready, %(num)s days late", e["days"]),
    "R11": lambda e: _("Result forecast to miss") if e["level"] == RISK else _("Result behind"),
    "R12": _r12_short,
    "R15": lambda e: _("Training without a signed plan"),
    "R16": lambda e: _("Kickoff not booked"),
}
