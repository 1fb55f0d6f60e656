"""What the customer's page of prerequisites shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _

from portal import web
from portal.access import Can
from portal.accounts.models import User, provider
from portal.onboardings.models import Onboarding
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step
from portal.onboardings.whose import by_when, name_for
from portal.onboardings.words import facts, minutes
from portal.readiness.prerequisite_forms import GiveForm, WordForm
from portal.readiness.prerequisite_record import step_of
from portal.readiness.prerequisite_rules import Status
from portal.readiness.prerequisites import Prerequisite, kit_is_in, wanted_of

Forms = Mapping[tuple[str, str], Any]


@dataclass(frozen=True)
class Card:
    """One prerequisite. `word` says how it stands and by whom, `kind` is its shape; `ends_pause`: the pause that is on
    waits for it. `opened` names the form that was refused."""

    one: Prerequisite
    kind: str
    word: str
    line: str
    file: dict[str, str] | None
    can_say: bool
    can_hand: bool
    ends_pause: bool
    helper: str
    word_form: WordForm
    hand_form: GiveForm
    opened: str = ""


@dataclass(frozen=True)
class Sheet:
    """The whole page. `note` is what is still to happen before the item of the road is done."""

    title: str
    text: str
    count: str
    cards: list[Card]
    pause: tuple[str, str] | None
    note: str
    note_url: str
    all_ready: bool
    left_out: list[Prerequisite] = field(default_factory=list)


def page(onboarding: Onboarding, reader: User, status: int = 200, tried: Forms | None = None) -> Any:
    """The page; `tried` holds forms that were refused, by the ref of what they are about and their name."""
    tried = tried or {}
    sheet = sheet_of(onboarding, reader, tried)
    problems = [problem for form in tried.values() for problem in form.problems]
    return render_template(
        "readiness/prerequisites.html", onboarding=onboarding, sheet=sheet, problems=problems
    ), status


def sheet_of(onboarding: Onboarding, reader: User, tried: Forms) -> Sheet:
    """All that the template reads."""
    wanted = wanted_of(onboarding)
    there = sum(one.is_ready for one in wanted)
    ready = bool(wanted) and there == len(wanted)
    note, url = _note(onboarding, wanted, ready)
    return Sheet(
        title=_("Everything is ready.") if ready else _("Have these ready before we begin."),
        text=_("Thank you. Nothing waits on you here.")
        if ready
        else _("Say of each how it stands. Where something is in the way, we help."),
        count=_("%(done)s of %(total)s ready", done=there, total=len(wanted)) if wanted else "",
        cards=[_card(one, reader, tried) for one in wanted],
        pause=_pause(onboarding, wanted),
        note=note,
        note_url=url,
        all_ready=ready,
    )


def _note(onboarding: Onboarding, wanted: list[Prerequisite], ready: bool) -> tuple[str, str]:
    """What keeps the item of the road from being done though nothing else does, and the way there."""
    kit = onboarding.step_of_kind("kit")
    if kit is None or kit_is_in(onboarding) or not wanted:
        return "", ""
    if ready:
        said = _("This is done once your answers are in, for they may ask for one more thing.")
    else:
        said = _("Your answers may ask for one more thing, or for one less.")
    return said, kit.page


def _pause(onboarding: Onboarding, wanted: list[Prerequisite]) -> tuple[str, str] | None:
    """While it is paused: until when and why, and what happens once what it waits for is there."""
    hold = onboarding.hold
    if hold is None:
        return None
    name = _owner(onboarding)
    if any(one.ends_hold for one in wanted):
        return _("You're ready early."), _("%(name)s knows, and says when we go on.", name=name)
    until = _("Paused until %(date)s.", date=web.day(hold.review_on, "dMMMM"))
    if any(one.hold_id == hold.id and one.facts.is_open for one in wanted):
        return until, _("%(why)s Ready before then? Say so here, and we go on earlier.", why=hold.reason)
    return until, hold.reason


def _card(one: Prerequisite, reader: User, tried: Forms) -> Card:
    road, step = one.onboarding, step_of(one.onboarding)
    can = _may_say(one, step, reader)
    kind, word = _standing(one, reader)
    hand = tried.get((one.ref, "hand")) or GiveForm(formdata=None)
    hand.offer(road.account.people, [])
    word_form = tried.get((one.ref, "word")) or WordForm(formdata=None, seen=one.seal)
    opened = next((name for ref, name in tried if ref == one.ref), "")
    hold = road.hold
    return Card(
        one=one,
        kind=kind,
        word=word,
        line=facts(_line(one, reader)),
        file=_file(one),
        can_say=can or opened == "word",
        can_hand=can and not one.is_ready and reader.may(Can.HAND_STEP) and len(hand.person.choices) > 1,
        ends_pause=hold is not None and one.hold_id == hold.id,
        helper=_owner(road),
        word_form=word_form.called(one.ref),
        hand_form=hand.called(f"hand-{one.ref}"),
        opened=opened,
    )


def _may_say(one: Prerequisite, step: Step | None, reader: User) -> bool:
    road = one.onboarding
    open_now = (road.is_running or road.hold is not None) and (
        step is None or step.state is not StepState.LOCKED
    )
    return open_now and not reader.is_staff and reader.may(Can.COMPLETE_STEP) and one.workable_by(reader)


def _standing(one: Prerequisite, reader: User) -> tuple[str, str]:
    """Its shape and how it stands, with who said so and when."""
    if one.without_at is not None and not one.is_ready:
        return "todo", _("We begin without it")
    words = {
        Status.READY: ("done", _("Ready")),
        Status.NOT_READY: ("todo", _("Not ready yet")),
        Status.NEED_HELP: ("with_us", _("Help is asked for")),
    }
    kind, word = words[one.status]
    if one.said_by is None:
        return kind, word
    mine, date = one.said_by_id == reader.id, web.short_day(one.said_at)
    if one.status is Status.NEED_HELP:
        asked = _("You asked for help") if mine else _("%(name)s asked for help", name=one.said_by.called)
        return kind, facts([asked, date])
    who = _("you") if mine else one.said_by.called
    return kind, facts([word, _("%(who)s, %(date)s", who=who, date=date)])


def _line(one: Prerequisite, reader: User) -> list[str]:
    """How long it takes, whose it is, by when."""
    if one.is_ready:
        return []
    owner = name_for(one.owner, reader) or _("anybody of yours")
    when = by_when(one.due_on, one.onboarding.account.today)
    return [minutes(one.minutes) if one.minutes else "", owner, when]


def _file(one: Prerequisite) -> dict[str, str] | None:
    if not one.file:
        return None
    url = url_for("prerequisites.file", oid=one.onboarding.ref, ref=one.ref)
    return {"name": one.file, "url": url, "size": web.file_size(web.playbook_file(one.file).stat().st_size)}


def _owner(onboarding: Onboarding) -> str:
    return onboarding.owner.acting.called if onboarding.owner else provider().name
