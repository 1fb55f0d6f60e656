"""A hand-off in words: what its fields and states are called."""

from flask_babel import lazy_gettext as _l

from portal.handoffs.rules import HandoffState

FIELDS = {
    "reason": _l("Why did they buy?"),
    "problem": _l("What goes wrong for them today?"),
    "promised_impact": _l("What did we promise will change?"),
    "quote": _l("In their own words"),
    "quoted_by": _l("Who said it?"),
    "stakeholders": _l("Who matters, and what for?"),
    "promised_dates": _l("Which dates were promised?"),
    "surprises": _l("What could surprise them, or us?"),
}
HINTS = {
    "reason": _l("The occasion: what made them look now."),
    "problem": _l("What it costs them, in hours, money or customers."),
    "promised_impact": _l("With numbers, where numbers were said: payouts from 14 hours to 2."),
    "quote": _l("One sentence. It stands on their home, so that they recognise it."),
    "quoted_by": _l("A first name is enough."),
    "stakeholders": _l("A line each: the name, what they decide or do, how they like to be reached."),
    "promised_dates": _l("A line each. Write “none” where none was."),
    "surprises": _l("Prices, limits, people, old quarrels. Write “none seen” where you saw none."),
}
STATES = {
    HandoffState.DRAFT: _l("being written"),
    HandoffState.SUBMITTED: _l("to accept"),
    HandoffState.RETURNED: _l("returned"),
    HandoffState.ACCEPTED: _l("accepted"),
}
