"""Somebody who comes and doesn't get on is asked what is in the way, and up to two items are done for them. Their
answer goes to whoever can clear it; where a colleague has to agree, to whoever sold it too."""

from collections.abc import Sequence

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import update

from portal import clock, db
from portal.access import Can
from portal.accounts.kinds import TeamRole
from portal.accounts.models import Person, Staff, User
from portal.activity.models import Verb
from portal.errors import Refused
from portal.messages.models import Message
from portal.notifications import notices
from portal.nudges.models import Nudge, NudgeState
from portal.nudges.rules import Rung, Stop
from portal.onboardings.models import Onboarding
from portal.onboardings.paper import language
from portal.onboardings.road_wording import desk_path
from portal.onboardings.states import CUSTOMERS_TURN
from portal.onboardings.steps import Step
from portal.onboardings.words import BLOCK_REASONS

PLAIN = ("read", "watch")  # Kinds that ask for nothing when they are finished.


def doable(onboarding: Onboarding, by: User) -> list[Step]:
    """The customer's open items that one of ours can do for them at a tick: nothing has to be answered in them."""
    if not by.may(Can.DO_FOR_THEM):
        return []
    return [step for step in _open(onboarding) if _is_plain(step)]


def with_answers(onboarding: Onboarding, by: User) -> list[Step]:
    """Those that can be done for them on the item's own page."""
    if not by.may(Can.DO_FOR_THEM):
        return []
    return [step for step in _open(onboarding) if not _is_plain(step)]


def _open(onboarding: Onboarding) -> list[Step]:
    open_now = [step for step in onboarding.steps if step.counts and step.owner_side == "customer"]
    return [
        step
        for step in open_now
        if step.state in CUSTOMERS_TURN
        and not step.waiting
        and not step.has_own_page
        and step.spec.call is None
    ]


def _is_plain(step: Step) -> bool:
    asks = step.spec.confirm and (step.spec.confirm.with_date or step.spec.confirm.with_evidence)
    return step.kind in PLAIN or (step.kind == "confirm" and not asks)


def do_for_them(onboarding: Onboarding, refs: Sequence[str], *, by: Staff) -> None:
    """Finish these of the items that can be done at a tick. Raises Refused where one has changed meanwhile."""
    for step in [step for step in doable(onboarding, by) if step.ref in refs]:
        step.complete(by=by)


def answer(nudge: Nudge, word: str, detail: str, *, by: Person) -> None:
    """Take what is in their way, once: it stands in the messages, so that one of ours answers. Raises Refused when it
    was answered, or never asked."""
    if nudge.why is not Rung.ENGAGED or nudge.sent_at is None:
        raise Refused(_("Nobody asked this any more. Write to us in the messages instead."))
    first = update(Nudge).where(Nudge.id == nudge.id, Nudge.answer.is_(None))
    told = {
        "answer": word,
        "state": NudgeState.REPLIED,
        "ended_at": clock.now(),
        "ended_because": Stop.REPLIED.value,
    }
    if not db.session.execute(first.values(told).returning(Nudge.id)).first():
        raise Refused(_("This was answered already. Write to us in the messages if it has changed."))
    onboarding, seller = nudge.onboarding, _seller(nudge.onboarding) if word == "agreement" else None
    parts = [_said(nudge, word), detail, _named(onboarding, seller)]
    Message.write(onboarding, "\n\n".join(filter(None, parts)), by=by, step=_about(nudge))
    nudge.say(Verb.FOLLOW_UP_ANSWERED, by)
    if seller is not None:
        _tell(seller, nudge)


def _about(nudge: Nudge) -> Step | None:
    return nudge.step if nudge.step is not None and nudge.step.visible else None


def _said(nudge: Nudge, word: str) -> str:
    what = str(BLOCK_REASONS[word])
    if nudge.step is None:
        return _("In the way: %(what)s.", what=what)
    return _("In the way of “%(title)s”: %(what)s.", title=nudge.step.title, what=what)


def _named(onboarding: Onboarding, seller: Staff | None) -> str:
    """Both are addressed, so that neither thinks that the other answers."""
    if seller is None:
        return ""
    owner = onboarding.owner.acting if onboarding.owner else None
    return " ".join(f"@{one.name}" for one in dict.fromkeys([seller, owner]) if one is not None)


def _seller(onboarding: Onboarding) -> Staff | None:
    sold = onboarding.on_team(TeamRole.ACCOUNT_EXECUTIVE)
    return sold.acting if sold and sold.acting.is_active else None


def _tell(seller: Staff, nudge: Nudge) -> None:
    onboarding = nudge.onboarding
    with force_locale(language(seller)):
        line = _("%(company)s: a colleague of theirs has to agree first", company=onboarding.account.name)
    notices.tell(
        seller, "follow_up", line, desk_path(onboarding), account_id=onboarding.account_id, about=nudge.about
    )
