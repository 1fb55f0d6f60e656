"""The kit of one road as its pages read it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from portal import clock, db, web
from portal.accounts.models import Person, User
from portal.calls.models import Call
from portal.calls.rules import CallState
from portal.handoffs.queries import Told, told
from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step
from portal.playbooks.kinds import FormField
from portal.playbooks.kit import Kit, KitQuestion, KitSection
from portal.readiness.asks import ReadinessAsk, answerable
from portal.readiness.branching import Asked, asked, open_fields
from portal.readiness.kits import kit_of, kit_step
from portal.readiness.models import ReadinessAnswer, ReadinessSubmission
from portal.readiness.states import SubmissionState
from portal.readiness.words import answer_text


@dataclass(frozen=True)
class Line:
    """One question on the page to check: what was answered, by whom, and where it is changed."""

    question: KitQuestion
    text: str
    by: str
    url: str
    waits_for: str
    missing: bool


class Readiness:
    """What was asked, answered and sent to colleagues on one road, for one reader; two statements, four once it is
    begun."""

    def __init__(self, onboarding: Onboarding, reader: User) -> None:
        self.onboarding, self.reader = onboarding, reader
        whole = selectinload(ReadinessSubmission.answers).joinedload(ReadinessAnswer.by)
        asks = selectinload(ReadinessSubmission.asks).joinedload(ReadinessAsk.person)
        rows = select(ReadinessSubmission).where(ReadinessSubmission.onboarding_id == onboarding.id)
        options = (whole, asks, joinedload(ReadinessSubmission.submitted_by))
        # Read anew: what was refused a moment ago may still stand in the session.
        rows = rows.options(*options).execution_options(populate_existing=True)
        self.submission = db.session.scalars(rows).one_or_none()
        self.kit: Kit = kit_of(onboarding)
        self.step: Step = kit_step(onboarding)

    # --- What is asked, and of whom ---

    @cached_property
    def asked(self) -> Asked:
        """Which questions are open."""
        return self.submission.asked if self.submission else asked(self.kit, {})

    @cached_property
    def mine(self) -> frozenset[str]:
        """The questions that this reader may answer."""
        return answerable(self.onboarding, self.submission, self.reader)

    @property
    def leads(self) -> bool:
        """Whether this reader hands it in: any admin of theirs."""
        return isinstance(self.reader, Person) and self.reader.is_admin

    @cached_property
    def answers(self) -> dict[str, ReadinessAnswer]:
        """What stands for each question, as far as anything does."""
        rows = self.submission.by_question if self.submission else {}
        return {key: row for key, row in rows.items() if not row.is_empty}

    @cached_property
    def asks(self) -> dict[str, ReadinessAsk]:
        """The newest that was sent of each question and not taken back."""
        sent = self.submission.asks if self.submission else []
        return {ask.question: ask for ask in sent if ask.revoked_at is None}

    @property
    def state(self) -> SubmissionState:
        """Where it is."""
        return self.submission.state if self.submission else SubmissionState.NOT_STARTED

    @property
    def is_open(self) -> bool:
        """Whether anything may be answered now."""
        return self.onboarding.is_running and self.step.state not in ("locked", "skipped")

    # --- The way through ---

    def url(self, question: KitQuestion, **more: Any) -> str:
        """The page of one question."""
        return url_for("readiness.question", oid=self.onboarding.ref, q=question.key, **more)

    @property
    def start_url(self) -> str:
        """The first page."""
        return url_for("readiness.start", oid=self.onboarding.ref)

    @property
    def check_url(self) -> str:
        """The page to check all answers."""
        return url_for("readiness.check", oid=self.onboarding.ref)

    def number(self, question: KitQuestion) -> int:
        """Its place among those that are asked, from 1; 0 for one that isn't."""
        keys = [one.key for one in self.asked.questions]
        return keys.index(question.key) + 1 if question.key in keys else 0

    def before(self, question: KitQuestion) -> str:
        """The page before this one: that of the question before, or the first."""
        at = self.number(question)
        return self.url(self.asked.questions[at - 2]) if at > 1 else self.start_url

    def after(self, question: KitQuestion) -> KitQuestion | None:
        """The next question of this reader's that nobody has answered; None when there is none."""
        return self._unanswered(self.asked.questions[self.number(question) :])

    @property
    def where_left(self) -> KitQuestion | None:
        """Where this reader goes on: behind the last that was answered, else at the first that was skipped."""
        keys = [one.key for one in self.asked.questions]
        last = max((n for n, key in enumerate(keys) if key in self.answers), default=-1)
        return self._unanswered(self.asked.questions[last + 1 :]) or self._unanswered(self.asked.questions)

    def _unanswered(self, questions: tuple[KitQuestion, ...]) -> KitQuestion | None:
        return next((one for one in questions if one.key not in self.answers and one.key in self.mine), None)

    def fields(self, question: KitQuestion) -> list[FormField]:
        """What this question's page asks, itself first: smaller ones that hang on another page's answer only when
        they are asked for. What hangs on this page's own answers is there, for whoever has no JavaScript."""
        own = {field.key for field in question.fields}
        here = [one for one in question.more if one.show_when and one.show_when.field in own]
        due = open_fields(question, {**self.asked.given, question.key: None})
        return [one for one in question.fields if one in due or one in here]

    # --- What is told ---

    @cached_property
    def told(self) -> Told | None:
        """What they told sales; one statement."""
        return told(self.onboarding) if any(one.prefill for one in self.kit.questions) else None

    def told_of(self, question: KitQuestion) -> str:
        """What they told sales that may be the answer to this; empty for nothing."""
        return getattr(self.told, question.prefill) if question.prefill and self.told else ""

    @cached_property
    def talk(self) -> Call | None:
        """The booked call in which what nobody is sure of is talked through; one statement."""
        kinds = (self.kit.consultation, "kickoff")
        rows = select(Call).where(
            Call.onboarding_id == self.onboarding.id,
            Call.kind.in_(kinds),
            Call.state == CallState.SCHEDULED,
            Call.start > clock.now(),
        )
        rows = rows.order_by(Call.kind != self.kit.consultation, Call.start).limit(1)
        return db.session.scalar(rows.options(joinedload(Call.owner)))

    @property
    def saved_when(self) -> str:
        """When anything was answered last, “10:42”, with its day unless that is today; empty while nothing is."""
        at = max((row.at for row in self.answers.values()), default=None)
        if at is None:
            return ""
        time, today = web.clock_time(at), at.astimezone(self.reader.zone).date() == web.local_today()
        return time if today else _("%(day)s, %(time)s", day=web.short_day(at), time=time)

    def text(self, question: KitQuestion) -> str:
        """What stands for this question, as text; empty for nothing."""
        row = self.answers.get(question.key)
        return answer_text(question, row.value, row.more, row.unknown) if row else ""

    def may_read(self, question: KitQuestion) -> bool:
        """Whether this reader reads its answer: one for an admin isn't for teammates."""
        return (
            not question.admin_only
            or self.leads
            or question.key in self.mine
            or self.reader.roles <= {"sponsor"}
        )

    def by(self, question: KitQuestion) -> str:
        """Who answered it, unless it was the reader; with “via link” when that is how it came."""
        row = self.answers.get(question.key)
        if row is None or (row.by_id == self.reader.id and row.source != "link"):
            return ""
        said = _("by %(name)s", name=row.author)
        return _("by %(name)s, via link", name=row.author) if row.source == "link" else said

    @property
    def sections(self) -> list[tuple[KitSection, list[Line]]]:
        """Every open question in its section."""
        missing = {one.key for one in self.asked.missing}
        found = []
        for section in self.kit.sections:
            lines = [self._line(one, missing) for one in self.asked.questions if one.section == section.key]
            if lines:
                found.append((section, lines))
        return found

    def _line(self, question: KitQuestion, missing: set[str]) -> Line:
        ask = self.asks.get(question.key)
        mine = self.is_open and question.key in self.mine
        return Line(
            question=question,
            text=self.text(question) if self.may_read(question) else "",
            by=self.by(question),
            url=self.url(question, back="check") if mine else "",
            waits_for=ask.called if ask and ask.is_waiting and not ask.is_over else "",
            missing=question.key in missing,
        )

    @property
    def tally(self) -> list[tuple[str, int]]:
        """How many open questions each has answered, the reader (an empty name) first, then as they came."""
        counts: dict[str, int] = {}
        for question in self.asked.questions:
            if row := self.answers.get(question.key):
                name = "" if row.by_id == self.reader.id else row.author
                counts[name] = counts.get(name, 0) + 1
        return sorted(counts.items(), key=lambda one: one[0] != "")
