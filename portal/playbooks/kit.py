"""The readiness kit of a playbook: what is asked, what the answers do, what has to be there (product.md 2.7)."""

from typing import Annotated, Literal, Self, get_args

from flask_babel import gettext as _
from pydantic import BeforeValidator, Field, field_validator, model_validator

from portal.playbooks.due import Due, parse_due
from portal.playbooks.kinds import CallKind, FieldType, FormField, HandoffField, ShowWhen
from portal.playbooks.shape import Days, FileName, Key, Line, Minutes, Role, Shape, Text

Depth = Literal["short", "standard", "deep"]
EffectKind = Literal[
    "include",
    "exclude",
    "offer",
    "depth",
    "put_first",
    "assign",
    "prerequisite",
    "agenda",
    "compliance",
    "wave",
    "signal",
]
EFFECTS: tuple[EffectKind, ...] = get_args(EffectKind)
SignalWord = Literal["frustration", "surprise", "blocker"]
PrerequisiteKind = Literal["data", "it", "access", "people", "legal", "budget"]


class KitSection(Shape):
    key: Key
    title: Line


class KitQuestion(Shape):
    """One question, on a page of its own. `more` are smaller ones on the same page; one with `show_when` is asked under
    the answer that it names. `factual`: nobody is unsure of it, so “Not sure yet” isn't offered. `topic` is what the
    consultation talks about when somebody isn't sure; without it, the question itself. `prefill` names what sales
    wrote that may be the answer already."""

    key: Key
    section: Key
    text: Line
    type: FieldType
    why_we_ask: Text
    help: Text | None = None
    options: tuple[Line, ...] = ()
    required: bool = True
    factual: bool = False
    admin_only: bool = False
    minimum: int | None = None
    future: bool = False
    topic: Line | None = None
    prefill: HandoffField | None = None
    show_when: ShowWhen | None = None
    more: Annotated[tuple[FormField, ...], Field(max_length=4)] = ()

    @property
    def field(self) -> FormField:
        """The question as a form asks it; whether it has to be asked is the kit's to say."""
        return FormField(
            key=self.key,
            label=self.text,
            type=self.type,
            options=self.options,
            required=self.required,
            help=self.help,
            minimum=self.minimum,
            future=self.future,
        )

    @property
    def fields(self) -> tuple[FormField, ...]:
        """All that its page asks, itself first."""
        return (self.field, *self.more)

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        FormField.model_validate(self.field.model_dump())  # Refuses options that don't fit the type.
        return self


class Condition(Shape):
    """What an answer has to be: exactly one of the five. `question` names a question or a smaller one beside it.

    Several values of `is` are any of them; `is_not` of a question with several answers is true when none of them is
    among these; `at_least` compares a number; `unknown` is “Not sure yet”. A question that
    nobody answered, or that branching closed, fulfils none of them.
    """

    question: Key
    equals: Annotated[str | tuple[str, ...] | None, Field(alias="is")] = None
    is_not: str | tuple[str, ...] | None = None
    includes: str | tuple[str, ...] | None = None
    at_least: int | None = None
    unknown: Literal[True] | None = None

    @model_validator(mode="after")
    def _one_comparison(self) -> Self:
        given = [self.equals, self.is_not, self.includes, self.at_least, self.unknown]
        if sum(one is not None for one in given) != 1:
            raise ValueError(_("a condition compares in one way: is, is_not, includes, at_least or unknown"))
        return self

    @property
    def values(self) -> tuple[str, ...]:
        """The answers it names."""
        named = self.equals or self.is_not or self.includes or ()
        return (named,) if isinstance(named, str) else named


class Effect(Shape):
    """One thing that an answer does: exactly one of the kinds, with what that kind needs beside it.

    `include`, `exclude`, `offer` and `put_first` name a module. `depth` is how deep `module` goes. `assign` gives
    `module` to a role. `prerequisite` names one that is asked for only then. `agenda` is a topic of `call`.
    `compliance` names a pack. `wave` names a department that gets a wave of its own. `signal` tells our team `text`.
    """

    include: Key | None = None
    exclude: Key | None = None
    offer: Key | None = None
    depth: Depth | None = None
    put_first: Key | None = None
    assign: Role | None = None
    prerequisite: Key | None = None
    agenda: Line | None = None
    compliance: Key | None = None
    wave: Line | None = None
    signal: SignalWord | None = None
    module: Key | None = None
    call: CallKind | None = None
    text: Line | None = None

    @model_validator(mode="after")
    def _one_effect(self) -> Self:
        given = [kind for kind in EFFECTS if getattr(self, kind) is not None]
        if len(given) != 1:
            raise ValueError(_("an effect does one thing: %(kinds)s", kinds=", ".join(EFFECTS)))
        needs = {"depth": "module", "assign": "module", "signal": "text"}.get(given[0])
        takes = {needs, "call" if given[0] == "agenda" else None}
        for beside in ("module", "call", "text"):
            if beside == needs and getattr(self, beside) is None:
                raise ValueError(_("%(kind)s needs “%(beside)s” beside it", kind=given[0], beside=beside))
            if beside not in takes and getattr(self, beside) is not None:
                raise ValueError(_("%(kind)s takes no “%(beside)s”", kind=given[0], beside=beside))
        return self

    @property
    def kind(self) -> EffectKind:
        return next(kind for kind in EFFECTS if getattr(self, kind) is not None)

    @property
    def value(self) -> str:
        """What stands behind its kind: a module, a depth, a role, a topic …"""
        return str(getattr(self, self.kind))


class KitRule(Shape):
    """`because` completes “Because …” for the customer, from their own answer: “you said your data is in
    spreadsheets”."""

    key: Key
    when: Annotated[tuple[Condition, ...], Field(min_length=1, max_length=5)]
    then: Annotated[tuple[Effect, ...], Field(min_length=1, max_length=8)]
    because: Line


def _always(value: object) -> object:
    return "always" if value is None else value


class PrerequisiteSpec(Shape):
    """Something the customer must have before the work begins. `enough` says when it is ready, `guidance` how to get
    there, `file` is a template to download. `blocking`: starting without it costs more than waiting. `sponsor_after`
    is how many working days late it is when both sponsors are asked. `include: by_rule` waits for an answer."""

    key: Key
    kind: PrerequisiteKind
    title: Line
    enough: Line
    guidance: Text
    file: FileName | None = None
    assignee: Role = "admin"
    minutes: Minutes = 10
    due: str = "start-1"
    blocking: bool = False
    sponsor_after: Days = 5
    include: Annotated[Literal["always", "by_rule"], BeforeValidator(_always)] = "always"

    @field_validator("due")
    @classmethod
    def _due_is_a_rule(cls, text: str) -> str:
        if parse_due(text).step is not None:
            raise ValueError(_("a prerequisite is due by a stage or the start; write start-1 or stage 40 %"))
        return text.strip()

    @property
    def due_rule(self) -> Due:
        return parse_due(self.due)


class CompliancePack(Shape):
    """What the rules of one region or trade ask for, under one reason."""

    key: Key
    title: Line
    modules: tuple[Key, ...] = ()
    prerequisites: tuple[Key, ...] = ()
    topics: tuple[Line, ...] = ()


class Kit(Shape):
    """`consultation` is the call whose agenda takes what nobody is sure of yet."""

    sections: Annotated[tuple[KitSection, ...], Field(min_length=1, max_length=10)]
    questions: Annotated[tuple[KitQuestion, ...], Field(min_length=1, max_length=40)]
    rules: Annotated[tuple[KitRule, ...], Field(max_length=100)] = ()
    prerequisites: Annotated[tuple[PrerequisiteSpec, ...], Field(max_length=20)] = ()
    packs: Annotated[tuple[CompliancePack, ...], Field(max_length=20)] = ()
    consultation: CallKind = "consultation"
    minutes: Minutes = 10

    def question(self, key: str) -> KitQuestion | None:
        """The question with this key."""
        return next((question for question in self.questions if question.key == key), None)

    def prerequisite(self, key: str) -> PrerequisiteSpec | None:
        """The prerequisite with this key."""
        return next((one for one in self.prerequisites if one.key == key), None)
