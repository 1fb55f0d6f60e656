"""The digest: the lines that waited for a person, and what they have due, in one letter (product.md 5.4)."""

from collections.abc import Sequence
from datetime import date, timedelta

from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from sqlalchemy import delete, or_, select

from portal import db
from portal.accounts.models import Person, User, provider
from portal.notifications import letters as notifications
from portal.notifications.models import DigestItem, wishes_of
from portal.notifications.rules import Cadence
from portal.onboardings.models import Onboarding
from portal.onboardings.news import is_news
from portal.onboardings.paper import (
    PREHEADER,
    SUBJECT,
    Row,
    Section,
    Words,
    address,
    fitted,
    laid_out,
    language,
    owner_today,
    sent_by,
)
from portal.onboardings.road_wording import home_path, step_path
from portal.onboardings.states import RUNNING
from portal.onboardings.steps import WITH_THEM, Step
from portal.onboardings.words import minutes
from portal.web import day

A_WEEK = timedelta(days=7)


def send(to: User, items: Sequence[DigestItem]) -> bool:
    """Send one letter made of these waiting lines and of what is due; whether one was put into the outbox.

    Lines that are no longer true are left out; when none is left there is no letter and they are gone.
    """
    news = [item for item in items if is_news(item, to)]
    if not news:
        db.session.execute(delete(DigestItem).where(DigestItem.id.in_([item.id for item in items])))
        return False
    roads = roads_of(to)
    with force_locale(language(to)):
        words = wording(to, news, due_for(to, roads), roads)
        # One road shows its meter and is signed; of several, none speaks for the others.
        text, html = laid_out(to, words, roads[0] if len(roads) == 1 else None)
        sender = sent_by(owner_today(roads[0]), roads[0]) if roads else provider().name
        return notifications.post_digest(
            to, items, subject=words.subject, text=text, html=html, from_name=sender
        )


def wording(to: User, news: Sequence[DigestItem], due: Sequence[Step], roads: Sequence[Onboarding]) -> Words:
    """What the digest says, in the language that is set now."""
    count = ngettext("%(num)s piece of news for you", "%(num)s pieces of news for you", len(news))
    waiting = ngettext("%(num)s item waits for you", "%(num)s items wait for you", len(due))
    sections = _by_road(news, due, roads) if len(roads) > 1 else _by_kind(news, due)
    home = home_path(roads[0]) if len(roads) == 1 else "/staff" if to.is_staff else "/"
    return Words(
        subject=waiting[:SUBJECT] if due else count[:SUBJECT],
        preheader=fitted(PREHEADER, str, news[0].line),
        paragraphs=[_("This is what happened since the last letter.")],
        sections=sections,
        button=fitted(PREHEADER, str, due[0].title) if due else _("Open the portal"),
        path=step_path(due[0]) if due else home,
        because=_because(wishes_of(to).cadence),
    )


def _by_kind(news: Sequence[DigestItem], due: Sequence[Step]) -> list[Section]:
    """What is due, then what happened: all of it is about one road."""
    told = Section(_("News"), _news_rows(news))
    return [Section(_("Due now and next"), _due_rows(due, due[0])), told] if due else [told]


def _by_road(news: Sequence[DigestItem], due: Sequence[Step], roads: Sequence[Onboarding]) -> list[Section]:
    """A heading for each road with what is due and what happened there, the most urgent road first."""
    urgent = {step.onboarding_id: place for place, step in reversed(list(enumerate(due)))}
    sections, rest = [], list(news)
    for road in sorted(roads, key=lambda road: urgent.get(road.id, len(due))):
        here = [item for item in rest if f"{item.path}/".startswith(f"{home_path(road)}/")]
        rest = [item for item in rest if item not in here]
        waits = [step for step in due if step.onboarding_id == road.id]
        if rows := _due_rows(waits, due[0] if due else None) + _news_rows(here):
            sections.append(Section(_name(road, roads), rows))
    return [*sections, Section(_("News"), _news_rows(rest))] if rest else sections


def _name(road: Onboarding, roads: Sequence[Onboarding]) -> str:
    """What a road is called beside the company's others."""
    if [other.product_id for other in roads].count(road.product_id) == 1:
        return road.product.name
    return _("%(product)s, from %(date)s", product=road.product.name, date=day(road.start_date, "dMMMM"))


def _due_rows(due: Sequence[Step], first: Step | None) -> list[Row]:
    return [Row(step.title, _due_text(step), step is first, address(step_path(step))) for step in due]


def _news_rows(news: Sequence[DigestItem]) -> list[Row]:
    return [Row(item.line, url=address(item.path)) for item in news]


def _due_text(step: Step) -> str:
    return _("%(minutes)s, by %(date)s", minutes=minutes(step.minutes), date=day(step.due_on))


def _because(cadence: Cadence) -> str:
    if cadence is Cadence.DAILY:
        return _("You chose one letter a day with everything in it.")
    if cadence is Cadence.WEEKLY:
        return _("You chose one letter a week with everything in it.")
    return _("You get one letter a day at most. What came on top of it is collected here.")


# --- What is in it --------------------------------------------------------------------------------


def roads_of(user: User) -> list[Onboarding]:
    """The roads that the reader's company walks now, newest first; staff walk none themselves."""
    if not isinstance(user, Person):
        return []
    mine = select(Onboarding).where(Onboarding.account_id == user.account_id, Onboarding.state.in_(RUNNING))
    return list(db.session.scalars(mine.order_by(Onboarding.id.desc())))


def due_for(user: User, roads: Sequence[Onboarding]) -> list[Step]:
    """The reader's open items that are due by the next working day; for a weekly digest, within the week."""
    if not roads or not isinstance(user, Person):
        return []
    mine = Step.assignee_id == user.id
    query = select(Step).where(
        Step.onboarding_id.in_([road.id for road in roads]),
        WITH_THEM,
        Step.visible,
        Step.due_on <= _until(user),
        or_(mine, Step.assignee_id.is_(None)) if user.is_admin else mine,
    )
    return list(db.session.scalars(query.order_by(Step.due_on, Step.position, Step.id)))


def _until(user: Person) -> date:
    account = user.account
    if wishes_of(user).cadence is Cadence.WEEKLY:
        return account.today + A_WEEK
    return account.calendar.add_working_days(account.today, 1)
