"""The letter of a working morning: what waits on the reader first, as My day has it, then what waited for it."""

from collections.abc import Iterator, Sequence

from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from sqlalchemy import delete

from portal import db
from portal.access import Can, seen_by
from portal.accounts.models import Staff, provider
from portal.desk.day import Day, day_of
from portal.desk.day_entries import Entry
from portal.desk.day_groups import LAST, groups_of, later_of
from portal.desk.day_handoffs import Row as Besides
from portal.notifications import letters as notifications
from portal.notifications.models import DigestItem
from portal.onboardings.news import is_news
from portal.onboardings.paper import (
    PREHEADER,
    SUBJECT,
    Row,
    Section,
    Words,
    address,
    fitted,
    flat,
    laid_out,
    language,
)

SHOWN = 8  # Lines of one section; the page has the others.


def send(to: Staff, items: Sequence[DigestItem]) -> bool:
    """Write to them if there is anything, taking along these lines that waited; whether a letter was put into the
    outbox. Lines that are no longer true are left out."""
    news = [item for item in items if is_news(item, to)]
    with force_locale(language(to)), seen_by(to, Can.SEE_DESK):
        words = wording(day_of(to), news)
        if words is None:
            db.session.execute(delete(DigestItem).where(DigestItem.id.in_([item.id for item in items])))
            return False
        text, html = laid_out(to, words, None)
    return notifications.post_morning(
        to, items, subject=words.subject, text=text, html=html, from_name=flat(provider().name)
    )


def wording(day: Day, news: Sequence[DigestItem]) -> Words | None:
    """What the letter says, in the language that is set now and with the reader as viewer; None where there is nothing
    to say."""
    sections = [*_sections(day), *_news(news)]
    if not sections:
        return (
            None  # Who has stalled alone is no reason to write: follow-ups go to them, and the page has them.
        )
    sections += _quiet(day)
    first = day.first
    return Words(
        subject=_subject(day),
        preheader=fitted(
            PREHEADER, lambda what: _("First: %(what)s", what=what), _named(first.account, first.text)
        )
        if first
        else fitted(PREHEADER, str, sections[0].rows[0].left),
        paragraphs=[f"{day.headline} {day.sum}"],
        sections=sections,
        button=_("Open my day"),
        path="/staff",
        because=_("You get this on each working morning on which something waits for you."),
    )


def _subject(day: Day) -> str:
    """Who waits for the reader or needs them, how many where there are more; else how much there is to do."""
    if len(day.waiting) == 1:
        return fitted(SUBJECT, lambda name: _("%(name)s is waiting on you", name=name), day.waiting[0])
    if day.waiting:
        count = len(day.waiting)
        return ngettext("%(num)s customer is waiting on you", "%(num)s customers are waiting on you", count)
    if len(day.needing) == 1:
        return fitted(SUBJECT, lambda name: _("%(name)s needs you", name=name), day.needing[0])
    if day.needing:
        return ngettext("%(num)s customer needs you", "%(num)s customers need you", len(day.needing))
    return fitted(SUBJECT, str, day.sum.rstrip("."))


def _sections(day: Day) -> Iterator[Section]:
    """As the page has them, but for what is next: it stands among its like, marked, and they stand on top."""
    groups = groups_of([one for one in day.entries if one.kind not in LAST])
    for group in sorted(groups, key=lambda one: day.first not in one.entries):
        yield _section(group.word, [_row(one, day.first) for one in group.entries])
    calls = [Row(f"{one['time']} {one['title']}", one["where"], url=address(one["url"])) for one in day.calls]
    besides = [
        *(Row(_named(gap.account, gap.title), "", url=address(gap.account_url)) for gap in day.gaps),
        *(_besides(one) for one in (*day.plans, *day.handoffs.to_accept, *day.handoffs.to_write)),
    ]
    for title, rows in ((_("Calls today"), calls), (_("Gaps, plans and hand-offs"), besides)):
        if rows:
            yield _section(title, rows)
    for group in later_of([one for one in day.entries if one.kind == "letters"], None):
        yield _section(group.word, [_row(one, day.first) for one in group.entries])


def _quiet(day: Day) -> list[Section]:
    groups = later_of([one for one in day.entries if one.kind == "quiet"], None)
    return [_section(group.word, [_row(one, day.first) for one in group.entries]) for group in groups]


def _besides(one: Besides) -> Row:
    return Row(_named(one.account, one.text), one.when, url=address(one.url or one.account_url))


def _section(title: str, rows: list[Row]) -> Section:
    over = len(rows) - SHOWN
    if over > 0:
        more = ngettext("and %(num)s more", "and %(num)s more", over)
        rows = [*rows[:SHOWN], Row(more, url=address("/staff"))]
    return Section(title, rows)


def _row(entry: Entry, first: Entry | None) -> Row:
    when = ", ".join(filter(None, (entry.when, entry.late)))
    return Row(_named(entry.account, entry.text), when, entry is first, address(entry.url))


def _named(account: str, what: str) -> str:
    return _("%(account)s: %(what)s", account=account, what=what)


def _news(news: Sequence[DigestItem]) -> Iterator[Section]:
    if news:
        yield _section(_("News"), [Row(item.line, url=address(item.path)) for item in news])
