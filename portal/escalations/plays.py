"""The plays: what to do when somebody is called in, and the message that they can send (product.md 2.10)."""

import string
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator

from portal.onboardings.models import Onboarding
from portal.onboardings.standings import Quiet

FILE = Path(__file__).parent / "plays.yaml"
VALUES = frozenset({
    "first", "me", "company", "provider", "product", "quote", "step", "minutes", "left", "stage", "done", "total",
    "graduation", "value_due",
})  # fmt: skip


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Draft(_Shape):
    """A message with places for the account's values (VALUES)."""

    subject: str = Field(min_length=1, max_length=60)
    body: str = Field(min_length=40, max_length=1500)

    @field_validator("subject", "body")
    @classmethod
    def _places(cls, text: str) -> str:
        unknown = {name for _text, name, _spec, _way in string.Formatter().parse(text) if name} - VALUES
        if unknown:
            raise ValueError(f"unknown places: {', '.join(sorted(unknown))}; there are {sorted(VALUES)}")
        return text


class Play(_Shape):
    """One play; `items` by key, in order."""

    title: str = Field(min_length=1, max_length=60)
    about: str = Field(min_length=1, max_length=160)
    items: Mapping[str, str] = Field(min_length=4, max_length=7)
    draft: Draft


def read(text: str) -> dict[str, Play]:
    """The plays in a file's text. Raises pydantic's ValidationError, with the place of what is wrong."""
    return {key: Play.model_validate(play) for key, play in yaml.safe_load(text).items()}


@cache
def shipped() -> dict[str, Play]:
    """Every play that comes with the portal, by key."""
    return read(FILE.read_text(encoding="utf-8"))


def play_called(key: str) -> Play:
    """The play of this name. Raises KeyError."""
    return shipped()[key]


def item_of(play: str, item: str) -> str | None:
    """What this line of a play says, if it has it."""
    return play_called(play).items.get(item)


# Which play suits which reason; the first reason of a case that is here decides.
SUITS = {
    "R4": "back_on_path", "R5": "back_on_path", "R7": "low_adoption", "R8": "late_value", "R10": "readiness_gap",
    "R11": "late_value", "R12": "champion_lost", "R14": "technical_block", "T6": "low_adoption", "T7": "low_adoption",
    "T8": "low_score", "T9": "late_value", "T10": "readiness_gap", "T11": "technical_block", "T13": "back_on_path",
    "T15": "champion_lost",
}  # fmt: skip


def for_codes(codes: Iterable[str], onboarding: Onboarding) -> str:
    """The play to begin with."""
    found = next((SUITS[code] for code in codes if code in SUITS), None)
    if found:
        return found
    if onboarding.quiet is not None:
        return "ghosting" if onboarding.quiet is Quiet.GHOSTING else "engaged"
    return "back_on_path"


def filled(text: str, values: Mapping[str, Any]) -> str:
    """The text with its places filled; a paragraph with a value that isn't known is left out."""
    kept = []
    for paragraph in text.strip().split("\n\n"):
        names = [name for _text, name, _spec, _way in string.Formatter().parse(paragraph) if name]
        if all(values.get(name) for name in names):
            kept.append(paragraph.format_map(values))
    return "\n\n".join(kept)
