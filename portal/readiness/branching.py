"""Which questions of a kit are asked, given what was answered so far. Pure: the order of answering plays no part."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final

from portal.playbooks.kinds import FormField, ShowWhen
from portal.playbooks.kit import Kit, KitQuestion


class Unsure(Enum):
    """Stands in the place of an answer that is “Not sure yet”."""

    UNKNOWN = auto()


UNKNOWN: Final = Unsure.UNKNOWN
Given = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """The questions that are open, and what is given to them by field key, smaller ones included. What was answered
    to a question that has been closed since isn't in it."""

    questions: tuple[KitQuestion, ...]
    given: dict[str, Any]

    @property
    def keys(self) -> frozenset[str]:
        """The open questions' keys."""
        return frozenset(question.key for question in self.questions)

    @property
    def missing(self) -> list[KitQuestion]:
        """The open questions that can't stay as they are: one that is required, or a smaller one beside it, has no
        answer."""
        return [question for question in self.questions if _lacks(question, self.given)]


def asked(kit: Kit, said: Given) -> Asked:
    """What is open when `said` was answered: everything ever said, by field key, `UNKNOWN` for “Not sure yet”.

    A question asks after earlier ones only (`kit_check`), so one pass in the kit's order settles all of it, and a
    question that closes takes along those that ask after it.
    """
    given: dict[str, Any] = {}
    questions = []
    for question in kit.questions:
        if not _holds(question.show_when, given):
            continue
        questions.append(question)
        own = {field.key: said[field.key] for field in question.fields if said.get(field.key) is not None}
        for field in open_fields(question, {**given, **own}):
            if field.key in own:
                given[field.key] = own[field.key]
    return Asked(tuple(questions), given)


def open_fields(question: KitQuestion, given: Given) -> list[FormField]:
    """What an open question's page asks with these answers, its own smaller ones included: one of those that closes
    takes along what hangs on it. Whoever isn't sure is asked nothing smaller."""
    if given.get(question.key) is UNKNOWN:
        return [question.field]
    found, closed = [question.field], set()
    for field in question.more:
        if _holds(field.show_when, given) and not (field.show_when and field.show_when.field in closed):
            found.append(field)
        else:
            closed.add(field.key)
    return found


def _holds(condition: ShowWhen | None, given: Given) -> bool:
    if condition is None:
        return True
    value = given.get(condition.field)
    values = value if isinstance(value, list) else [value]
    return any(one in condition.values for one in values)


def _lacks(question: KitQuestion, given: Given) -> bool:
    if question.key not in given and not question.required:
        return False
    return any(field.required and field.key not in given for field in open_fields(question, given))
