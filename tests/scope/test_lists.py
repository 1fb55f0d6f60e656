"""Both lists as the model keeps them."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from portal import db
from portal.errors import Conflict, Refused
from portal.onboardings.modules import add_module
from portal.scope import editing, rules
from portal.scope.models import Scope, ScopeItem
from portal.scope.rows import ItemTerms
from portal.scope.rules import Side
from tests.scope.conftest import state, the


@pytest.fixture
def here(app, cast):
    """Inside the application, where letters can be written."""
    with app.test_request_context():
        yield cast


def lists(cast) -> Scope:
    """For a change."""
    return Scope.kept(the(cast).onboarding)


def kept() -> int:
    return db.session.scalar(select(func.count()).select_from(ScopeItem)) or 0


def test_nothing_is_kept_until_somebody_does_something(here) -> None:
    scope = the(here)
    assert [item.statement for item in scope.standing] == ["Your partner list is imported", "Approval chains"]
    assert kept() == 0
    marks = scope.marks
    assert lists(here).marks == marks
    db.session.flush()
    assert kept() == 3


def test_a_module_brings_its_statement_and_takes_it_away(here, app) -> None:
    road = the(here).onboarding
    assert "clean" not in the(here).marks
    spec = next(m for m in road.playbook_version.document.modules if m.key == "cleaning")
    add_module(road, spec, "Their list is a mess", by=here.priya)
    assert "clean" in the(here).marks


def test_agreed_as_it_stands_finishes_the_item_once(here) -> None:
    scope = lists(here)
    assert scope.agree(seen=rules.told(scope.marks), by=here.rui)
    assert not scope.agree(seen=rules.told(scope.marks), by=here.ana)
    db.session.flush()
    assert (scope.is_agreed, len(the(here).agreements), state(here, "scope")) == (True, 1, "done")
    assert the(here).agreement.by.name == "Rui Tavares"


def test_a_changed_list_is_asked_again_and_the_old_one_stays_in_force(here) -> None:
    scope = lists(here)
    seen = rules.told(scope.marks)
    scope.agree(seen=seen, by=here.ana)
    editing.add(scope, ItemTerms(Side.NOT_IN, "Single sign-on", "Nobody uses it yet"), by=here.priya)
    assert not scope.is_agreed
    assert [scope.item(key).statement for key in scope.since_agreed.added] == ["Single sign-on"]
    assert "Single sign-on" not in {terms.statement for terms in scope.agreement.terms.values()}
    assert state(here, "scope") == "done"
    scope = lists(here)
    with pytest.raises(Conflict):
        scope.agree(seen=seen, by=here.ana)
    assert scope.agree(seen=rules.told(scope.marks), by=here.ana)
    assert [one.n for one in scope.agreements] == [1, 2]


def test_a_no_without_its_reason_is_refused_by_the_model_and_by_the_database(here, session) -> None:
    scope = lists(here)
    with pytest.raises(Refused, match="needs its reason"):
        editing.add(scope, ItemTerms(Side.NOT_IN, "Single sign-on"), by=here.priya)
    row = scope.items[0]
    row.side = Side.NOT_IN
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()
