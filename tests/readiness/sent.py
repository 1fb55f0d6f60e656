"""A kit that is answered and sent, for what comes after."""

from portal import db
from portal.readiness.branching import UNKNOWN
from portal.readiness.models import ReadinessSubmission
from tests.make import Cast

PLAIN = {"problem": "Late payouts", "users": 4, "data": "In a CRM", "quality": "Clean", "sso": "yes"}
# An answer of every kind of effect but a signal.
MANY = {
    "data": "Spreadsheets",
    "quality": "Some gaps",
    "sso": "no",
    "users": 60,
    "problem": UNKNOWN,
    "regions": ["Europe"],
}


def answer(kit: ReadinessSubmission, by, **answers) -> None:
    """Keep these, as far as they are asked; `UNKNOWN` is “Not sure yet”."""
    for key, value in answers.items():
        if key not in kit.asked.keys:
            continue
        more = {"crm_name": "Hub"} if value == "In a CRM" else {}
        seen = kit.by_question[key].version if key in kit.by_question else 0
        kit.answer(key, None if value is UNKNOWN else value, more, value is UNKNOWN, by=by, seen=seen)


def sent(cast: Cast, **answers) -> ReadinessSubmission:
    """Everything answered, some of it otherwise, and sent by Ana; committed."""
    kit = ReadinessSubmission.begin(cast.onboarding)
    answer(kit, cast.ana, **{**PLAIN, **answers})
    kit.submit(by=cast.ana)
    db.session.commit()
    return kit
