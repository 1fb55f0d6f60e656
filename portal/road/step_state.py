"""The line on top of a step's sheet: where it stands, who has it, and what would move it."""

from flask_babel import gettext as _

from portal import web
from portal.access import Can
from portal.accounts.models import Staff, User, provider
from portal.activity.models import Verb
from portal.activity.queries import last
from portal.onboardings.letters import reviewer
from portal.onboardings.states import CUSTOMERS_TURN, OnboardingState, StepState
from portal.onboardings.steps import WORKABLE, Step
from portal.onboardings.whose import holder_of, name_for, promised_by
from portal.onboardings.words import BLOCK_REASONS

Line = dict[str, str]


def said(step: Step, reader: User) -> Line | None:
    """What components/step.html's `said` takes: kind, title, text, quoted; none while the step is simply open."""
    if step.is_done:
        return _line("done", _done_by(step, reader))
    if step.state is StepState.SKIPPED:
        return _line("skipped", _("Left out."), step.why_left_out)
    return _paused(step) or _stands(step, reader) or _open(step, reader)


def _line(kind: str, title: str, text: str = "", quoted: str | None = "") -> Line:
    return {"kind": kind, "title": title, "text": text, "quoted": quoted or ""}


def _paused(step: Step) -> Line | None:
    """Why nothing moves on this road now."""
    onboarding = step.onboarding
    if hold := onboarding.hold:
        until = web.day(hold.review_on, "dMMMM")
        return _line("hold", _("Paused until %(date)s.", date=until), hold.reason)
    owner = onboarding.owner.called if onboarding.owner else provider().name
    if onboarding.state is OnboardingState.CANCELLED:
        return _line("hold", _("This onboarding has ended."), _("%(name)s can tell you more.", name=owner))
    if onboarding.state is OnboardingState.DRAFT:
        return _line("locked", _("Not open yet."), _("Your onboarding is being prepared."))
    if not onboarding.is_running:
        return _line("done", _("Not needed any more."), _("You have graduated; this stays here to read."))
    return None


def _stands(step: Step, reader: User) -> Line | None:
    """The states that say something by themselves."""
    match step.state:
        case StepState.LOCKED:
            texts = step.onboarding.playbook_version.document.stage_text(step.stage.key)  # type: ignore[arg-type]
            opens = _("It opens %(when)s. You can read it now.", when=texts.opens_when)
            return _line("locked", _("Not open yet."), opens)
        case StepState.SUBMITTED:
            return _line("with_us", _("With us."), _review(step, reader))
        case StepState.RETURNED:
            return _line("returned", _("One thing to change."), quoted=step.return_reason)
        case StepState.BLOCKED if step.asks_change:
            return _line("with_us", _("The change is with us."), _review(step, reader), step.blocked_detail)
        case StepState.BLOCKED:
            reason = BLOCK_REASONS.get(step.blocked_by or "other", BLOCK_REASONS["other"])
            title = _("%(reason)s.", reason=reason)
            return _line("blocked", title, _what_clears_it(step, reader), step.blocked_detail)
    return None


def _review(step: Step, reader: User) -> str:
    """Who looks at what was handed in or is to be changed, and by when they hear."""
    who = name_for(holder_of(step), reader) or _("Your team")
    promised = step.promised_on
    if promised is None or promised < step.onboarding.account.today:
        return _("%(who)s looks at it and answers here.", who=who)
    return _("%(who)s looks at it; you hear by %(date)s.", who=who, date=web.day(promised))


def _what_clears_it(step: Step, reader: User) -> str:
    """Who can clear what is in the way, what they do, and who of ours knows of it."""
    person, helper = _clearer(step), helper_of(step)
    if isinstance(person, Staff) or not step.unblocker:
        who = person.called if person else helper
        return _("%(who)s clears it and answers here. Until then it asks nothing of you.", who=who)
    if person and person.id == reader.id:
        return _("You can clear it. Say here when it's sorted; %(helper)s helps if you ask.", helper=helper)
    return _(
        "%(who)s can clear it. Say here when it's sorted; %(helper)s knows and helps if it takes long.",
        who=step.unblocker,
        helper=helper,
    )


def _clearer(step: Step) -> User | None:
    """The person on this road whom a customer named as able to clear it; none when it is somebody else."""
    named = (step.unblocker or "").casefold()
    people: list[User] = [person for person in step.onboarding.account.people if person.is_active]
    people += [member.staff for member in step.onboarding.team]
    return next((one for one in people if named in (one.name.casefold(), one.called.casefold())), None)


def helper_of(step: Step) -> str:
    """Who of ours hears that something is in the way of this step."""
    staff = reviewer(step)
    return staff.called if staff else provider().name


def _open(step: Step, reader: User) -> Line | None:
    """Open: it may wait for us all the same, or be somebody else's."""
    if step.kind == "sign" and step.with_us:
        return _line("with_us", _("The plan is with us."), _signs(step, reader))
    if first := step.waits_for:
        who = name_for(first.assignee, reader) or provider().name
        return _line(
            "with_us", _("With us."), _("%(who)s writes it first; then it is yours to read.", who=who)
        )
    if step.asked_to_skip:
        return _line("with_us", _asked(step, reader), _("We look at it and answer here."), step.asked_to_skip)
    if step.reopen_reason:
        return _line("returned", _("We reopened this."), quoted=step.reopen_reason)
    if step.state not in WORKABLE or step.workable_by(reader):
        return _put_off(step)
    who = name_for(step.assignee, reader)
    if not step.is_customers:
        return _line("with_us", _("With us."), _("%(who)s does this one.", who=who or provider().name))
    if not reader.may(Can.COMPLETE_STEP):
        return _line("skipped", _("You are reading along."), _("Admins and teammates work on items."))
    title = _("This is with %(who)s.", who=who or _("an admin"))
    how = (
        _("It is agreed for your whole company.") if step.is_agreement else _("An admin can hand it to you.")
    )
    return _line("skipped", title, how)


def _signs(step: Step, reader: User) -> str:
    """Who of ours sends the plan, or moves it on, and by when."""
    who = name_for(holder_of(step), reader) or provider().name
    promised = promised_by(step)
    if promised is None or promised < step.onboarding.account.today:
        if step.waits_for:
            return _("%(who)s sends it; then it is yours to read and sign.", who=who)
        return _("%(who)s moves it on and answers here.", who=who)
    if step.waits_for:
        date = web.day(promised)
        return _("%(who)s sends it by %(date)s; then it is yours to read and sign.", who=who, date=date)
    return _("%(who)s moves it on by %(date)s.", who=who, date=web.day(promised))


def _asked(step: Step, reader: User) -> str:
    """Who asked to leave it out."""
    asked = last(step, Verb.SKIP_ASKED)
    if asked and asked.actor_id == reader.id:
        return _("You asked to leave this out.")
    who = ((asked and asked.personal) or {}).get("who") or _("Somebody of yours")
    return _("%(who)s asked to leave this out.", who=who)


def _put_off(step: Step) -> Line | None:
    """“Not now” was said, and the day has not come."""
    until = step.snoozed_until
    if until is None or until <= step.onboarding.account.today or step.state not in CUSTOMERS_TURN:
        return None
    title = _("Put off until %(date)s.", date=web.day(until))
    if step.due_on and step.due_on < until:
        due = web.day(step.due_on, "dMMMM")
        late = _("That is after its date, %(due)s; %(name)s is told.", due=due, name=helper_of(step))
        return _line("hold", title, f"{late} {_('Or do it now.')}")
    return _line("hold", title, _("Or do it now."))


def _done_by(step: Step, reader: User) -> str:
    date = web.short_day(step.done_at)
    name = name_for(step.done_by, reader)
    if step.done_via == "call":
        return _("Done with the call · %(date)s", date=date)
    if step.done_via == "usage":
        return _("Seen in your account %(date)s", date=web.short_day(step.seen_on))
    if step.done_for_you:
        who = step.done_by.called if step.done_by else provider().name
        return _("Done for you by %(who)s · %(date)s", who=who, date=date)
    return _("Done by %(who)s · %(date)s", who=name or provider().name, date=date)
