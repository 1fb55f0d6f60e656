"""What the address asks a history for: by whom, about what, and with which words; and how much there is of each."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, literal_column, or_, select

from portal import db
from portal.accounts.models import User
from portal.activity.kinds import KIND_OF, Kind, verbs_of
from portal.activity.models import Activity, Audience, Verb
from portal.activity.queries import tally
from portal.activity.sentences import said_with
from portal.desk import remarks
from portal.desk.nav import to
from portal.forms import one_line
from portal.onboardings.models import Onboarding
from portal.onboardings.signals import KINDS as SIGNALS

LONGEST, MOST_WORDS = 80, 6  # Letters and words that are looked for.
COUNTED = 1_000  # Of a longer history the latest so many are counted, and “+” says that there are more.
WHO = {"customer": _l("Customer"), "us": _l("Us"), "system": _l("System")}
FILTERS = {
    Kind.STEPS: _l("Road and steps"),
    Kind.CALLS: _l("Calls"),
    Kind.PEOPLE: _l("People"),
    Kind.MESSAGES: _l("Messages and files"),
    Kind.NOTES: _l("Notes and signals"),
    Kind.GOALS: _l("Goals"),
    Kind.DATES: _l("Dates"),
}
# The words of a line; beside them stands what nobody reads there, such as where it came from.
WORDS = ("who", "what", "whom", "for", "why", "text", "before", "after")
SIDE = select(User.kind).where(User.id == Activity.actor_id).correlate(Activity).scalar_subquery()
SIDES = {"person": "customer", "staff": "us", None: "system"}


@dataclass(frozen=True)
class HistoryFilters:
    """`who` and `kind` are keys of WHO and FILTERS, or empty; of `text` every word has to stand in a line."""

    who: str = ""
    kind: str = ""
    text: str = ""

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> Self:
        """What an address asks for, whoever wrote it; anything mangled asks for nothing."""
        who, kind = asked.get("who", ""), asked.get("kind", "")
        return cls(
            who if who in WHO else "",
            kind if kind in set(FILTERS) else "",
            one_line(asked.get("q", ""))[:LONGEST].strip(),
        )

    @property
    def args(self) -> dict[str, Any]:
        """The same as an address says it."""
        named = {"who": self.who, "kind": self.kind, "q": self.text}
        return {name: value for name, value in named.items() if value}

    def limits(self, onboarding: Onboarding) -> list[ColumnElement[bool]]:
        """What a line has to fulfil, what the reader may read included."""
        found = self._wide(onboarding)
        if self.kind:
            found.append(Activity.verb.in_(verbs_of(Kind(self.kind))))
        if self.who == "system":
            found.append(Activity.actor_id.is_(None))
        elif self.who:
            side = next(kind for kind, who in SIDES.items() if who == self.who)
            by = (User.id == Activity.actor_id, User.kind == side)
            found.append(select(User.id).where(*by).correlate(Activity).exists())
        return found

    def _wide(self, onboarding: Onboarding) -> list[ColumnElement[bool]]:
        """The same, by whomever and about whatever."""
        return [*remarks.history_limits(onboarding), *map(_with, self.text.split()[:MOST_WORDS])]

    def rows(self, onboarding: Onboarding) -> list[tuple[str, list[dict[str, Any]]]]:
        """The two rows of filters; each choice keeps what is chosen in the other row, and says how many lines it has.
        One statement."""
        counts = _Counts(onboarding, self._wide(onboarding))
        whose = [("", _("Everybody")), *WHO.items()]
        about = [("", _("Everything")), *FILTERS.items()]
        return [
            (_("By whom"), [self._choice(onboarding, counts, text, who=str(key)) for key, text in whose]),
            (_("About what"), [self._choice(onboarding, counts, text, kind=str(key)) for key, text in about]),
        ]

    def _choice(self, onboarding: Onboarding, counts: "_Counts", text: Any, **chosen: str) -> dict[str, Any]:
        one = replace(self, **chosen)
        return {
            "text": str(text),
            "url": to(onboarding, "history", **one.args),
            "current": one == self,
            "count": counts.of(one),
        }


def _with(word: str) -> ColumnElement[bool]:
    """Whether a line has this word: in a name or in what somebody wrote, or in the sentence around them."""
    # LIKE's own signs are letters here.
    safe = word.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    kinds = [kind.value for kind, text in SIGNALS.items() if word.lower() in str(text).lower()]
    signals = and_(
        Activity.verb.in_((Verb.SIGNAL_RECORDED, Verb.SIGNAL_SETTLED)),
        Activity.data["after"]["kind"].as_string().in_(kinds),
    )
    return or_(Activity.verb.in_(said_with(word)), signals, _read().like(f"%{safe}%", escape="\\"))


def _read() -> ColumnElement[str]:
    """All that is read on a line, in small letters. Written out, since taking it apart into its operations for each
    word of each question costs more than asking the database."""
    one = "json_extract(activity.personal, '$.{}')" if db.is_sqlite() else "activity.personal ->> '{}'"
    known = (f"coalesce({one.format(name)}, '')" for name in WORDS)
    return db.lowered(literal_column(" || ' ' || ".join(known)))


class _Counts:
    """How many lines there are by whom and about what."""

    def __init__(self, onboarding: Onboarding, only: list[ColumnElement[bool]]) -> None:
        self._found = tally(
            onboarding.id, onboarding.account_id, SIDE, audience=Audience.STAFF, limit=COUNTED + 1, only=only
        )

    @cached_property
    def is_cut(self) -> bool:
        return sum(count for _verb, _side, count in self._found) > COUNTED

    def of(self, sieve: HistoryFilters) -> str:
        """“12”, “1,000+”; nothing where a history is too long to say."""
        count = sum(
            count
            for verb, side, count in self._found
            if sieve.who in ("", SIDES[side]) and sieve.kind in ("", KIND_OF.get(verb, Kind.SYSTEM))
        )
        if not self.is_cut:
            return str(count)
        return _("%(n)s+", n=min(count, COUNTED)) if count else ""
