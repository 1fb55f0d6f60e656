"""E07: the states of a version under whatever order of deeds, on real rows. The table in rules.py is the model."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from portal import db
from portal.accounts.kinds import PortalRole
from portal.errors import Refused
from portal.jobs import Job
from portal.onboardings.models import Onboarding
from portal.plans.models import Plan, PlanVersion, Signature
from portal.plans.rules import COMPLETE, TO_SIGN, WRITABLE, PlanState, may_sign, version_may
from tests import make
from tests.infra.still import START
from tests.plans import making
from tests.plans.signed import agree, proof

SIGNERS = ("ana", "rui", "priya", "nia")  # Nia only in the place of one of the others.
ENDS = {PlanState.SUPERSEDED, PlanState.DECLINED, PlanState.VOIDED}


class Signing(RuleBasedStateMachine):
    """A road with three signers; what was seen last of each version is the model."""

    app: object
    clock: object

    @initialize()
    def begin(self) -> None:
        self.clock.at(START)
        self.context = self.app.test_request_context()
        self.context.push()
        self.made = making.road(self.clock)
        self.made.nia = make.person(self.made.account, "Nia Costa", PortalRole.ADMIN)
        self.seen: dict[int, PlanState] = {}
        self.texts: dict[int, str] = {}
        self.consented: set[tuple[int, str]] = set()

    def teardown(self) -> None:
        db.session.rollback()
        self.context.pop()

    # --- What is done -----------------------------------------------------------------------------

    @property
    def plan(self) -> Plan:
        db.session.flush()
        return Plan.of(self.made.onboarding)

    @property
    def last(self) -> PlanVersion | None:
        return self.plan.last_sent

    def attempt(self, act) -> bool:
        """Whether it was allowed; what was refused leaves all states as they were."""
        before = {one.id: (one.state, len(one.signatures)) for one in self.plan.versions}
        try:
            with db.session.begin_nested():
                act()
                db.session.flush()
        except Refused:
            db.session.expire_all()
            assert {one.id: (one.state, len(one.signatures)) for one in self.plan.versions} == before
            return False
        return True

    @rule()
    def send_the_next(self) -> None:
        if self.plan.in_force is None or self.plan.draft().since:
            making.move(self.made, 1)
        self.attempt(lambda: making.sent(self.made, sponsors=True))

    @precondition(lambda self: self.last is not None)
    @rule(who=st.sampled_from(SIGNERS))
    def consent(self, who: str) -> None:
        version, user = self.last, getattr(self.made, who)
        if self.attempt(lambda: agree(version, user)):
            self.consented.add((version.id, who))
            assert version.is_open

    @precondition(lambda self: self.last is not None)
    @rule(who=st.sampled_from(SIGNERS))
    def sign(self, who: str) -> None:
        version, user = self.last, getattr(self.made, who)
        waiting = [one.role for one in version.waiting]
        mine = version.signer(user)
        signed = []
        done = self.attempt(lambda: signed.append(version.sign(proof(version, user), by=user)))
        if done and signed[0]:
            assert mine is not None
            assert (version.id, who) in self.consented
            assert may_sign(mine.role, waiting)

    @precondition(lambda self: self.last is not None)
    @rule(who=st.sampled_from(SIGNERS))
    def agree_and_sign(self, who: str) -> None:
        self.consent(who)
        self.sign(who)

    @precondition(lambda self: self.last is not None and self.last.is_open)
    @rule(ours_too=st.booleans())
    def all_who_are_asked_sign(self, ours_too: bool) -> None:
        """In the right order, so that the machine is often at the end of one version and the start of the next."""
        names = {getattr(self.made, name).id: name for name in SIGNERS}
        while turn := [one for one in self.last.turn_of if ours_too or not one.role.is_ours]:
            count = len(self.last.signatures)
            self.agree_and_sign(names[turn[0].user_id])
            if len(self.last.signatures) == count:
                return  # Nobody can: it has run out.

    @precondition(lambda self: self.last is not None)
    @rule(who=st.sampled_from(SIGNERS))
    def decline(self, who: str) -> None:
        self.attempt(lambda: self.last.decline("No", by=getattr(self.made, who)))

    @precondition(lambda self: self.last is not None)
    @rule(who=st.sampled_from(SIGNERS), to=st.sampled_from((*SIGNERS, "ben")))
    def hand_on(self, who: str, to: str) -> None:
        version = self.last
        given = lambda: version.hand_on(getattr(self.made, to), by=getattr(self.made, who))  # noqa: E731
        if self.attempt(given) and version.signer(getattr(self.made, to)):
            self.consented.discard((version.id, to))

    @precondition(lambda self: self.last is not None and self.last.is_open)
    @rule(who=st.sampled_from(("ana", "rui")))
    def somebody_signs_what_another_agreed_to(self, who: str) -> None:
        """Handed on between the two requests of signing: what they agreed to is not theirs who sign instead."""
        self.consent(who)
        self.hand_on(who, "nia")
        self.sign("nia")

    @precondition(lambda self: self.last is not None)
    @rule()
    def void(self) -> None:
        self.attempt(lambda: self.last.void("A slip", by=self.made.priya))

    @precondition(lambda self: self.last is not None)
    @rule()
    def send_again(self) -> None:
        self.attempt(lambda: self.last.send_again(by=self.made.priya))

    @precondition(lambda self: self.last is not None)
    @rule(days=st.sampled_from((1, 15)))
    def days_pass(self, days: int) -> None:
        self.clock.forward(days=days)
        version = self.last
        if self.attempt(version.expire) and version.state is PlanState.EXPIRED:
            self.consented -= {(version.id, who) for who in SIGNERS}

    @precondition(lambda self: self.last is not None)
    @rule()
    def ask_for_a_fresh_copy(self) -> None:
        version = self.last
        if self.attempt(lambda: version.ask_fresh(by=self.made.ana)):
            self.consented -= {(version.id, who) for who in SIGNERS}

    # --- What holds at any time -------------------------------------------------------------------

    @invariant()
    def every_step_is_in_the_table(self) -> None:
        for one in self.plan.versions:
            before = self.seen.get(one.id)
            if before is not None and before is not one.state:
                assert before not in ENDS
                assert version_may(before, one.state), (before, one.state)
            self.seen[one.id] = one.state

    @invariant()
    def at_most_one_of_each(self) -> None:
        states = [one.state for one in self.plan.versions]
        for kind in (WRITABLE, TO_SIGN, {PlanState.SIGNED}):
            assert sum(state in kind for state in states) <= 1

    @invariant()
    def signatures_are_of_signers_once_each(self) -> None:
        for one in self.plan.versions:
            count = Counter(row.user_id for row in one.signatures)
            assert not count or max(count.values()) == 1
            assert set(count) <= {signer.user_id for signer in one.signers}
            assert (len(count) == len(one.signers) > 0) == (one.state in COMPLETE)
            if one.state is PlanState.PARTLY_SIGNED:
                assert 0 < len(count) < len(one.signers)
            if one.state in (PlanState.SENT, PlanState.EXPIRED):
                assert not count
            assert all(row.snapshot_sha256 == one.sha256 for row in one.signatures)

    @invariant()
    def what_was_sent_never_changes(self) -> None:
        for one in self.plan.versions:
            if one.snapshot is not None:
                assert self.texts.setdefault(one.id, one.snapshot) == one.snapshot

    @invariant()
    def one_seal_is_asked_for_each_that_all_have_signed(self) -> None:
        done = {one.id for one in self.plan.versions if one.state in COMPLETE}
        jobs = [
            job.payload["version"] for job in db.session.scalars(select(Job).where(Job.kind == "plans.seal"))
        ]
        assert sorted(jobs) == sorted(done)
        road = db.session.get_one(Onboarding, self.made.onboarding.id)
        in_force = self.plan.in_force
        assert road.signed_version == (in_force.n if in_force else None)
        assert len(db.session.scalars(select(Signature)).all()) == sum(
            len(one.signatures) for one in self.plan.versions
        )


INVARIANTS = [name for name, one in vars(Signing).items() if hasattr(one, "hypothesis_stateful_invariant")]


def test_E07_whatever_is_done_the_table_holds(app, clock, session):
    machine = type("Machine", (Signing,), {"app": app, "clock": clock})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_E07_the_machine_gets_as_far_as_signed_plans(app, clock, session):
    """The machine above would be of no use if nothing could be signed in it."""
    machine = type("Machine", (Signing,), {"app": app, "clock": clock})()
    machine.begin()
    try:
        machine.send_the_next()
        machine.somebody_signs_what_another_agreed_to("rui")
        assert machine.last.signer(machine.made.nia)
        machine.all_who_are_asked_sign(False)
        assert machine.last.state is PlanState.PARTLY_SIGNED
        machine.all_who_are_asked_sign(True)
        assert machine.last.state is PlanState.SIGNED
        for holds in INVARIANTS:
            getattr(machine, holds)()
        machine.send_the_next()
        machine.all_who_are_asked_sign(True)
        assert [one.state for one in machine.plan.versions] == [PlanState.SUPERSEDED, PlanState.SIGNED]
        for holds in INVARIANTS:
            getattr(machine, holds)()
        machine.seen[machine.last.id] = PlanState.DECLINED
        with pytest.raises(AssertionError):
            machine.every_step_is_in_the_table()
    finally:
        machine.teardown()
