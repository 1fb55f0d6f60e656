"""Who may do what, on one screen, and the only way to find a row: through the viewer.

A route states its permission with `@allow(Can.X)` or `@public`; a route that states none is denied.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum, auto
from typing import Any, TypeVar

from flask import abort, current_app, g, redirect, request, url_for
from flask_babel import refresh
from flask_login import current_user
from sqlalchemy import Select, false, select
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.wrappers import Response

from portal import db


class Role(StrEnum):
    """The roles of product.md 2.2: three at the customer, six at the provider."""

    ADMIN = auto()
    TEAMMATE = auto()
    SPONSOR = auto()
    CSM = auto()
    CONSULTANT = auto()
    INTEGRATION_SPECIALIST = auto()
    ACCOUNT_EXECUTIVE = auto()
    CS_LEADER = auto()
    SITE_ADMIN = auto()


class Can(StrEnum):
    """Everything a person may be allowed to do here."""

    SEE_ROAD = auto()
    COMPLETE_STEP = auto()
    ANSWER_KIT = auto()
    HAND_STEP = auto()
    INVITE = auto()
    INVITE_CUSTOMER = auto()
    SUGGEST_PERSON = auto()
    OVERRIDE_HEALTH = auto()
    WRITE_MESSAGE = auto()
    SHARE_DOCUMENT = auto()
    BOOK_CALL = auto()
    SET_PREFERENCES = auto()
    SEE_DESK = auto()
    CONFIRM_KIT = auto()
    DO_FOR_THEM = auto()
    REVIEW_STEP = auto()
    SKIP_STEP = auto()
    HOLD = auto()
    ASSIGN_TEAM = auto()
    SEE_TEAM = auto()
    LEAD_TEAM = auto()
    LOG_CALL = auto()
    SEE_AS_CUSTOMER = auto()
    READ_NOTES = auto()
    WRITE_NOTE = auto()
    CREATE_ONBOARDING = auto()
    SEE_HANDOFF = auto()
    WRITE_HANDOFF = auto()
    ACCEPT_HANDOFF = auto()
    AGREE_CRITERIA = auto()
    PROPOSE_CRITERIA = auto()
    EDIT_ROAD = auto()
    EDIT_WHOLE_ROAD = auto()
    AGREE_SCOPE = auto()
    SIGN_PLAN = auto()
    WRITE_PLAN = auto()
    COUNTERSIGN_PLAN = auto()
    SEND_NUDGE = auto()
    SEE_ESCALATIONS = auto()
    WORK_ESCALATION = auto()
    MANAGE_SETTINGS = auto()
    SEE_TRIGGERS = auto()
    SET_TRIGGERS = auto()


CUSTOMERS = {Role.ADMIN, Role.TEAMMATE, Role.SPONSOR}
DELIVERY = {Role.CSM, Role.CONSULTANT, Role.INTEGRATION_SPECIALIST}
STAFF = DELIVERY | {Role.ACCOUNT_EXECUTIVE, Role.CS_LEADER}

GRANTS: dict[Can, set[Role]] = {
    Can.SEE_ROAD: CUSTOMERS,
    Can.COMPLETE_STEP: {Role.ADMIN, Role.TEAMMATE},
    # A teammate what was sent to them, or the kit that is theirs: `readiness.asks.answerable`.
    Can.ANSWER_KIT: {Role.ADMIN, Role.TEAMMATE},
    Can.HAND_STEP: {Role.ADMIN},
    Can.INVITE: {Role.ADMIN},
    Can.INVITE_CUSTOMER: DELIVERY | {Role.CS_LEADER},
    Can.OVERRIDE_HEALTH: {Role.CSM, Role.CONSULTANT, Role.CS_LEADER},
    Can.SUGGEST_PERSON: {Role.TEAMMATE},
    Can.WRITE_MESSAGE: CUSTOMERS | STAFF,
    Can.SHARE_DOCUMENT: CUSTOMERS | STAFF,
    Can.AGREE_SCOPE: {Role.ADMIN, Role.SPONSOR},
    Can.SIGN_PLAN: {Role.ADMIN, Role.SPONSOR},
    Can.WRITE_PLAN: {Role.CSM, Role.CONSULTANT, Role.CS_LEADER},
    Can.COUNTERSIGN_PLAN: {Role.CONSULTANT, Role.CS_LEADER},
    Can.BOOK_CALL: {Role.ADMIN, Role.TEAMMATE},
    Can.SET_PREFERENCES: CUSTOMERS | STAFF | {Role.SITE_ADMIN},
    Can.SEE_DESK: STAFF,
    Can.CONFIRM_KIT: {Role.CONSULTANT},
    Can.DO_FOR_THEM: DELIVERY,
    Can.REVIEW_STEP: DELIVERY,
    Can.SKIP_STEP: DELIVERY | {Role.CS_LEADER},
    Can.HOLD: {Role.CSM, Role.CONSULTANT, Role.CS_LEADER},
    Can.SEE_TEAM: DELIVERY | {Role.CS_LEADER},
    Can.LEAD_TEAM: {Role.CS_LEADER},
    Can.ASSIGN_TEAM: {Role.CSM, Role.CONSULTANT, Role.CS_LEADER},
    Can.LOG_CALL: DELIVERY | {Role.CS_LEADER},
    Can.SEE_AS_CUSTOMER: DELIVERY | {Role.CS_LEADER},
    # An integration specialist writes of the technical modules, and reads what is about them (onboardings/notes.py).
    Can.READ_NOTES: {Role.CSM, Role.CONSULTANT, Role.ACCOUNT_EXECUTIVE, Role.CS_LEADER},
    Can.WRITE_NOTE: DELIVERY | {Role.CS_LEADER},
    Can.CREATE_ONBOARDING: {Role.CSM, Role.CONSULTANT, Role.ACCOUNT_EXECUTIVE, Role.CS_LEADER},
    Can.SEE_HANDOFF: {Role.CSM, Role.CONSULTANT, Role.ACCOUNT_EXECUTIVE, Role.CS_LEADER},
    Can.WRITE_HANDOFF: {Role.CSM, Role.CONSULTANT, Role.ACCOUNT_EXECUTIVE, Role.CS_LEADER},
    Can.ACCEPT_HANDOFF: {Role.CSM, Role.CONSULTANT, Role.CS_LEADER},
    Can.SEND_NUDGE: DELIVERY | {Role.CS_LEADER},
    Can.AGREE_CRITERIA: {Role.ADMIN, Role.SPONSOR},
    Can.PROPOSE_CRITERIA: {Role.CONSULTANT},
    Can.SEE_ESCALATIONS: STAFF,
    # An account executive works on their own from level 2 on: `Escalation.workable_by`.
    Can.WORK_ESCALATION: STAFF,
    # An integration specialist edits technical modules only: `Module.editable_by`.
    Can.EDIT_ROAD: DELIVERY | {Role.CS_LEADER},
    Can.MANAGE_SETTINGS: {Role.SITE_ADMIN},
    Can.SEE_TRIGGERS: DELIVERY | {Role.CS_LEADER},
    Can.SET_TRIGGERS: {Role.CS_LEADER},
    Can.EDIT_WHOLE_ROAD: {Role.CSM, Role.CONSULTANT, Role.CS_LEADER},
}


class Everywhere:
    """The scope of staff who see every account."""

    def __contains__(self, account_id: object) -> bool:
        return True


EVERYWHERE = Everywhere()
Scope = Everywhere | frozenset[int]


View = TypeVar("View", bound=Callable[..., Any])
Row = TypeVar("Row")


def allow(permission: Can) -> Callable[[View], View]:
    """Let those in who hold `permission`; the rows they find are limited by it too."""

    def mark(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """Let everybody in, signed in or not."""
    view.permission = None  # type: ignore[attr-defined]
    return view


def guard() -> Response | None:
    """Before each request: who is this, and does this route let them in?"""
    if request.endpoint is None:
        if isinstance(request.routing_exception, MethodNotAllowed):
            _hide_desk(request.routing_exception)
        return None
    permission = getattr(current_app.view_functions[request.endpoint], "permission", False)
    if permission is None:
        return None
    if permission is False:
        abort(403)
    if not current_user.is_authenticated:
        if request.method == "GET":
            return redirect(url_for("auth.login", next=request.full_path.rstrip("?")), 303)
        return redirect(url_for("auth.login"), 303)
    g.permission = permission
    if not current_user.may(permission):
        # A customer learns nothing about the desk, not even that a page is there.
        abort(404 if permission in DESK_ONLY and not current_user.is_staff else 403)
    return None


def _hide_desk(wrong: MethodNotAllowed) -> None:
    """A method that a page of the desk doesn't take is no answer for a customer: that would say that it is there."""
    if not current_user.is_authenticated or current_user.is_staff:
        return
    address, views = current_app.create_url_adapter(request), current_app.view_functions
    assert address is not None
    pages = [views[address.match(method=method)[0]] for method in wrong.valid_methods or ()]
    if any(getattr(page, "permission", None) in DESK_ONLY for page in pages):
        abort(404)


DESK_ONLY = {can for can, roles in GRANTS.items() if not roles & CUSTOMERS}


def viewer() -> Any:
    """Whoever looks, as the row itself: each look through `current_user` costs a search for the request."""
    return current_user._get_current_object()


@contextmanager
def seen_by(user: Any, permission: Can) -> Iterator[None]:
    """Within it `user` is the viewer, on a page with this permission: for a letter that says what their own page would.
    Needs an application's context."""
    with current_app.test_request_context(base_url=current_app.config["PORTAL"].base_url):
        before = {name: g.pop(name, None) for name in ("_login_user", "permission")}
        g._login_user, g.permission = user, permission
        refresh()  # Days and times are theirs.
        try:
            yield
        finally:
            for name, value in before.items():
                g.pop(name)
                if value is not None:
                    setattr(g, name, value)
            refresh()


def visible(model: type[Row]) -> Select[Any]:
    """The rows of `model` in the accounts where this viewer holds this route's permission."""
    scope = current_user.account_ids(g.permission)
    query = select(model)
    if isinstance(scope, Everywhere):
        return query
    if not scope:
        return query.where(false())
    return query.where(model.account_id.in_(scope))  # type: ignore[attr-defined]


def find_or_404(model: type[Row], ref: str, *, lock: bool = False, **where: Any) -> Row:
    """The viewer's row with this `ref`, else 404: a stranger's row and a missing one look the same."""
    query = visible(model).where(model.ref == ref).filter_by(**where)  # type: ignore[attr-defined]
    if lock:
        query = query.with_for_update()
    row = db.session.scalar(query)
    if row is None:
        abort(404)
    return row
