"""What each thing that is remembered is about: the words of a long history's filter."""

from enum import StrEnum, auto

from portal.activity.models import Verb


class Kind(StrEnum):
    """What it is about."""

    STEPS = auto()
    CALLS = auto()
    PEOPLE = auto()
    MESSAGES = auto()
    NOTES = auto()
    GOALS = auto()
    DATES = auto()
    SYSTEM = auto()  # Doors, settings and the like, which stand in no filter.


_OF = {
    Kind.STEPS: (
        Verb.STAGE_OPENED, Verb.STAGE_COMPLETED, Verb.MILESTONE_REACHED, Verb.STEP_STARTED, Verb.STEP_SAVED,
        Verb.STEP_SUBMITTED, Verb.STEP_RETURNED, Verb.STEP_COMPLETED, Verb.STEP_ACCEPTED, Verb.STEP_DONE_BY_CALL,
        Verb.STEP_DONE_FOR_YOU, Verb.STEP_UNDONE, Verb.STEP_REOPENED, Verb.STEP_SKIPPED, Verb.STEP_BROUGHT_BACK,
        Verb.STEP_ADDED, Verb.STEP_CHANGED, Verb.MODULE_ADDED, Verb.MODULE_LEFT_OUT, Verb.MODULE_BROUGHT_BACK,
        Verb.MODULE_CHANGED, Verb.WAVE_ADDED, Verb.WAVE_CHANGED, Verb.WAVE_LEFT_OUT,
        Verb.STAGE_OPENED_EARLY, Verb.CHANGE_ASKED, Verb.CHANGE_TAKEN_BACK,
        Verb.KIT_ANSWERED, Verb.KIT_ANSWER_CHANGED, Verb.EFFECT_CONTESTED, Verb.EFFECT_TAKEN, Verb.EFFECT_ACCEPTED,
        Verb.EFFECT_DECLINED,
        Verb.PREREQUISITE_ADDED, Verb.PREREQUISITE_READY, Verb.PREREQUISITE_NOT_READY, Verb.PREREQUISITE_HELP,
        Verb.PREREQUISITE_HANDED, Verb.PREREQUISITE_CHANGED, Verb.PREREQUISITE_LEFT_OUT, Verb.PREREQUISITE_BACK,
        Verb.PREREQUISITE_WITHOUT, Verb.SPONSORS_ASKED,
        Verb.STEP_BLOCKED, Verb.STEP_UNBLOCKED, Verb.STEP_ASSIGNED, Verb.SKIP_ASKED, Verb.SKIP_DECLINED,
    ),
    Kind.CALLS: (
        Verb.CALL_BOOKED, Verb.CALL_MOVED, Verb.CALL_CANCELLED, Verb.CALL_HELD, Verb.CALL_NO_SHOW, Verb.CALL_ASKED,
        Verb.CALL_NOTED, Verb.CALL_LOG_TAKEN_BACK, Verb.CALL_PLANNED, Verb.CALL_PASSED_ON, Verb.CALL_NEEDS_TIME,
    ),
    Kind.PEOPLE: (
        Verb.PERSON_SUGGESTED, Verb.PERSON_INVITED, Verb.PERSON_JOINED, Verb.PERSON_REMOVED, Verb.PERSON_LEFT,
        Verb.ROLE_CHANGED, Verb.TEAM_ASSIGNED,
    ),
    Kind.MESSAGES: (Verb.MESSAGE_WRITTEN, Verb.ANSWER_NOT_NEEDED, Verb.DOCUMENT_SHARED, Verb.DOCUMENT_REMOVED),
    Kind.NOTES: (
        Verb.NOTE_WRITTEN, Verb.NOTE_CORRECTED, Verb.SIGNAL_RECORDED, Verb.SIGNAL_SETTLED,
        Verb.HANDOFF_BEGUN, Verb.HANDOFF_WRITTEN, Verb.HANDOFF_SUBMITTED, Verb.HANDOFF_RETURNED,
        Verb.HANDOFF_ACCEPTED, Verb.PREVIEW_MADE, Verb.PREVIEW_REVOKED,
    ),
    Kind.GOALS: (
        Verb.CRITERION_PROPOSED, Verb.CRITERION_CHANGE_ASKED, Verb.CRITERION_KEPT, Verb.CRITERION_AGREED,
        Verb.CRITERION_ADJUSTED, Verb.CRITERION_WITHDRAWN, Verb.CRITERION_OWNED, Verb.CRITERION_MEASURED,
        Verb.CRITERION_MET, Verb.CRITERION_NOT_MET,
    ),
    Kind.DATES: (
        Verb.ONBOARDING_CREATED, Verb.ONBOARDING_STARTED, Verb.ONBOARDING_BEGAN, Verb.HELD, Verb.RESUMED,
        Verb.CANCELLED, Verb.GRADUATED, Verb.STEP_SNOOZED, Verb.START_MOVED, Verb.DATES_MOVED, Verb.DATE_ASKED,
        Verb.DATE_KEPT, Verb.EARLY_ASKED,
    ),
    Kind.SYSTEM: (
        Verb.ACCOUNT_CREATED, Verb.STAFF_ADDED, Verb.STAFF_AWAY, Verb.STAFF_LEFT, Verb.SIGNED_IN, Verb.SIGN_IN_FAILED,
        Verb.SIGNED_OUT, Verb.SESSION_ENDED, Verb.SIGNIN_LINK_MADE, Verb.CUSTOMER_VIEW_BEGUN, Verb.CUSTOMER_VIEW_ENDED,
        Verb.PASSWORD_SET, Verb.PREFERENCE_CHANGED, Verb.PROFILE_CHANGED, Verb.PLAYBOOK_IMPORTED, Verb.PROVIDER_CHANGED,
        Verb.CHAIN_BEGUN, Verb.VIEW_SAVED, Verb.VIEW_DELETED,
    ),
}  # fmt: skip

KIND_OF: dict[Verb, Kind] = {verb: kind for kind, verbs in _OF.items() for verb in verbs}


def verbs_of(kind: Kind) -> tuple[Verb, ...]:
    """The verbs of one kind."""
    return _OF[kind]
