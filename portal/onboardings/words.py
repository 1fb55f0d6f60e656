"""The words in which states, lengths of time and lists are shown to people."""

from collections.abc import Iterable
from functools import reduce
from typing import Literal

from babel.lists import format_list
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

STAGE_TITLES = {
    "welcome": _l("Welcome"),
    "expectations": _l("Expectations"),
    "training": _l("Training"),
    "graduation": _l("Graduation"),
}
STAGE_LINES = {
    "welcome": _l("meet us"),
    "expectations": _l("agree what good looks like"),
    "training": _l("set up and learn"),
    "graduation": _l("use it for real"),
}
ONBOARDING_STATES = {
    "draft": _l("a draft"),
    "preparing": _l("preparing"),
    "active": _l("active"),
    "on_hold": _l("on hold"),
    "graduated": _l("graduated"),
    "handed_over": _l("handed over"),
    "closed": _l("closed"),
    "cancelled": _l("cancelled"),
}
STEP_STATES = {
    "locked": _l("Not open yet"),
    "ready": _l("Ready"),
    "in_progress": _l("In progress"),
    "submitted": _l("With us"),
    "returned": _l("Something to change"),
    "blocked": _l("Something's in the way"),
    "done": _l("Done"),
    "skipped": _l("Left out"),
}
BLOCK_REASONS = {
    "time": _l("Not enough time"),
    "access": _l("Missing access"),
    "agreement": _l("Need a colleague to agree"),
    "unclear": _l("It's unclear what to do"),
    "other": _l("Something else"),
    "change": _l("Asked for a change"),
}
SCOPE_CHANGES = {
    "added": _l("“%(title)s” is added. %(why)s"),
    "left_out": _l("“%(title)s” is left out. %(why)s"),
    "brought_back": _l("“%(title)s” is back. %(why)s"),
    "module_added": _l("“%(title)s” is added. %(why)s"),
    "module_left_out": _l("“%(title)s” is left out. %(why)s"),
    "module_back": _l("“%(title)s” is back. %(why)s"),
    "module_added_ruled": _l("“%(title)s” is added, because %(why)s."),
    "module_left_out_ruled": _l("“%(title)s” is left out, because %(why)s."),
    "module_back_ruled": _l("“%(title)s” is back, because %(why)s."),
    "module_deeper_ruled": _l("“%(title)s” goes deeper, because %(why)s."),
    "module_shorter_ruled": _l("“%(title)s” is shorter, because %(why)s."),
    "required": _l("“%(title)s” is needed now. %(why)s"),
    "optional": _l("“%(title)s” is optional now. %(why)s"),
    "moved": _l("“%(title)s” is in %(to)s now. %(why)s"),
    "due": _l("“%(title)s” is planned for %(day)s now. %(why)s"),
    "undated": _l("“%(title)s” has no date any more. %(why)s"),
    "shifted": _l("Graduation is planned for %(day)s now. %(why)s"),
    "opened_early": _l("%(to)s is open early. %(why)s"),
    "wave_added": _l("%(title)s is a wave of its own, live from %(day)s. %(why)s"),
    "wave_moved": _l("%(title)s goes live on %(day)s now. %(why)s"),
    "wave_left_out": _l("The wave of %(title)s is left out. %(why)s"),
    "other": "%(why)s",  # A whole sentence from before there were facts (migration 0004).
}
# Why an open step keeps its day when others move.
STAYS = {
    "undated": _l("no date to move"),
    "with_us": _l("with us, so our review keeps its day"),
    "before": _l("due before that"),
}
SKIP_RULES = {"graduated": _l("Not needed any more"), "readiness": _l("Because %(why)s.")}


def minutes(count: int) -> str:
    """How long something takes: “10 min”, “2 h”, “5 h 5 min”. Pages and letters both say it with this."""
    hours, rest = divmod(count, 60)
    if not hours:
        return _("%(n)s min", n=rest)
    return _("%(h)s h %(n)s min", h=hours, n=rest) if rest else _("%(h)s h", h=hours)


def listed(parts: Iterable[object], style: Literal["standard", "or"] = "standard") -> str:
    """“a, b and c”, or with style `or` “a, b or c”, as the reader's language says it."""
    return str(format_list([str(part) for part in parts], style, get_locale() or "en"))


def facts(parts: Iterable[object]) -> str:
    """“a, b, c”: facts about one thing, side by side. Empty ones are left out."""
    texts = [text for part in parts if (text := str(part or ""))]
    return reduce(lambda before, one: _("%(before)s, %(one)s", before=before, one=one), texts or [""])
