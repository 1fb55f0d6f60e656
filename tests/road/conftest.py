"""Northwind's road, committed, and ways to change it between two visits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from portal import db
from portal.accounts.models import User
from portal.clock import now
from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step
from tests.make import Cast, northwind
from tests.onboardings.road import finish


class Road:
    """The cast, its addresses, and its road in an app context of its own."""

    def __init__(self, app: Flask, cast: Cast) -> None:
        self.app, self.cast = app, cast
        self.home = f"/o/{cast.onboarding.ref}"

    def at(self, key: str) -> str:
        """The address of a step."""
        return f"{self.home}/steps/{self.cast.step(key).ref}"

    @contextmanager
    def changing(self) -> Iterator[Onboarding]:
        """The road, to be changed; committed at the end."""
        with self.app.app_context():
            yield db.session.get_one(Onboarding, self.cast.onboarding.id)
            db.session.commit()

    def do(self, key: str, act: Callable[[Step], object]) -> None:
        """Something happens to one step."""
        with self.changing() as road:
            step = road.step_called(key)
            assert step is not None
            act(step)

    def user(self, name: str) -> User:
        """One of the cast, in the session of now."""
        return db.session.get_one(User, getattr(self.cast, name).id)

    def joins(self, name: str) -> None:
        """One of the cast has come in for the first time."""
        with self.changing():
            self.user(name).joined_at = now()  # type: ignore[attr-defined]

    def begin(self, clock, *stages: str) -> None:
        """Day 0 has come, and these stages are behind us."""
        clock.forward(days=6)
        with self.changing() as road:
            road.begin()
            finish(road, self.cast, *stages)

    def state(self, key: str) -> str:
        """Where a step stands in the database."""
        with self.app.app_context():
            return str(db.session.get_one(Step, self.cast.step(key).id).state)


@pytest.fixture
def road(app, session) -> Road:
    with app.app_context():
        cast = northwind()
        db.session.commit()
    return Road(app, cast)
