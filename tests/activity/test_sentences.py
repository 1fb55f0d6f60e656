"""Every verb reads as a sentence, and the timeline shows them."""

from types import SimpleNamespace

import pytest
from sqlalchemy import text, update

from portal.activity import queries
from portal.activity.models import Activity, Audience, Verb, record
from portal.activity.queries import timeline
from portal.activity.sentences import SENTENCES, sentence


def test_l01_every_verb_has_a_sentence():
    assert set(SENTENCES) == set(Verb)


@pytest.mark.parametrize("verb", Verb)
def test_every_sentence_can_be_filled(verb):
    row = Activity(
        verb=verb, subject_type="step", actor_id=1, personal={"who": "Ana", "what": "100% <b>%(x)s</b>"}
    )
    said = sentence(row)
    assert said
    assert not said.endswith(".")


def test_names_that_were_erased_become_someone(session, northwind):
    row = record(
        northwind.ana, Verb.STEP_ASSIGNED, by=northwind.ana, personal={"what": "Invite", "whom": "Ben"}
    )
    system = record(northwind.ana, Verb.STEP_COMPLETED, by=None, personal={"what": "Invite"})
    session.commit()
    assert sentence(row) == "Ana Duarte handed Invite to Ben"
    assert sentence(system) == "The portal finished Invite"
    session.execute(update(Activity).values(personal=None))
    assert sentence(row) == "Someone handed something to someone"


def test_the_timeline_is_latest_first_in_pages_and_hides_what_is_for_staff(session, northwind, loose):
    road, other = (
        SimpleNamespace(id=71, account_id=northwind.account.id),
        SimpleNamespace(id=72, account_id=None),
    )
    for n in range(6):
        audience = Audience.STAFF if n == 2 else Audience.CUSTOMER
        record(northwind.ana, Verb.STEP_SAVED, by=northwind.ana, onboarding=road, after=n, audience=audience)
        record(northwind.ana, Verb.STEP_SAVED, by=northwind.ana, onboarding=other, after=-n)
    session.flush()
    company = northwind.account.id
    assert [row.data["after"] for row in timeline(71, company)] == [5, 4, 3, 1, 0]
    first = timeline(71, company, audience=Audience.STAFF, limit=4)
    assert [row.data["after"] for row in first] == [5, 4, 3, 2]
    assert [row.data["after"] for row in timeline(71, company, before=first[-1].id)] == [1, 0]


def test_who_comes_and_goes_stands_in_the_history_of_every_road(session, northwind, fabrikam, loose):
    company = northwind.account.id
    ana = northwind.ana
    roads = [SimpleNamespace(id=number, account_id=company) for number in (71, 72)]
    record(ana, Verb.STEP_SAVED, by=ana, onboarding=roads[0])
    record(ana, Verb.PERSON_INVITED, by=ana)
    record(ana, Verb.STEP_SAVED, by=ana, onboarding=roads[1])
    record(ana, Verb.SIGNED_IN, by=ana, audience=Audience.STAFF)
    record(fabrikam, Verb.PERSON_JOINED, by=None)
    record(ana, Verb.ROLE_CHANGED, by=ana)
    session.flush()
    for audience in Audience:
        seen = [[row.verb for row in timeline(road.id, company, audience=audience)] for road in roads]
        assert seen[0] == [Verb.ROLE_CHANGED, Verb.PERSON_INVITED, Verb.STEP_SAVED]
        assert seen[1] == [Verb.ROLE_CHANGED, Verb.STEP_SAVED, Verb.PERSON_INVITED]
    newest = timeline(71, company, limit=2)
    assert [row.verb for row in newest] == [Verb.ROLE_CHANGED, Verb.PERSON_INVITED]
    assert [row.verb for row in timeline(71, company, limit=2, before=newest[1].id)] == [Verb.STEP_SAVED]


def test_neither_part_of_the_history_is_searched_for_row_by_row(session, northwind):
    """The planner takes the index made for each; PostgreSQL would rather read an empty table whole."""
    bind = session.get_bind()
    sqlite = bind.dialect.name == "sqlite"
    if not sqlite:
        session.execute(text("SET LOCAL enable_seqscan = off"))
    asked = queries._TIMELINE[Audience.STAFF].params(road=1, company=1, limit=3, before=queries.LATEST)
    written = asked.compile(bind, compile_kwargs={"literal_binds": True})
    how = "EXPLAIN QUERY PLAN" if sqlite else "EXPLAIN"
    plan = " ".join(str(row) for row in session.execute(text(f"{how} {written}")))
    assert "ix_activity_timeline" in plan
    assert "ix_activity_company" in plan
