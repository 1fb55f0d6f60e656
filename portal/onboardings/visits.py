"""What reading leaves behind: which page of a road a person looked at, once a day."""

from collections import OrderedDict
from datetime import date
from threading import Lock
from typing import Final, NamedTuple

from flask import Flask, Response, current_app, g, request
from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock, db
from portal.access import viewer
from portal.db import Base, OwnedRow
from portal.jobs import insert_if_new
from portal.onboardings.models import Onboarding

PLACE: Final = "/o/<oid>"
REMEMBERED: Final = 50_000  # Pages of one day that this process knows it has noted, at about 200 bytes each.


class Visit(Base, OwnedRow):
    """One person looked at one page on one day of theirs. `page` is the page's word, with the step's ref where it is
    about one: `home`, `step:m3Rt9w`."""

    __tablename__ = "visit"
    __table_args__ = (
        UniqueConstraint("person_id", "onboarding_id", "page", "day"),
        Index(None, "onboarding_id", "day"),
    )

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    page: Mapped[str] = mapped_column(String(80))
    day: Mapped[date]


class _Look(NamedTuple):
    person_id: int
    account_id: int
    oid: str
    page: str
    day: date


class Noted:
    """The looks that this process has written down; the oldest are forgotten first."""

    def __init__(self) -> None:
        self._looks: OrderedDict[_Look, None] = OrderedDict()
        self._guard = Lock()

    def __contains__(self, look: _Look) -> bool:
        with self._guard:
            return look in self._looks

    def __len__(self) -> int:
        return len(self._looks)

    def add(self, look: _Look) -> None:
        with self._guard:
            self._looks[look] = None
            while len(self._looks) > REMEMBERED:
                self._looks.popitem(last=False)


def init_app(app: Flask) -> None:
    """Note what customers read, on every request to `app`."""
    app.extensions["visits"] = Noted()
    app.after_request(_see)
    app.teardown_request(_keep)


def _see(response: Response) -> Response:
    """Remember for the end of the request that a customer was shown a page; staff who see as one leave nothing."""
    rule = request.url_rule
    if request.method != "GET" or response.status_code != 200 or response.mimetype != "text/html":
        return response
    if rule is None or not rule.rule.startswith(PLACE) or g.get("seeing") is not None:
        return response
    person = viewer()
    if person is None or not person.is_authenticated or person.is_staff:
        return response
    given = request.view_args or {}
    look = _Look(person.id, person.account_id, given["oid"], _page(given), clock.today(str(person.zone)))
    if look not in current_app.extensions["visits"]:
        g.look = look
    return response


def _page(given: dict[str, str]) -> str:
    """`step:` and its ref; else the word behind the road in the address."""
    if "sid" in given:
        return f"step:{given['sid']}"
    rest = request.path.split("/", 4)
    return rest[3] if len(rest) > 3 else "home"


def _keep(error: BaseException | None) -> None:
    """Write it down apart from what the request did. Nobody waits for this: while somebody else is writing, it is left
    to the next time that this page is read."""
    look: _Look | None = g.pop("look", None)
    if error or look is None:
        return
    try:
        with db.transaction(hasty=True):
            note(look)
    except OperationalError:
        current_app.logger.info("the database is busy: who looked at a page was not kept")
        return
    current_app.extensions["visits"].add(look)


def note(look: _Look) -> None:
    """One row for it, unless there is one."""
    road = select(Onboarding.id).where(Onboarding.ref == look.oid, Onboarding.account_id == look.account_id)
    found = db.session.scalar(road)
    if found is not None:
        insert_if_new(
            Visit, onboarding_id=found, account_id=look.account_id, person_id=look.person_id, page=look.page[:80],
            day=look.day,
        )  # fmt: skip
