"""A road gets steps that its playbook doesn't have (product.md 2.6.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select

from portal import clock, db
from portal.accounts.models import Staff, User
from portal.activity.models import Activity, Verb
from portal.errors import Refused
from portal.onboardings import letters
from portal.onboardings.models import Onboarding
from portal.onboardings.once import SECOND_CLICK
from portal.onboardings.order import line_up
from portal.onboardings.own import OwnText
from portal.onboardings.record import check_due, check_running
from portal.onboardings.stages import Module, growing_stage
from portal.onboardings.states import ScopeChange
from portal.onboardings.steps import Step
from portal.playbooks.kinds import DEFAULT_WEIGHTS


@dataclass(frozen=True)
class NewStep:
    """What a step is to be that the playbook doesn't have.

    `why` is what the customer reads of it, `minutes` the time it takes. `side` is customer, us or both; left out, it is
    the assignee's. `kind` is one of `own.OWN_KINDS`: a checklist has `items`, something to read a `body` in Markdown.
    """

    title: str
    why: str
    assignee: User | None = None
    due_on: date | None = None
    side: str | None = None
    kind: str = "confirm"
    minutes: int = 5
    weight: int | None = None
    required: bool = True
    visible: bool = True
    done_when: str | None = None
    items: Sequence[str] = ()
    body: str | None = None


def add_step(
    onboarding: Onboarding,
    new: NewStep,
    *,
    by: User,
    behind: Step | None = None,
    module: Module | None = None,
) -> Step:
    """Put a step on this road: behind `behind`, at the end of `module`, or of the current stage, which also takes what
    would stand behind a step of a complete one. Whoever gets it has a letter. The same by the same person a moment
    ago is a second click, which is one step.

    Raises Refused for a complete stage, a day that has passed, or somebody who doesn't work on it; with the `field`
    place, due_on, visible or person.
    """
    check_running(onboarding, or_draft=True)
    if behind is not None and behind.stage.is_complete:
        behind = None
    module = module or (behind.module if behind else _current_module(onboarding))
    step = _made(onboarding, new)
    if again := _just_added(onboarding, step, by):
        return again
    module.check_open_for_more()
    if step.due_on:
        check_due(onboarding, step.due_on)
    _check(step)
    with db.session.no_autoflush, module.stage.rescoped():
        db.session.add(step)
        step.onboarding = onboarding
        line_up(step, module, behind=behind)
    db.session.flush()
    step.note_scope(ScopeChange.ADDED, new.why)
    step.say(Verb.STEP_ADDED, by, after={"stage": module.stage.key, "required": step.required}, why=new.why)
    if step.assignee is not None and step.assignee.id != by.id:
        letters.assigned(step, by)
    onboarding.settle()
    return step


def _made(onboarding: Onboarding, new: NewStep) -> Step:
    text = OwnText(
        why=new.why, done_when=new.done_when or None, items=tuple(new.items), body=new.body or None
    )
    return Step(
        account_id=onboarding.account_id,
        key=_free_key(onboarding),
        own=text.model_dump(mode="json", exclude_none=True),
        title=new.title,
        kind=new.kind,
        owner_side=new.side or ("us" if isinstance(new.assignee, Staff) else "customer"),
        required=new.required,
        visible=new.visible,
        weight=new.weight or DEFAULT_WEIGHTS[new.kind],
        minutes=new.minutes,
        due_on=new.due_on,
        first_due_on=new.due_on,
        due_by_hand=True,
        assignee=new.assignee,
        data={},
    )


def _just_added(onboarding: Onboarding, new: Step, by: User) -> Step | None:
    """The step of this road that `by` added with the same words a moment ago."""
    alike = [
        one for one in onboarding.steps if one.own and (one.plain_title, one.own) == (new.title, new.own)
    ]
    if not alike:
        return None
    added = select(Activity.subject_id).where(
        Activity.subject_type == Step.__tablename__,
        Activity.subject_id.in_([one.id for one in alike]),
        Activity.verb == Verb.STEP_ADDED,
        Activity.actor_id == by.id,
        Activity.at > clock.now() - SECOND_CLICK,
    )
    found = set(db.session.scalars(added))
    return next((one for one in alike if one.id in found and _same(one, new)), None)


def _same(one: Step, other: Step) -> bool:
    names = ("kind", "owner_side", "required", "visible", "minutes", "due_on", "assignee_id")
    mine = [getattr(one, name) for name in names]
    return mine == [
        *(getattr(other, name) for name in names[:-1]),
        other.assignee.id if other.assignee else None,
    ]


def _check(step: Step) -> None:
    if not step.visible and step.is_customers:
        raise Refused(
            _("Customers can't do what they don't see. Show it to them, or make it ours."), field="visible"
        )
    if step.assignee is not None and not step.could_be_done_by(step.assignee):
        raise Refused(_("Choose someone who works on this onboarding."), field="person")


def _current_module(onboarding: Onboarding) -> Module:
    """The last module of the current stage, of those that all share where there is one."""
    modules = [step.module for step in growing_stage(onboarding).steps]
    shared = [module for module in modules if module.wave_n is None]
    return (shared or modules)[-1]


def _free_key(onboarding: Onboarding) -> str:
    taken = {step.key for step in onboarding.steps}
    return next(key for n in range(1, len(taken) + 2) if (key := f"own_{n}") not in taken)
