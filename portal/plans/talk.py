"""What both sides say about a plan: messages about the steps in which it is written and signed."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.accounts.models import User
from portal.messages.models import Message
from portal.messages.queries import talk_about
from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step


def comment(onboarding: Onboarding, part: str, body: str, *, by: User) -> Message:
    """Say something about one part of the plan, named by its title. Raises Refused."""
    text = _("About “%(what)s”: %(question)s", what=part, question=body)
    return Message.write(onboarding, text, by=by, step=step_of(onboarding))


def said(onboarding: Onboarding) -> list[Message]:
    """The last of it, in the order it was written."""
    return talk_about(*_steps(onboarding))


def step_of(onboarding: Onboarding) -> Step | None:
    """What such messages are about; none on a road whose playbook has no step for the plan."""
    steps = _steps(onboarding)
    return next((step for step in steps if not step.is_closed), steps[-1] if steps else None)


def _steps(onboarding: Onboarding) -> list[Step]:
    found = (onboarding.step_of_kind(kind) for kind in ("plan", "sign"))
    return [step for step in found if step is not None and step.visible]
