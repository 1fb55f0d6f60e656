"""Letters about single questions: to the colleague who may know, and back to whoever asked.

The link is made as the letter leaves; it never rests in the outbox.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask_babel import force_locale
from flask_babel import gettext as _

from portal import mail
from portal.accounts.models import User
from portal.auth import tokens
from portal.errors import Refused
from portal.notifications import letters as notifications
from portal.notifications.rules import Drop, Kind
from portal.onboardings.paper import (
    PREHEADER,
    SUBJECT,
    Guest,
    Words,
    fitted,
    laid_out,
    language,
    post,
    sent_by,
)

if TYPE_CHECKING:
    from portal.playbooks.kit import KitQuestion
    from portal.readiness.asks import ReadinessAsk

FILL = "readiness.ask"


def question(ask: ReadinessAsk, spec: KitQuestion) -> None:
    """To the colleague. Raises Refused for one on the list who takes no such letters."""
    onboarding, mark = ask.submission.onboarding, tokens.new()[:8]
    asker, person = ask.asked_by, ask.person
    reader = person if person is not None and person.is_reachable else None
    with force_locale(language(reader or asker)):
        words = _question_words(ask, spec, f"/ask/{{{{token{mark}}}}}")
        text, html = laid_out(reader or Guest(ask.called), words, None)
        envelope: dict[str, Any] = {
            "kind": Kind.QUESTION, "subject": words.subject, "text": text, "html": html, "about": ask.about,
            "account_id": ask.account_id, "from_name": sent_by(asker, onboarding), "reply_to": asker.email,
            "fill": (FILL, {"ask_id": ask.id, "mark": mark}),
        }  # fmt: skip
    if reader is None:
        mail.put(address=ask.email, **envelope)
        return
    path = f"/o/{onboarding.ref}/readiness/{ask.question}"
    if isinstance(notifications.post(to=reader, path=path, just_asked=True, **envelope), Drop):
        raise Refused(
            _(
                "%(name)s takes no letters with questions. Ask them yourself, or choose somebody else.",
                name=reader.called,
            ),
            field="person",
        )


def _question_words(ask: ReadinessAsk, spec: KitQuestion, path: str) -> Words:
    asker, company = ask.asked_by, ask.submission.onboarding.account.name
    return Words(
        subject=fitted(SUBJECT, lambda name: _("%(name)s asks you one question", name=name), asker.called),
        preheader=fitted(PREHEADER, str, spec.text),
        paragraphs=[
            _("%(name)s at %(company)s thinks that you know this best:", name=asker.name, company=company),
            spec.text,
            spec.why_we_ask,
        ],
        quote=ask.note,
        button=_("Answer the question"),
        path=path,
        because=_(
            "You get this because %(name)s sent it to you. The link opens this one question, for 30 days, and needs no"
            " account.",
            name=asker.name,
        ),
    )


def answered(ask: ReadinessAsk, *, stands: bool) -> None:
    """To whoever asked: it is there, or stands beside another answer."""

    def write(_reader: User) -> Words:
        beside = _(
            "%(name)s answered the question you sent, differently from what stands there since. Both are kept; choose"
            " one:",
            name=ask.name,
        )
        return _about_ask(
            ask,
            fitted(SUBJECT, lambda name: _("%(name)s answered your question", name=name), ask.called),
            _("%(name)s answered the question you sent:", name=ask.name) if stands else beside,
            _("Look at the answer"),
        )

    _to_asker(ask, write)


def too_late(ask: ReadinessAsk) -> None:
    """To whoever asked: the link had run out when it was opened."""

    def write(_reader: User) -> Words:
        return _about_ask(
            ask,
            fitted(SUBJECT, lambda name: _("%(name)s needs a new link", name=name), ask.called),
            _(
                "%(name)s opened the question you sent, but the link had run out. Send it again if you still need it:",
                name=ask.name,
            ),
            _("Open the question"),
        )

    _to_asker(ask, write)


def _about_ask(ask: ReadinessAsk, subject: str, said: str, button: str) -> Words:
    asked = ask.spec.text if ask.spec else ""
    return Words(
        subject=subject,
        preheader=fitted(PREHEADER, str, asked),
        paragraphs=[said, asked],
        button=button,
        path=f"/o/{ask.submission.onboarding.ref}/readiness/{ask.question}",
        because=_("You get this because you sent this question."),
    )


def _to_asker(ask: ReadinessAsk, write: Callable[[User], Words]) -> None:
    post(ask.asked_by, Kind.QUESTION, ask.submission.onboarding, write, about=f"{ask.about}:answered")
