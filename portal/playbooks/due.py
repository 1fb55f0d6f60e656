"""Due rules (product.md 2.4): the four ways a playbook may say by when."""

import re
from dataclasses import dataclass
from typing import Literal

from flask_babel import gettext as _

Anchor = Literal["stage", "start", "stage_open", "after"]

_STAGE = re.compile(r"stage (\d{1,3}) ?%", re.ASCII)
_DAY = re.compile(r"(start|stage_open)(?:([+-]\d{1,3}))?", re.ASCII)
_AFTER = re.compile(r"after\(([a-z][a-z0-9_]*)\)\+(\d{1,3})", re.ASCII)


@dataclass(frozen=True)
class Due:
    """`amount` is a percentage of the stage's planned days when the anchor is `stage`, working days otherwise."""

    anchor: Anchor
    amount: int
    step: str | None = None


def parse_due(text: str) -> Due:
    """ValueError with a sentence when the text is none of the four forms."""
    text = text.strip()
    if found := _STAGE.fullmatch(text):
        percent = int(found[1])
        if percent <= 100:
            return Due("stage", percent)
    if found := _DAY.fullmatch(text):
        days = int(found[2] or 0)
        if found[1] == "start":
            return Due("start", days)
        if days >= 0:
            return Due("stage_open", days)
    if found := _AFTER.fullmatch(text):
        return Due("after", int(found[2]), found[1])
    raise ValueError(
        _(
            "“%(text)s” is not a due rule. Write “stage 40 %%”, “start+2”, “stage_open+3” or “after(step_key)+1”.",
            text=text,
        )
    )
