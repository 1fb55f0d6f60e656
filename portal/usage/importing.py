"""Daily counts from a file, for products that send no events: read whole, and set, so that a file sent twice adds
nothing.

What files said is kept for itself. What changes is the difference to it, so counts that came in as events stay.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import delete, or_, select, tuple_

from portal import clock, db
from portal.accounts.models import Account, User
from portal.activity.models import Audience, Verb, record
from portal.addresses import is_plain
from portal.calendars import at
from portal.forms import one_line
from portal.usage.intake import Counted, count, upsert
from portal.usage.models import LONGEST_NAME, UsageDay, UsageImported, UsagePersonDay
from portal.usage.waking import wake

COLUMNS = ("account", "day", "metric", "count")
USER = "user"
MOST_LINES = 5000
MOST_TIMES = 10_000_000
EARLIEST = date(2015, 1, 1)
NOON = time(12)
AT_ONCE = 300

Key = tuple[int, str, date, str]  # Account, metric, day, user or "".


@dataclass(frozen=True)
class Line:
    """One line of the file that can be used; `user` is empty where it counts for the account alone."""

    account: Account
    day: date
    metric: str
    count: int
    user: str

    @property
    def key(self) -> Key:
        """What it sets."""
        return self.account.id, self.metric, self.day, self.user


@dataclass(frozen=True)
class Sheet:
    """A file as it was read: what it sets, and what is wrong with it, each with its line."""

    lines: Sequence[Line]
    problems: Sequence[str]

    @property
    def accounts(self) -> list[Account]:
        """Whom it is about, by name."""
        return sorted(
            {line.account.id: line.account for line in self.lines}.values(), key=lambda one: one.name
        )


def read(text: str) -> Sheet:
    """What this file says. Nothing of it is kept."""
    rows, problems = _rows(text)
    known = _accounts({row["account"] for _n, row in rows})
    lines: list[Line] = []
    first: dict[Key, int] = {}
    for n, row in rows:
        try:
            line = _line(row, known)
        except ValueError as wrong:
            problems.append(_("Line %(n)s: %(what)s", n=n, what=wrong))
            continue
        if line.key in first:
            again = _("it says again what line %(first)s says; keep one of them", first=first[line.key])
            problems.append(_("Line %(n)s: %(what)s", n=n, what=again))
            continue
        first[line.key] = n
        lines.append(line)
    if not rows and not problems:
        problems.append(_("There is no line below the headings."))
    return Sheet(lines, problems)


def keep(sheet: Sheet, *, by: User) -> None:
    """Set these counts, in the caller's transaction, and let the roads follow."""
    ids = [account.id for account in sheet.accounts]
    # One file at a time; events that come in for these accounts don't wait for that.
    accounts = select(Account.id).where(Account.id.in_(ids)).order_by(Account.id)
    db.session.execute(accounts.with_for_update(key_share=True))
    lines = sorted(sheet.lines, key=lambda line: line.key)
    before = _said_before(lines)
    # All at once, because whoever counts takes the users first and then their days.
    changed = [(line, more) for line in lines if (more := line.count - before.get(line.key, 0))]
    count([_counted(line, more) for line, more in changed])
    _note(lines)
    for row in (UsageDay, UsagePersonDay):
        db.session.execute(delete(row).where(row.account_id.in_(ids), row.count <= 0))
    for account in Sheet([line for line, _more in changed], ()).accounts:
        own = [line.day for line, _more in changed if line.account is account]
        after = {"lines": len(own), "from": min(own).isoformat(), "to": max(own).isoformat()}
        record(account, Verb.USAGE_IMPORTED, by=by, audience=Audience.STAFF, after=after)
    wake({line.account.id for line, _more in changed})


def _said_before(lines: Sequence[Line]) -> dict[Key, int]:
    """What files have said of the same so far."""
    row, found = UsageImported, dict[Key, int]()
    for start in range(0, len(lines), AT_ONCE):
        some = [line.key for line in lines[start : start + AT_ONCE]]
        same = tuple_(row.account_id, row.metric, row.day, row.user_key).in_(some)
        for one in db.session.scalars(select(row).where(same).execution_options(populate_existing=True)):
            found[one.account_id, one.metric, one.day, one.user_key] = one.count
    return found


def _note(lines: Sequence[Line]) -> None:
    row = UsageImported
    new = upsert(row.__table__)  # type: ignore[arg-type]
    index = ["account_id", "metric", "day", "user_key"]
    put = new.on_conflict_do_update(index_elements=index, set_={"count": new.excluded.count})
    names = ("account_id", "metric", "day", "user_key")
    db.session.execute(
        put, [{**dict(zip(names, line.key, strict=True)), "count": line.count} for line in lines]
    )


def _counted(line: Line, more: int) -> Counted:
    return Counted(
        account_id=line.account.id,
        user_key=line.user or None,
        metric=line.metric,
        at=min(at(line.day, NOON, ZoneInfo(line.account.time_zone)), clock.now()),
        day=line.day,
        count=more,
        email=line.user.lower() if is_plain(line.user) and "@" in line.user else None,
    )


# --- Reading ------------------------------------------------------------------------------------


def _rows(text: str) -> tuple[list[tuple[int, dict[str, str]]], list[str]]:
    """Each line below the headings with its number in the file."""
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=";" if head.count(";") > head.count(",") else ",")
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        if missing := [name for name in COLUMNS if name not in names]:
            allowed = ", ".join((*COLUMNS, USER))
            return [], [
                _(
                    "The first line has no column “%(name)s”. Write the headings %(all)s there; user may be left out.",
                    name=missing[0],
                    all=allowed,
                )
            ]
        rows = list(_below(reader, names))
    except csv.Error:
        return [], [_("This is no table that can be read. Save it as CSV, in UTF-8.")]
    if len(rows) > MOST_LINES:
        most = _("The file has more than %(most)s lines. Send it in parts.", most=MOST_LINES)
        return [], [most]
    return rows, []


def _below(reader: Iterator[list[str]], names: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    for cells in reader:
        if any(cell.strip() for cell in cells):
            row = dict(zip(names, (one_line(cell) for cell in cells), strict=False))
            yield reader.line_num, {name: row.get(name, "") for name in (*COLUMNS, USER)}  # type: ignore[attr-defined]


def _accounts(called: Iterable[str]) -> dict[str, Account]:
    """Accounts by what a file may call them: the name that events carry, else their short or their full name."""
    names = {name for name in called if name}
    rows = select(Account).where(
        or_(Account.external_id.in_(names), Account.slug.in_(names), Account.name.in_(names))
    )
    found: dict[str, Account] = {}
    accounts = list(db.session.scalars(rows.order_by(Account.id)))
    for account in accounts:
        found.setdefault(account.name, account)
    for account in accounts:
        found[account.slug] = account
    for account in accounts:
        if account.external_id:
            found[account.external_id] = account
    return found


def _line(row: dict[str, str], known: dict[str, Account]) -> Line:
    """Raises ValueError with what would be right."""
    account = known.get(row["account"])
    if account is None:
        raise ValueError(
            _(
                "there is no account “%(name)s”; write its external id, like northwind",
                name=row["account"][:60],
            )
        )
    if not row["metric"] or len(row["metric"]) > LONGEST_NAME:
        raise ValueError(_("metric is the name of an event, like Reward Paid"))
    if len(row[USER]) > LONGEST_NAME:
        raise ValueError(_("user is an address or an id of the product, under 200 characters"))
    return Line(account, _day(row["day"], account), row["metric"], _times(row["count"]), row[USER])


def _day(text: str, account: Account) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(_("“%(day)s” is no day; write it like 2026-03-31", day=text[:30])) from None
    if day > account.today:
        raise ValueError(_("%(day)s hasn't come yet", day=text))
    if day < EARLIEST:
        raise ValueError(
            _("%(day)s is too long ago; begin with %(first)s", day=text, first=EARLIEST.isoformat())
        )
    return day


def _times(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= MOST_TIMES):
        raise ValueError(_("“%(count)s” is no count; write a whole number, like 12", count=text[:30]))
    return int(text)
