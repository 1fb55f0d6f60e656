"""The steps that are about one call: to book it and to attend it are two."""

from portal.onboardings.steps import Step


def partners_of(step: Step) -> list[Step]:
    """The steps about the same call: to book it and to attend it are two."""
    call = step.spec.call
    others = (other for other in step.onboarding.steps if call and other.kind != step.kind)
    return [other for other in others if other.spec.call and call and other.spec.call.kind == call.kind]


def attended(step: Step) -> Step:
    """The step that is done with the call of `step`: itself, or the one whose call it books."""
    return next((other for other in partners_of(step) if other.kind == "attend_call"), step)
