"""A playbook file's YAML, kept with its line numbers."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import yaml
from flask_babel import gettext as _

MAX_BYTES = 512 * 1024
MAX_DEPTH = 16

Loc = tuple[int | str, ...]

_FastLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DROPPED = {"tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:int"}


class _Loader(_FastLoader):
    """Words stay words, as in YAML 1.2: `no`, `on`, `1:30` and `2026-03-01` are text; only true and false are not."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in rules if tag not in _DROPPED]
        for first, rules in _FastLoader.yaml_implicit_resolvers.items()
    }


def _plain(tag: str, pattern: str, firsts: str) -> None:
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(firsts))


_plain("bool", r"^(?:true|false)$", "tf")
_plain("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789")


@dataclass(frozen=True)
class Problem:
    """`line` counts from 1; `where` is the path in the document, by keys where there are keys."""

    file: str
    line: int
    where: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.where}: {self.message}" if self.where else f"{place}: {self.message}"


class PlaybookError(Exception):
    """The playbook cannot be taken; `problems` holds every reason found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True)
class Source:
    """The parsed file: plain data, and the tree that knows where each part stands."""

    file: str
    data: Any
    root: yaml.Node

    def problem(self, loc: Loc, message: str) -> Problem:
        # pydantic writes "[key]" when the name of an entry is wrong, not what stands in it.
        loc = tuple(part for part in loc if part != "[key]")
        return Problem(self.file, self.line(loc), where(loc, self.data), message)

    def line(self, loc: Loc) -> int:
        """The line of the deepest part of `loc` that is in the file."""
        node, line = self.root, _line(self.root)
        for part in loc:
            found = _child(node, part)
            if found is None:
                break
            node, line = found
        return line


def where(loc: Loc, data: Any) -> str:
    """`modules.data.steps.import_partners.due`: list items by their own key, or by number from 1."""
    names: list[str] = []
    for part in loc:
        in_list, data = isinstance(data, list | tuple), _within(data, part)
        own = data.get("key") if in_list and isinstance(data, dict) else None
        number = part + 1 if in_list and isinstance(part, int) else part
        names.append(own if isinstance(own, str) else str(number))
    return ".".join(names)


def parse(text: str, file: str) -> Source:
    """PlaybookError when the text is too large, no YAML, or uses what a playbook has no need for."""
    try:
        if len(text.encode()) > MAX_BYTES:
            message = _("the file is over %(limit)s kB; a playbook holds texts only", limit=MAX_BYTES // 1024)
            raise PlaybookError([Problem(file, 0, "", message)])
        _refuse_tricks(text, file)
        loader = _Loader(text)
        try:
            root = loader.get_single_node()
            if root is None:
                raise PlaybookError(
                    [Problem(file, 1, "", _("the file is empty; a playbook starts with its key"))]
                )
            doubles = list(_doubles(root, file, ()))
            if doubles:
                raise PlaybookError(doubles)
            return Source(file, loader.construct_document(root), root)
        finally:
            loader.dispose()
    except (yaml.YAMLError, ValueError) as broken:
        raise PlaybookError([_broken(broken, file)]) from broken


def _refuse_tricks(text: str, file: str) -> None:
    """Aliases can make a small file huge, and deep nesting can exhaust the reader."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = _line(event)
        if isinstance(event, yaml.AliasEvent):
            message = _("“*%(name)s” repeats another part; write the part out", name=event.anchor)
            raise PlaybookError([Problem(file, line, "", message)])
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise PlaybookError(
                [Problem(file, line, "", _("the parts are nested too deep; check the indentation"))]
            )


def _doubles(node: yaml.Node, file: str, loc: tuple[str, ...]) -> Iterable[Problem]:
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value, 1):
            yield from _doubles(item, file, (*loc, str(number)))
    elif isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            name, line = str(key.value), _line(key)
            if name in seen:
                message = _(
                    "“%(name)s” stands on line %(line)s already; keep one", name=name, line=seen[name]
                )
                yield Problem(file, line, ".".join((*loc, name)), message)
            seen.setdefault(name, line)
            yield from _doubles(value, file, (*loc, name))


def _broken(broken: Exception, file: str) -> Problem:
    mark: Any = getattr(broken, "problem_mark", None) or getattr(broken, "context_mark", None)
    line = mark.line + 1 if mark is not None else 0
    reason = getattr(broken, "problem", None) or str(broken)
    message = _(
        "this is not readable YAML: %(reason)s. Check indentation, colons and quotes here", reason=reason
    )
    return Problem(file, line, "", message)


def _child(node: yaml.Node, part: int | str) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        item = node.value[part]
        return item, _line(item)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return value, _line(key)
    return None


def _line(part: Any) -> int:
    line: int = part.start_mark.line + 1
    return line


def _within(data: Any, part: int | str) -> Any:
    if isinstance(data, list | tuple) and isinstance(part, int) and part < len(data):
        return data[part]
    if isinstance(data, dict):
        return data.get(part)
    return None
