"""What happened is written down once, in a chain."""

from datetime import date

from flask import Flask, g
from sqlalchemy import event

from portal.activity.models import FIRST, Activity, AuditChain, Verb, digest, record
from portal.activity.queries import verify


def test_a_row_says_who_what_when_and_from_what_to_what(session, northwind, clock):
    row = record(
        northwind.ana, Verb.ROLE_CHANGED, by=northwind.ana, before="teammate", after={"on": date(2026, 3, 3)},
        personal={"whom": "Ben"}, audience="staff",
    )  # fmt: skip
    session.commit()
    assert (row.account_id, row.actor_id, row.at) == (northwind.account.id, northwind.ana.id, clock.now)
    assert (row.subject_type, row.subject_id, row.audience) == ("person", northwind.ana.id, "staff")
    assert row.data == {"before": "teammate", "after": {"on": "2026-03-03"}}
    assert {name: row.personal[name] for name in ("who", "what", "whom")} == {
        "who": "Ana Duarte",
        "what": "Ana Duarte",
        "whom": "Ben",
    }


def test_rows_of_an_account_follow_one_another_and_other_chains_are_apart(session, northwind, fabrikam):
    first = record(northwind.account, Verb.ACCOUNT_CREATED, by=None)
    other = record(fabrikam, Verb.ACCOUNT_CREATED, by=None)
    session.commit()
    second = record(northwind.ana, Verb.SIGNED_IN, by=northwind.ana)
    session.commit()
    assert (first.seq, second.seq, other.seq) == (1, 2, 1)
    assert (first.prev_hash, second.prev_hash) == (FIRST, first.hash)
    assert session.get(AuditChain, northwind.account.id).head == second.hash
    assert verify() == []


def test_what_is_rolled_back_did_not_happen(session, northwind):
    record(northwind.ana, Verb.SIGNED_IN, by=northwind.ana)
    session.commit()
    record(northwind.ana, Verb.SIGNED_OUT, by=northwind.ana)
    session.rollback()
    row = record(northwind.ana, Verb.PASSWORD_SET, by=northwind.ana)
    session.commit()
    assert row.seq == 2
    assert verify() == []


def test_it_remembers_the_request_and_its_address_apart(session, northwind):
    app = Flask("test")
    with app.test_request_context(environ_base={"REMOTE_ADDR": "203.0.113.9"}):
        g.request_id = "r-1"
        row = record(northwind.ana, Verb.SIGNED_IN, by=northwind.ana)
    session.commit()
    assert (row.request_id, row.personal["ip"]) == ("r-1", "203.0.113.9")


def test_a_digest_of_a_short_name_cannot_be_guessed(session, northwind):
    one, two = (record(northwind.ana, Verb.SIGNED_IN, by=northwind.ana) for _ in range(2))
    assert one.personal_digest != two.personal_digest
    without_salt = {name: value for name, value in one.personal.items() if name != "salt"}
    assert digest(without_salt) != one.personal_digest


def test_recording_costs_three_statements_and_two_more_rows_none_but_their_insert(
    session, northwind, database
):
    record(northwind.ana, Verb.SIGNED_IN, by=northwind.ana)
    session.commit()
    seen = []

    def note(connection, cursor, statement, *rest):
        seen.append(statement.split()[0])

    event.listen(session.get_bind(), "before_cursor_execute", note)
    for _ in range(3):
        record(northwind.ana, Verb.SIGNED_OUT, by=northwind.ana)
    session.flush()
    event.remove(session.get_bind(), "before_cursor_execute", note)
    words = [word for word in seen if word != "SAVEPOINT"]
    assert words.count("SELECT") == 1
    assert words.count("UPDATE") == 1
    assert words.count("INSERT") <= 3
    assert session.query(Activity).count() == 5
