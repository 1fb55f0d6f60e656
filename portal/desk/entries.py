"""One thing to do as a line of My day: what it is, by when, and how it is finished in place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import uploads, web
from portal.accounts.models import Account
from portal.desk import lines, waits
from portal.desk.forms import ChangeForm, Named, ReplyForm
from portal.desk.nav import to
from portal.desk.waits import Wait
from portal.onboardings.answers import answers_of
from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step
from portal.onboardings.words import minutes as span


@dataclass(frozen=True)
class Entry:
    """One thing to do. `way` is how it is finished on this page: done, review, answer, or "" where its own page is
    needed; `posts` are the addresses of its forms by what they do, `about` is the ref of the
    step that a question is about."""

    wait: Wait
    account: str
    account_url: str
    text: str
    small: str
    when: str
    late: str
    url: str
    word: str
    way: str = ""
    posts: dict[str, str] = field(default_factory=dict)
    about: str = ""
    form: Named | None = None
    answers: Sequence[dict[str, str]] = ()
    files: Sequence[dict[str, str]] = ()


def entry_of(onboarding: Onboarding, wait: Wait, files: Mapping[int, list[uploads.Document]]) -> Entry:
    account = onboarding.account
    made = _question if wait.question else _log if wait.call else _step
    words = made(onboarding, wait)
    late = _late(wait, account)
    if wait.step is not None and wait.is_review:
        here = files.get(wait.step.id, [])
        words["answers"] = answers_of(wait.step, wait.step.data)
        words["files"] = [_file(onboarding, one) for one in here]
    return Entry(
        wait,
        account.name,
        to(onboarding),
        when=_("today") if wait.by == account.today else web.day(wait.by, "EEEdMMM"),
        late=late,
        **words,
    )


def _late(wait: Wait, account: Account) -> str:
    """“2 days late”, in working days of the account, for what we promised."""
    if not wait.is_late(account.today) or wait.by is None:
        return ""
    days = max(1, account.calendar.working_days_between(wait.by, account.today))
    return ngettext("%(num)s day late", "%(num)s days late", days)


def _question(onboarding: Onboarding, wait: Wait) -> dict[str, Any]:
    question = wait.question
    assert question is not None
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
        "form": ReplyForm(formdata=None).called(question.ref),
        "about": question.step.ref if question.step and question.step.visible else "",
    }


def _log(_onboarding: Onboarding, wait: Wait) -> dict[str, Any]:
    call = wait.call
    assert call is not None
    return {
        "text": call.title,
        "small": web.clock_time(call.start),
        "url": url_for("calls.desk", ref=call.ref, back="today", _anchor="log"),
        "word": _("Log it"),
    }


def _step(onboarding: Onboarding, wait: Wait) -> dict[str, Any]:
    step = wait.step
    assert step is not None
    where = {"sid": step.ref}
    words: dict[str, Any] = {
        "text": step.title,
        "small": _about(step, wait),
        "url": lines.address(onboarding, step),
        "word": _("Open it"),
    }
    if wait.is_review:
        words |= {
            "word": _("Review"),
            "way": "review",
            "form": ChangeForm(formdata=None).called(step.ref),
            "posts": {
                "accept": _post("desk.complete", onboarding, **where),
                "return": _post("desk.send_back", onboarding, **where),
            },
        }
    elif step.spec.call is not None:
        words["word"] = _("Arrange it")
        words["url"] = url_for("calls.arrange", ref=onboarding.account.ref, sid=step.ref)
    elif _needs_nothing(step):
        words |= {
            "word": step.spec.button,
            "way": "done",
            "posts": {"done": _post("desk.complete", onboarding, **where)},
        }
    return words


def _about(step: Step, wait: Wait) -> str:
    if wait.is_review:
        who = step.submitted_by.called if step.submitted_by else _("the customer")
        return _("%(who)s handed it in %(date)s", who=who, date=web.day(step.submitted_at, "EEEdMMM"))
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
    return not (asks or told or step.waiting or spec.records == "graduation")


def _post(endpoint: str, onboarding: Onboarding, **where: Any) -> str:
    return url_for(endpoint, ref=onboarding.account.ref, o=onboarding.ref, back="today", **where)


def _file(onboarding: Onboarding, one: uploads.Document) -> dict[str, str]:
    to = url_for("desk.document", ref=onboarding.account.ref, document=one.ref, o=onboarding.ref)
    return {"name": one.name, "url": to, "size": one.size_text}
