"""Refusals: how the portal says no, and how a no looks to a person."""

from typing import Any


class Refused(Exception):
    """The domain says no. The message is a sentence for the person: what is wrong, what would be right.

    `field` names the form field it belongs to, when there is one; `status` is that of a page which shows the form
    again (`forms.Form.refuse`). Nothing has been changed.
    """

    status = 422

    def __init__(self, sentence: Any, *, field: str | None = None) -> None:
        super().__init__(str(sentence))
        self.field = field


class NotYours(Refused):
    """Somebody else does this; the sentence says who."""

    status = 403


class Conflict(Refused):
    """Somebody else changed the same thing first. `theirs` and `yours` are shown side by side, where they are given."""

    status = 409

    def __init__(self, sentence: Any, *, theirs: Any = None, yours: Any = None) -> None:
        super().__init__(sentence)
        self.theirs = theirs
        self.yours = yours
