"""What is looked for in an account, and how far it is, in words for either side."""

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.onboardings.steps import Step
from portal.onboardings.words import listed
from portal.usage.meaning import measure, metrics_of


def looks_for(step: Step) -> str:
    """“Reward Paid”, or “Signed In”, “Profile Completed” and “Partner Viewed” of half of the people with a licence."""
    asked = step.spec.usage
    assert asked is not None
    names = [_("“%(name)s”", name=name) for name in metrics_of(step)]
    if not names:
        return _("Use of the product that is still to be named. Your team does that.")
    what = listed(names)
    if asked.meaning == "value" and len(names) > 1:
        what = _("One of %(events)s", events=what)
    if asked.percent_of_seats:
        return _(
            "%(events)s, by %(percent)s %% of the people who have a licence",
            events=what,
            percent=asked.percent_of_seats,
        )
    if asked.people:
        return _("%(events)s, by %(count)s", events=what, count=_people(asked.people))
    if asked.at_least and asked.at_least > 1:
        return ngettext("%(events)s, %(num)s time", "%(events)s, %(num)s times", asked.at_least, events=what)
    return what


def so_far(step: Step) -> str:
    """“8 of 10 people”, or what is missing to be able to say that."""
    found = measure(step)
    if found.need is None:
        return _("%(count)s so far. Nobody has said yet how many have a licence.", count=_people(found.have))
    if not found.of_people:
        if found.need == 1:
            return _("Not seen yet.")
        return ngettext(
            "Seen %(have)s of %(num)s time.", "Seen %(have)s of %(num)s times.", found.need, have=found.have
        )
    return ngettext(
        "%(have)s of %(num)s person so far.",
        "%(have)s of %(num)s people so far.",
        found.need,
        have=found.have,
    )


def _people(count: int) -> str:
    return ngettext("%(num)s person", "%(num)s people", count)
