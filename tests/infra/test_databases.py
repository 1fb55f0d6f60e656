"""The databases under the tests: undone after each test, and separate where a test needs threads."""

import time
from threading import Thread

import pytest
from sqlalchemy import column, func, inspect, select, table, text, update
from sqlalchemy.exc import OperationalError

from portal import clock as portal_clock
from portal import db, tables
from portal.accounts.models import Provider
from tests import make
from tests.infra import again

TABLES = [one.name for one in tables.metadata.sorted_tables]


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


# --- One transaction at a time ----------------------------------------------------------------------


@pytest.fixture
def scratch(session):
    """A table with one row, committed."""
    session.execute(text("CREATE TABLE scratch (n integer)"))
    session.execute(text("INSERT INTO scratch VALUES (1)"))
    session.commit()
    return table("scratch", column("n"))


def count(scratch) -> int:
    return db.session.scalar(select(func.count()).select_from(scratch))


def test_a_transaction_inside_another_is_an_error_and_the_outer_one_is_whole(scratch):
    with db.transaction():
        db.session.execute(scratch.insert().values(n=2))
        with pytest.raises(RuntimeError, match="inside another"), db.transaction():
            pytest.fail("it was begun")
        db.session.execute(scratch.insert().values(n=3))
    assert count(scratch) == 3
    db.session.remove()
    with db.transaction(), pytest.raises(RuntimeError, match="inside another"):
        db.start(reading=True)


@pytest.mark.parametrize("change", ["insert", "update", "delete"])
def test_a_transaction_drops_no_change_of_the_request_around_it(scratch, change):
    db.start()
    db.session.execute(getattr(scratch, change)().values(n=2) if change != "delete" else scratch.delete())
    with pytest.raises(RuntimeError, match="inside another"), db.transaction():
        pytest.fail("it was begun")
    db.session.commit()
    with db.transaction():
        assert count(scratch) == {"insert": 2, "update": 1, "delete": 0}[change]


def test_a_transaction_drops_no_row_of_the_request_around_it(session):
    db.start()
    db.session.add(Provider(id=1, name="Partnerly"))
    for _time in ("new", "flushed"):
        with pytest.raises(RuntimeError, match="inside another"), db.transaction():
            pytest.fail("it was begun")
        db.session.flush()
    db.session.rollback()
    with db.transaction():
        assert db.session.query(Provider).count() == 0


def test_what_was_read_may_be_left(scratch):
    db.start()
    assert count(scratch) == 1
    with db.transaction():
        db.session.execute(scratch.insert().values(n=2))
    assert count(scratch) == 2


def test_a_hasty_transaction_waits_for_nobody(real_database):
    """Nor does one behind it notice the haste."""
    db.connect(real_database)
    with db.transaction():
        db.session.add(Provider(id=1, name="Partnerly"))

    def rename(*, hasty: bool) -> None:
        with db.transaction(hasty=hasty):
            db.session.execute(update(Provider).values(name="Hasty" if hasty else "Patient"))

    waiting = Thread(target=rename, kwargs={"hasty": False})
    with db.writing_engine().connect() as stranger, stranger.begin():
        stranger.execute(update(Provider).values(name="Locked"))
        began = time.perf_counter()
        with pytest.raises(OperationalError):
            rename(hasty=True)
        assert time.perf_counter() - began < 2
        waiting.start()
    waiting.join()
    with db.transaction():
        assert db.session.scalar(select(Provider.name)) == "Patient"
    rename(hasty=True)


# --- Made once, put in again ------------------------------------------------------------------------


def test_what_is_put_in_again_is_what_was_made(session, app):
    """To the byte, with all that was loaded; and whoever comes next gets a number of their own."""
    again.forget()
    connection, seen = session.connection(), []
    session.remove()
    for _time in ("made", "again"):
        point = connection.begin_nested()
        with app.app_context():
            cast = make.northwind()
            session.commit()
            seen.append(
                {name: session.execute(text(f'SELECT * FROM "{name}" ORDER BY id')).all() for name in TABLES}
            )
            session.remove()
            assert cast.onboarding.steps[0].stage.onboarding.account.name == "Northwind", (
                "loaded, not looked up"
            )
            assert make.account("Fabrikam").id > cast.account.id
        session.remove()
        point.rollback()
    assert seen[0] == seen[1]
    assert sum(map(len, seen[0].values())) > 100
