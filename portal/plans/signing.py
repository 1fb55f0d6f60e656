"""What the signers do with a version that was sent: agree to sign it, sign it, hand it on, decline it; and what follows
when the last of them has signed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from sqlalchemy import select

from portal import clock, db, jobs, web
from portal.access import Can
from portal.accounts.models import Person, User
from portal.activity.models import Verb, record
from portal.auth.reauth import Proof
from portal.errors import Conflict, NotYours, Refused
from portal.onboardings.letters import everyone
from portal.onboardings.record import check_running
from portal.onboardings.words import listed
from portal.plans import consent, letters, names, road_step
from portal.plans.reading import Reading
from portal.plans.record import PlanRecord
from portal.plans.rules import Identified, PlanState, SignerRole, next_state
from portal.plans.signers import PlanSigner, Signature

if TYPE_CHECKING:
    from portal.onboardings.models import Onboarding


class Signing(PlanRecord):
    """Whoever calls holds the road's lock; see `PlanRecord`."""

    __abstract__ = True

    if TYPE_CHECKING:

        def queue_seal(self) -> None: ...

    # --- Reading ---

    @property
    def about(self) -> str:
        """The path of what is signed, to which a proof of who somebody is is bound."""
        return f"/o/{self.onboarding.ref}/plan/v{self.n}"

    @property
    def is_overdue(self) -> bool:
        """Whether nobody can sign it any more, also before the worker has noted that."""
        over = self.expires_on is not None and self.expires_on < self.onboarding.account.today
        return self.state is PlanState.EXPIRED or (self.state is PlanState.SENT and over)

    @property
    def is_stopped(self) -> bool:
        """Whether nobody can sign it now, whoever's turn it is: it ran out, or the road is paused or over."""
        return self.is_overdue or not self.onboarding.is_running

    @property
    def customers(self) -> list[PlanSigner]:
        return [one for one in self.signers if not one.role.is_ours]

    @property
    def ours(self) -> list[PlanSigner]:
        return [one for one in self.signers if one.role.is_ours]

    def is_by_rule(self, signer: PlanSigner) -> bool:
        """Whether the playbook countersigns in the place of this signer."""
        return signer.role is SignerRole.PROVIDER and road_step.countersigns(self.onboarding)

    def substitutes(self) -> list[Person]:
        """Who of the customer could sign in the place of one of its signers."""
        there = {one.user_id for one in self.signers}
        return [
            person
            for person in everyone(self.onboarding)
            if person.may(Can.SIGN_PLAN) and person.id not in there
        ]

    # --- Before signing ---

    def consent(self, typed_name: str | None, *, read: Reading, by: User) -> PlanSigner:
        """`by` agrees to sign what they read, under this name. Nothing is signed before they said again who they are.
        Raises Refused, NotYours, and Conflict when it isn't what they read."""
        signer = self._turn_of(by)
        if read.version != self.ref:
            raise Conflict(_("Version %(n)s has come since you opened the plan.", n=self.n))
        if read.sha256 != self.sha256:
            raise Conflict(_("The plan has changed since you opened it. Here is how it reads now."))
        if self.sent_at is not None and read.at < self.sent_at:
            raise Conflict(_("The plan was sent again since you opened it. Read it as it stands here."))
        name = names.checked(typed_name)
        if (signer.typed_name, signer.viewed_at) == (name, read.at):  # The same page, sent twice.
            return signer
        signer.typed_name = name
        locale = self.document.locale
        signer.consent_sha256 = consent.kept(consent.text(locale), locale)
        signer.viewed_at, signer.consented_at = read.at, clock.now()
        self._note(Verb.PLAN_AGREED_TO_SIGN, by, after={"consent": signer.consent_sha256})
        return signer

    def hand_on(self, to: User, *, by: User) -> bool:
        """Somebody else of the customer signs in the place of `by`; False when they were asked already."""
        there = self.signer(to)
        if there is not None and there.instead_of_id == by.id:
            return False
        signer = self._turn_of(by)
        if by.is_staff or to not in self.substitutes():
            raise Refused(_("Choose one of those shown here."), field="to")
        signer.user, signer.instead_of = to, by
        _blank(signer)
        signer.asked_at = clock.now()
        self._note(Verb.PLAN_HANDED_ON, by, whom=to.name)
        letters.handed_on(self, signer, by)
        return True

    def decline(self, why: str, *, by: User) -> bool:
        """They won't sign it, and say why: it is our turn, today. False when they said so already."""
        if self.state is PlanState.DECLINED and self.declined_by_id == by.id:
            return False
        if by.is_staff:
            raise NotYours(_("Take the plan back instead, and say why."))
        self._turn_of(by)
        self._become(PlanState.DECLINED)
        self.declined_at, self.declined_by, self.declined_why = clock.now(), by, why
        self._note(Verb.PLAN_DECLINED, by, why=why)
        letters.declined(self, by)
        road_step.follow(self, by)
        return True

    # --- Signing ---

    def sign(self, proof: Proof, *, by: User, ip: str = "", user_agent: str = "") -> bool:
        """Sign as agreed before, now that `by` has shown who they are; False when they had signed. Raises Refused,
        NotYours, and ValueError for a proof of somebody or something else."""
        if proof.user_id != by.id or proof.about != self.about:
            raise ValueError("this proof is of another person or another plan")
        if self.signature(by) is not None:
            return False
        signer = self._turn_of(by)
        if signer.consented_at is None or signer.typed_name is None:
            raise Refused(_("Read the plan, tick both boxes and type your name before you sign."))
        new = self._put(signer, Identified(proof.way), proof.at, ip=ip[:45], user_agent=user_agent[:300])
        if not new:
            return False
        self._note(Verb.PLAN_SIGNED_BY, by, after={"by": proof.way, "sha256": self.sha256})
        self._countersign()
        self._go_on(by)
        road_step.follow(self, by)
        return True

    def expire(self) -> bool:
        """Nobody signed in time; False when somebody did, or it is noted already. It can be sent again as it is."""
        if self.state is not PlanState.SENT or not self.is_overdue:
            return False
        self._become(PlanState.EXPIRED)
        for signer in self.signers:  # Who signs a fresh copy reads it anew.
            _blank(signer)
        record(self, Verb.PLAN_EXPIRED, by=None, onboarding=self.onboarding, after={"n": self.n})
        letters.expired(self)
        road_step.follow(self, None)
        return True

    def ask_fresh(self, *, by: User) -> bool:
        """They want to sign after all; False when somebody has asked for it already."""
        check_running(self.onboarding)
        if not self.is_overdue:
            raise Refused(_("This version can be signed as it is. Open the plan again."))
        if self.fresh_asked_at is not None:
            return False
        self.expire()
        self.fresh_asked_at = clock.now()
        self._note(Verb.PLAN_FRESH_ASKED, by)
        letters.fresh_asked(self, by)
        return True

    # --- Guards ---

    def check_open(self) -> None:
        """Refuse what nobody can sign now. Raises Conflict, and Refused while the road is paused or over."""
        check_running(self.onboarding)
        if self.is_overdue:
            until = web.day(self.expires_on, "dMMMM")
            raise Conflict(_("It could be signed until %(date)s. Ask for a fresh copy.", date=until))
        if not self.is_open:
            raise Conflict(_("Version %(n)s can't be signed any more. This is how it stands.", n=self.n))

    def _turn_of(self, by: User) -> PlanSigner:
        """This user's part, when it is their turn."""
        self.check_open()
        signer = self.signer(by)
        if signer is None:
            side = self.ours if by.is_staff else self.customers
            waiting = [one.user.called for one in side if one in self.waiting]
            raise NotYours(
                _("Only %(who)s can sign here.", who=listed(waiting, "or"))
                if waiting
                else _("Your side has signed already.")
            )
        if self.signature(by) is not None:
            raise Refused(_("You have signed this version already."))
        if signer not in self.turn_of:
            first = listed([one.user.called for one in self.customers if one in self.waiting])
            raise Refused(_("%(who)s signs first. You get a letter when it is your turn.", who=first))
        return signer

    # --- What follows ---

    def _put(
        self, signer: PlanSigner, way: Identified, at: datetime, *, ip: str = "", user_agent: str = ""
    ) -> bool:
        """Insert the signature, unless one of theirs is there: the database decides."""
        by = signer.user
        new = jobs.insert_if_new(
            Signature,
            account_id=self.account_id,
            version_id=self.id,
            user_id=by.id,
            role=signer.role,
            name=by.name,
            email=by.email,
            typed_name=signer.typed_name,
            snapshot_sha256=self.sha256,
            consent_sha256=signer.consent_sha256,
            identified_by=way,
            identified_at=at,
            viewed_at=signer.viewed_at,
            consented_at=signer.consented_at,
            signed_at=clock.now(),
            zone=str(by.zone),
            ip=ip,
            user_agent=user_agent,
        )
        db.session.expire(self, ["signatures"])
        return new

    def _countersign(self) -> None:
        """Where the playbook countersigns for our consultant, it does as soon as the customer's side has signed."""
        locale = self.document.locale
        for signer in filter(self.is_by_rule, self.turn_of):
            signer.typed_name = signer.user.name
            signer.viewed_at = signer.consented_at = self.sent_at
            signer.consent_sha256 = consent.kept(consent.standing(locale), locale)
            if self._put(signer, Identified.STANDING, clock.now()):
                self._note(Verb.PLAN_SIGNED_BY, signer.user, after={"by": Identified.STANDING.value})

    def _go_on(self, by: User) -> None:
        """After a signature: the next turn, or the end."""
        then = next_state(len(self.signatures), len(self.signers))
        if then is PlanState.SIGNED:
            self._finish(by)
            return
        if self.state is not then:
            self._become(then)
        db.session.flush()
        self.put_paper()
        for signer in self.turn_of:
            if signer.asked_at is None:
                signer.asked_at = clock.now()
                letters.signed_in_part(self, signer, by)

    def _finish(self, by: User) -> None:
        """The last one has signed: this is the version in force, and its file is made and sealed."""
        here = type(self)
        others = select(here).where(
            here.onboarding_id == self.onboarding_id, here.state == PlanState.SIGNED, here.id != self.id
        )
        for before in db.session.scalars(others):
            before._become(PlanState.SUPERSEDED)
        db.session.flush()  # At most one is in force, at any moment.
        self._become(PlanState.SIGNED)
        self.signed_at = clock.now()
        self._promise(self.onboarding)
        after = {"n": self.n, "sha256": self.sha256, "signatures": len(self.signatures)}
        record(self, Verb.PLAN_SIGNED, by=None, onboarding=self.onboarding, after=after)
        db.session.flush()
        letters.forget(self)
        self.queue_seal()

    def _promise(self, road: Onboarding) -> None:
        """From now on milestones are judged by what was signed."""
        road.signed_version = self.n
        promised = {one.key: one.on for one in self.document.milestones}
        for milestone in road.milestones:
            milestone.signed_due_on = promised.get(milestone.key)

    def _note(self, verb: Verb, by: User, *, after: dict[str, Any] | None = None, **words: str) -> None:
        if not by.is_staff:
            self.onboarding.customer_moved_at = clock.now()
        data = {"n": self.n, "state": self.state.value, **(after or {})}
        record(self, verb, by=by, onboarding=self.onboarding, after=data, personal=words)


def _blank(signer: PlanSigner) -> None:
    signer.viewed_at = signer.typed_name = signer.consented_at = signer.consent_sha256 = None
    signer.asked_at = signer.reminded_at = None
