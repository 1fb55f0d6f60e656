"""The proof that somebody had a version open: it is in the page that they read, and comes back with what they decide.

Reading changes nothing here, so the moment of reading travels with the page, under our own seal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from flask import current_app
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeSerializer

from portal import clock
from portal.accounts.models import User
from portal.errors import Refused

if TYPE_CHECKING:
    from portal.plans.record import PlanRecord


@dataclass(frozen=True, slots=True)
class Reading:
    """Who had which version open, with which text, and when."""

    user: str
    version: str
    sha256: str
    at: datetime


def shown(version: PlanRecord, user: User) -> str:
    """What the page of `user` carries along while it shows `version`, which was sent."""
    told = [user.ref, version.ref, version.sha256, clock.now().isoformat()]
    return str(_sealer().dumps(told))


def proven(text: str, user: User) -> Reading:
    """What `user` read. Raises Refused for none, somebody else's, and what isn't ours."""
    try:
        reader, version, sha256, at = _sealer().loads(text)
        found = Reading(reader, version, sha256, datetime.fromisoformat(at))
    except (BadData, ValueError, TypeError):
        found = None
    if found is None or found.user != user.ref:
        raise Refused(_("Open the plan and read it first. Then sign it at its end."))
    return found


def _sealer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["PORTAL"].secret_key, salt="plans.reading")
