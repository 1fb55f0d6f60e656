"""The databases under the tests: undone after each test, and separate where a test needs threads."""

from threading import Thread

import pytest
from sqlalchemy import inspect, text

from portal import clock as portal_clock
from portal import db


@pytest.mark.parametrize("run", [1, 2])
def test_what_a_test_commits_is_undone_after_it(session, run):
    assert "scratch" not in inspect(session.connection()).get_table_names()
    session.execute(text("CREATE TABLE scratch (n integer)"))
    session.commit()
    session.execute(text("INSERT INTO scratch VALUES (1)"))
    session.rollback()
    assert session.execute(text("SELECT count(*) FROM scratch")).scalar() == 0
    session.commit()


def test_a_request_sees_what_the_test_committed(session):
    session.execute(text("CREATE TABLE scratch (n integer)"))
    session.commit()
    db.start(reading=True)
    assert session.execute(text("SELECT count(*) FROM scratch")).scalar() == 0
    db.start()
    session.execute(text("INSERT INTO scratch VALUES (1)"))
    session.commit()
    assert session.execute(text("SELECT count(*) FROM scratch")).scalar() == 1


def test_both_kinds_are_what_they_say(session, database):
    assert db.writing_engine().dialect.name == database


def test_a_real_database_is_shared_by_threads(real_database):
    db.connect(real_database)
    with db.transaction():
        db.session.execute(text("CREATE TABLE scratch (n integer)"))

    def write() -> None:
        with db.transaction():
            db.session.execute(text("INSERT INTO scratch VALUES (1)"))

    threads = [Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.transaction():
        assert db.session.execute(text("SELECT count(*) FROM scratch")).scalar() == 4


def test_the_clock_stands_until_it_is_moved(clock):
    before = portal_clock.now()
    assert portal_clock.now() == before
    clock.forward(days=1, minutes=5)
    assert (portal_clock.now() - before).total_seconds() == 86_700
