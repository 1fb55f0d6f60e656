"""What each kind of step holds besides the common fields (product.md 2.5), and what it weighs (2.6)."""

from typing import Annotated, Literal, Self

from flask_babel import gettext as _
from pydantic import Field, StringConstraints, model_validator

from portal.playbooks.shape import FileName, Key, Line, Markdown, Minutes, Percent, PictureName, Shape, Text

StepKind = Literal[
    "read",
    "watch",
    "checklist",
    "form",
    "choose_path",
    "upload",
    "invite",
    "book_call",
    "attend_call",
    "approve",
    "confirm",
    "kit",
    "prerequisites",
    "criteria",
    "scope",
    "resources",
    "plan",
    "sign",
    "usage",
]
CallKind = Literal[
    "kickoff",
    "integration_scope",
    "consultation",
    "module_discussion",
    "check_in",
    "value_review",
    "handover",
    "walk_through",
]
StaffRole = Literal["csm", "consultant", "integration_specialist", "account_executive"]
FieldType = Literal["text", "textarea", "number", "date", "choice", "choices", "yes_no", "email"]
# What of a hand-off its customer may read (handoffs/queries.py, Told).
HandoffField = Literal["quote", "problem", "promised_impact"]
FileKind = Literal["pdf", "png", "jpg", "csv", "xlsx", "docx", "pptx", "txt"]

DEFAULT_WEIGHTS: dict[str, int] = {
    "read": 1,
    "watch": 1,
    "confirm": 1,
    "checklist": 1,
    "usage": 1,
    "form": 2,
    "choose_path": 2,
    "invite": 2,
    "approve": 2,
    "book_call": 2,
    "prerequisites": 2,
    "scope": 2,
    "resources": 2,
    "attend_call": 3,
    "upload": 3,
    "kit": 3,
    "criteria": 3,
    "plan": 5,
    "sign": 5,
}

# Kinds that are done on a page of their own, by what happens there, each with the page (product.md 3.1).
OWN_PAGE: dict[str, str] = {
    "kit": "readiness",
    "prerequisites": "prerequisites",
    "criteria": "success",
    "scope": "scope",
    "resources": "scope",
    "plan": "plan",
    "sign": "plan",
}

# Those among them that somebody answers for the whole company, so that they are no teammate's.
FOR_ALL = frozenset({"scope", "resources", "plan", "sign"})

# The field of a step that holds its kind's content; both kinds of call share one. What the kit and the prerequisites
# hold stands with the playbook itself.
BLOCK_OF: dict[str, str] = {
    "read": "read",
    "watch": "watch",
    "checklist": "checklist",
    "form": "form",
    "choose_path": "choose_path",
    "upload": "upload",
    "invite": "invite",
    "book_call": "call",
    "attend_call": "call",
    "approve": "approve",
    "confirm": "confirm",
    "criteria": "criteria",
    "scope": "scope",
    "resources": "resources",
    "sign": "sign",
    "usage": "usage",
}


class ReadContent(Shape):
    """`body` is Markdown whose headings start at the second level."""

    body: Markdown


class Slide(Shape):
    title: Line
    text: Text


class WatchContent(Shape):
    """A storyboard that works without a film: slides, and the same told in full as a transcript."""

    slides: Annotated[tuple[Slide, ...], Field(min_length=2, max_length=12)]
    transcript: Annotated[tuple[Text, ...], Field(min_length=1, max_length=20)]


class ChecklistItem(Shape):
    """`file` names one of the step's own files, offered beside the item."""

    key: Key
    text: Line
    help: Text | None = None
    file: FileName | None = None


class ChecklistContent(Shape):
    items: Annotated[tuple[ChecklistItem, ...], Field(min_length=1, max_length=20)]


class ShowWhen(Shape):
    """Ask only when an earlier field has this answer, or one of these answers."""

    field: Key
    equals: Annotated[str | tuple[str, ...], Field(alias="is")]

    @property
    def values(self) -> tuple[str, ...]:
        return (self.equals,) if isinstance(self.equals, str) else self.equals


class FormField(Shape):
    """`minimum` bounds a number, `future` asks a date of today or later, `prefill` fills a textarea with what the
    accepted hand-off says of it, for the customer to confirm or correct."""

    key: Key
    label: Line
    type: FieldType
    section: Line | None = None
    options: tuple[Line, ...] = ()
    required: bool = True
    help: Text | None = None
    why_we_ask: Text | None = None
    minimum: int | None = None
    future: bool = False
    prefill: HandoffField | None = None
    show_when: ShowWhen | None = None

    @property
    def answers(self) -> tuple[str, ...]:
        """Every answer a choice can have; empty when the answer is free."""
        return ("yes", "no") if self.type == "yes_no" else self.options

    @model_validator(mode="after")
    def _options_fit_the_type(self) -> Self:
        if self.type in ("choice", "choices"):
            if len(self.options) < 2:
                raise ValueError(_("a %(type)s needs at least two options", type=self.type))
            if len(set(self.options)) < len(self.options):
                raise ValueError(_("an option stands there twice; each must differ"))
        elif self.options:
            raise ValueError(
                _("only choice and choices have options; this field is %(type)s", type=self.type)
            )
        if self.minimum is not None and self.type != "number":
            raise ValueError(_("minimum belongs to a number; this field is %(type)s", type=self.type))
        if self.future and self.type != "date":
            raise ValueError(_("future belongs to a date; this field is %(type)s", type=self.type))
        if self.prefill and self.type != "textarea":
            raise ValueError(_("prefill belongs to a textarea; this field is %(type)s", type=self.type))
        return self


class FormContent(Shape):
    fields: Annotated[tuple[FormField, ...], Field(min_length=1, max_length=40)]


class PathOption(Shape):
    key: Key
    title: Line
    you_get: Text
    takes: Line
    suits: Line
    first_value_in: Line


class ChoosePathContent(Shape):
    options: Annotated[tuple[PathOption, ...], Field(min_length=2, max_length=3)]


class UploadContent(Shape):
    """`template` names one of the step's own files."""

    accept: Annotated[tuple[FileKind, ...], Field(min_length=1)]
    template: FileName | None = None


class InviteContent(Shape):
    """`alone` is what somebody ticks for whom there is nobody to invite; without it somebody has to be invited."""

    roles: Annotated[tuple[Literal["admin", "teammate", "sponsor"], ...], Field(min_length=1)]
    alone: Line | None = None


class CallContent(Shape):
    kind: CallKind
    minutes: Minutes
    owner_role: StaffRole
    agenda: Annotated[tuple[Line, ...], Field(min_length=1, max_length=10)]


class ApproveContent(Shape):
    """`shows` is the key of an earlier form or upload whose answers or file stand above the statement."""

    statement: Text
    decline_label: Line
    shows: Key | None = None


class ConfirmContent(Shape):
    statement: Text
    with_date: bool = False
    with_evidence: bool = False


class UsageContent(Shape):
    """What is to be seen in the customer's account until the step completes itself: one `event` by its name, or what
    `meaning` the product gives to several: any of its value events, or all of its activation actions by one person.

    `at_least` counts events, `people` those who did it, `percent_of_seats` sets these beside the seats; without any,
    once is enough. `since` is where counting begins: the opening of the road, or its go-live. An activated person stays
    so, so that counts whenever it was.
    """

    event: Line | None = None
    meaning: Literal["value", "activation"] | None = None
    at_least: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] | None = None
    people: Annotated[int, Field(strict=True, ge=1, le=100_000)] | None = None
    percent_of_seats: Annotated[int, Field(strict=True, ge=1, le=100)] | None = None
    since: Literal["start", "go_live"] = "start"

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        if (self.event is None) == (self.meaning is None):
            raise ValueError(_("write either event: the name of one, or meaning: value or activation"))
        amounts = [one for one in (self.at_least, self.people, self.percent_of_seats) if one is not None]
        if len(amounts) > 1:
            raise ValueError(_("write only one of at_least, people and percent_of_seats"))
        if self.meaning == "activation" and (self.at_least is not None or not amounts):
            raise ValueError(_("activation is counted in people; add people or percent_of_seats"))
        if self.meaning == "activation" and self.since != "start":
            raise ValueError(_("who is activated stays so, whenever it was; leave out since"))
        return self


Letter = Annotated[str, StringConstraints(pattern=r"^[A-H]$")]


class Callout(Shape):
    """`x` and `y` are per cent of the picture's width and height. Letters, because the steps have numbers."""

    letter: Letter
    x: Percent
    y: Percent
    text: Line


Pixels = Annotated[int, Field(ge=1, le=4000)]


class NarrowPicture(Shape):
    """The same for a phone: a file of its own, and where each letter stands there, in per cent."""

    src: PictureName
    width: Pixels
    height: Pixels
    at: dict[Letter, tuple[Percent, Percent]] = {}


class Picture(Shape):
    """`src` lies under static/; width and height are the picture's own, in pixels."""

    src: PictureName
    alt: Text
    width: Pixels
    height: Pixels
    callouts: Annotated[tuple[Callout, ...], Field(max_length=8)] = ()
    narrow: NarrowPicture | None = None

    @model_validator(mode="after")
    def _letters_stand_in_both(self) -> Self:
        if self.narrow and set(self.narrow.at) != {callout.letter for callout in self.callouts}:
            raise ValueError(_("the narrow picture has to place the letters of the callouts, each of them"))
        return self
