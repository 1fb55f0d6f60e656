"""What whoever has a case does about it: notes, ticks, the drafted message, waiting for the customer."""

from datetime import date, datetime, time

from flask_babel import gettext as _
from sqlalchemy import delete, select

from portal import clock, db
from portal.accounts.models import Staff
from portal.activity.models import Activity, Verb
from portal.calendars import at
from portal.errors import Refused
from portal.escalations import cases, letters, plays, refusals, routing, rules, running
from portal.escalations.models import LONGEST, Escalation, EscalationState, PlayTick
from portal.escalations.rules import Act
from portal.jobs import insert_if_new
from portal.messages.models import Message
from portal.onboardings.once import SECOND_CLICK


def note(case: Escalation, text: str, *, by: Staff) -> None:
    """Keep what somebody found out or did. It is work where somebody has the case."""
    refusals.check(case, Act.NOTE)
    if _just_said(case, Verb.ESCALATION_NOTED, by, text):
        return
    _worked(case)
    cases.say(case, Verb.ESCALATION_NOTED, by, why=text)


def tick(case: Escalation, item: str, done: bool, *, by: Staff) -> None:
    """Tick a line of the play, or take the tick back. Doing it twice changes nothing."""
    refusals.check(case, Act.NOTE)
    words = plays.item_of(case.play, item)
    if words is None:
        raise Refused(_("This line isn't part of the play. Open the page again."))
    if not done:
        mine = delete(PlayTick).where(PlayTick.escalation_id == case.id, PlayTick.item == item)
        if db.session.execute(mine.returning(PlayTick.id)).first():
            cases.say(case, Verb.ESCALATION_UNTICKED, by, what=words)
        return
    values = {"escalation_id": case.id, "account_id": case.account_id, "item": item, "by_id": by.id}
    if insert_if_new(PlayTick, **values, at=clock.now()):
        _worked(case)
        cases.say(case, Verb.ESCALATION_TICKED, by, what=words)


def send(case: Escalation, subject: str, body: str, *, by: Staff) -> Message:
    """Send the drafted message through the thread, as it was written; what was sent stays with the case."""
    refusals.check(case, Act.NOTE)
    message = Message.write(case.onboarding, f"{subject}\n\n{body}" if subject else body, by=by)
    if not _just_said(case, Verb.ESCALATION_WROTE, by, body[:LONGEST]):
        case.draft = None
        _worked(case)
        cases.say(case, Verb.ESCALATION_WROTE, by, what=subject, why=body[:LONGEST])
    return message


def keep_draft(case: Escalation, subject: str, body: str) -> None:
    """Keep the draft as it is, for whoever sends it."""
    refusals.check(case, Act.NOTE)
    case.draft = f"{subject}\n\n{body}"


def wait(case: Escalation, until: date, why: str, *, by: Staff) -> None:
    """Wait for the customer until a morning of their calendar; the clock stands still, and the case comes back by
    itself."""
    if case.state is EscalationState.WAITING_ON_CUSTOMER and case.wait_until == until:
        return
    refusals.check(case, Act.WAIT)
    today = case.onboarding.account.today
    if until <= today:
        raise Refused(_("Choose a day after today."), field="until")
    if (until - today).days > rules.LONGEST_WAIT:
        raise Refused(
            _("That is more than two months ahead. Agree a hold for so long a pause."), field="until"
        )
    running.stop(case)
    case.state, case.wait_until = EscalationState.WAITING_ON_CUSTOMER, until
    cases.say(case, Verb.ESCALATION_WAITS, by, after={"until": until.isoformat()}, why=why or None)


def come_back(case: Escalation, *, by: Staff | None) -> None:
    """The wait is over: by itself on its morning, or because somebody says so."""
    refusals.check(case, Act.COME_BACK)
    case.state = EscalationState.WORKING
    running.go_on(case, None if by else _morning(case))
    case.wait_until = None
    cases.say(case, Verb.ESCALATION_BACK, by)
    if by is None:
        letters.back(case)


def _morning(case: Escalation) -> datetime | None:
    """When that day began for whoever has it; now, where it hasn't yet."""
    if case.wait_until is None:
        return None
    begins = at(case.wait_until, time(0), routing.shift_of(case.owner).zone)
    return min(begins, clock.now())


def _worked(case: Escalation) -> None:
    """Whoever has it is working on it, and has the same time again until the next is due."""
    if rules.may(case.state, Act.WORK):
        case.state = EscalationState.WORKING
        running.renew(case)


def _just_said(case: Escalation, verb: Verb, by: Staff, text: str) -> bool:
    """Whether this person said the same a moment ago: the first click, when this is the second."""
    rows = select(Activity.personal).where(
        Activity.subject_type == Escalation.__tablename__,
        Activity.subject_id == case.id,
        Activity.verb == verb,
        Activity.actor_id == by.id,
        Activity.at > clock.now() - SECOND_CLICK,
    )
    return any((one or {}).get("why") == text for one in db.session.scalars(rows))


def ticks_of(case: Escalation) -> dict[str, PlayTick]:
    """What of the play is done, by item."""
    rows = select(PlayTick).where(PlayTick.escalation_id == case.id)
    return {one.item: one for one in db.session.scalars(rows)}
