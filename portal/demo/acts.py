"""What people do on a road, one act each, at the moment at which the clock stands."""

import random
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from portal import clock, db, uploads
from portal.accounts.kinds import PortalRole, TeamRole
from portal.accounts.models import Account, Person, Staff, User
from portal.activity.models import Audience, Verb, record
from portal.auth.links import invite
from portal.calls import queries, rules
from portal.calls.diaries import diary, holder, host_for
from portal.calls.models import Call, taken
from portal.calls.partners import attended
from portal.calls.rules import CallState
from portal.demo import agreeing, papers
from portal.demo.answers import answers_for
from portal.onboardings.creation import assign_by_role
from portal.onboardings.models import Onboarding
from portal.onboardings.people import send_invitation
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step
from portal.usage.meaning import metrics_of

NEXT_STEPS = (
    "Send the notes to everybody who could not come",
    "Check the dates against our month end",
    "Name the colleague who stands in",
    "Try it once in the sandbox",
)


# --- People -------------------------------------------------------------------------------------


def add_person(
    account: Account,
    name: str,
    role: PortalRole,
    *,
    title: str,
    stakeholders: tuple[str, ...] = (),
    **more: Any,
) -> Person:
    """Somebody at the customer, not invited yet."""
    called = name.split()[0]
    plain = unicodedata.normalize("NFKD", called.lower()).encode("ascii", "ignore").decode()
    person = Person(
        account=account,
        account_id=account.id,
        name=name,
        called=called,
        email=f"{plain}@{account.slug}.example",
        portal_role=role,
        stakeholder_roles=list(stakeholders),
        learning_style=[],
        job_title=title,
        **more,
    )
    db.session.add(person)
    db.session.flush()
    return person


def welcome_in(person: Person, onboarding: Onboarding, *, by: User) -> None:
    """Invite somebody onto the road; steps that wait for their role become theirs."""
    assign_by_role(onboarding)
    send_invitation(onboarding, person, by=by)


def join(person: Person) -> None:
    """They follow their invitation and are in. Their browser is long closed, so no session is left."""
    person.joined_at = clock.now()
    record(person, Verb.PERSON_JOINED, by=person)
    record(person, Verb.SIGNED_IN, by=person, audience=Audience.STAFF)


def arrive(user: User) -> None:
    """Whoever does something for the first time follows their invitation first."""
    if isinstance(user, Person) and user.joined_at is None:
        join(user)


def invite_first(person: Person, onboarding: Onboarding, *, by: User) -> None:
    """The invitation that opens a customer's portal."""
    invite(person, by, next_path=f"/o/{onboarding.ref}")


# --- Steps --------------------------------------------------------------------------------------


def finish(step: Step, by: User, chance: random.Random, own: Mapping[str, Any] | None = None) -> None:
    """Fill in what the step asks and finish it, or hand it in where somebody of ours reviews it."""
    if step.has_own_page:
        agreeing.finish(step, by, chance, own)
        return
    if step.kind == "usage":
        step.be_seen(step.onboarding.account.today, ", ".join(metrics_of(step)))
        return
    if step.kind == "upload":
        give_file(step, by, chance)
        if step.state is not StepState.IN_PROGRESS:
            step.start(by=by)
    elif answers := answers_for(step, chance, own):
        step.save(answers, version=step.data_version, by=by)
    if step.needs_review and not by.is_staff:
        step.submit(by=by)
    else:
        step.complete(by=by)


def accept(step: Step, by: Staff) -> None:
    """What they handed in is right."""
    if step.kind == "kit":
        agreeing.confirm_kit(step.onboarding, by)
    else:
        step.complete(by=by)


def send_back(step: Step, why: str, by: Staff) -> None:
    """Something in what they handed in is to change."""
    if step.kind == "kit":
        agreeing.return_kit(step.onboarding, why, by)
    else:
        step.send_back(why, by=by)


def give_file(step: Step, by: User, chance: random.Random) -> None:
    """The file that an upload step asks for: a plan from us, a list from them."""
    company = step.onboarding.account
    if step.spec.upload and "csv" in step.spec.upload.accept:
        sent = papers.partner_list(
            f"{step.key.replace('_', '-')}-{company.slug}.csv", chance.randint(24, 60), chance
        )
    else:
        sent = papers.page(
            f"plan-{company.slug}.pdf", f"Onboarding plan: {company.name}", plan_lines(step.onboarding)
        )
    attach(step, sent, by)


def attach(step: Step, sent: FileStorage, by: User) -> None:
    """Put a file to a step."""
    uploads.receive(
        sent, account_id=step.account_id, onboarding_id=step.onboarding_id, step_id=step.id, by=by
    )


def plan_lines(onboarding: Onboarding) -> list[str]:
    """What the demo's plan says: the dates and who answers for them."""
    owner = onboarding.owner
    lines = [f"Consultant: {owner.name if owner else ''}", f"Day 0: {onboarding.start_date:%d.%m.%Y}", ""]
    lines += [f"{milestone.due_on:%d.%m.%Y}   {milestone.title}" for milestone in onboarding.milestones]
    return [*lines, "", "Goals, people and what is not included stand on the pages of your road."]


def reviewer_of(step: Step) -> Staff:
    """Who of ours looks at what a customer handed in."""
    if isinstance(step.assignee, Staff):
        return step.assignee
    technical = step.module.key in ("account_setup", "connections")
    role = TeamRole.INTEGRATION_SPECIALIST if technical else TeamRole.CONSULTANT
    staff = step.onboarding.on_team(role) or step.onboarding.owner
    assert staff is not None
    return staff


def owner(road: Onboarding) -> Staff:
    """The consultant who owns this road."""
    found = road.owner
    assert found is not None
    return found


# --- Calls --------------------------------------------------------------------------------------


def host_of(step: Step) -> Staff:
    """Who of ours holds the call that this step asks for."""
    found = host_for(step, step.onboarding)
    assert found is not None
    return found


def book(step: Step, by: Person, *, after: datetime, others: tuple[Person, ...] = ()) -> Call | None:
    """Book the call of this step for the first free time from `after` on; None when the two days never meet."""
    content = step.spec.call
    assert content is not None
    whose = host_of(step)
    times = free_times(by, whose, content.minutes)
    if not times:
        return None
    start, host = next((time for time in times if time[0] >= after), times[-1])
    return Call.book(
        step.onboarding,
        kind=content.kind,
        title=attended(step).title,
        minutes=content.minutes,
        agenda=list(content.agenda),
        owner=host,
        start=start,
        by=by,
        people=[by, *others],
        step=step,
        join_link=f"https://meet.partnerly.example/{step.onboarding.account.slug}-{content.kind.replace('_', '-')}",
    )


def book_help(road: Onboarding, by: Person, *, after: datetime) -> Call:
    """A quarter of an hour of help with the owner, at the first free time from `after` on."""
    wanted = queries.wanted_help(road)
    start, _host = next(time for time in free_times(by, owner(road), wanted.minutes) if time[0] >= after)
    return wanted.book(road, start, host=None, people=[by], by=by)


def free_times(guest: Person, whose: Staff, minutes: int) -> list[tuple[datetime, Staff]]:
    """When these two can meet, and with whom of ours: with the stand-in on days on which the host is away."""
    now, mine = clock.now(), diary(guest)
    ours = [whose] if whose.away_until is None or whose.stand_in is None else [whose, whose.stand_in]
    return sorted(
        (
            (start, host)
            for host in ours
            for day in rules.free(mine, diary(host), minutes, taken(host, now), now)
            for start, _end in day.slots
            if len(ours) == 1 or holder(whose, start) is host
        ),
        key=lambda time: time[0],
    )


def free_time(call: Call, after: datetime) -> datetime:
    """Another free time for this call, from `after` on if there is one."""
    times = [start for start, _host in free_times(call.guest, call.owner, call.minutes)]
    return next((start for start in times if start >= after), times[-1])


def calls_ahead(road: Onboarding) -> list[Call]:
    """The calls that are to take place still."""
    rows = select(Call).where(Call.onboarding_id == road.id, Call.state == CallState.SCHEDULED)
    return list(db.session.scalars(rows.order_by(Call.start)))


def _next_step(text: str, who: User, due: str) -> dict[str, Any]:
    return {"text": text, "who": who.name, "user": who.ref, "due": due}


def hold(
    call: Call, chance: random.Random, notes: str | None = None, on_road: tuple[str, Staff] | None = None
) -> None:
    """Log that it took place. The clock stands after its end; `on_road` is a next step that becomes an item, and who
    does it."""
    people = list(call.people)
    due = (clock.now() + timedelta(days=3)).date().isoformat()
    follow: list[dict[str, Any]] = [
        _next_step(text, chance.choice(people), due) for text in chance.sample(NEXT_STEPS, 2)
    ]
    if on_road:
        text, who = on_road
        follow[0] = {**_next_step(text, who, due), "on_road": True}
    said = notes or "We went through the agenda. " + " ".join(
        f"{point}: settled." for point in call.agenda[:3]
    )
    call.hold(notes=said, next_steps=follow, by=call.owner)
