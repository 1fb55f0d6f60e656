"""What staff do with a version: write in its draft, ask for a look at it, send it, take it back, send it once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _

from portal import clock, db
from portal.accounts.models import Staff, User
from portal.activity.models import Audience, Verb, record
from portal.errors import Conflict, Refused
from portal.onboardings.record import check_running
from portal.onboardings.words import listed
from portal.plans import letters, road_step, sending_letters
from portal.plans.checks import Blocker, past_dates
from portal.plans.document import PlanDocument, digest
from portal.plans.record import PlanRecord
from portal.plans.rules import OPEN_DAYS, PlanState, SignerRole, version_may
from portal.plans.signatories import Candidates
from portal.plans.signers import PlanSigner

if TYPE_CHECKING:
    from sqlalchemy.orm import Mapped

    from portal.plans.models import PlanVersion


class Drafting(PlanRecord):
    """The half of a version that is done at the desk before anybody signs."""

    __abstract__ = True

    if TYPE_CHECKING:
        amends: Mapped[PlanVersion | None]

        def expire(self) -> bool: ...

    def write(self, words: Mapping[str, Any], *, seen: int, by: Staff) -> bool:
        """Put these words in place of what is filled in; whether anything is different. `seen` is the number of the
        words that their writer read. Raises Conflict with both when somebody wrote meanwhile."""
        self._check_writable()
        if dict(words) == self.words:
            return False
        if seen != self.words_version:
            raise Conflict(
                _("Somebody else wrote meanwhile. Both are below; save yours again to keep it."),
                theirs=self.words,
                yours=dict(words),
            )
        self.words, self.words_version = dict(words), self.words_version + 1
        self._say(Verb.PLAN_WRITTEN, by, audience=Audience.STAFF)
        return True

    def ask_review(self, *, by: Staff) -> bool:
        """Let the customer's admins know that the draft can be read; False where they know it."""
        self._check_writable()
        check_running(self.onboarding)
        if self.state is PlanState.IN_REVIEW:
            return False
        self._become(PlanState.IN_REVIEW)
        self.review_asked_at = clock.now()
        self._say(Verb.PLAN_REVIEW_ASKED, by)
        sending_letters.review(self, by)
        return True

    def freeze(
        self,
        document: PlanDocument,
        signing: Sequence[tuple[User, SignerRole]],
        amends: PlanVersion | None,
        *,
        by: Staff,
    ) -> None:
        """It says this from now on, and these sign it. Whoever calls has looked that nothing is missing."""
        self._check_writable()
        canonical = document.canonical
        self._become(PlanState.SENT)
        self.amends, self.amends_id = amends, amends.id if amends else None
        self.snapshot, self.sha256 = canonical, digest(canonical)
        self.sent_at, self.sent_by, self.expires_on = clock.now(), by, self._open_until()
        for position, (user, role) in enumerate(signing):
            self.signers.append(
                PlanSigner(
                    account_id=self.account_id, user=user, user_id=user.id, role=role, position=position
                )
            )
        db.session.flush()
        self._say(Verb.PLAN_SENT, by, sha256=self.sha256)
        self.put_paper()
        sending_letters.forget(self)
        self._ask_to_sign(by)
        road_step.follow(self, by)

    def void(self, why: str | None, *, by: User) -> bool:
        """Take it back; what was signed of it counts for nothing. `why` is None where another version takes its place.
        False when it is taken back already."""
        if self.state is PlanState.VOIDED:
            return False
        if not version_may(self.state, PlanState.VOIDED):
            raise Refused(
                _("Version %(n)s is signed or was declined, so it can't be taken back any more.", n=self.n)
            )
        self._become(PlanState.VOIDED)
        self.voided_at, self.voided_why = clock.now(), why
        audience = Audience.CUSTOMER if self.sent_at else Audience.STAFF
        self._say(Verb.PLAN_VOIDED, by, audience=audience, why=why or "")
        letters.forget(self)
        letters.forget_over(self)
        sending_letters.forget(self)
        db.session.flush()  # It is out of the way before the next one comes.
        road_step.follow(self, by)
        return True

    def send_again(self, *, by: Staff) -> bool:
        """The same version is open for fourteen more days; False when it is open."""
        check_running(self.onboarding)
        self.expire()  # Where the day has passed and the worker hasn't noted it yet.
        if self.state is PlanState.SENT:
            return False
        if self.state is not PlanState.EXPIRED:
            raise Refused(_("Version %(n)s has not run out, so it can't be sent again.", n=self.n))
        if gone := self.unable(Candidates.of(self.onboarding)):
            who = listed(one.user.name for one in gone)
            raise Refused(_("%(who)s can't sign any more. Send a new version to somebody who can.", who=who))
        if late := self.late_dates:
            says = " ".join(one.says for one in late)
            raise Refused(_("%(why)s Send a new version with dates that can be kept.", why=says))
        self._become(PlanState.SENT)
        self.sent_at, self.sent_by, self.expires_on = clock.now(), by, self._open_until()
        self.fresh_asked_at = None
        letters.forget_over(self)
        for signer in self.signers:
            signer.reminded_at = None
        db.session.flush()
        self._say(Verb.PLAN_SENT_AGAIN, by)
        self._ask_to_sign(by)
        road_step.follow(self, by)
        return True

    def unable(self, able: Candidates) -> list[PlanSigner]:
        """Who was asked to sign it, hasn't, and couldn't be chosen today: they left, or play another part."""
        known = {one.id for one in (*able.theirs, *able.ours)}
        return [one for one in self.waiting if one.user_id not in known]

    @property
    def late_dates(self) -> list[Blocker]:
        """What it promises for days that have passed."""
        return past_dates(self.onboarding, self.document)

    def may_go_again(self, able: Candidates) -> bool:
        """Whether it can be signed as it is once it is sent again."""
        return not self.unable(able) and not self.late_dates

    def _open_until(self) -> date:
        return self.onboarding.account.today + timedelta(days=OPEN_DAYS)

    def _ask_to_sign(self, by: User) -> None:
        for signer in self.turn_of:
            if not signer.role.is_ours:
                signer.asked_at = clock.now()
                sending_letters.to_sign(self, signer, by)

    def _check_writable(self) -> None:
        if not self.is_writable:
            raise Refused(_("Version %(n)s was sent, so nothing in it changes any more.", n=self.n))

    def _say(
        self, verb: Verb, by: User, *, audience: Audience = Audience.CUSTOMER, why: str = "", **facts: Any
    ) -> None:
        after = {"n": self.n, "state": self.state.value, **facts}
        personal = {"why": why} if why else {}
        record(
            self, verb, by=by, onboarding=self.onboarding, after=after, personal=personal, audience=audience
        )
