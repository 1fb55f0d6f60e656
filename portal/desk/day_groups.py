"""The groups of My day in their order, and which of all that there is to do is next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from portal.desk.day_entries import Entry

LAST = ("letters", "quiet")


@dataclass(frozen=True)
class Group:
    """Entries of one kind under one head; `when` is what their dates mean. `more` leads to those that aren't shown."""

    kind: str
    word: str
    when: str
    entries: list[Entry]
    more: tuple[str, str] | None = None


def next_of(entries: Sequence[Entry], cases: Sequence[Entry], rest: Sequence[Entry]) -> Entry | None:
    """What is next for the reader. A clock that has run out goes before what customers wait for from the same day or a
    later one; of what is left, customers who wait go first, then cases, then the reader's own steps, then the rest."""
    ours = next(iter(entries), None)
    case = next((one for one in cases if one.is_urgent), None)
    waited = ours if ours is not None and ours.wait is not None and ours.wait.is_waited_for else None
    if case is not None and waited is not None:
        over = bool(case.late) and (case.on or date.max) <= (waited.on or date.max)
        return case if over else waited
    return waited or case or ours or next(iter(rest), None)


def groups_of(entries: Sequence[Entry]) -> list[Group]:
    """What waits on the reader; groups without any entry are left out."""
    return _filled(
        entries,
        {
            "us": Group("with_us", _("Waiting on us"), _("promised"), []),
            "questions": Group("with_us", _("Unanswered messages"), _("answer by"), []),
            "cases": Group("at_risk", _("Escalations"), _("clock"), []),
            "mine": Group("todo", _("My steps"), _("due"), []),
            "moves": Group("in_progress", _("Calls that need another time"), _("booked for"), []),
            "logs": Group("in_progress", _("Calls to log"), _("took place"), []),
            "reviews": Group("with_us", _("Reviews"), _("look at it by"), []),
        },
    )


def later_of(entries: Sequence[Entry], more: tuple[str, str] | None) -> list[Group]:
    """What comes last: follow-ups that leave once the reader says so, and customers who have stalled; `more` leads to
    those of them that aren't shown."""
    return _filled(
        entries,
        {
            "letters": Group("todo", _("Follow-ups to approve"), _("goes out"), []),
            "quiet": Group("stalled", _("Stalled"), _("quiet for"), [], more),
        },
    )


def _filled(entries: Sequence[Entry], kinds: dict[str, Group]) -> list[Group]:
    for entry in entries:
        kinds[entry.kind].entries.append(entry)
    return [group for group in kinds.values() if group.entries]
