"""A history as a file: every line that the filters find, as its page says it."""

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from flask_babel import to_user_timezone

from portal.activity.models import Activity, Audience
from portal.activity.queries import timeline
from portal.desk import history, queries
from portal.desk.history_filters import HistoryFilters

CHUNK = 500


def lines(account_ref: str, ref: str, asked: HistoryFilters) -> Iterator[list[Any]]:
    """The headings and a line for each thing that happened, latest first. So many at a time are read and let go."""
    yield [
        _("Day"), _("Time"), _("By whom"), _("For whom"), _("About what"), _("What happened"), _("Before"), _("Now"),
        _("Words"), _("Why"), _("Who sees it"),
    ]  # fmt: skip
    onboarding, before = queries.onboarding_of(account_ref, ref), None
    only = asked.limits(onboarding)
    while True:
        found = timeline(
            onboarding.id,
            onboarding.account_id,
            audience=Audience.STAFF,
            limit=CHUNK,
            before=before,
            only=only,
        )
        yield from map(_line, found)
        if len(found) < CHUNK:
            return
        before = found[-1].id


def _line(one: Activity) -> list[Any]:
    at, entry = to_user_timezone(one.at), history.entry_of(one, "")
    changes = entry.changes or [("", "")]
    return [
        at.date(), at.strftime("%H:%M"), (one.personal or {}).get("who"), entry.whom, entry.kind,
        history.said(one), *("; ".join(side) for side in zip(*changes, strict=True)), entry.quote, entry.why,
        _("Only your team") if entry.inside else _("The customer too"),
    ]  # fmt: skip
