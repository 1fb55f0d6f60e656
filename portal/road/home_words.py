"""The sentences of the customer home: the headline, the line under it, and what stands there when nothing is due."""

from collections.abc import Collection, Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal import clock, db, web
from portal.accounts.kinds import TeamRole
from portal.accounts.models import Staff, User, provider
from portal.onboardings import planning
from portal.onboardings.meter import value_expected_on
from portal.onboardings.models import Onboarding
from portal.onboardings.queries import waiting_on_us
from portal.onboardings.snapshot import of_wave
from portal.onboardings.steps import Step
from portal.onboardings.timetable import Meetings
from portal.onboardings.waves import Wave
from portal.onboardings.whose import by_when, holder_of, name_for, promised_by
from portal.onboardings.words import STAGE_TITLES, listed, minutes

# What comes after each stage, as it is called within a sentence.
AHEAD = {
    "welcome": STAGE_TITLES["expectations"],
    "expectations": STAGE_TITLES["training"],
    "training": STAGE_TITLES["graduation"],
    "graduation": _l("your graduation"),
}


def headline(
    onboarding: Onboarding, state: str, reader: User, step: Step | None, small: int, wave: Wave | None = None
) -> tuple[str, str]:
    """The sentence on top, with the reader's name once, and the line under it; `small` things can be done now. Of
    `wave` alone, where one is given."""
    name, left = reader.called, _left(onboarding, wave)
    stage = str(STAGE_TITLES[onboarding.current_stage])
    match state:
        case "draft":
            return _("Your onboarding is being prepared, %(name)s.", name=name), ""
        case "first_visit":
            return _("Welcome, %(name)s.", name=name), _begins(onboarding)
        case "preparing":
            start = web.day(onboarding.start_date, "dMMMM")
            return _("We start on %(date)s, %(name)s.", date=start, name=name), _now(small)
        case "on_hold" if onboarding.hold:
            until = web.day(onboarding.hold.review_on, "dMMMM")
            return _("Paused until %(date)s.", date=until), onboarding.hold.reason
        case "cancelled":
            return _("This onboarding has ended."), onboarding.cancel_reason or ""
        case "graduated":
            return _("You run this yourselves now, %(name)s.", name=name), _graduated(onboarding)
        case "quiet":
            ahead = _ahead(onboarding)
            first = ngettext(
                "You were %(num)s item from %(stage)s, %(name)s.",
                "You were %(num)s items from %(stage)s, %(name)s.",
                left,
                stage=ahead,
                name=name,
            )
            time = minutes(step.minutes if step else 0)
            return first, _("Pick up where you left off: the next one takes %(time)s.", time=time)
    if not left:
        return _("Everything in %(stage)s is done, %(name)s.", stage=stage, name=name), _then(
            onboarding, wave
        )
    first = ngettext(
        "%(num)s item left in %(stage)s, %(name)s.",
        "%(num)s items left in %(stage)s, %(name)s.",
        left,
        stage=stage,
        name=name,
    )
    return first, _then(onboarding, wave)


def _left(onboarding: Onboarding, wave: Wave | None) -> int:
    stage = onboarding.meter["stages"][planning.STAGES.index(onboarding.current_stage)]
    stage = of_wave(stage, wave.n) if wave else stage
    return int(stage["total"] - stage["done"])


def _ahead(onboarding: Onboarding) -> str:
    """The stage after the current one, in running text."""
    return str(AHEAD[onboarding.current_stage])


def _begins(onboarding: Onboarding) -> str:
    """The thanks, in the name of whoever brought them here, and when it starts."""
    host = onboarding.on_team(TeamRole.ACCOUNT_EXECUTIVE) or onboarding.owner
    host_name = host.called if host else provider().name
    thanks = _("%(name)s and all of us thank you for choosing us.", name=host_name)
    start = web.day(onboarding.start_date)
    if onboarding.start_date > onboarding.account.today:
        return f"{thanks} " + _("We start on %(date)s.", date=start)
    return f"{thanks} " + _("Day 0 was %(date)s.", date=start)


def _now(small: int) -> str:
    """How much can be done before the start."""
    return _("Two small things can be done now.") if small > 1 else _("One small thing can be done now.")


def _then(onboarding: Onboarding, wave: Wave | None) -> str:
    """What comes after this stage, and how far the first value is."""
    whose = wave or onboarding
    if whose.first_value_on is not None:
        return _("First value was seen on %(date)s.", date=web.day(whose.first_value_on, "dMMMM"))
    expected = value_expected_on(onboarding, wave)
    weeks = max(1, round((expected - onboarding.account.today).days / 7))
    if onboarding.current_stage == "graduation":
        return ngettext(
            "First value is about %(num)s week away.", "First value is about %(num)s weeks away.", weeks
        )
    return ngettext(
        "Then %(stage)s opens, and first value is about %(num)s week away.",
        "Then %(stage)s opens, and first value is about %(num)s weeks away.",
        weeks,
        stage=_ahead(onboarding),
    )


def _graduated(onboarding: Onboarding) -> str:
    if onboarding.graduated_at is None:
        return ""
    on = onboarding.graduated_at.astimezone(onboarding.account.zone).date()
    days = (on - onboarding.start_date).days
    return _(
        "Graduated on %(date)s, after %(days)s days. You planned %(planned)s.",
        date=web.day(on, "dMMMM"),
        days=days,
        planned=onboarding.programme,
    )


def quiet(
    onboarding: Onboarding,
    state: str,
    reader: User,
    steps: Sequence[Step],
    *,
    blocked: Step | None,
    asleep: Step | None,
    held: Collection[str],
    meetings: Meetings,
) -> tuple[str, str]:
    """What stands where the next step would be, when there is none for this reader; `held` are the keys of what can't
    be done before something of ours."""
    if state == "asleep" and asleep:
        return _("Nothing for you today."), _comes_back(asleep, meetings)
    if state == "waiting":
        return _("Nothing for you today."), _who_has_the_ball(onboarding, reader, steps, held)
    if state == "blocked" and blocked:
        return blocked_words(blocked)
    if state == "on_hold":
        return _("Nothing is due until then."), _("Your road and your answers stay as they are.")
    if state == "cancelled":
        owner = onboarding.owner.called if onboarding.owner else provider().name
        return _("Nothing is due any more."), _("Everything stays here to read. Ask %(name)s.", name=owner)
    return "", ""


def _comes_back(step: Step, meetings: Meetings) -> str:
    meeting = meetings.get(step.id)
    if meeting is not None:
        day, time = web.day(meeting.start), web.clock_time(meeting.start)
        return _("“%(title)s” is on %(day)s, %(time)s.", title=step.title, day=day, time=time)
    return _("“%(title)s” comes back on %(date)s.", title=step.title, date=web.day(step.facts.asleep_until))


def _who_has_the_ball(
    onboarding: Onboarding, reader: User, steps: Sequence[Step], held: Collection[str]
) -> str:
    theirs, ours = onboarding.next_step, next(iter(waiting_on_us(steps)), None)
    if theirs and (theirs.key in held or theirs.assignee_id == reader.id):
        theirs = None
    waits = theirs or ours
    if waits is None:
        return _("Everything that can be done now is done.")
    who = name_for(holder_of(waits), reader) or (onboarding.account.name if theirs else provider().name)
    due = by_when(waits.due_on if theirs else promised_by(waits), onboarding.account.today)
    return _("%(who)s has “%(what)s”, %(due)s.", who=who, what=waits.title, due=due)


def late_words(waiting: Sequence[Step], held: Sequence[Step], reader: User) -> str:
    """What we promised and haven't done, said before anybody asks, and what of theirs waits for it."""
    late = [s for s in waiting if s.promised_on and s.promised_on < s.onboarding.account.today and s.required]
    if not late:
        return ""
    each = [
        _(
            "“%(title)s” (%(who)s, promised %(date)s)",
            title=step.title,
            who=name_for(holder_of(step), reader) or provider().name,
            date=web.short_day(step.promised_on),
        )
        for step in late
    ]
    said = _("We are late with %(what)s.", what=listed(each))
    if not held:
        return said
    titles = listed(_("“%(title)s”", title=step.title) for step in held)
    waits = ngettext("%(titles)s waits for that.", "%(titles)s wait for that.", len(held), titles=titles)
    return f"{said} {waits}"


def blocked_words(step: Step) -> tuple[str, str]:
    """What is in the way, and who can clear it."""
    who = step.unblocker or _("Your team")
    detail = step.blocked_detail or ""
    text = _("“%(detail)s” %(who)s can clear it.", detail=detail, who=who)
    return _("“%(title)s” is waiting for something.", title=step.title), text


def helped_by(onboarding: Onboarding) -> str:
    """That a colleague of ours was asked to help, and by when they write; never why. Nothing while nobody is."""
    helper = db.session.get(Staff, onboarding.helper_id) if onboarding.helper_id else None
    if helper is None or not onboarding.is_running:
        return ""
    by = onboarding.helper_by
    if by is None or by <= clock.now():
        return _("We've asked %(name)s to help.", name=helper.called)
    when = web.day(by.astimezone(onboarding.account.zone).date())
    return _("We've asked %(name)s to help. You'll hear by %(day)s.", name=helper.called, day=when)
