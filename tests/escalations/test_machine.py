"""A case under whatever order of deeds, on real rows. The table in rules.py is the model."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from portal import db
from portal.errors import Refused
from portal.escalations import cases, closing, rules, working
from portal.escalations.models import Escalation, EscalationState
from portal.escalations.routing import Because
from portal.escalations.rules import SETTLED, TAKEN, Act
from tests.escalations.conftest import QUIET, build
from tests.infra.still import START

WHO = st.sampled_from(["june", "mira", "lena", "priya"])


class Cases(RuleBasedStateMachine):
    """One road; the state that was seen last is the model."""

    app: object
    clock: object

    @initialize()
    def begin(self) -> None:
        self.clock.at(START)
        self.context = self.app.test_request_context()
        self.context.push()
        self.team = build()
        self.case = cases.open_case(self.team.onboarding, [QUIET])
        self.seen = self.case.state

    def teardown(self) -> None:
        if hasattr(self, "context"):
            db.session.rollback()
            self.context.pop()

    def do(self, act: Act, deed, *, unless: bool = False) -> None:
        """The table says whether it is done or refused, and `unless` whether something else is in the way; refused,
        nothing has changed."""
        before, state = self.seen, self.case.state
        assert state is before
        allowed = rules.may(before, act) and not unless
        refused = None
        try:
            deed()
        except Refused as refusal:
            refused = str(refusal)
        if refused is not None:
            assert refused.endswith(".")
            assert self.case.state is before
            assert not allowed, f"{act} from {before}: {refused}"
            return
        same = act is Act.TAKE and before in TAKEN
        assert allowed or same, f"{act} from {before} was not refused"
        self.seen = self.case.state
        if act in (Act.NOTE, Act.TAKE):
            return
        assert self.case.state is rules.after(before, act)

    @rule(who=WHO)
    def take(self, who: str) -> None:
        self.do(Act.TAKE, lambda: cases.take(self.case, by=getattr(self.team, who)))

    @rule(who=WHO)
    def note(self, who: str) -> None:
        self.do(Act.NOTE, lambda: working.note(self.case, "Called", by=getattr(self.team, who)))

    @rule(item=st.sampled_from(["listen", "own", "nothing"]), done=st.booleans())
    def tick(self, item: str, done: bool) -> None:
        if item == "nothing" and self.seen not in SETTLED:
            with pytest.raises(Refused, match="isn't part of the play"):
                working.tick(self.case, item, done, by=self.team.june)
            return
        self.do(Act.NOTE, lambda: working.tick(self.case, item, done, by=self.team.june))

    @rule(days=st.integers(1, 20))
    def wait(self, days: int) -> None:
        until = self.team.account.today + timedelta(days=days)
        self.do(Act.WAIT, lambda: working.wait(self.case, until, "", by=self.team.june))

    @rule()
    def come_back(self) -> None:
        self.do(Act.COME_BACK, lambda: working.come_back(self.case, by=self.team.june))

    @rule(by_portal=st.booleans())
    def lift(self, by_portal: bool) -> None:
        by = None if by_portal else self.team.june
        top = self.case.level == rules.HIGHEST
        self.do(Act.RAISE, lambda: cases.raise_level(self.case, by=by), unless=top)

    @rule(to=WHO)
    def give(self, to: str) -> None:
        """Whoever has it, or was given it, keeps it as it is; else they are asked anew."""
        case, staff = self.case, getattr(self.team, to)
        if case.owner is staff and (case.state in TAKEN or case.owner_because == Because.GIVEN):
            cases.give(case, staff, by=self.team.nora)
            assert self.case.state is self.seen
            return
        self.do(Act.GIVE, lambda: cases.give(case, staff, by=self.team.nora))
        if self.case.state not in SETTLED:
            assert case.owner is staff

    @rule(right=st.booleans())
    def resolve(self, right: bool) -> None:
        self.do(
            Act.RESOLVE, lambda: closing.resolve(self.case, "Holidays", "A call", right, by=self.team.june)
        )

    @rule()
    def dismiss(self) -> None:
        self.do(Act.DISMISS, lambda: closing.dismiss(self.case, "They are fine", by=self.team.june))

    @rule()
    def reopen(self) -> None:
        ended = self.case.resolved_at
        late = ended is not None and self.clock.now - ended >= timedelta(days=14)
        self.do(Act.REOPEN, lambda: closing.reopen(self.case, by=self.team.june), unless=late)

    @rule(days=st.sampled_from([0, 13, 14, 20]))
    def settle_it_and_come_back_to_it(self, days: int) -> None:
        """A row of deeds that chance alone seldom makes."""
        self.take("june")
        self.resolve(True)
        self.clock.forward(days=days)
        self.reopen()

    @rule(days=st.integers(0, 9))
    def days_pass(self, days: int) -> None:
        self.clock.forward(days=days)

    @invariant()
    def one_is_open_and_its_clocks_are_those_of_its_state(self) -> None:
        if not hasattr(self, "case"):
            return
        db.session.flush()
        case = self.case
        open_now = select(func.count()).where(Escalation.resolved_at.is_(None))
        assert db.session.scalar(open_now) == (0 if case.state in SETTLED else 1)
        assert 1 <= case.level <= rules.HIGHEST
        assert (case.resolved_at is not None) == (case.state in SETTLED)
        assert (case.acknowledge_by is not None) == (case.state is EscalationState.OPEN)
        waits = case.state is EscalationState.WAITING_ON_CUSTOMER
        assert (case.wait_until is not None) == (case.act_left is not None) == waits
        assert (case.act_by is not None) == (case.state not in SETTLED and not waits)
        assert (case.acknowledged_at is not None) or case.state not in TAKEN


def test_a_case_in_any_order(app, clock):
    Cases.app, Cases.clock = app, clock
    run_state_machine_as_test(
        Cases,
        settings=settings(
            max_examples=15, stateful_step_count=15, deadline=None,
            suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        ),
    )  # fmt: skip
