"""One of ours takes over from another, in one onboarding or in many: the parts, what was asked, the calls, and one
letter about it all."""

from collections.abc import Collection

from flask import flash
from flask_babel import get_locale, ngettext

from portal.accounts.kinds import TeamRole
from portal.accounts.models import Staff, User
from portal.calls.diaries import one_at_a_time
from portal.calls.handing import pass_on
from portal.calls.models import Call
from portal.calls.rules import wall
from portal.desk import letters
from portal.messages.models import Thread
from portal.onboardings.models import Onboarding
from portal.onboardings.team import assign
from portal.onboardings.words import facts

NAMED = 5


class HandOver:
    """What goes to `to`: `given` are the onboardings in which they have a part now that they hadn't, `calls` those
    that need another time for it."""

    def __init__(self, to: Staff, *, by: User) -> None:
        self.to, self.by = to, by
        self.given: list[Onboarding] = []
        self.calls: list[Call] = []

    def give(self, onboarding: Onboarding, roles: Collection[TeamRole]) -> None:
        """These parts of one onboarding. Raises Refused as `assign` does, with nothing changed."""
        # Before anything is put on record: whoever books a call holds its host first, and the account's record then.
        one_at_a_time(self.to)
        had = {role: assign(onboarding, role, self.to, by=self.by) for role in roles}
        left = dict.fromkeys(one for one in had.values() if one is not None and one is not self.to)
        calls: list[Call] = []
        for before in left:
            Thread.of(onboarding).pass_on(before, self.to)
            calls += pass_on(onboarding, before, self.to, by=self.by)
        if any(before is not self.to for before in had.values()):
            self.given.append(onboarding)
            self.calls += calls

    def tell(self, know: str = "") -> None:
        """Write to them once, and say here which calls need another time."""
        letters.handed_over(self.to, self.given, know, self.calls, by=self.by)
        if self.calls:
            flash(self._about_calls(), "warn")

    def _about_calls(self) -> str:
        num, locale = len(self.calls), str(get_locale() or "en")
        named = [
            facts([call.title, call.onboarding.account.name, wall(call.start, self.by.zone, locale)])
            for call in self.calls[:NAMED]
        ]
        return ngettext(
            "%(num)s call needs another time, for %(name)s isn't free then: %(calls)s. It stands in %(name)s's day.",
            "%(num)s calls need another time, for %(name)s isn't free then: %(calls)s. They stand in %(name)s's day.",
            num,
            name=self.to.called,
            calls="; ".join([*named, *(["…"] if num > NAMED else [])]),
        )
