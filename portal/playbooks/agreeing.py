"""What the steps hold on which both sides agree: success criteria, scope, resources, the plan (product.md 2.1)."""

from typing import Annotated, Literal, Self

from flask_babel import gettext as _
from pydantic import Field, model_validator

from portal.playbooks.shape import Key, Line, Role, Segment, Shape, StageKey, Text

Direction = Literal["up", "down", "by_date"]
Evidence = Literal["usage", "upload", "statement"]
Number = Annotated[float, Field(allow_inf_nan=False, ge=-(10**12), le=10**12)]
Unit = Annotated[Line, Field(max_length=20)]


class CriterionSuggestion(Shape):
    """A criterion to start from. `words` are those of the customer's reason for which it is proposed first; `segments`
    restrict it. `by_date` is something that is there or isn't, so it goes from 0 to 1 and needs no numbers."""

    key: Key
    statement: Line
    unit: Unit | None = None
    direction: Direction
    baseline: Number | None = None
    target: Number | None = None
    evidence: Evidence = "statement"
    seen_in: Line
    words: tuple[Line, ...] = ()
    segments: tuple[Segment, ...] = ()

    @model_validator(mode="after")
    def _target_differs(self) -> Self:
        if self.target is not None and self.target == self.baseline:
            raise ValueError(_("the target is the baseline; a result has to differ from today"))
        return self


class CriteriaContent(Shape):
    """The step is done once at least `least` are agreed and none waits for an answer."""

    least: Annotated[int, Field(strict=True, ge=1, le=5)] = 2
    most: Annotated[int, Field(strict=True, ge=1, le=5)] = 5
    suggestions: Annotated[tuple[CriterionSuggestion, ...], Field(min_length=3, max_length=20)]

    @model_validator(mode="after")
    def _least_is_less(self) -> Self:
        if self.least > self.most:
            raise ValueError(_("least is more than most; write at most %(most)s", most=self.most))
        return self


class ScopeItemSpec(Shape):
    """What is in, or not in **and why**, with what there is instead. With `module` it stands only on roads that have
    that module."""

    key: Key
    side: Literal["in", "not_in"]
    statement: Line
    why: Text | None = None
    alternative: Text | None = None
    module: Key | None = None

    @model_validator(mode="after")
    def _a_no_has_a_reason(self) -> Self:
        if self.side == "not_in" and not self.why:
            raise ValueError(_("a no needs its reason: add “why:”"))
        return self


class ScopeContent(Shape):
    items: Annotated[tuple[ScopeItemSpec, ...], Field(min_length=2, max_length=30)]


Hours = Annotated[float, Field(ge=0.25, le=40, allow_inf_nan=False)]


class ResourceNeedSpec(Shape):
    """People, hours a week, data, access or budget, from the beginning of `first_stage` to the end of `last_stage`."""

    key: Key
    kind: Literal["people", "data", "access", "budget"]
    what: Line
    role: Role
    hours_a_week: Hours | None = None
    first_stage: StageKey
    last_stage: StageKey
    segments: tuple[Segment, ...] = ()


class ResourcesContent(Shape):
    needs: Annotated[tuple[ResourceNeedSpec, ...], Field(min_length=1, max_length=12)]


class SignContent(Shape):
    """The step is done once everybody has signed the plan. `countersign_for`: where we countersign at once, without a
    person. `sponsors_for`: where the sponsors of both sides sign too."""

    countersign_for: tuple[Segment, ...] = ()
    sponsors_for: tuple[Segment, ...] = ()
