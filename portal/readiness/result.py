"""The customer's page of what their answers changed."""

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from portal import clock, db, web
from portal.accounts.models import Person, User
from portal.calls.models import Call
from portal.calls.rules import CallState
from portal.onboardings import drawing
from portal.onboardings.models import Onboarding
from portal.onboardings.wave_keys import of_playbook
from portal.onboardings.words import STAGE_TITLES
from portal.playbooks.document import STAGE_KEYS
from portal.readiness import acting
from portal.readiness.effect_words import because, called, signed
from portal.readiness.effects import CONTESTABLE, ON_ROAD, EffectState, ReadinessEffect
from portal.readiness.models import ReadinessSubmission

COUNTS = (_l("two"), _l("three"), _l("four"), _l("five"), _l("six"), _l("seven"), _l("eight"), _l("nine"))
MINE = {"include": _l("That's not right"), "exclude": _l("Add it back")}


@dataclass(frozen=True)
class Leg:
    """One stage with what the answers brought marked; `items` is how many it has."""

    title: str
    items: int
    drawn: Markup
    is_bar: bool
    added: str


@dataclass(frozen=True)
class Talk:
    """Topics of one call, which is booked or not."""

    title: str
    when: str
    url: str
    topics: list[str]


class Result:
    """What one road's answers changed, for one reader; three statements once the road is read."""

    def __init__(self, onboarding: Onboarding, reader: User) -> None:
        self.onboarding, self.reader = onboarding, reader
        rows = select(ReadinessSubmission).where(ReadinessSubmission.onboarding_id == onboarding.id)
        whole = selectinload(ReadinessSubmission.effects).options(
            joinedload(ReadinessEffect.contested_by), joinedload(ReadinessEffect.decided_by)
        )
        found = db.session.scalars(rows.options(whole).execution_options(populate_existing=True))
        self.submission = found.one_or_none()

    @property
    def effects(self) -> list[ReadinessEffect]:
        """All but what nothing asks for any more."""
        rows = self.submission.effects if self.submission else []
        return [row for row in rows if row.is_on or row.state is not EffectState.WITHDRAWN]

    @property
    def may_act(self) -> bool:
        """Whether this reader says what isn't right, and chooses what is offered."""
        return isinstance(self.reader, Person) and self.reader.is_admin and self.onboarding.is_running

    # --- What changed ---

    @property
    def changed(self) -> list[ReadinessEffect]:
        """What the road has because of the answers."""
        return [row for row in self.effects if row.is_on and row.kind in CONTESTABLE]

    @property
    def sentence(self) -> str:
        """The headline."""
        n = len(self.changed)
        if not n:
            return _("Your answers leave your road as it is.")
        count = _("one") if n == 1 else str(COUNTS[n - 2]) if n < len(COUNTS) + 2 else str(n)
        return ngettext(
            "Your answers changed %(count)s thing.", "Your answers changed %(count)s things.", n, count=count
        )

    @property
    def time(self) -> tuple[str, str] | None:
        """What it does to their time, and “+45 min and −1 h 30 min” where it does both; None for nothing."""
        all_ = [row.minutes for row in self.effects if row.is_on and row.kind in (*ON_ROAD, "offer")]
        more, less = sum(one for one in all_ if one > 0), sum(one for one in all_ if one < 0)
        if not more and not less:
            return None
        both = _("of your time, %(more)s and %(less)s", more=signed(more), less=signed(less))
        return signed(more + less), both if more and less else _("of your time")

    @property
    def added(self) -> list[ReadinessEffect]:
        """What came, goes deeper, moved, or was added back."""
        return [
            row for row in self.effects if row.kind in ON_ROAD and row.kind != "exclude" and self._shown(row)
        ]

    @property
    def left_out(self) -> list[ReadinessEffect]:
        """What is left out, and what was added back since."""
        return [row for row in self.effects if row.kind == "exclude" and self._shown(row)]

    @property
    def ready(self) -> list[ReadinessEffect]:
        """What they are to have ready because of it."""
        return [row for row in self.effects if row.kind == "prerequisite" and row.is_on]

    @property
    def offers(self) -> list[ReadinessEffect]:
        """What they could choose, and chose."""
        return [row for row in self.effects if row.kind == "offer" and row.state is not EffectState.DECLINED]

    def _shown(self, row: ReadinessEffect) -> bool:
        return row.is_on or row.state in (EffectState.CONTESTED, EffectState.PROPOSED, EffectState.OVERRULED)

    # --- One of them ---

    def name(self, row: ReadinessEffect) -> str:
        """What it is called."""
        return called(row)

    def why(self, row: ReadinessEffect) -> str:
        """Why it is."""
        return because(row)

    def minutes(self, row: ReadinessEffect) -> str:
        """What it does to their time; for something to have ready, nothing that the road counts."""
        return signed(row.minutes)

    def verb(self, row: ReadinessEffect) -> str:
        """What they press to say that it isn't right; empty where they can't."""
        free = row.is_on and row.state is not EffectState.CONTESTED and row.kind in CONTESTABLE
        return str(MINE.get(row.kind, MINE["include"])) if self.may_act and free else ""

    def stands(self, row: ReadinessEffect) -> str:
        """What people said about it since; empty for nothing."""
        who = row.contested_by.called if row.contested_by else _("someone")
        ours = row.decided_by.called if row.decided_by else _("your team")
        if row.state is EffectState.CONTESTED and row.is_on:
            return _(
                "%(who)s said that it isn't right: “%(why)s” We look at it.", who=who, why=row.contested_why
            )
        if row.state is EffectState.CONTESTED:
            return _("%(who)s took it back: “%(why)s”", who=who, why=row.contested_why)
        if row.state is EffectState.PROPOSED and row.needs_amendment:
            if row.is_on:
                return _(
                    "Your answers don't ask for it any more. Your plan is signed, so it would go with the next "
                    "version, which is signed again."
                )
            return _(
                "Your answers ask for it since. Your plan is signed, so it would come with the next version, which is "
                "signed again."
            )
        if row.state is EffectState.PROPOSED:
            if row.is_on:
                return _("Your answers don't ask for it any more. We decide with you whether it goes.")
            return _("Your answers ask for it since. We decide with you whether it comes.")
        if row.state is EffectState.OVERRULED:
            return _("%(who)s took it back. %(why)s", who=ours, why=row.decided_why or "")
        if row.state is EffectState.ACCEPTED and row.decided_why:
            return _("%(who)s: %(why)s", who=ours, why=row.decided_why)
        return ""

    # --- The leg, the calls, what is next ---

    @property
    def leg(self) -> Leg:
        """Training, or the stage that most was added to."""
        stages = {stage["key"]: stage for stage in self.onboarding.meter["stages"]}
        named = [row for row in self.effects if row.kind in ("include", "offer") and row.is_on]
        keys = {row: {step.key for step in acting.spec_of(row).steps} for row in named}
        marked = set().union(*keys.values()) if keys else set()
        found = {key: _ticks(stages[key], marked) for key in STAGE_KEYS}
        key = max(STAGE_KEYS, key=lambda one: (len(found[one]), one == "training"))
        stage = stages[key]
        groups = [
            [[tick, "added" if tick in found[key] else word, weight] for tick, word, weight in group]
            for group in stage["groups"]
        ]
        parts = [
            (row.title, sum(of_playbook(tick) in own for tick in found[key])) for row, own in keys.items()
        ]
        said = [
            ngettext("%(title)s, %(num)s item", "%(title)s, %(num)s items", n, title=title)
            for title, n in parts
            if n
        ]
        first, text = (next(iter(found[key])), said[0]) if len(said) == 1 else (None, "")
        hanging = drawing.Hanging(None, "", first, text)
        (drawn,) = drawing.legs([100], [groups], hanging)
        return Leg(str(STAGE_TITLES[key]), stage["total"], *drawn, added="" if first else " · ".join(said))

    @property
    def talks(self) -> list[Talk]:
        """What goes on the agenda of which call."""
        topics: dict[str, list[str]] = {}
        for row in self.effects:
            if row.kind == "agenda" and row.is_on:
                topics.setdefault(row.beside, []).append(row.target)
        if not topics:
            return []
        rows = select(Call).where(
            Call.onboarding_id == self.onboarding.id,
            Call.kind.in_(topics),
            Call.state == CallState.SCHEDULED,
            Call.start > clock.now(),
        )
        booked = {call.kind: call for call in db.session.scalars(rows.order_by(Call.start.desc()))}
        return [self._talk(kind, texts, booked.get(kind)) for kind, texts in topics.items()]

    def _talk(self, kind: str, texts: list[str], call: Call | None) -> Talk:
        if call:
            when = call.when_for(self.reader, str(get_locale() or "en"))
            title = _("For your call “%(title)s” with %(name)s", title=call.title, name=call.owner.called)
            return Talk(title, when, url_for("calls.show", oid=self.onboarding.ref, ref=call.ref), texts)
        steps = [step for step in self.onboarding.steps if step.spec.call and step.spec.call.kind == kind]
        step = next((step for step in steps if step.visible and not step.is_closed), None)
        title = _("For the call “%(title)s”", title=step.title) if step else _("For our next call")
        return Talk(title, "", step.page if step and step.stage.is_open else "", texts)

    @property
    def confirms(self) -> str:
        """Who confirms it and by when, or did."""
        road, sent = self.onboarding, self.submission
        who = road.owner.called if road.owner else _("Your team")
        if sent is None or not sent.is_handed_in:
            return ""
        if sent.is_confirmed:
            ours = sent.confirmed_by.called if sent.confirmed_by else who
            return _(
                "%(name)s confirmed these changes on %(date)s.", name=ours, date=web.day(sent.confirmed_at)
            )
        due = sent.step.promised_on
        if due is None:
            return _("%(name)s confirms these changes.", name=who)
        return _("%(name)s confirms these changes by %(date)s.", name=who, date=web.day(due))


def _ticks(stage: dict[str, Any], marked: set[str]) -> dict[str, None]:
    """The keys of these ticks, in their order."""
    ticks = [tick for group in stage["groups"] for tick, _word, _weight in group]
    return {tick: None for tick in ticks if of_playbook(tick) in marked}
