"""Which letters an onboarding writes, when and to whom (product.md 5.4). What they say stands in `road_wording`
and `step_wording`.

Called in the transaction that changes the onboarding, inside an app context.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from portal import clock
from portal.accounts.kinds import TeamRole
from portal.accounts.models import Person, Staff, User, provider
from portal.mail import Attachment
from portal.notifications import letters as notifications
from portal.notifications.rules import Kind
from portal.onboardings import road_wording, step_wording
from portal.onboardings.paper import address, flat, post
from portal.onboardings.record import UNDO_MINUTES
from portal.onboardings.wave_keys import of_playbook

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from portal.onboardings.models import Onboarding
    from portal.onboardings.paper import Words
    from portal.onboardings.record import StepRecord as Step
    from portal.onboardings.stages import Stage


# --- The road as a whole --------------------------------------------------------------------------


def welcome(onboarding: Onboarding) -> None:
    """To the admins, on the first day of Welcome: thanks, four dates, faces, two small things, a calendar file."""
    for admin in admins(onboarding):
        about = f"onboarding:{onboarding.id}:welcome"
        file = calendar_file(onboarding)
        post(
            admin,
            Kind.WELCOME,
            onboarding,
            partial(road_wording.welcome, onboarding),
            about=about,
            attachments=[file],
        )


def stage_complete(stage: Stage) -> None:
    """To everyone on the road, ten minutes after, unless it is undone."""
    about = f"stage:{stage.id}:complete"
    notifications.withdraw(about)
    for person in everyone(stage.onboarding):
        post(
            person,
            Kind.STAGE_COMPLETE,
            stage.onboarding,
            partial(road_wording.stage_complete, stage),
            about=about,
            wait_minutes=UNDO_MINUTES,
        )


def forget(step: Step) -> None:
    """Take back the waiting letters that an undo or a reopening of this step has made untrue."""
    if not step.stage.is_complete:
        notifications.withdraw(f"stage:{step.stage_id}:complete")


# --- One step, to the customer --------------------------------------------------------------------


def assigned(step: Step, by: User) -> None:
    """To the new assignee, or to their stand-in while they are away. A letter to the one before them that still
    waits is taken back."""
    notifications.withdraw(f"step:{step.id}:assigned")
    user = step.assignee
    reader = user.acting if isinstance(user, Staff) else user
    if user is None or reader is None or reader.id == by.id or not step.onboarding.is_running:
        return
    fill = ("onboardings.assigned", {"step": step.id, "user": user.id})
    _send(reader, Kind.STEP_ASSIGNED, step, "assigned", partial(step_wording.assigned, step, by), fill=fill)


def assigned_leaves(step: Step) -> datetime | None:
    """When the letter to the new assignee leaves; None when they get none."""
    user = step.assignee.acting if isinstance(step.assignee, Staff) else step.assignee
    return notifications.leaves(user, f"step:{step.id}:assigned") if user else None


def returned(step: Step, by: User) -> None:
    """To whoever handed it in, else the assignee, else the admins: what to change."""
    sender = step.submitted_by
    readers: list[User] = [sender] if isinstance(sender, Person) and sender.is_active else concerned(step)
    for user in readers:
        _send(user, Kind.STEP_RETURNED, step, "returned", partial(step_wording.returned, step, by))


def reopened(step: Step, by: User) -> None:
    """To the assignee, else the admins: why a finished step is open again."""
    forget(step)
    for user in concerned(step):
        _send(user, Kind.STEP_RETURNED, step, "reopened", partial(step_wording.reopened, step, by))


def skip_declined(step: Step, reason: str, by: User) -> None:
    """To the assignee, else the admins: it stays on the road, and why."""
    for user in concerned(step):
        write = partial(step_wording.skip_declined, step, reason, by)
        _send(user, Kind.STEP_RETURNED, step, "kept", write)


def reminder_before(step: Step) -> None:
    """To the assignee, else the admins: due on the next working day. Dropped when it is finished before it leaves."""
    for user in concerned(step):
        write = partial(step_wording.reminder_before, step)
        _send(user, Kind.REMINDER_BEFORE, step, "before", write, fill=_while_due(step))


def reminder_after(step: Step) -> None:
    """To the assignee, else the admins: it was due on the working day before."""
    notifications.withdraw(f"step:{step.id}:before")
    for user in concerned(step):
        write = partial(step_wording.reminder_after, step)
        _send(user, Kind.REMINDER_AFTER, step, "after", write, fill=_while_due(step))


def we_are_late(step: Step) -> None:
    """To the admins, before they ask: what we promised in this step has passed its date."""
    promised = step.promised_on
    fill = ("onboardings.promised", {"step": step.id, "day": promised.isoformat() if promised else ""})
    for admin in admins(step.onboarding):
        write = partial(road_wording.we_are_late, step, reviewer(step))
        _send(admin, Kind.LATE, step, "late", write, fill=fill)


# --- One step, to our side ------------------------------------------------------------------------


def handed_in(step: Step, by: User) -> None:
    """To the person of ours who answers for it: a customer handed this in."""
    notifications.withdraw(f"step:{step.id}:returned")
    _ask(reviewer(step), Kind.REVIEW_ASKED, step, "handed_in", by, step_wording.handed_in)


def blocked(step: Step, by: User) -> None:
    """To the person of ours who can help: something is in the way."""
    _ask(reviewer(step), Kind.HELP_ASKED, step, "blocked", by, step_wording.blocked)


def put_off(step: Step, by: User) -> None:
    """To the person of ours who answers for it: it comes back only after its date."""
    _ask(reviewer(step), Kind.HELP_ASKED, step, "put_off", by, step_wording.put_off)


def skip_asked(step: Step, by: User) -> None:
    """To the owner: the customer says that this doesn't apply to them."""
    owner = step.onboarding.owner
    _ask(owner and owner.acting, Kind.REVIEW_ASKED, step, "skip_asked", by, step_wording.skip_asked)


def _ask(
    reader: Staff | None,
    kind: Kind,
    step: Step,
    name: str,
    by: User,
    write: Callable[[Step, User, User], Words],
) -> None:
    """To one of ours; nobody gets a letter about what they did themselves."""
    if reader is not None and reader.id != by.id:
        reply_to = None if by.is_staff else by
        _send(reader, kind, step, name, partial(write, step, by), reply_to=reply_to)


# --- Who ------------------------------------------------------------------------------------------


def admins(onboarding: Onboarding) -> list[Person]:
    """The customer's people who lead this."""
    return [person for person in everyone(onboarding) if person.is_admin]


def everyone(onboarding: Onboarding) -> list[Person]:
    """Everybody of the customer who was let in; somebody only suggested does not know about it yet."""
    known = [p for p in onboarding.account.people if p.suggested_by_id is None or p.invited_at or p.joined_at]
    return [person for person in known if person.is_active]


def concerned(step: Step) -> list[User]:
    """Who on the customer's side hears about this step: its assignee, else the admins; nobody when we have it,
    or when it is one of ours that they don't see."""
    assignee = step.assignee
    if not step.visible or (isinstance(assignee, Staff) and assignee.is_active):
        return []
    return [assignee] if assignee is not None and assignee.is_active else list(admins(step.onboarding))


def reviewer(step: Step) -> Staff | None:
    """Who of us answers for this step: whoever has it, else its module's role on this team, else the owner.

    Their stand-in while they are away.
    """
    if isinstance(step.assignee, Staff) and step.assignee.is_active:
        return step.assignee.acting
    module = step.onboarding.playbook_version.module(of_playbook(step.module.key))
    staff = (
        step.onboarding.on_team(TeamRole(module.owner_role)) if module else None
    ) or step.onboarding.owner
    return staff.acting if staff else None


# --- Sending --------------------------------------------------------------------------------------


def _send(
    user: User,
    kind: Kind,
    step: Step,
    name: str,
    write: Callable[[User], Words],
    *,
    reply_to: User | None = None,
    fill: tuple[str, dict[str, Any]] | None = None,
) -> None:
    post(user, kind, step.onboarding, write, about=f"step:{step.id}:{name}", reply_to=reply_to, fill=fill)


def _while_due(step: Step) -> tuple[str, dict[str, Any]]:
    """The letter leaves only while they can move the step and it is due on this date."""
    return "onboardings.due", {"step": step.id, "due": step.due_on.isoformat() if step.due_on else ""}


def calendar_file(onboarding: Onboarding) -> Attachment:
    """The milestones as whole days, for a calendar; read there, so nobody is asked to answer."""
    # Loaded with the first file: five megabytes that an idle server does without.
    from icalendar import Calendar, Event

    host = urlsplit(address("/")).hostname
    calendar = Calendar()
    calendar.add("prodid", "-//Firstmile//Road//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for milestone in onboarding.checkpoints:
        event = Event()
        event.add("uid", f"milestone-{onboarding.ref}-{milestone.key}@{host}")
        event.add("sequence", 0)
        event.add("dtstamp", clock.now())
        event.add("dtstart", milestone.due_on)
        event.add("summary", f"{flat(milestone.title)} ({flat(provider().name)})")
        event.add("url", address(road_wording.home_path(onboarding)))
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return Attachment("road.ics", "text/calendar; method=PUBLISH; charset=utf-8", calendar.to_ical())
