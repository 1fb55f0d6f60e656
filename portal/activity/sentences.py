"""Each thing that happened as a sentence, in the reader's language.

Placeholders: `who` did it, `what` the subject is called, `whom` it concerns, `for` whom it was done, `day` on which.
"""

import re
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal import web
from portal.activity.models import Activity, Verb

FILLED = re.compile(r"%\(\w+\)s")
SENTENCES = {
    Verb.ONBOARDING_CREATED: _l("%(who)s set up this onboarding"),
    Verb.ONBOARDING_STARTED: _l("%(who)s opened the portal"),
    Verb.START_MOVED: _l("%(who)s moved the start of this onboarding"),
    Verb.ONBOARDING_BEGAN: _l("Day 0: the onboarding began"),
    Verb.TEAM_ASSIGNED: _l("%(who)s put %(whom)s on the team"),
    Verb.HELD: _l("%(who)s put the onboarding on hold"),
    Verb.RESUMED: _l("%(who)s resumed the onboarding"),
    Verb.CANCELLED: _l("%(who)s cancelled the onboarding"),
    Verb.GRADUATED: _l("The onboarding graduated"),
    Verb.STAGE_OPENED: _l("%(what)s opened"),
    Verb.STAGE_COMPLETED: _l("%(what)s is complete"),
    Verb.MILESTONE_REACHED: _l("Milestone reached: %(what)s"),
    Verb.STEP_STARTED: _l("%(who)s started %(what)s"),
    Verb.STEP_SAVED: _l("%(who)s saved answers in %(what)s"),
    Verb.STEP_SUBMITTED: _l("%(who)s sent %(what)s for review"),
    Verb.STEP_RETURNED: _l("%(who)s returned %(what)s"),
    Verb.STEP_COMPLETED: _l("%(who)s finished %(what)s"),
    Verb.STEP_ACCEPTED: _l("%(who)s accepted %(what)s"),
    Verb.STEP_DONE_BY_CALL: _l("%(what)s is done with its call"),
    Verb.STEP_DONE_FOR_YOU: _l("%(who)s did %(what)s for you"),
    Verb.STEP_SEEN: _l("Seen in the account: %(what)s"),
    Verb.FIRST_VALUE_REACHED: _l("First value is reached"),
    Verb.SEATS_SET: _l("%(who)s set the number of seats"),
    Verb.USAGE_IMPORTED: _l("%(who)s brought in daily counts of use"),
    Verb.STEP_UNDONE: _l("%(who)s undid %(what)s"),
    Verb.STEP_REOPENED: _l("%(who)s reopened %(what)s"),
    Verb.STEP_SKIPPED: _l("%(who)s left %(what)s out"),
    Verb.STEP_BROUGHT_BACK: _l("%(who)s brought %(what)s back"),
    Verb.STEP_BLOCKED: _l("%(who)s reported that something is in the way of %(what)s"),
    Verb.CHANGE_ASKED: _l("%(who)s asked for a change to %(what)s"),
    Verb.CHANGE_TAKEN_BACK: _l("%(who)s took back the change to %(what)s"),
    Verb.STEP_UNBLOCKED: _l("%(who)s cleared the way for %(what)s"),
    Verb.STEP_ASSIGNED: _l("%(who)s handed %(what)s to %(whom)s"),
    Verb.STEP_SNOOZED: _l("%(who)s put %(what)s off"),
    Verb.STEP_ADDED: _l("%(who)s added %(what)s"),
    Verb.STEP_CHANGED: _l("%(who)s changed %(what)s"),
    Verb.MODULE_ADDED: _l("%(who)s added the module %(what)s"),
    Verb.WAVE_ADDED: _l("%(who)s added the wave %(what)s"),
    Verb.WAVE_CHANGED: _l("%(who)s changed the wave %(what)s"),
    Verb.WAVE_LEFT_OUT: _l("%(who)s left the wave %(what)s out"),
    Verb.HANDOFF_BEGUN: _l("%(who)s began the hand-off"),
    Verb.HANDOFF_WRITTEN: _l("%(who)s wrote in the hand-off"),
    Verb.HANDOFF_SUBMITTED: _l("%(who)s submitted the hand-off"),
    Verb.HANDOFF_RETURNED: _l("%(who)s returned the hand-off"),
    Verb.HANDOFF_ACCEPTED: _l("%(who)s accepted the hand-off"),
    Verb.KIT_ANSWERED: _l("%(who)s answered %(what)s"),
    Verb.KIT_ANSWER_CHANGED: _l("%(who)s changed the answer to %(what)s"),
    Verb.EFFECT_CONTESTED: _l("%(who)s said that it isn't right: %(what)s"),
    Verb.EFFECT_TAKEN: _l("%(who)s chose %(what)s"),
    Verb.EFFECT_ACCEPTED: _l("%(who)s accepted what an answer changes: %(what)s"),
    Verb.EFFECT_DECLINED: _l("%(who)s declined what an answer changes: %(what)s"),
    Verb.PREREQUISITE_ADDED: _l("%(who)s asked for %(what)s"),
    Verb.PREREQUISITE_READY: _l("%(who)s said that %(what)s is ready"),
    Verb.PREREQUISITE_NOT_READY: _l("%(who)s said that %(what)s is not ready"),
    Verb.PREREQUISITE_HELP: _l("%(who)s asked for help with %(what)s"),
    Verb.PREREQUISITE_HANDED: _l("%(who)s gave %(what)s to %(whom)s"),
    Verb.PREREQUISITE_CHANGED: _l("%(who)s changed %(what)s"),
    Verb.PREREQUISITE_LEFT_OUT: _l("%(who)s asked for %(what)s no longer"),
    Verb.PREREQUISITE_BACK: _l("%(who)s asked for %(what)s again"),
    Verb.PREREQUISITE_WITHOUT: _l("%(who)s decided to go on without %(what)s"),
    Verb.SPONSORS_ASKED: _l("%(who)s asked the sponsors of both sides for %(what)s"),
    Verb.PREVIEW_MADE: _l("%(who)s made a link to a look ahead at the road"),
    Verb.PREVIEW_REVOKED: _l("%(who)s withdrew the link to a look ahead"),
    Verb.CRITERION_PROPOSED: _l("%(who)s suggested the result %(what)s"),
    Verb.CRITERION_CHANGE_ASKED: _l("%(who)s asked for a change to the result %(what)s"),
    Verb.CRITERION_KEPT: _l("%(who)s suggested the result again as it was: %(what)s"),
    Verb.CRITERION_AGREED: _l("%(who)s agreed to the result %(what)s"),
    Verb.CRITERION_ADJUSTED: _l("%(who)s agreed to change the result that was not met: %(what)s"),
    Verb.CRITERION_WITHDRAWN: _l("%(who)s withdrew the result %(what)s"),
    Verb.CRITERION_OWNED: _l("%(who)s said who looks after the result %(what)s"),
    Verb.CRITERION_MEASURED: _l("%(who)s measured %(what)s"),
    Verb.CRITERION_MET: _l("%(who)s confirmed the result %(what)s"),
    Verb.CRITERION_NOT_MET: _l("%(who)s said that this result is not met: %(what)s"),
    Verb.SCOPE_AGREED: _l("%(who)s agreed what is in and what is not"),
    Verb.SCOPE_CHANGED: _l("%(who)s changed %(what)s in the list of what is in and what is not"),
    Verb.SCOPE_ASKED: _l("%(who)s asked for an answer to what is in and what is not"),
    Verb.NEED_CONFIRMED: _l("%(who)s confirmed %(what)s"),
    Verb.NEED_REFUSED: _l("%(who)s can't release %(what)s"),
    Verb.NEED_CHANGED: _l("%(who)s changed %(what)s in what is needed"),
    Verb.PRIORITY_SET: _l("%(who)s set the priority"),
    Verb.PLAN_WRITTEN: _l("%(who)s wrote in %(what)s"),
    Verb.PLAN_REVIEW_ASKED: _l("%(who)s asked the customer to look through %(what)s"),
    Verb.PLAN_SENT: _l("%(who)s sent %(what)s to be signed"),
    Verb.PLAN_SENT_AGAIN: _l("%(who)s sent %(what)s once more, as it was"),
    Verb.PLAN_VOIDED: _l("%(who)s took back %(what)s"),
    Verb.PLAN_AGREED_TO_SIGN: _l("%(who)s agreed to sign %(what)s electronically"),
    Verb.PLAN_SIGNED_BY: _l("%(who)s signed %(what)s"),
    Verb.PLAN_SIGNED: _l("Everybody has signed %(what)s"),
    Verb.PLAN_HANDED_ON: _l("%(who)s asked %(whom)s to sign %(what)s"),
    Verb.PLAN_DECLINED: _l("%(who)s declined to sign %(what)s"),
    Verb.PLAN_EXPIRED: _l("The time to sign %(what)s is over"),
    Verb.PLAN_FRESH_ASKED: _l("%(who)s asked for a fresh copy of %(what)s"),
    Verb.PLAN_SEALED: _l("%(what)s was sealed"),
    Verb.PLAN_SEAL_FAILED: _l("%(what)s could not be sealed"),
    Verb.PLAN_SEAL_ASKED: _l("%(who)s had %(what)s sealed once more"),
    Verb.KIT_ANSWERED_BESIDE: _l("%(who)s gave another answer to %(what)s"),
    Verb.KIT_ASKED: _l("%(who)s sent the question %(what)s to %(whom)s"),
    Verb.KIT_ASK_RAN_OUT: _l("%(whom)s needs a new link for the question %(what)s"),
    Verb.KIT_ASK_TAKEN_BACK: _l("%(who)s took the question %(what)s back from %(whom)s"),
    Verb.MODULE_LEFT_OUT: _l("%(who)s left the module %(what)s out"),
    Verb.MODULE_CHANGED: _l("%(who)s changed the module %(what)s"),
    Verb.MODULE_BROUGHT_BACK: _l("%(who)s brought the module %(what)s back"),
    Verb.DATES_MOVED: _l("%(who)s moved the dates, graduation"),
    Verb.STAGE_OPENED_EARLY: _l("%(who)s opened %(what)s early"),
    Verb.SKIP_ASKED: _l("%(who)s said that %(what)s doesn't apply"),
    Verb.SKIP_DECLINED: _l("%(who)s kept %(what)s on the road"),
    Verb.DATE_KEPT: _l("%(who)s kept the graduation date"),
    Verb.DATE_ASKED: _l("%(who)s asked for another graduation date"),
    Verb.EARLY_ASKED: _l("%(who)s asked to go on earlier"),
    Verb.ACCOUNT_CREATED: _l("%(who)s added the account %(what)s"),
    Verb.PERSON_SUGGESTED: _l("%(who)s suggested inviting %(whom)s"),
    Verb.PERSON_INVITED: _l("%(who)s invited %(whom)s"),
    Verb.PERSON_JOINED: _l("%(who)s joined"),
    Verb.PERSON_REMOVED: _l("%(who)s removed %(whom)s"),
    Verb.PERSON_LEFT: _l("%(who)s noted that %(whom)s has left"),
    Verb.ROLE_CHANGED: _l("%(who)s changed what %(whom)s may do"),
    Verb.STAFF_ADDED: _l("%(what)s was added to the staff"),
    Verb.STAFF_AWAY: _l("%(who)s changed when %(what)s is away"),
    Verb.STAFF_LEFT: _l("%(what)s left the staff"),
    Verb.SIGNED_IN: _l("%(who)s signed in"),
    Verb.SIGN_IN_FAILED: _l("Somebody failed to sign in as %(what)s"),
    Verb.SIGNED_OUT: _l("%(who)s signed out"),
    Verb.SESSION_ENDED: _l("%(who)s ended a session"),
    Verb.SIGNIN_LINK_MADE: _l("A sign-in link for %(what)s was made on the command line"),
    Verb.CUSTOMER_VIEW_BEGUN: _l("%(who)s began to see the pages as %(whom)s"),
    Verb.CUSTOMER_VIEW_ENDED: _l("%(who)s stopped seeing the pages as %(whom)s"),
    Verb.PASSWORD_SET: _l("%(who)s set a password"),
    Verb.PREFERENCE_CHANGED: _l("%(who)s changed what reaches them by e-mail"),
    Verb.VIEW_SAVED: _l("%(who)s saved the view %(what)s"),
    Verb.VIEW_DELETED: _l("%(who)s deleted the view %(what)s"),
    Verb.PROFILE_CHANGED: _l("%(who)s changed the details of %(what)s"),
    Verb.MESSAGE_WRITTEN: _l("%(who)s wrote a message"),
    Verb.ANSWER_NOT_NEEDED: _l("%(who)s marked what %(whom)s wrote as needing no answer"),
    Verb.DOCUMENT_SHARED: _l("%(who)s shared %(what)s"),
    Verb.DOCUMENT_REMOVED: _l("%(who)s removed %(what)s"),
    Verb.NOTE_WRITTEN: _l("%(who)s wrote a note"),
    Verb.NOTE_CORRECTED: _l("%(who)s corrected a note"),
    Verb.SIGNAL_RECORDED: _l("%(who)s recorded a signal"),
    Verb.SIGNAL_SETTLED: _l("%(who)s settled a signal"),
    Verb.ESCALATION_OPENED: _l("%(who)s called %(whom)s in"),
    Verb.ESCALATION_ADDED: _l("%(who)s added a reason why help is needed"),
    Verb.ESCALATION_TAKEN: _l("%(who)s took the case"),
    Verb.ESCALATION_GIVEN: _l("%(who)s gave the case to %(whom)s"),
    Verb.ESCALATION_NOTED: _l("%(who)s noted on the case"),
    Verb.ESCALATION_TICKED: _l("%(who)s ticked off: %(what)s"),
    Verb.ESCALATION_UNTICKED: _l("%(who)s took the tick back: %(what)s"),
    Verb.ESCALATION_WROTE: _l("%(who)s sent the drafted message"),
    Verb.ESCALATION_WAITS: _l("%(who)s waits for the customer"),
    Verb.ESCALATION_BACK: _l("%(who)s ended the wait for the customer"),
    Verb.ESCALATION_RAISED: _l("%(who)s raised the case and called %(whom)s in"),
    Verb.ESCALATION_RESOLVED: _l("%(who)s resolved the case"),
    Verb.ESCALATION_DISMISSED: _l("%(who)s called the case a false alarm"),
    Verb.ESCALATION_REOPENED: _l("%(who)s opened the case again"),
    Verb.FOLLOW_UP_WRITTEN: _l("%(who)s wrote a follow-up to %(whom)s"),
    Verb.FOLLOW_UP_CHANGED: _l("%(who)s changed the follow-up to %(whom)s"),
    Verb.FOLLOW_UP_APPROVED: _l("%(who)s let the follow-up to %(whom)s go"),
    Verb.FOLLOW_UP_PUT_AWAY: _l("%(who)s put the line about a follow-up away"),
    Verb.FOLLOW_UP_SENT: _l("A follow-up went to %(whom)s: %(what)s"),
    Verb.FOLLOW_UP_SKIPPED: _l("%(who)s left out a follow-up to %(whom)s"),
    Verb.FOLLOW_UP_ANSWERED: _l("%(whom)s answered a follow-up"),
    Verb.CALL_BOOKED: _l("%(who)s booked %(what)s"),
    Verb.CALL_MOVED: _l("%(who)s moved %(what)s"),
    Verb.CALL_PASSED_ON: _l("%(who)s gave %(what)s to %(whom)s"),
    Verb.CALL_NEEDS_TIME: _l("%(what)s needs another time: %(whom)s takes it over and is not free then"),
    Verb.CALL_CANCELLED: _l("%(who)s cancelled %(what)s"),
    Verb.CALL_HELD: _l("%(what)s took place"),
    Verb.CALL_NO_SHOW: _l("%(what)s did not take place"),
    Verb.CALL_ASKED: _l("%(who)s asked for a time for %(what)s"),
    Verb.CALL_PLANNED: _l("%(who)s wrote the agenda of %(what)s"),
    Verb.CALL_NOTED: _l("%(who)s changed the notes of %(what)s"),
    Verb.CALL_LOG_TAKEN_BACK: _l("%(who)s took back the log of %(what)s"),
    Verb.PLAYBOOK_IMPORTED: _l("The playbook %(what)s was imported"),
    Verb.HEALTH_CHANGED: _l("Health changed"),
    Verb.HEALTH_SET: _l("%(who)s set health by hand"),
    Verb.HEALTH_SET_ENDED: _l("%(who)s let health follow the facts again"),
    Verb.THRESHOLDS_CHANGED: _l("%(who)s changed the thresholds of health for %(what)s"),
    Verb.TRIGGER_CHANGED: _l("%(who)s changed the trigger %(what)s"),
    Verb.TRIGGER_SWITCHED_ON: _l("%(who)s switched the trigger %(what)s on"),
    Verb.TRIGGER_SWITCHED_OFF: _l("%(who)s switched the trigger %(what)s off"),
    Verb.PROVIDER_CHANGED: _l("%(who)s changed the settings of %(what)s"),
    Verb.SEAL_RENEWED: _l("The certificate of the seal was renewed"),
    Verb.KEY_MADE: _l("%(who)s made a key for %(what)s"),
    Verb.KEY_REVOKED: _l("%(who)s revoked a key of %(what)s"),
    Verb.CHAIN_BEGUN: _l("The history of an account began"),
}

# What one of ours did in the place of somebody at the customer.
FOR_SOMEBODY = {
    Verb.STEP_STARTED: _l("%(who)s started %(what)s for %(for)s"),
    Verb.STEP_SAVED: _l("%(who)s saved answers in %(what)s for %(for)s"),
    Verb.STEP_SUBMITTED: _l("%(who)s sent %(what)s for review, for %(for)s"),
    Verb.STEP_DONE_FOR_YOU: _l("%(who)s did %(what)s for %(for)s"),
    Verb.DOCUMENT_SHARED: _l("%(who)s shared %(what)s for %(for)s"),
}

STAGES = {
    "welcome": _l("Welcome"),
    "expectations": _l("Expectations"),
    "training": _l("Training"),
    "graduation": _l("Graduation"),
}

# Their titles are sentences themselves.
QUOTED = {
    "step", "call", "module", "prerequisite", "readiness_answer", "readiness_ask", "scope_item", "resource_need",
    "plan_version",
}  # fmt: skip

THINGS = {
    "step": _l("a step"),
    "stage": _l("a stage"),
    "module": _l("a module"),
    "prerequisite": _l("something to have ready"),
    "milestone": _l("a milestone"),
    "call": _l("a call"),
    "document": _l("a document"),
    "readiness_answer": _l("a question"),
    "readiness_ask": _l("a question"),
    "account": _l("an account"),
    "plan_version": _l("the plan"),
}


def sentence(activity: Activity, reader_id: int | None = None) -> str:
    """One plain sentence without a full stop. Names that were erased become "someone"; text is not escaped.

    What the user with `reader_id` did themselves begins with “You”.
    """
    said = words(activity)
    if reader_id is not None and activity.actor_id == reader_id:
        said["who"] = _("You")
    return pattern(activity) % said


def pattern(activity: Activity) -> str:
    """The sentence with its placeholders, as exact as the row knows: the day of a call, an invitation sent again."""
    if _held_at(activity):
        return _("%(what)s took place on %(day)s")
    after = (activity.data or {}).get("after") or {}
    if activity.verb is Verb.PERSON_INVITED and after.get("again"):
        return _("%(who)s invited %(whom)s again")
    if activity.verb is Verb.PERSON_REMOVED and after.get("withdrawn"):
        return _("%(who)s withdrew the invitation of %(whom)s")
    instead = FOR_SOMEBODY.get(activity.verb) if activity.on_behalf_of_id else None
    return str(instead or SENTENCES[activity.verb])


def said_with(word: str) -> list[Verb]:
    """The verbs whose sentences have this word, apart from what fills them; in the reader's language."""
    wanted, sentences = word.lower(), [*SENTENCES.items(), *FOR_SOMEBODY.items()]
    return [verb for verb, text in sentences if wanted in FILLED.sub("", str(text)).lower()]


def words(activity: Activity) -> dict[str, str]:
    """What fills the sentence: who, what, whom, for, and the day."""
    known = activity.personal or {}
    nobody = _("Someone") if activity.actor_id else _("The portal")
    what = known.get("what")
    if activity.subject_type == "stage" and what in STAGES:
        what = str(STAGES[what])
    elif what and activity.subject_type in QUOTED:
        what = f"“{what}”"
    return {
        "who": known.get("who") or nobody,
        "what": what or str(THINGS.get(activity.subject_type, _l("something"))),
        "whom": known.get("whom") or _("someone"),
        "for": known.get("for") or _("someone"),
        "day": web.short_day(_held_at(activity)),
    }


def _held_at(activity: Activity) -> datetime | None:
    """When the call began whose log this is; it may have been logged days later."""
    if activity.verb is not Verb.CALL_HELD:
        return None
    start = ((activity.data or {}).get("after") or {}).get("start")
    return datetime.fromisoformat(start) if start else None
