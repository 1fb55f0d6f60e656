"""What the customer's page and the desk's tab show of the results: one card each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flask_babel import gettext as _

from portal import web
from portal.accounts.kinds import TeamRole
from portal.accounts.models import User
from portal.criteria.models import CriterionWording, SuccessCriterion
from portal.criteria.record import side_of
from portal.criteria.rules import Achievement, Agreement, Direction, Pace, Side, share
from portal.criteria.words import ACHIEVEMENTS, PACES, checkpoint, target_of, value_of
from portal.onboardings.models import Onboarding
from portal.onboardings.words import listed

EDGE: Final = 4  # Per cent of the line on either side that its ends take.


@dataclass(frozen=True)
class Dot:
    """A point on the line: `x` per cent from its beginning, for the drawing; `near` the same to the nearest five."""

    x: float
    text: str = ""

    @property
    def near(self) -> int:
        return min(85, max(15, round(self.x / 5) * 5))


@dataclass(frozen=True)
class Card:
    """One result as its reader sees it. `says` is how it stands, in the colour of `look`; `facts` what is agreed beside
    the numbers; `was_target` and `was` what an open wording would change; `may` holds the acts that are open to the
    reader, `posts` where each is sent."""

    one: SuccessCriterion
    words: CriterionWording
    n: int
    today: str
    target: str
    was_target: str
    was: list[str]
    dots: list[Dot]
    reached: Dot | None
    on_the_way: str
    says: str
    look: str
    agreed: bool
    turn: bool
    facts: list[str]
    after: str
    remark: str
    remark_by: User | None
    may: frozenset[str]
    posts: dict[str, str]
    history: list[str] = field(default_factory=list)
    values: list[dict[str, Any]] = field(default_factory=list)
    progress: str = ""

    @property
    def ref(self) -> str:
        return self.one.ref

    @property
    def ends_theirs(self) -> bool:
        """Whether to withdraw it would end what the other side wanted too, and not only one's own wording."""
        others = any(row.side is not self.words.side for row in self.one.wordings)
        return self.one.in_force is None and others


def cards_of(
    onboarding: Onboarding,
    reader: User,
    address: Callable[[SuccessCriterion, str], str],
    *,
    acts: bool,
    found: Sequence[SuccessCriterion],
) -> list[Card]:
    """One card for each result. `acts` says whether the reader may agree and suggest here at all."""
    return [_card(onboarding, one, n, reader, address, acts) for n, one in enumerate(found, 1)]


ACTS: Final = ("suggest", "agree", "keep", "withdraw", "measure", "meet", "miss")


def _card(
    onboarding: Onboarding,
    one: SuccessCriterion,
    n: int,
    reader: User,
    address: Callable[..., str],
    acts: bool,
) -> Card:
    words, side = one.shown, side_of(reader)
    dots = _dots(words)
    asked = words.state is Agreement.CHANGES_REQUESTED
    last = one.last if one.in_force is words else None
    may = _may(onboarding, one, side) if acts else frozenset()
    return Card(
        one=one,
        words=words,
        n=n,
        today=_("not yet") if words.direction is Direction.BY_DATE else value_of(words, words.baseline),
        target=target_of(words),
        was_target=_was_target(one),
        was=_was(one),
        dots=dots,
        reached=Dot(_on_line(share(words, last.value))) if last else None,
        on_the_way=listed(dot.text for dot in dots) if len(dots) > 1 else "",
        says=_says(one, reader),
        look=_look(one),
        agreed=one.open is None and one.is_agreed,
        turn=acts and one.talk.turn is side,
        facts=_facts(one, reader),
        after=_after(onboarding, words),
        remark=(words.asked if asked else words.note) or "" if words.is_open else "",
        remark_by=(words.asked_by if asked else words.by) if words.is_open else None,
        may=may,
        posts={name: address(one, name) for name in ACTS},
        history=[_told(row) for row in one.wordings if row is not words][-5:],
        values=[_value(one, row) for row in reversed(one.measurements)][:8],
        progress=_progress(one),
    )


def _may(onboarding: Onboarding, one: SuccessCriterion, side: Side) -> frozenset[str]:
    """What this side can do with it now."""
    talk, runs = one.talk, onboarding.is_running
    measurable = one.may_be_measured and (runs or onboarding.graduated)
    able = {
        "suggest": runs and talk.may_word(),
        "agree": runs and talk.may_agree(side),
        "keep": runs and talk.may_keep(side),
        "withdraw": runs and talk.may_withdraw(side),
        "measure": measurable,
        "meet": measurable and side is Side.CUSTOMER and one.may_be_met,
        "miss": measurable and one.may_be_missed,
    }
    return frozenset(name for name, can in able.items() if can)


# --- The line -----------------------------------------------------------------------------------


def _on_line(percent: float) -> float:
    return EDGE + percent * (100 - 2 * EDGE) / 100


def _place(words: CriterionWording, value: Any, n: int, count: int) -> float:
    """Where a checkpoint stands: by its value, or evenly where it has none."""
    return _on_line(share(words, value) if value is not None else 100 * n / (count + 1))


def _dots(words: CriterionWording) -> list[Dot]:
    ways = words.checkpoints
    return [Dot(_place(words, way.value, n, len(ways)), _way(words, way)) for n, way in enumerate(ways, 1)]


def _way(words: CriterionWording, way: Any) -> str:
    return checkpoint(words, way, web.short_day(way.on))


# --- Words --------------------------------------------------------------------------------------


def _says(one: SuccessCriterion, reader: User) -> str:
    words = one.shown
    asked = words.state is Agreement.CHANGES_REQUESTED
    who = (words.asked_by if asked else None) or words.by
    mine = who.id == reader.id
    if asked:
        return _("you asked for a change") if mine else _("%(who)s asks for a change", who=who.called)
    if words.is_open:
        day = web.day(words.at, "dMMMM")
        return (
            _("you suggested this, %(day)s", day=day)
            if mine
            else _("%(who)s suggests, %(day)s", who=who.called, day=day)
        )
    if one.achievement is not Achievement.NOT_STARTED:
        pace = one.pace
        return str(PACES[pace]) if pace else str(ACHIEVEMENTS[one.achievement])
    return _("agreed %(day)s", day=web.day(words.decided_at, "dMMMM"))


def _look(one: SuccessCriterion) -> str:
    """The colour of how it stands: ok, warn, or none while it is talked about."""
    if one.open is not None or not one.is_agreed:
        return ""
    return "warn" if one.pace is Pace.BEHIND or one.achievement is Achievement.NOT_MET else "ok"


def _was(one: SuccessCriterion) -> list[str]:
    """What the open wording changes, said of the one before it."""
    now, before = one.open, one.before
    if now is None or before is None:
        return []
    differences = [
        (now.baseline != before.baseline, _("today %(value)s", value=value_of(before, before.baseline))),
        (now.target_on != before.target_on, _("by %(day)s", day=web.day(before.target_on, "dMMMM"))),
        (now.statement != before.statement, _("“%(what)s”", what=before.statement)),
        (now.must_have != before.must_have, _("must have") if before.must_have else _("no must have")),
        (now.seen_in != before.seen_in, _("seen in %(place)s", place=before.seen_in or _("no place"))),
        (
            now.terms["checkpoints"] != before.terms["checkpoints"],
            listed(_way(before, way) for way in before.checkpoints) or _("without checkpoints"),
        ),
    ]
    return [text for differs, text in differences if differs]


def _was_target(one: SuccessCriterion) -> str:
    now, before = one.open, one.before
    return target_of(before) if now and before and now.target != before.target else ""


def _facts(one: SuccessCriterion, reader: User) -> list[str]:
    words = one.shown
    day = web.day(words.target_on, "dMMMM")
    said = [_("Must have, by %(day)s.", day=day) if words.must_have else _("By %(day)s.", day=day)]
    if words.seen_in:
        said.append(_("Seen in %(place)s.", place=words.seen_in))
    if words.state is Agreement.AGREED and words.decided_by is not None:
        both = sorted((words.by, words.decided_by), key=lambda user: (user.id != reader.id, user.is_staff))
        names = [_("you") if user.id == reader.id else user.called for user in both]
        said.append(_("Agreed by %(who)s.", who=listed(names)))
    if one.their_owner is not None:
        ours = [one.our_owner.called] if one.our_owner else []
        said.append(_("Looked after by %(who)s.", who=listed([one.their_owner.called, *ours])))
    return said


def _after(onboarding: Onboarding, words: CriterionWording) -> str:
    """Said, not refused: its day comes after graduation, and who watches it then."""
    if words.target_on <= onboarding.target_graduation:
        return ""
    csm = onboarding.on_team(TeamRole.CSM)
    if csm is None:
        return _("That is after graduation; your team will follow it.")
    return _("That is after graduation: %(name)s will follow it.", name=csm.called)


def _told(words: CriterionWording) -> str:
    """A former wording in one line: “Ana, 10 Mar: 71 % → 95 % by 30 Apr”."""
    return _(
        "%(who)s, %(day)s: %(baseline)s → %(target)s by %(on)s",
        who=words.by.called,
        day=web.short_day(words.at),
        baseline=value_of(words, words.baseline),
        target=target_of(words),
        on=web.short_day(words.target_on),
    )


def _value(one: SuccessCriterion, row: Any) -> dict[str, Any]:
    terms = one.in_force or one.shown
    return {
        "value": value_of(terms, row.value),
        "on": web.short_day(row.on),
        "note": row.note or "",
        "by": row.by.called,
        "document": row.document if row.document and row.document.removed_at is None else None,
    }


def _progress(one: SuccessCriterion) -> str:
    """How far it is, and where the straight line leads; nothing before two days were measured."""
    terms, last = one.in_force, one.last
    if terms is None or last is None:
        return ""
    said = _("%(percent)s %% of the way.", percent=share(terms, last.value))
    if one.achievement is not Achievement.TRACKING or one.is_there:
        return said
    on = one.expected_on
    if on is not None:
        line = _("At this pace it is there on %(day)s.", day=web.day(on, "dMMMM"))
    elif one.pace is Pace.BEHIND:
        line = _("At this pace it is not there by %(day)s.", day=web.day(terms.target_on, "dMMMM"))
    else:
        line = ""
    return " ".join(filter(None, (said, line)))
