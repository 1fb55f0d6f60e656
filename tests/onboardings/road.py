"""Walking Northwind's road in domain tests: the cast in an app context, and stages finished in one line."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from portal import db
from portal.accounts.models import User
from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step
from tests.make import Cast


@contextmanager
def at_work(app: Flask, cast: Cast) -> Iterator[Onboarding]:
    """An app context in which the cast's road may be changed; committed at its end."""
    with app.app_context():
        road = db.session.get_one(Onboarding, cast.onboarding.id)
        yield road
        db.session.commit()


def me(user: User) -> User:
    """This user in the session of now."""
    return db.session.get_one(User, user.id)


def finish(road: Onboarding, cast: Cast, *stages: str, but: tuple[str, ...] = ()) -> None:
    """Everything still open in these stages, done by whoever may; `but` are ends of the keys of what stays open."""
    for step in road.steps:
        if step.stage.key in stages and not step.is_closed and not step.key.endswith(but or ("\0",)):
            settle_step(step, cast)


def settle_step(step: Step, cast: Cast) -> None:
    """Finish one step the way its kind is finished."""
    if step.spec.confirm and step.spec.confirm.with_date and not step.data:
        step.data = {"date": step.onboarding.account.today.isoformat(), "evidence": "Seen in the report"}
    if step.spec.records == "graduation":
        step.complete(by=me(cast.ana))
    elif step.spec.call:
        step.complete(by=me(cast.priya), via="call")
    else:
        step.complete(by=me(cast.priya))
