"""The world, made once for each worker and database; each test has it to itself and leaves it as it was."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from portal import db
from tests.infra import cluster
from tests.infra.databases import rolled_back
from tests.security.asking import Caller
from tests.security.world import World, build


class _Made:
    def __init__(self) -> None:
        self.worlds: dict[str, tuple[str, World]] = {}


@pytest.fixture(scope="session")
def _made() -> _Made:
    return _Made()


@pytest.fixture
def world_url(database, databases, shared_app, clock, _made) -> tuple[str, World]:
    """The address of a database that holds the world and is to be copied or rolled back, and its refs."""
    if database not in _made.worlds:
        url = databases.copy(database)
        db.connect(url)
        with shared_app.test_request_context():
            db.start()
            world = build()
        db.disconnect()
        _made.worlds[database] = url, world
    return _made.worlds[database]


@pytest.fixture(autouse=True)
def _as_it_is_served(shared_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """What breaks is an answer with status 500 here, as it is for people."""
    monkeypatch.setitem(shared_app.config, "PROPAGATE_EXCEPTIONS", False)


@pytest.fixture
def world(world_url) -> Iterator[World]:
    """The world, in a transaction that is undone."""
    url, world = world_url
    db.connect(url)
    engine = db.writing_engine()
    with rolled_back(engine) as connection:
        world.connection = connection
        yield world
    world.connection = None
    engine.dispose()


@pytest.fixture
def world_copy(world_url, databases) -> Iterator[tuple[str, World]]:
    """A database of this test's own that holds the world, for requests that commit, in threads too."""
    url, world = world_url
    copy = databases.copy(kind := url.partition(":")[0].partition("+")[0])
    if kind == "sqlite":
        shutil.copyfile(url.removeprefix("sqlite:///"), copy.removeprefix("sqlite:///"))
    else:
        cluster.create(databases.postgres, name_of(copy), template=name_of(url))
    yield copy, world
    db.disconnect()
    databases.drop(copy)


def name_of(url: str) -> str:
    """The database that a PostgreSQL address names."""
    return url.partition("?")[0].rpartition("/")[2]


@pytest.fixture
def caller(shared_app: Flask, world: World) -> Callable[[str], Caller]:
    """`caller("ana")`: sends requests as she would, whatever the pages offer; `caller("nobody")` is not signed in."""
    known: dict[str, Caller] = {}

    def make(name: str) -> Caller:
        if name not in known:
            known[name] = Caller(shared_app, world.cookies.get(name, ""))
        return known[name]

    return make
