"""The staff's list as a file: every row that the filters find, with what the page says of it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _

from portal import db
from portal.accounts.kinds import TeamRole
from portal.accounts.words import TEAM_ROLES
from portal.desk import list_queries
from portal.desk.list_filters import Filters
from portal.desk.list_rows import LOOKS, Row, rows_of
from portal.onboardings.models import Onboarding
from portal.onboardings.words import STAGE_TITLES

CHUNK = 500


def lines(filters: Filters) -> Iterator[list[Any]]:
    """The headings and a line for each onboarding, in the order of the list. So many at a time are read and let go."""
    yield _headings()
    every, after = replace(filters, who=""), None
    if every.of is not None:
        db.session.add(every.of)
    while True:
        page = list_queries.page(every, after, size=CHUNK)
        for onboarding, row in zip(page.rows, rows_of(page), strict=True):
            yield _line(onboarding, row)
        after = page.after
        if after is None:
            return


def _headings() -> list[str]:
    return [
        _("Account"), _("Segment"), _("Product"), _("Whose turn"), _("Who"), _("Next"), _("Due"), _("Late"), _("Since"),
        _("Stage"), _("Items done"), _("Items"), _("Done, percent"), _("Plan, percent"), _("Day"), _("Programme, days"),
        _("Health"), _("Why"), _("Start"), _("Planned graduation"), *(str(TEAM_ROLES[role]) for role in TeamRole),
    ]  # fmt: skip


def _line(onboarding: Onboarding, row: Row) -> list[Any]:
    team = (onboarding.on_team(role) for role in TeamRole)
    return [
        row.name, row.segment, onboarding.product.name, LOOKS[onboarding.turn][1], row.who_text, row.next_text,
        row.due_on, _("yes") if row.late else "", row.since_on, STAGE_TITLES[onboarding.current_stage],
        onboarding.items_done, onboarding.items_total, row.percent, row.plan, onboarding.day, onboarding.programme,
        row.health.word if row.health else "", row.health.why if row.health else "",
        onboarding.start_date, onboarding.target_graduation, *(staff.name if staff else None for staff in team),
    ]  # fmt: skip
