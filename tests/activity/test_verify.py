"""L02: edits, deletions, additions, reordering and tail cuts are found, in every chain."""

import pytest
from sqlalchemy import delete, select, text, update

from portal import db
from portal.activity import heads
from portal.activity.models import INSTALLATION, Activity, AuditChain, Verb, record
from portal.activity.queries import verify


@pytest.fixture(autouse=True)
def _own_file(tmp_path, monkeypatch):
    """No other test's heads are noted here."""
    monkeypatch.setattr(heads, "path", lambda: tmp_path / "audit-heads.jsonl")


@pytest.fixture
def chains(session, northwind, fabrikam):
    """Three chains, of six rows or more each; gives the keys of the chains."""
    for n in range(6):
        record(
            northwind.ana, Verb.STEP_COMPLETED, by=northwind.ana, after={"n": n}, personal={"why": "because"}
        )
        record(fabrikam, Verb.PROFILE_CHANGED, by=None, after={"n": n})
        record(northwind.ana, Verb.SIGNED_IN, by=northwind.ana)
        row = record(_Installation(n), Verb.PROVIDER_CHANGED, by=None)
        assert row.chain == INSTALLATION
        session.commit()
    assert verify() == []
    return [northwind.account.id, fabrikam.id, INSTALLATION]


class _Installation:
    """Something that belongs to no account."""

    __tablename__ = "provider"
    name = "Partnerly"

    def __init__(self, n):
        self.id = n + 1


@pytest.fixture(params=[0, 1, 2], ids=["account", "rival", "installation"])
def chain(chains, request):
    return chains[request.param]


def at(chain, seq):
    return (Activity.chain == chain) & (Activity.seq == seq)


def found(statement, *more, noted=None):
    for each in (statement, *more):
        db.session.execute(each.execution_options(synchronize_session=False))
    db.session.expire_all()
    return verify(noted)


CHANGES = {
    "account_id": None,
    "onboarding_id": 4711,
    "on_behalf_of_id": text("(SELECT max(id) FROM app_user)"),
    "verb": "step_skipped",
    "data": {"after": {"n": 99}},
    "at": text("'2020-01-01 00:00:00+00:00'"),
    "subject_id": 4711,
    "subject_type": "account",
    "actor_id": None,
    "audience": "staff",
    "request_id": "forged",
    "personal": {"who": "Eve", "salt": "00"},
    "personal_digest": "0" * 64,
    "prev_hash": "1" * 64,
    "hash": "2" * 64,
}


# For rows that have the value above already.
OTHERWISE = {
    "account_id": text("(SELECT max(id) FROM account)"),
    "actor_id": text("(SELECT max(id) FROM app_user)"),
    "audience": "customer",
    "subject_type": "person",
}


def test_l02_the_edits_tried_here_are_of_every_column():
    places = {"id", "chain", "seq"}  # Rows that change places have tests of their own below.
    assert set(CHANGES) == {column.name for column in Activity.__table__.columns} - places


@pytest.mark.parametrize("column", CHANGES)
def test_l02_an_edit_of_any_column_is_found(chain, column, loose):
    before = db.session.query(Activity).filter(at(chain, 4)).one()
    same = getattr(before, column) == CHANGES[column]
    value = OTHERWISE[column] if same else CHANGES[column]
    problems = found(update(Activity).where(at(chain, 4)).values({column: value}))
    assert any("number 4" in problem for problem in problems)


def test_l02_a_row_forged_with_its_hash_breaks_the_hash_of_the_next(chain):
    row = db.session.query(Activity).filter(at(chain, 3)).one()
    row.data = {"after": {"n": 99}}
    row.hash = row.hashed()
    db.session.flush()
    problems = found(update(Activity).where(at(chain, 4)).values(prev_hash=row.hash))
    assert any("number 4" in problem for problem in problems)


@pytest.mark.parametrize("seqs", [[1], [4], [6], [5, 6], [2, 3, 4]])
def test_l02_a_deletion_is_found_wherever_it_is(chain, seqs):
    last = db.session.get(AuditChain, chain).seq
    gone = [last - 6 + seq if seq > 4 else seq for seq in seqs]
    assert found(delete(Activity).where(Activity.chain == chain, Activity.seq.in_(gone)))


def test_l02_a_cut_tail_is_found_though_the_rows_left_are_whole(chain):
    last = db.session.get(AuditChain, chain).seq
    (problem,) = [p for p in found(delete(Activity).where(at(chain, last))) if "ends at" in p]
    assert f"ends at number {last - 1}, its head says {last}" in problem


def test_l02_two_rows_that_change_places_are_found(chain):
    moves = [(3, 1000), (4, 3), (1000, 4)]
    assert found(*(update(Activity).where(at(chain, old)).values(seq=new) for old, new in moves))


def test_l02_a_row_slipped_in_at_the_end_is_found(chain, session):
    last = session.query(Activity).filter(at(chain, session.get(AuditChain, chain).seq)).one()
    names = [column.name for column in Activity.__table__.columns if column.name != "id"]
    copy = Activity(**{name: getattr(last, name) for name in names})
    copy.seq, copy.prev_hash = last.seq + 1, last.hash
    copy.hash = copy.hashed()
    session.add(copy)
    session.commit()
    assert verify()


def test_l02_a_row_moved_to_another_chain_is_found(chains):
    one, other, _installation = chains
    last = db.session.get(AuditChain, other).seq
    assert found(update(Activity).where(at(one, 6)).values(chain=other, seq=last + 1))


def test_l02_a_last_row_rewritten_for_another_account_with_its_hash_and_head_is_found(chains, session):
    one, other, _installation = chains
    head = session.get(AuditChain, one)
    row = session.query(Activity).filter(at(one, head.seq)).one()
    row.account_id = other
    row.hash = head.head = row.hashed()
    session.commit()
    assert verify() == [f"The chain of account {one}: number {head.seq} belongs to another chain."]


def test_l02_a_chain_without_its_head_is_found(chain):
    assert found(delete(AuditChain).where(AuditChain.id == chain))


def test_l02_a_chain_removed_whole_is_missed(chain):
    gone = delete(Activity).where(Activity.chain == chain), delete(AuditChain).where(AuditChain.id == chain)
    assert found(*gone)


def test_blanking_the_personal_part_leaves_every_chain_whole(chains):
    assert found(update(Activity).values(personal=None)) == []


def test_a_chain_goes_on_after_erasing(chains, session, northwind):
    session.execute(update(Activity).values(personal=None))
    record(northwind.ana, Verb.SIGNED_OUT, by=northwind.ana)
    session.commit()
    assert verify() == []


def cut_with_its_head(chain, seq):
    """The rows after `seq` go, and the head says what stands there now: whole, to whoever sees the database alone."""
    last = db.session.scalar(select(Activity.hash).where(at(chain, seq)))
    return (
        delete(Activity).where(Activity.chain == chain, Activity.seq > seq),
        update(AuditChain).where(AuditChain.id == chain).values(seq=seq, head=last),
    )


def test_l02_a_tail_cut_together_with_its_head_is_found_once_it_was_noted(app, chain):
    with app.app_context():
        assert heads.note() == 3
        assert heads.note() == 0
        assert verify(heads.noted()) == []
        problems = found(*cut_with_its_head(chain, 4), noted=heads.noted())
    assert [p for p in problems if "it ends at number 4, though number" in p]


def test_l02_a_chain_grown_again_after_its_cut_is_found(app, chains, northwind):
    with app.app_context():
        heads.note()
        assert found(*cut_with_its_head(northwind.account.id, 4)) == []
        for n in range(20):
            record(northwind.ana, Verb.STEP_COMPLETED, by=northwind.ana, after={"other": n})
        db.session.commit()
        (problem,) = verify(heads.noted())
    assert problem.endswith("is not the one that was noted.")


def test_l02_a_record_removed_whole_is_missed_while_there_are_accounts(app, chains):
    problems = found(delete(Activity), delete(AuditChain))
    assert len(problems) >= len(chains)
    assert "The installation's chain: its head is gone." in problems


def test_a_line_cut_off_by_a_crash_is_passed_over(app, chains):
    with app.app_context():
        heads.note()
        with heads.path().open("a") as file:
            file.write('{"chain": 0, "se')
        assert verify(heads.noted()) == []
