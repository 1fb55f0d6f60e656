"""The playbook document: everything a playbook file may say, as frozen pydantic models (product.md 2.1).

Shapes only; what spans several steps (references, gates, roads) is judged in check.py.
"""

from datetime import date
from typing import Annotated, Any, Literal, Self

from flask_babel import gettext as _
from pydantic import BeforeValidator, Field, field_validator, model_validator

from portal.playbooks import agreeing, kinds
from portal.playbooks.due import Due, parse_due
from portal.playbooks.kit import Depth, Kit
from portal.playbooks.shape import (
    Days,
    FileName,
    Key,
    Line,
    Minutes,
    Segment,
    SettingsPath,
    Shape,
    StageKey,
    Text,
)

Programme = Literal[30, 45, 60, 90, 120]
OwnerSide = Literal["customer", "us", "both"]
Delivery = Literal["automated", "remote", "in_person"]
Assignee = Literal[
    "admin",
    "it_contact",
    "end_users",
    "sponsor",
    "consultant",
    "integration_specialist",
    "csm",
    "account_executive",
]
# What finishing the step puts on the onboarding itself: `purchase_reason` takes the first field of its form,
# the others the day.
Records = Literal["purchase_reason", "go_live", "first_value", "graduation"]

STAGE_KEYS: tuple[StageKey, ...] = ("welcome", "expectations", "training", "graduation")
SEGMENTS: tuple[Segment, ...] = ("smb", "mid_market", "enterprise")
PROGRAMMES: tuple[Programme, ...] = (30, 45, 60, 90, 120)


class Instruction(Shape):
    """One numbered line; `path` starts an *Open settings* link at the provider's product."""

    text: Line
    path: SettingsPath | None = None


def _sentence_or_mapping(value: Any) -> Any:
    return {"text": value} if isinstance(value, str) else value


class FileRef(Shape):
    """`name` is a file in shipped/files."""

    name: FileName
    label: Line


class StepSpec(Shape):
    """One step. Exactly one of the content fields is filled: the one its kind asks for (kinds.BLOCK_OF); none where it
    asks for none. `depths` restrict the step to a module that goes that deep; empty means all."""

    key: Key
    title: Line
    kind: kinds.StepKind
    owner_side: OwnerSide
    assignee: Assignee
    button: Line
    opens: Line | None = None
    why: Text
    done_when: Line
    due: str
    minutes: Minutes
    required: bool = True
    visible: bool = True
    gate: bool = False
    review: bool = False
    early_start: bool = False
    done_for_you: bool = False
    can_do_for_you: bool = False
    weight: Literal[1, 2, 3, 5] | None = None
    delivery: Delivery | None = None
    records: Records | None = None
    programmes: tuple[Programme, ...] = ()
    segments: tuple[Segment, ...] = ()
    depths: tuple[Depth, ...] = ()
    you: tuple[Annotated[Instruction, BeforeValidator(_sentence_or_mapping)], ...] = ()
    unlocks: Line | None = None
    files: tuple[FileRef, ...] = ()
    picture: kinds.Picture | None = None
    read: kinds.ReadContent | None = None
    watch: kinds.WatchContent | None = None
    checklist: kinds.ChecklistContent | None = None
    form: kinds.FormContent | None = None
    choose_path: kinds.ChoosePathContent | None = None
    upload: kinds.UploadContent | None = None
    invite: kinds.InviteContent | None = None
    call: kinds.CallContent | None = None
    approve: kinds.ApproveContent | None = None
    confirm: kinds.ConfirmContent | None = None
    criteria: agreeing.CriteriaContent | None = None
    scope: agreeing.ScopeContent | None = None
    resources: agreeing.ResourcesContent | None = None
    sign: agreeing.SignContent | None = None
    usage: kinds.UsageContent | None = None

    @field_validator("due")
    @classmethod
    def _due_is_a_rule(cls, text: str) -> str:
        parse_due(text)
        return text.strip()

    @model_validator(mode="after")
    def _content_fits_the_kind(self) -> Self:
        wanted = kinds.BLOCK_OF.get(self.kind)
        for block in dict.fromkeys(kinds.BLOCK_OF.values()):
            if block != wanted and getattr(self, block) is not None:
                raise ValueError(_no_block(self.kind, block, wanted))
        if wanted and getattr(self, wanted) is None:
            raise ValueError(_("a step of kind %(kind)s needs “%(wanted)s”", kind=self.kind, wanted=wanted))
        return self

    @property
    def leads_to(self) -> str:
        """What a button says that only opens the step: a verb of its own where the step's button states a result."""
        return self.opens or self.button

    @property
    def due_rule(self) -> Due:
        return parse_due(self.due)

    @property
    def content(self) -> Shape:
        block: Shape = getattr(self, kinds.BLOCK_OF[self.kind])
        return block

    @property
    def counts(self) -> bool:
        """Is an item of the meter (product.md 2.6, rule 1)."""
        return self.required and self.visible

    @property
    def effective_weight(self) -> int:
        """Its own weight, or its kind's."""
        return self.weight or kinds.DEFAULT_WEIGHTS[self.kind]


def _no_block(kind: str, block: str, wanted: str | None) -> str:
    if wanted is None:
        return _(
            "a step of kind %(kind)s has no “%(block)s”; it needs nothing beside it", kind=kind, block=block
        )
    return _(
        "a step of kind %(kind)s has no “%(block)s”; it has “%(wanted)s”",
        kind=kind,
        block=block,
        wanted=wanted,
    )


class ModuleSpec(Shape):
    """`programmes` and `segments` restrict the module to those; empty means all. `include`: on every road, on those
    whose answers ask for it, or on those that choose it."""

    key: Key
    stage: StageKey
    title: Line
    outcome: Line
    why: Text
    audience: Literal["admin", "end_users", "it", "everyone"]
    owner_role: kinds.StaffRole
    include: Literal["always", "by_rule", "offered"] = "always"
    programmes: tuple[Programme, ...] = ()
    segments: tuple[Segment, ...] = ()
    depth: Depth = "standard"
    set_up: Literal["minutes", "configuration", "complex"] = "minutes"
    delivery: Delivery = "remote"
    needs_person: bool = False
    needs_person_reason: Text | None = None
    minutes_us: Minutes = 0
    wave_able: bool = False
    steps: Annotated[tuple[StepSpec, ...], Field(min_length=1, max_length=40)]

    @model_validator(mode="after")
    def _a_needed_person_has_a_reason(self) -> Self:
        if self.needs_person and not self.needs_person_reason:
            raise ValueError(_("needs_person asks for needs_person_reason: why this cannot be automated"))
        return self

    @property
    def minutes(self) -> int:
        """The customer's time: every required step that is not ours alone."""
        return sum(step.minutes for step in self.steps if step.counts and step.owner_side != "us")


class StageText(Shape):
    """What the customer reads about a stage; its title is the same in every playbook.

    `opens_when` follows the word “opens” while the stage is locked.
    """

    headline: Line
    need: Text
    we_do: Text
    measure: Line
    opens_when: Line


class StageTexts(Shape):
    welcome: StageText
    expectations: StageText
    training: StageText
    graduation: StageText


Share = Annotated[int, Field(strict=True, ge=1, le=97)]


class StageShares(Shape):
    """Per cent of the whole road; their sum is judged in check.py."""

    welcome: Share = 10
    expectations: Share = 25
    training: Share = 45
    graduation: Share = 20


DayOfStart = Annotated[int, Field(strict=True, ge=-365, le=365)]


class StageBudgets(Shape):
    """Calendar days. Welcome is (first day, last day) counted from the start date, which is day 0; the others follow
    each other from day 1."""

    welcome: tuple[DayOfStart, DayOfStart]
    expectations: Days
    training: Days
    graduation: Days


class MilestoneSpec(Shape):
    """Reached when its steps are done. Without a due rule it falls due with the last of them; a rule speaks of the
    stage of the last of them."""

    key: Key
    title: Line
    steps: tuple[Key, ...]
    due: str | None = None

    @field_validator("due")
    @classmethod
    def _due_is_a_rule(cls, text: str | None) -> str | None:
        if text is not None:
            parse_due(text)
        return text

    @property
    def due_rule(self) -> Due | None:
        return parse_due(self.due) if self.due is not None else None


class Change(Shape):
    on: date
    what: Line


class PlaybookDocument(Shape):
    """One playbook. Dumped with `model_dump(mode="json")` it can be stored and validated again, unchanged."""

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]
    name: Line
    one_sentence_explanation: Line
    products: Annotated[tuple[Key, ...], Field(min_length=1)]
    segments: Annotated[tuple[Segment, ...], Field(min_length=1)]
    programmes: Annotated[tuple[Programme, ...], Field(min_length=1)]
    stages: StageTexts
    stage_shares: StageShares = Field(default_factory=StageShares)
    stage_budgets: dict[Programme, StageBudgets] = {}
    modules: Annotated[tuple[ModuleSpec, ...], Field(max_length=60)]
    milestones: tuple[MilestoneSpec, ...] = ()
    kit: Kit | None = None
    changelog: tuple[Change, ...] = ()

    @field_validator("stage_budgets", mode="before")
    @classmethod
    def _days_from_json_are_text(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {
            int(key) if isinstance(key, str) and key.isdigit() else key: days for key, days in value.items()
        }

    def stage_text(self, stage: StageKey) -> StageText:
        text: StageText = getattr(self.stages, stage)
        return text
