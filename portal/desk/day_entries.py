"""One thing to do as a line of My day: what it is, by when, and how it is finished in place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import uploads, web
from portal.access import Can, viewer
from portal.accounts.models import Account
from portal.calls.forms import HeldForm
from portal.calls.models import Call
from portal.desk import lines, waits
from portal.desk.forms import ChangeForm, NewDateForm, ReplyForm
from portal.desk.nav import to
from portal.desk.waits import Wait
from portal.forms import Form, Named
from portal.messages.models import Message
from portal.nudges.models import Nudge
from portal.onboardings.answers import answers_of
from portal.onboardings.links import links_of
from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step
from portal.onboardings.words import minutes as span


@dataclass(frozen=True)
class Tried:
    """A form of My day that was refused: `key` is the ref of what it is about (a step, a call, or the onboarding of a
    question), `name` which of its forms it is."""

    key: str
    name: str
    form: Form


@dataclass(frozen=True)
class Entry:
    """One thing to do. `kind` is the group it stands in (day_groups). `way` is how it is finished on this page: done,
    review, answer, log, take, letter, or "" where its own page is needed; `posts` are the addresses of its forms by
    what they do, `forms` those that take words, `tried` names the one that was just refused; `about` is the ref of the
    step that a question is about. `wait` is what it is the line of, None for who needs a person (day_called): there
    `on` is the day of the clock, and `is_urgent` whether it runs."""

    kind: str
    wait: Wait | None
    account: str
    account_url: str
    text: str
    small: str
    when: str
    late: str
    url: str
    word: str
    way: str = ""
    posts: Mapping[str, str] = field(default_factory=dict)
    about: str = ""
    forms: Mapping[str, Named] = field(default_factory=dict)
    tried: str = ""
    answers: Sequence[dict[str, str]] = ()
    files: Sequence[dict[str, str]] = ()
    letter: Nudge | None = None
    on: date | None = None
    is_urgent: bool = False

    @property
    def step(self) -> Step | None:
        return self.wait.step if self.wait else None


def entry_of(
    onboarding: Onboarding,
    wait: Wait,
    files: Mapping[int, list[uploads.Document]],
    tried: Tried | None = None,
    *,
    logs_here: bool = False,
) -> Entry:
    """The line of one wait. `logs_here` says that a call can be logged on it; its onboarding's people are at hand."""
    account = onboarding.account
    if wait.question is not None:
        words = _question(onboarding, wait, wait.question)
    elif wait.call is not None:
        words = _move(wait.call) if wait.is_to_move else _log(wait.call, logs_here)
    else:
        assert wait.step is not None
        words = _step(onboarding, wait, wait.step)
    if wait.step is not None and wait.is_review:
        here = files.get(wait.step.id, [])
        words["answers"] = answers_of(wait.step, wait.step.data)
        words["files"] = [_file(onboarding, one) for one in here]
    words |= _forms(wait, words.get("forms", {}), tried)
    return Entry(
        _kind(wait),
        wait,
        account.name,
        to(onboarding),
        when=_("today") if wait.by == account.today else web.day(wait.by, "EEEdMMM"),
        late=_late(wait, account),
        on=wait.by,
        **words,
    )


def _kind(wait: Wait) -> str:
    if wait.question is not None:
        return "questions"
    if wait.call is not None:
        return "moves" if wait.is_to_move else "logs"
    if wait.is_review:
        return "reviews"
    return "us" if wait.is_waited_for else "mine"


def _forms(wait: Wait, made: dict[str, Named], tried: Tried | None) -> dict[str, Any]:
    """The forms of one wait, each with ids of its own; the one that was refused stands there as it was sent."""
    thing = wait.step or wait.call or wait.question
    assert thing is not None
    mine = tried if tried and tried.key == key_of(wait) else None
    if mine and isinstance(mine.form, Named):
        made = {**made, mine.name: mine.form}
    for name, form in made.items():
        form.called(f"{name}-{thing.ref}")
        if isinstance(form, HeldForm) and wait.call is not None:
            form.offer(wait.call.onboarding, wait.call)
    return {"forms": made, "tried": mine.name if mine else ""}


def key_of(wait: Wait) -> str:
    """What the forms of a wait are about, as `Tried` says it."""
    if wait.question is not None:
        return wait.question.onboarding.ref
    thing = wait.step or wait.call
    assert thing is not None
    return thing.ref


def _late(wait: Wait, account: Account) -> str:
    """“2 days late”, in working days of the account, for what we promised."""
    if not wait.is_late(account.today) or wait.by is None:
        return ""
    days = max(1, account.calendar.working_days_between(wait.by, account.today))
    return ngettext("%(num)s day late", "%(num)s days late", days)


def _question(onboarding: Onboarding, wait: Wait, question: Message) -> dict[str, Any]:
    return {
        "text": waits.excerpt(question),
        "small": waits.asks(wait),
        "url": to(onboarding, "messages", _anchor="write"),
        "word": _("Answer"),
        "way": "answer",
        "posts": {
            "answer": _post("desk.write", onboarding),
            "close": _post("desk.close", onboarding),
        },
        "forms": {"message_form": ReplyForm(formdata=None)},
        "about": question.step.ref if question.step and question.step.visible else "",
    }


def _move(call: Call) -> dict[str, Any]:
    """A call that whoever takes it over can't hold then."""
    time = web.clock_time(call.start)
    return {
        "text": call.title,
        "small": _("%(time)s, %(name)s is down for it", time=time, name=call.owner.called),
        "url": url_for("calls.desk", ref=call.ref, back="today", _anchor="move"),
        "word": _("Find a time"),
    }


def _log(call: Call, here: bool) -> dict[str, Any]:
    words: dict[str, Any] = {
        "text": call.title,
        "small": web.clock_time(call.start),
        "url": url_for("calls.desk", ref=call.ref, back="today", _anchor="log"),
        "word": _("Log it"),
    }
    if here:
        words |= {
            "way": "log",
            "posts": {
                "held": url_for("desk.log", ref=call.ref),
                "no_show": url_for("desk.no_show", ref=call.ref),
            },
            "forms": {"held": HeldForm(formdata=None)},
        }
    return words


def _step(onboarding: Onboarding, wait: Wait, step: Step) -> dict[str, Any]:
    where = {"sid": step.ref}
    words: dict[str, Any] = {
        "text": step.title,
        "small": _about(step, wait),
        "url": lines.place(onboarding, step),
        "word": _("Open it"),
        "posts": {},
    }
    if wait.is_review and step.has_own_page:
        return words | {"word": _("Review")}
    if wait.is_review:
        return words | {
            "word": _("Review"),
            "way": "review",
            "forms": {"send_back": ChangeForm(formdata=None)},
            "posts": {
                "accept": _post("desk.complete", onboarding, **where),
                "return": _post("desk.send_back", onboarding, **where),
            },
        }
    if step.spec.call is not None:
        words["word"] = _("Arrange it")
        words["url"] = url_for("calls.arrange", ref=onboarding.account.ref, sid=step.ref)
    elif _needs_nothing(step):
        words |= {
            "word": step.spec.button,
            "way": "done",
            "posts": {"done": _post("desk.complete", onboarding, **where)},
        }
    if _takes_date(step) and (wait.lets_agree is None or _takes_date(wait.lets_agree)):
        words["posts"] |= {"new_date": _post("desk.new_date", onboarding, **where)}
        words["forms"] = {"new_date": NewDateForm.of(step, told=_is_told(step))}
    return words


def _is_told(step: Step) -> bool:
    """Whether the customer may read why its day moves: they see it, or they agree to what it writes down, whoever of
    us has the agreement in hand."""
    return step.visible or step.key in links_of(step.onboarding).shows.values()


def _takes_date(step: Step) -> bool:
    """Whether the reader can give it another day; what they want changed is answered within days that are fixed."""
    may = viewer().may(Can.EDIT_ROAD) and step.module.editable_by(viewer())
    return may and not step.asks_change and not step.is_closed


def _about(step: Step, wait: Wait) -> str:
    if wait.is_review:
        who = step.submitted_by.called if step.submitted_by else _("the customer")
        return _("%(who)s handed it in %(date)s", who=who, date=web.day(step.submitted_at, "EEEdMMM"))
    if wait.lets_agree is not None and wait.lets_agree.kind == "sign":
        return _("then they sign: “%(title)s”", title=wait.lets_agree.title)
    if wait.lets_agree is not None:
        return _("then they agree: “%(title)s”", title=wait.lets_agree.title)
    if not step.visible:
        return _("Only your team sees this")
    return "" if not step.minutes or step.is_customers else _("about %(time)s", time=span(step.minutes))


def _needs_nothing(step: Step) -> bool:
    """Whether it is finished by one press: nothing is asked besides."""
    spec = step.spec
    asks = spec.form or spec.checklist or spec.choose_path or spec.upload or spec.invite
    told = spec.confirm and (spec.confirm.with_date or spec.confirm.with_evidence)
    return not (asks or told or step.waiting or step.has_own_page or spec.records == "graduation")


def _post(endpoint: str, onboarding: Onboarding, **where: Any) -> str:
    return url_for(endpoint, ref=onboarding.account.ref, o=onboarding.ref, back="today", **where)


def _file(onboarding: Onboarding, one: uploads.Document) -> dict[str, str]:
    to = url_for("desk.document", ref=onboarding.account.ref, document=one.ref, o=onboarding.ref)
    return {"name": one.name, "url": to, "size": one.size_text}
