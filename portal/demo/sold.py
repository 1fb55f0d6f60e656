"""What Sam wrote down when he sold: Northwind's hand-off, accepted, and one that waits for Priya."""

from portal import db
from portal.accounts.models import Staff
from portal.demo.days import clock_at
from portal.demo.story import Story
from portal.handoffs.models import Handoff
from portal.handoffs.queries import told_at
from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step

NORTHWIND = {
    "reason": "Two of their five best partners left within a year, both over late payouts.",
    "problem": "A payout run takes Finance 14 hours a month and ends three weeks after month end. Partners ring Ana to "
    "ask where their money is.",
    "promised_impact": "Payout runs of 2 hours instead of 14, and 98 % of partners paid on time instead of 71 %.",
    "quote": "They lose partners because payouts are late, and Finance spends two days a month on them.",
    "quoted_by": "Ana",
    "stakeholders": "Ana Nuñez leads and wants short mails.\nRui Tavares decides; call him, before noon he reads "
    "nothing.\nBen Ortiz connects whatever is to be connected.",
    "promised_dates": "The first payout run with us before the end of the quarter.",
    "surprises": "They think that a second currency is in. It comes next year; say so at the kickoff.",
}
EXPANSION = {
    "reason": "Their payouts run by themselves in one product, and they want the same for the rest.",
    "problem": "Approvals go round by mail, and nobody sees where one waits.",
    "promised_impact": "Every payout approved within two working days.",
    "quote": "We want to press one button, not eleven.",
    "quoted_by": "",
    "stakeholders": "The same people as for their first product.",
    "promised_dates": "none",
    "surprises": "They expect it to take a week. Two are realistic.",
}


BEGUN = {
    "reason": "Their season starts in December, and last year's helpers were paid in March.",
    "problem": "Forty ski schools send guests, and nobody knows which guest came from where.",
    "quote": "We pay for guests that we can't name.",
}


def northwind(story: Story) -> None:
    """Written on the day of the sale, accepted on the next morning."""
    sam, priya = (db.session.get_one(Staff, story.cast[name].id) for name in ("Sam", "Priya"))
    sold = story.last.date()
    with story.at(clock_at(sold, "16:40", sam)):
        handoff = _written(story.road, NORTHWIND, by=sam)
        handoff.submit(by=sam)
    with story.at(clock_at(story.company.calendar.add_working_days(sold, 1), "09:20", priya)):
        handoff.accept(by=priya)


def expansion(draft: Onboarding, *, by: Staff) -> None:
    """Complete, and nobody has looked at it yet."""
    by = db.session.get_one(Staff, by.id)
    _written(draft, EXPANSION, by=by).submit(by=by)


def begun(draft: Onboarding, *, by: Staff) -> None:
    """Not complete yet, so that it can't be submitted."""
    _written(draft, BEGUN, by=db.session.get_one(Staff, by.id))


def told_before(step: Step) -> dict[str, str]:
    """What the form of this step holds already, which its customer finds right."""
    told, form = told_at(step), step.spec.form
    if told is None or form is None:
        return {}
    return {field.key: getattr(told, field.prefill) for field in form.fields if field.prefill}


def _written(road: Onboarding, texts: dict[str, str], *, by: Staff) -> Handoff:
    handoff = Handoff.begin(road, by=by)
    handoff.save(texts, seen=handoff.seal, by=by)
    return handoff
