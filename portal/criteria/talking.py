"""Either side proposes, answers and takes back: the agreement axis of a result."""

from __future__ import annotations

from flask_babel import gettext as _

from portal import clock, db
from portal.accounts.models import User
from portal.activity.models import Verb
from portal.criteria import letters, road_step
from portal.criteria.record import CriterionRecord, side_of
from portal.criteria.rules import Achievement, Agreement
from portal.criteria.wanted import Wanted
from portal.criteria.wordings import TERMS, CriterionCheckpoint, CriterionWording
from portal.errors import Conflict, Refused
from portal.onboardings.once import SECOND_CLICK


class Talking(CriterionRecord):
    """What becomes of the wordings. Whoever did not write the current one can agree to it."""

    __abstract__ = True

    def suggest(self, wanted: Wanted, note: str | None, *, seen: str, by: User) -> None:
        """Propose other words; what is in force stays so until they are agreed. Words that change nothing ask for a
        change in general, and need a note. Raises Refused, and Conflict when somebody was quicker."""
        road_step.check_open(self.onboarding, by)
        if self._just_written(wanted, by):
            return
        self._check_seen(seen)
        if not self.talk.may_word():
            raise Refused(_("“%(what)s” is settled. Add another result instead.", what=self.title))
        if self.achievement is Achievement.NOT_MET and not note:
            raise Refused(_("Write why it is to be changed; both of you agree to that too."), field="note")
        if wanted.terms == self.shown.terms:
            self._ask(note, by)
            return
        wanted.check(self.onboarding.account.today)
        now, side = self.open, side_of(by)
        if now is not None:
            if now.state is Agreement.PROPOSED and now.side is not side:
                now.become(Agreement.CHANGES_REQUESTED)
            now.become(Agreement.SUPERSEDED, by=by)
        self._word(wanted, note, by)
        self._say(Verb.CRITERION_PROPOSED, by, note)
        self._follow(by)

    def keep(self, note: str | None, *, seen: str, by: User) -> None:
        """Propose one's own wording again, as it is, after the other side asked for a change."""
        road_step.check_open(self.onboarding, by)
        self._check_seen(seen)
        now = self.open
        if now is None or not self.talk.may_keep(side_of(by)):
            raise Refused(_("There is nothing to stand by here now. Look at it again."))
        now.become(Agreement.PROPOSED)
        now.note, now.by, now.at = note or now.note, by, clock.now()
        self._say(Verb.CRITERION_KEPT, by, note)
        self._follow(by)

    def _ask(self, note: str | None, by: User) -> None:
        now = self.open
        if now is None or not self.talk.may_ask(side_of(by)):
            raise Refused(_("Nothing is different yet. Change what should be, then send it."))
        if not note:
            raise Refused(
                _("Nothing is different yet. Change what should be, or write what you'd like."), field="note"
            )
        now.become(Agreement.CHANGES_REQUESTED)
        now.asked, now.asked_by = note, by
        self._say(Verb.CRITERION_CHANGE_ASKED, by, note)
        self._follow(by)

    def _word(self, wanted: Wanted, note: str | None, by: User) -> None:
        row = CriterionWording(
            account_id=self.account_id,
            n=len(self.wordings) + 1,
            side=side_of(by),
            by=by,
            note=note,
            checkpoints=[
                CriterionCheckpoint(account_id=self.account_id, **way._asdict()) for way in wanted.checkpoints
            ],
            **{name: getattr(wanted, name) for name in TERMS},
        )
        row.state = Agreement.DRAFT
        self.wordings.append(row)
        row.become(Agreement.PROPOSED)

    def _just_written(self, wanted: Wanted, by: User) -> bool:
        """Whether this is the second click of what this user proposed a moment ago."""
        now = self.open
        mine = now is not None and now.by_id == by.id and now.state is Agreement.PROPOSED
        return bool(mine and now and now.terms == wanted.terms and clock.now() - now.at < SECOND_CLICK)

    # --- Deciding ---

    def agree(self, *, seen: str, by: User) -> bool:
        """Put the open wording in force; False when this user did so a moment ago. Raises Conflict when the wording
        that they read isn't the one that is open, Refused when it is theirs."""
        road_step.check_open(self.onboarding, by)
        in_force, side = self.in_force, side_of(by)
        if (
            in_force is not None
            and in_force.ref == seen
            and (in_force.decided_by_id == by.id or not self.open)
        ):
            return False
        self._check_seen(seen)
        now = self.open
        if now is None or not self.talk.may_agree(side):
            who = _("%(name)s wrote it, so the other side agrees.", name=now.by.called) if now else ""
            raise Refused(_("This isn't yours to agree to. %(who)s", who=who).strip())
        if in_force is not None:
            in_force.become(Agreement.SUPERSEDED)
        now.become(Agreement.AGREED, by=by)
        if self.achievement is Achievement.NOT_MET:
            self._become(Achievement.ADJUSTED)
            self.adjusted_why = now.note
            self._say(Verb.CRITERION_ADJUSTED, by, now.note)
        else:
            self._say(Verb.CRITERION_AGREED, by)
        self._follow(by)
        letters.agreed(self.onboarding, self.of(self.onboarding), by)
        return True

    def withdraw(self, why: str | None, *, seen: str, by: User) -> bool:
        """Take back one's own proposal, or an agreed result, which needs a reason; False when it is gone already."""
        road_step.check_open(self.onboarding, by)
        if self.is_withdrawn:
            return False
        self._check_seen(seen)
        now = self.open
        if not self.talk.may_withdraw(side_of(by)):
            if now is not None:
                raise Refused(
                    _("%(name)s suggested this, so only their side takes it back.", name=now.by.called)
                )
            raise Refused(_("It is agreed, and only they can withdraw it. Suggest a change instead."))
        last = now is None or not self.is_agreed
        if now is None and not why:
            raise Refused(_("Write why it isn't a goal any more; both sides read it."), field="why")
        (now or self.shown).become(Agreement.WITHDRAWN, by=by)
        if last:
            self.withdrawn_at, self.withdrawn_by, self.withdrawn_why = clock.now(), by, why
        self._say(Verb.CRITERION_WITHDRAWN, by, why)
        self._follow(by)
        return True

    # --- Guards ---

    def _check_seen(self, seen: str) -> None:
        if seen == self.shown.ref and not self.is_withdrawn:
            return
        read = next((one for one in self.wordings if one.ref == seen), None)
        who = self.shown.by.called
        raise Conflict(
            _("%(who)s changed this while you were reading. Both wordings are below.", who=who),
            theirs=self.shown,
            yours=read,
        )

    def _follow(self, by: User) -> None:
        """What follows on the road, and the letters to whoever's turn it is."""
        db.session.flush()
        live = self.of(self.onboarding)
        road_step.follow(self.onboarding, live, by)
        letters.turn(self.onboarding, live, by)
