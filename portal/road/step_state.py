"""The line on top of a step's sheet: where it stands, who has it, and what would move it."""

from flask_babel import gettext as _

from portal import web
from portal.access import Can
from portal.accounts.models import User, provider
from portal.onboardings.meter import holder_of, name_for
from portal.onboardings.states import OnboardingState, StepState
from portal.onboardings.steps import WORKABLE, Step
from portal.onboardings.words import BLOCK_REASONS

Line = dict[str, str]


def said(step: Step, reader: User) -> Line | None:
    """What components/step.html's `said` takes: kind, title, text, quoted; none while the step is simply open."""
    if step.is_done:
        return _line("done", _done_by(step, reader))
    if step.state is StepState.SKIPPED:
        return _line("skipped", _("Left out."), step.skip_reason or "")
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
    team = _("Your team")
    match step.state:
        case StepState.LOCKED:
            opens = step.opens_when
            return _line("locked", _("Not open yet."), _("It %(opens)s. You can read it now.", opens=opens))
        case StepState.SUBMITTED:
            who = name_for(holder_of(step), reader) or team
            return _line("with_us", _("With us."), _("%(who)s looks at it within two working days.", who=who))
        case StepState.RETURNED:
            return _line("returned", _("One thing to change."), quoted=step.return_reason)
        case StepState.BLOCKED if step.blocked_by == "change":
            who = step.unblocker or team
            return _line(
                "with_us",
                _("Your change is with us."),
                _("%(who)s answers here.", who=who),
                step.blocked_detail,
            )
        case StepState.BLOCKED:
            reason = BLOCK_REASONS.get(step.blocked_by or "other", BLOCK_REASONS["other"])
            text = _("%(who)s can clear it.", who=step.unblocker or team)
            return _line("blocked", f"{reason}.", text, step.blocked_detail)
    return None


def _open(step: Step, reader: User) -> Line | None:
    """Open: it may wait for us all the same, or be somebody else's."""
    if first := step.waits_for:
        who = name_for(first.assignee, reader) or provider().name
        return _line(
            "with_us", _("With us."), _("%(who)s writes it first; then it is yours to read.", who=who)
        )
    if step.asked_to_skip:
        return _line(
            "with_us",
            _("You asked to leave this out."),
            _("We look at it and answer here."),
            step.asked_to_skip,
        )
    if step.reopen_reason:
        return _line("returned", _("We reopened this."), quoted=step.reopen_reason)
    if step.state not in WORKABLE or step.workable_by(reader):
        return None
    who = name_for(step.assignee, reader)
    if not step.is_customers:
        return _line("with_us", _("With us."), _("%(who)s does this one.", who=who or provider().name))
    if not reader.may(Can.COMPLETE_STEP):
        return _line("skipped", _("You are reading along."), _("Admins and teammates work on items."))
    return _line("skipped", _("This is with %(who)s.", who=who), _("An admin can hand it to you."))


def _done_by(step: Step, reader: User) -> str:
    date = web.short_day(step.done_at)
    name = name_for(step.done_by, reader)
    if step.done_via == "call":
        return _("Done with the call · %(date)s", date=date)
    if step.done_for_you:
        who = step.done_by.called if step.done_by else provider().name
        return _("Done for you by %(who)s · %(date)s", who=who, date=date)
    return _("Done by %(who)s · %(date)s", who=name or provider().name, date=date)
