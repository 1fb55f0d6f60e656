"""Both lists of one onboarding: who agreed what, and what is still asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from portal import clock, db, seals
from portal.accounts.models import Person, User
from portal.activity.models import Verb, record
from portal.db import Base, OwnedRow
from portal.errors import Conflict, Refused
from portal.messages.models import Message
from portal.onboardings.creation import player_of
from portal.onboardings.models import Onboarding
from portal.onboardings.record import check_running
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step
from portal.onboardings.wave_keys import of_playbook
from portal.scope import letters, rules
from portal.scope.rows import ItemTerms, NeedTerms, ResourceNeed, ScopeAgreement, ScopeItem
from portal.scope.rules import Changes, NeedKind, Side

__all__ = ["ResourceNeed", "Scope", "ScopeAgreement", "ScopeItem"]


class Scope(Base, OwnedRow):
    """What is in and what is not, and what the customer brings. Until somebody does something about it, it is what the
    playbook proposes for the road as it is, and no row of it is kept."""

    __tablename__ = "scope"

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"), unique=True)
    asked_seal: Mapped[str | None] = mapped_column(String(16))
    asked_at: Mapped[datetime | None]

    onboarding: Mapped[Onboarding] = relationship()
    items: Mapped[list[ScopeItem]] = relationship(order_by="ScopeItem.position, ScopeItem.id")
    needs: Mapped[list[ResourceNeed]] = relationship(order_by="ResourceNeed.position, ResourceNeed.id")
    agreements: Mapped[list[ScopeAgreement]] = relationship(order_by="ScopeAgreement.n")

    @classmethod
    def of(cls, onboarding: Onboarding) -> Scope:
        """As it is kept, else as the playbook proposes it; four statements at most."""
        found = db.session.scalar(
            select(cls)
            .where(cls.onboarding_id == onboarding.id)
            .options(
                selectinload(cls.items),
                selectinload(cls.needs).options(
                    joinedload(ResourceNeed.confirmed_by), joinedload(ResourceNeed.refused_by)
                ),
                selectinload(cls.agreements).joinedload(ScopeAgreement.by),
            )
        )
        if found is None:
            return _proposed(onboarding)
        set_committed_value(found, "onboarding", onboarding)
        return found

    @classmethod
    def kept(cls, onboarding: Onboarding) -> Scope:
        """The same for a change: its rows are kept from now on. Whoever calls holds the road's lock."""
        scope = cls.of(onboarding)
        if scope not in db.session:
            db.session.add(scope)
            db.session.flush()
        return scope

    # --- Reading ---

    @property
    def standing(self) -> list[ScopeItem]:
        """The statements that hold now: not left out, and their module is on the road."""
        here = {
            of_playbook(module.key)
            for stage in self.onboarding.stages
            for module in stage.modules
            if any(step.state is not StepState.SKIPPED for step in module.steps)
        }
        return [one for one in self.items if not one.left_out and (one.module is None or one.module in here)]

    @property
    def wanted(self) -> list[ResourceNeed]:
        """What is needed now."""
        return [need for need in self.needs if not need.left_out]

    @property
    def marks(self) -> dict[str, str]:
        return {item.key: item.terms.mark for item in self.standing}

    @property
    def agreement(self) -> ScopeAgreement | None:
        """The one in force."""
        return self.agreements[-1] if self.agreements else None

    @property
    def is_agreed(self) -> bool:
        """Whether the list is agreed as it stands."""
        return self.agreement is not None and self.agreement.marks == self.marks

    @property
    def since_agreed(self) -> Changes:
        """What is different from what was agreed; nothing while nothing was."""
        return rules.changes(self.agreement.marks, self.marks) if self.agreement else Changes()

    @property
    def unanswered(self) -> list[ResourceNeed]:
        """What is needed and neither confirmed nor refused."""
        return [need for need in self.wanted if not need.is_confirmed and not need.is_refused]

    @property
    def waits(self) -> bool:
        """Whether the customer has anything to agree or to confirm."""
        return bool(self.unanswered or (self.standing and not self.is_agreed))

    @property
    def minutes_confirmed(self) -> int:
        """The time a week that they have confirmed, of everybody together."""
        return sum(need.minutes or 0 for need in self.wanted if need.is_confirmed)

    @property
    def windows(self) -> dict[str, tuple[date, date]]:
        return {stage.key: (stage.planned_start, stage.planned_end) for stage in self.onboarding.stages}

    @property
    def seal(self) -> str:
        """Differs when anything that the customer is asked does."""
        return seals.of(self.marks, [(need.key, need.terms.mark) for need in self.wanted])

    def player(self, need: ResourceNeed) -> Person | None:
        """Who is meant at the customer, as far as that is known."""
        people = [person for person in self.onboarding.account.people if person.is_active]
        if need.person_id is not None:
            return next((one for one in self.onboarding.account.people if one.id == need.person_id), None)
        if need.role in (None, "end_users"):  # Those are many.
            return None
        player = player_of(need.role or "", self.onboarding, people)
        return player if isinstance(player, Person) else None

    def item(self, key: str) -> ScopeItem | None:
        return next((one for one in self.items if one.key == key), None)

    def need(self, key: str) -> ResourceNeed | None:
        return next((one for one in self.needs if one.key == key), None)

    def step(self, kind: str) -> Step | None:
        """The step of the road that is done here."""
        steps = (step for step in self.onboarding.steps if step.kind == kind and step.visible)
        return next((step for step in steps if step.state is not StepState.SKIPPED), None)

    # --- The customer answers ---

    def agree(self, *, seen: str, by: User) -> bool:
        """Agree the list as it stands; whether that is new. `seen` is what its reader saw of it (`rules.told`).
        Raises Conflict when it isn't that any more."""
        self.check_open("scope", by=by)
        if not self.standing:
            raise Refused(_("Nothing stands here yet, so there is nothing to agree."))
        if self.is_agreed:
            return False
        if rules.read(seen) != self.marks:
            raise Conflict(_("The list has changed since you opened it. Read what is different, then agree."))
        items = [{"key": item.key, **_plain(item.terms)} for item in self.standing]
        new = ScopeAgreement(account_id=self.account_id, n=len(self.agreements) + 1, items=items, by=by)
        self.agreements.append(new)
        record(self, Verb.SCOPE_AGREED, by=by, onboarding=self.onboarding, after={"n": new.n})
        self._answered("scope", by=by)
        self._moved()
        return True

    def confirm(self, needs: Sequence[ResourceNeed], *, seen: str, by: User) -> int:
        """They will bring these; how many of them are new. Raises Conflict when one isn't what they saw."""
        self.check_open("resources", by=by)
        saw = rules.read(seen)
        for need in needs:
            if saw.get(need.key) != need.terms.mark:
                raise Conflict(_("“%(what)s” has changed since you opened the page.", what=need.what))
        new = [need for need in needs if not need.is_confirmed]
        for need in new:
            need.confirmed_at, need.confirmed_by, need.confirmed_mark = clock.now(), by, need.terms.mark
            need.refused_at = need.refused_by = need.refused_mark = need.refused_why = None
            record(need, Verb.NEED_CONFIRMED, by=by, onboarding=self.onboarding)
        if (step := self.step("resources")) and new and step.state is StepState.READY:
            step.start(by=by)
        self.settle_needs(by=by)
        self._moved()
        return len(new)

    def refuse(self, need: ResourceNeed, why: str, *, seen: str, by: User) -> None:
        """They can't bring this, and say why: it is our turn. Raises Conflict when it isn't what they saw."""
        self.check_open("resources", by=by)
        if rules.read(seen).get(need.key) != need.terms.mark:
            raise Conflict(_("“%(what)s” has changed since you opened the page.", what=need.what))
        if need.is_refused and need.refused_why == why:
            return
        need.refused_at, need.refused_by, need.refused_mark = clock.now(), by, need.terms.mark
        need.refused_why = why
        need.confirmed_at = need.confirmed_by = need.confirmed_mark = None
        record(need, Verb.NEED_REFUSED, by=by, onboarding=self.onboarding, personal={"why": why})
        body = _("We can't release “%(what)s”: %(why)s", what=need.what, why=why)
        Message.write(self.onboarding, body, by=by, step=self.step("resources"))
        self._moved()

    def ask(self, item: ScopeItem, question: str, *, by: User) -> Message:
        """Ask about one statement, in the messages."""
        body = _("About “%(what)s”: %(question)s", what=item.statement, question=question)
        return Message.write(self.onboarding, body, by=by, step=self.step("scope"))

    def check_open(self, kind: str, *, by: User) -> None:
        """Refuse while this can't be answered yet, or any more."""
        step = self.step(kind)
        if step is not None and not step.is_closed:
            step.check_open(by=by)
        else:
            check_running(self.onboarding)

    def settle_needs(self, *, by: User) -> None:
        """The road's item is done once everything that is needed is confirmed."""
        if self.wanted and all(need.is_confirmed for need in self.wanted):
            self._answered("resources", by=by)

    def _answered(self, kind: str, *, by: User) -> None:
        step = self.step(kind)
        if step is not None and not step.is_closed and step.state is not StepState.LOCKED:
            step.complete(by=by)

    def _moved(self) -> None:
        """The customer did something here; what they were asked in a letter may be answered with it."""
        self.onboarding.customer_moved_at = clock.now()
        if not self.waits:
            letters.forget(self)


def _proposed(onboarding: Onboarding) -> Scope:
    """What the playbook proposes. Nothing of it is in the session, so looking at it keeps nothing."""
    account_id = onboarding.account_id
    scope = Scope(account_id=account_id, onboarding=onboarding, items=[], needs=[], agreements=[])
    specs = {
        step.kind: step.spec for step in reversed(onboarding.steps) if step.kind in ("scope", "resources")
    }
    if (spec := specs.get("scope")) and spec.scope:
        for place, one in enumerate(spec.scope.items):
            terms = ItemTerms(Side(one.side), one.statement, one.why, one.alternative, one.module)
            row = ScopeItem(
                account_id=account_id, key=one.key, position=place, from_playbook=True, left_out=False
            )
            row.terms = terms
            scope.items.append(row)
    if (spec := specs.get("resources")) and spec.resources:
        fitting = (
            n
            for n in spec.resources.needs
            if not n.segments or onboarding.account.segment.value in n.segments
        )
        for place, need in enumerate(fitting):
            row_of = ResourceNeed(
                account_id=account_id, key=need.key, position=place, from_playbook=True, left_out=False
            )
            row_of.terms = NeedTerms(
                kind=NeedKind(need.kind),
                what=need.what,
                role=need.role,
                minutes=round(need.hours_a_week * 60) if need.hours_a_week else None,
                first_stage=need.first_stage,
                last_stage=need.last_stage,
            )
            scope.needs.append(row_of)
    return scope


def _plain(terms: ItemTerms) -> dict[str, str | None]:
    return {
        "side": terms.side.value,
        "statement": terms.statement,
        "why": terms.why,
        "alternative": terms.alternative,
    }
