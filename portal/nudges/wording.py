"""What follow-ups say (product.md 5.2): what they told us they want → how close they are → one action with its time →
a human way out. Every function writes in the language that is set when it is called."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.accounts.models import Person, User
from portal.auth import letters as sign_in
from portal.nudges.closeness import in_full, in_short, near
from portal.nudges.rules import Rung
from portal.onboardings.models import Onboarding
from portal.onboardings.paper import PREHEADER, SUBJECT, Row, Section, Words, address, fitted, flat
from portal.onboardings.road_wording import button_to, home_path, leads, step_path
from portal.onboardings.steps import Step
from portal.onboardings.words import BLOCK_REASONS, facts, listed, minutes

SHOWN = 6  # Of them in the letter's list.
TOGETHER = (Rung.DAY_7, Rung.DAY_12)  # Where doing it with one of ours is offered.
ANSWERS = ("time", "access", "agreement", "unclear")  # Of BLOCK_REASONS: what may be in the way.


@dataclass(frozen=True, slots=True)
class Draft:
    """What is written before the letter is laid out: it can be changed by hand. Paragraphs stand apart by an empty
    line."""

    subject: str
    body: str


# --- The text that can be changed -----------------------------------------------------------------


def draft(onboarding: Onboarding, reader: Person, step: Step | None, rung: Rung) -> Draft:
    """The text of one rung for this reader. Whoever never came reads what waits for them, not what they left."""
    if reader.joined_at is None:
        return _to_whoever_never_came(onboarding, rung)
    if step is None:
        return Draft(_("How is it going?"), _join(*_value(onboarding), _so_far(onboarding)))
    write = {Rung.DAY_7: _seventh, Rung.DAY_12: _twelfth, Rung.ENGAGED: _question}.get(rung, _third)
    return write(onboarding, step)


def _third(onboarding: Onboarding, step: Step) -> Draft:
    ahead = near(onboarding, step)
    return Draft(in_short(ahead, step), _join(*_value(onboarding), in_full(ahead, step)))


def _seventh(onboarding: Onboarding, step: Step) -> Draft:
    time = minutes(step.minutes)
    if step.data:
        subject = _("Your draft is saved; %(time)s finishes it", time=time)
        saved = [_("What you have written in “%(title)s” is saved.", title=step.title)]
    else:
        subject = fitted(SUBJECT, lambda t: _("%(time)s for “%(title)s”", time=time, title=t), step.title)
        saved = []
    unlocks = _("What it brings you: %(what)s", what=step.module.outcome)
    done = " ".join([_so_far(onboarding), *done_for_them(onboarding)])
    closeness = " ".join([*saved, in_full(near(onboarding, step), step)])
    return Draft(subject, _join(*_value(onboarding), done, unlocks, closeness))


def _twelfth(onboarding: Onboarding, step: Step) -> Draft:
    kept = _("Everything is where you left it.")
    later = _(
        "If other things come first right now, that's fine. Reply with a date that suits you, and I plan from it."
    )
    closeness = in_full(near(onboarding, step), step)
    return Draft(
        _("Pick up where you left off"),
        _join(*_value(onboarding), f"{kept} {_so_far(onboarding)}", later, closeness),
    )


def _question(onboarding: Onboarding, step: Step) -> Draft:
    """To somebody who comes and doesn't get on: it is probably us."""
    asked = _(
        "You have been in lately, and “%(title)s” isn't through yet, so it's probably us or the instructions. "
        "What is in the way?",
        title=step.title,
    )
    return Draft(_("Is it time, access or agreement?"), _join(asked, *done_for_them(onboarding)))


def _to_whoever_never_came(onboarding: Onboarding, rung: Rung) -> Draft:
    first = [step for step in onboarding.steps if step.counts and step.with_them]
    time = minutes(first[0].minutes if first else 0)
    waits = _("Your road is ready: the first item takes %(time)s.", time=time)
    door = _("The button signs you in; there is no password to remember.")
    if rung is Rung.DAY_12:
        other = _("If somebody else should lead this, reply with their name and I write to them instead.")
        return Draft(
            _("Who should lead this at your end?"), _join(*_value(onboarding), f"{waits} {door}", other)
        )
    if rung is Rung.DAY_7:
        return Draft(_("A new link to your road"), _join(*_value(onboarding), f"{waits} {door}"))
    return Draft(_("Your road is ready; here is a new link"), _join(*_value(onboarding), f"{waits} {door}"))


def _join(*paragraphs: str) -> str:
    return "\n\n".join(filter(None, paragraphs))


def _value(onboarding: Onboarding) -> list[str]:
    """What they told us; nothing where nobody has."""
    if not onboarding.quote:
        return []
    return [_("You told us why you are doing this: “%(why)s”", why=flat(onboarding.quote))]


def _so_far(onboarding: Onboarding) -> str:
    return ngettext(
        "%(done)s of %(num)s item is done.",
        "%(done)s of %(num)s items are done.",
        onboarding.items_total,
        done=onboarding.items_done,
    )


def done_for_them(onboarding: Onboarding) -> list[str]:
    """What we did in their place since they last moved anything."""
    since = onboarding.customer_moved_at
    steps = [step for step in onboarding.steps if step.done_for_you and step.visible and step.done_at]
    titles = [f"“{step.title}”" for step in steps if since and step.done_at and step.done_at > since]
    if not titles:
        return []
    return [
        ngettext(
            "Meanwhile we have done %(num)s item for you: %(titles)s.",
            "Meanwhile we have done %(num)s items for you: %(titles)s.",
            len(titles),
            titles=listed(titles),
        )
    ]


# --- The whole letter -----------------------------------------------------------------------------


def letter(
    onboarding: Onboarding,
    written: Draft,
    step: Step | None,
    rung: Rung,
    reader: User,
    *,
    mark: str = "",
    ref: str = "",
) -> Words:
    """The letter around a text. With a `mark` it carries the place of a link that signs the reader in, filled in as it
    leaves; `ref` is the follow-up's, for the page on which its question is answered."""
    if mark:
        return _invitation(onboarding, written, mark)
    asks = rung is Rung.ENGAGED
    sections = _answers(onboarding, ref) if asks else _list(onboarding, step, reader) if step else []
    if rung in TOGETHER and onboarding.owner:
        sections = [*sections, _together(onboarding)]
    return Words(
        subject=written.subject,
        preheader=_preheader(step),
        paragraphs=paragraphs(written.body),
        sections=sections,
        button=_("Say what is in the way") if asks else button_to(step),
        path=question_path(onboarding, ref) if asks else step_path(step) if step else home_path(onboarding),
        because=_because(onboarding, step, reader),
        closing=[way_out(rung)],
    )


def paragraphs(body: str) -> list[str]:
    """The text as the letter has it."""
    return [flat(part) for part in body.replace("\r\n", "\n").split("\n\n") if flat(part)]


def question_path(onboarding: Onboarding, ref: str, answer: str = "") -> str:
    """Where the question of a follow-up is answered; one answer may be chosen already. Opening it does nothing."""
    chosen = f"?answer={answer}" if answer else ""
    return f"/o/{onboarding.ref}/follow-ups/{ref}{chosen}"


def way_out(rung: Rung) -> str:
    """What to do instead, with a person."""
    if rung is Rung.ENGAGED:
        return _("One word as a reply does as well.")
    return _("If something is in the way, reply with one word and I'll pick it up.")


def _preheader(step: Step | None) -> str:
    if step is None:
        return _("One word is enough as an answer.")
    return _("Next takes %(time)s, and I can do it with you.", time=minutes(step.minutes))[:PREHEADER]


def _list(onboarding: Onboarding, step: Step, reader: User) -> list[Section]:
    """What is left, numbered, with how long each takes and whose it is."""
    steps = near(onboarding, step).steps
    rows = [
        Row(
            one.title,
            facts([minutes(one.minutes), _whose(one, reader)]),
            one is step,
            address(step_path(one)),
        )
        for one in steps[:SHOWN]
    ]
    if left := len(steps) - SHOWN:
        rows += [Row(ngettext("and %(num)s more", "and %(num)s more", left))] if left > 0 else []
    return [Section("", rows, numbered=len(steps) <= SHOWN)]


def _whose(step: Step, reader: User) -> str:
    if step.owner_side == "us":
        return _("we do it")
    if step.assignee_id in (None, reader.id):
        return _("you")
    return step.assignee.called if step.assignee else ""


def _answers(onboarding: Onboarding, ref: str) -> list[Section]:
    rows = [Row(str(BLOCK_REASONS[one]), url=address(question_path(onboarding, ref, one))) for one in ANSWERS]
    return [Section("", rows)]


def _together(onboarding: Onboarding) -> Section:
    """A quarter of an hour with one of ours, at a time they choose."""
    calls = address(f"{home_path(onboarding)}/calls?help=1")
    return Section(_("Or we do it together"), [Row(_("15 minutes with me"), _("choose a time"), url=calls)])


def _because(onboarding: Onboarding, step: Step | None, reader: User) -> str:
    if step is not None and step.assignee_id == reader.id:
        return _("You get this because this step has your name on it.")
    return leads(onboarding)


def _invitation(onboarding: Onboarding, written: Draft, mark: str) -> Words:
    until = sign_in.place_of("until", mark)
    return Words(
        subject=written.subject,
        preheader=_("Signing in takes a minute and needs no password."),
        paragraphs=paragraphs(written.body),
        button=_("Open your road"),
        path=home_path(onboarding),
        link=sign_in.place_of("link", mark),
        because=leads(onboarding),
        closing=[_("The link works once, until %(until)s.", until=until), way_out(Rung.INVITE_3)],
    )
