"""What the letters about one step say. Every function writes in the language that is set when it is called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_babel import ngettext

from portal import clock
from portal.accounts.models import User
from portal.onboardings.paper import PREHEADER, SUBJECT, Words, fitted, when
from portal.onboardings.road_wording import button_to, desk_path, leads, step_path
from portal.onboardings.words import BLOCK_REASONS, STAGE_TITLES, minutes
from portal.web import day

if TYPE_CHECKING:
    from portal.onboardings.record import StepRecord as Step


# --- One step, to the customer --------------------------------------------------------------------


def assigned(step: Step, by: User, reader: User) -> Words:
    """Somebody gave it to the reader, or to a colleague whose stand-in the reader is."""
    given = _("%(name)s gave you “%(title)s”. It takes about %(time)s.", name=by.called, **_facts(step))
    away = step.assignee if step.assignee_id != reader.id else None
    if away is not None:
        given = _(
            "%(name)s gave “%(title)s” to %(whom)s, who is away. It takes about %(time)s.",
            name=by.called,
            whom=away.called,
            **_facts(step),
        )
    if step.state == "submitted":
        given = _("%(name)s asks you to review “%(title)s”.", name=by.called, **_facts(step))
    on = step.promised_on or step.due_on
    due = [_("It is due on %(date)s.", date=day(on))] if on else []
    return _about(
        step,
        reader,
        lambda t: _("Yours now: %(title)s", title=t),
        [given, str(step.spec.why), *due],
        closing=[_("If it isn't yours to do, reply with one word and I'll sort it out.")],
        because=_("You get this because you stand in for %(whom)s.", whom=away.called) if away else "",
    )


def returned(step: Step, by: User, reader: User) -> Words:
    """It was looked at, and something has to change."""
    found = _(
        "%(name)s looked at “%(title)s”. This has to change before it counts:", name=by.called, **_facts(step)
    )
    return _about(
        step, reader, lambda t: _("One change: %(title)s", title=t), [found], quote=step.return_reason
    )


def reopened(step: Step, by: User, reader: User) -> Words:
    """It was finished, and is open again."""
    why = _("%(name)s opened “%(title)s” again. The reason:", name=by.called, **_facts(step))
    return _about(
        step, reader, lambda t: _("Open again: %(title)s", title=t), [why], quote=step.reopen_reason
    )


def skip_declined(step: Step, reason: str, by: User, reader: User) -> Words:
    """They asked to leave it out, and it stays."""
    why = _(
        "You asked to leave out “%(title)s”. It stays, and %(name)s says why:", name=by.called, **_facts(step)
    )
    return _about(step, reader, lambda t: _("It stays: %(title)s", title=t), [why], quote=reason)


def reminder_before(step: Step, reader: User) -> Words:
    """It is due soon: why they bought, how close they are, one action with its time, a way out."""
    due = day(step.due_on)
    said = _("“%(title)s” is due on %(date)s. It takes about %(time)s.", date=due, **_facts(step))
    return _about(
        step,
        reader,
        lambda t: _("Due %(date)s: %(title)s", date=day(step.due_on, "EEEdMMM"), title=t),
        [*_value(step), said],
        closing=[_("If something is in the way, reply with one word and I'll pick it up.")],
    )


def reminder_after(step: Step, reader: User) -> Words:
    """It was due: is that date still right?"""
    due = day(step.due_on)
    said = _(
        "“%(title)s” was due on %(date)s. Still right for you, or shall we move it? It takes about %(time)s.",
        date=due,
        **_facts(step),
    )
    return _about(
        step,
        reader,
        lambda t: _("Was due %(date)s: %(title)s", date=day(step.due_on, "EEEdMMM"), title=t),
        [*_value(step), said],
        closing=[_("If something is in the way, reply with one word and I'll pick it up.")],
    )


def _value(step: Step) -> list[str]:
    """What they told us they want, and how close they are, in numbers."""
    onboarding, stage = step.onboarding, step.stage
    left = len(stage.items) - stage.items_done
    close = ngettext(
        "This is the last item of %(stage)s.",
        "You are %(num)s items from the end of %(stage)s.",
        left,
        stage=str(STAGE_TITLES[stage.key]),
    )
    if not step.counts:
        return []
    if onboarding.quote:
        return [_("You told us why you are doing this: “%(why)s”", why=onboarding.quote), close]
    return [close]


def _about(
    step: Step,
    reader: User,
    subject: Callable[[str], str],
    paragraphs: Sequence[str],
    *,
    quote: str | None = None,
    closing: Sequence[str] = (),
    because: str = "",
) -> Words:
    mine, time = _("You get this because this step has your name on it."), minutes(step.minutes)
    return Words(
        subject=fitted(SUBJECT, subject, step.title),
        preheader=fitted(PREHEADER, lambda t: _("%(title)s takes %(time)s.", title=t, time=time), step.title),
        paragraphs=paragraphs,
        quote=quote,
        button=button_to(step),
        path=desk_path(step.onboarding) if reader.is_staff else step_path(step),
        because=because or (mine if step.assignee_id == reader.id else leads(step.onboarding)),
        closing=closing or [_("Unclear? Reply to this letter and I'll answer.")],
    )


# --- One step, to our side ------------------------------------------------------------------------


def handed_in(step: Step, by: User, reader: User) -> Words:
    """A customer waits for our answer."""
    said = _(
        "%(name)s handed in “%(title)s” on %(when)s.",
        name=by.name,
        when=when(clock.now(), reader),
        **_facts(step),
    )
    promised = day(step.promised_on)
    until = _("They see that it is with us. They expect an answer by %(date)s.", date=promised)
    return _ours(step, lambda t: _("To review: %(title)s", title=t), [said, until], until, _("Review it"))


def blocked(step: Step, by: User, _reader: User) -> Words:
    """Something is in a customer's way, or they want something changed before they agree."""
    if step.asks_change:
        said = _("%(name)s asks for a change before they agree to “%(title)s”:", name=by.name, **_facts(step))
        until = _("They expect an answer by %(date)s.", date=day(step.promised_on))
        asked = lambda t: _("A change asked for: %(title)s", title=t)  # noqa: E731
        return _ours(step, asked, [said], said, _("Answer it"), quote=step.blocked_detail, closing=[until])
    reason = str(BLOCK_REASONS.get(step.blocked_by or "other", BLOCK_REASONS["other"]))
    said = _(
        "%(name)s can't go on with “%(title)s”. In the way: %(what)s.",
        name=by.name,
        what=reason,
        **_facts(step),
    )
    who = [_("Who can clear it, they say: %(who)s.", who=step.unblocker)] if step.unblocker else []
    stops = _("Until it's cleared, nothing moves here, and the planned dates run on.")
    subject = lambda t: _("In the way: %(title)s", title=t)  # noqa: E731
    return _ours(
        step, subject, [said], said, _("See how to help"), quote=step.blocked_detail, closing=[*who, stops]
    )


def put_off(step: Step, by: User, _reader: User) -> Words:
    """A customer put an item off until after its date."""
    said = _(
        "%(name)s put “%(title)s” off until %(until)s; its date is %(due)s.",
        name=by.name,
        until=day(step.snoozed_until),
        due=day(step.due_on),
        **_facts(step),
    )
    ask = _("Nothing is asked of you. Write to them when the new day is too late.")
    subject = lambda t: _("Put off: %(title)s", title=t)  # noqa: E731
    return _ours(step, subject, [said], said, _("Look at it"), closing=[ask])


def skip_asked(step: Step, by: User, _reader: User) -> Words:
    """A customer says that a step doesn't apply to them."""
    said = _("%(name)s says that “%(title)s” doesn't apply to them:", name=by.name, **_facts(step))
    ask = _("Leave it out, or keep it and say why. Either way they get an answer from you.")
    subject = lambda t: _("Leave out? %(title)s", title=t)  # noqa: E731
    return _ours(step, subject, [said], said, _("Decide"), quote=step.asked_to_skip, closing=[ask])


def _ours(
    step: Step,
    subject: Callable[[str], str],
    paragraphs: Sequence[str],
    preheader: str,
    button: str,
    *,
    quote: str | None = None,
    closing: Sequence[str] = (),
) -> Words:
    company = step.onboarding.account.name
    return Words(
        subject=fitted(SUBJECT, subject, _("%(title)s (%(company)s)", title=step.title, company=company)),
        preheader=fitted(PREHEADER, str, preheader),
        paragraphs=paragraphs,
        quote=quote,
        button=button,
        path=desk_path(step.onboarding),
        because=_("You get this because you work on %(company)s's onboarding.", company=company),
        closing=closing,
    )


def _facts(step: Step) -> dict[str, Any]:
    return {"title": step.title, "time": minutes(step.minutes)}
