"""Reads a page as a small tree, to find things in it and to judge it.

Every page that a test opens passes here, so it is quick: the tree is made once and is not changed afterwards.
"""

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass(eq=False)
class Node:
    """One element. `text` of a node is read with `node.text()`, all white space folded."""

    tag: str
    attrs: dict[str, str] = field(default_factory=dict)
    children: "list[Node | str]" = field(default_factory=list)
    parent: "Node | None" = None

    def __getitem__(self, name: str) -> str:
        return self.attrs[name]

    def get(self, name: str, default: str = "") -> str:
        return self.attrs.get(name, default)

    @property
    def classes(self) -> set[str]:
        return set(self.get("class").split())

    @cached_property
    def below(self) -> "list[Node]":
        """Every element in this one, in order."""
        found = []
        for child in self.children:
            if isinstance(child, Node):
                found.append(child)
                found += child.below
        return found

    def all(self, *tags: str, **attrs: str) -> "list[Node]":
        """Every element below with one of `tags` (any, without) and these attributes.

        `class_` asks for one class among others; an underscore in a name stands for a hyphen.
        """
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attrs.items()}
        near = [node for node in self.below if node.tag in tags] if tags else list(self.below)
        return [node for node in near if node._has(wanted)] if wanted else near

    def one(self, *tags: str, **attrs: str) -> "Node":
        """The only such element. Raises AssertionError for none or several."""
        found = self.all(*tags, **attrs)
        assert len(found) == 1, f"{len(found)} elements, not one, match {tags} {attrs}"
        return found[0]

    def text(self) -> str:
        return " ".join(self._raw.split())

    def _has(self, wanted: dict[str, str]) -> bool:
        return all(
            value in self.classes if name == "class" else self.attrs.get(name) == value
            for name, value in wanted.items()
        )

    @cached_property
    def _raw(self) -> str:
        """The text in it, white space as it stands; blocks stand apart, so that two of them never run into one word."""
        parts = []
        for child in self.children:
            if isinstance(child, str):
                parts.append(child)
            elif child.tag not in ("script", "template"):
                parts.append(child._raw if child.tag in INLINE else f" {child._raw} ")
        return "".join(parts)


INLINE = {
    "a",
    "abbr",
    "b",
    "code",
    "em",
    "i",
    "kbd",
    "mark",
    "s",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "time",
}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("#document")
        self.here = self.root
        self.misnested: list[str] = []
        self.doctype = False

    def handle_decl(self, decl: str) -> None:
        self.doctype = decl.lower() == "doctype html"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs}, parent=self.here)
        if len(node.attrs) < len(attrs):
            names = Counter(name for name, _value in attrs)
            self.misnested += [f"<{tag}> has {name} twice" for name in sorted(names) if names[name] > 1]
        self.here.children.append(node)
        if tag not in VOID:
            self.here = node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID and self.here.parent:
            self.here = self.here.parent

    def handle_endtag(self, tag: str) -> None:
        if self.here.tag == tag and self.here.parent:
            self.here = self.here.parent
        else:
            self.misnested.append(f"</{tag}> closes nothing; <{self.here.tag}> is open")

    def handle_data(self, data: str) -> None:
        self.here.children.append(data)


@dataclass
class Tree:
    """A read page: its root, and what is wrong with its nesting."""

    root: Node
    misnested: list[str]
    doctype: bool


@lru_cache(maxsize=4)  # A page is read to be judged, and again to find things in it.
def read(source: str) -> Tree:
    """Parse a page or a fragment of one. Every element must be closed by its own tag, the void ones excepted."""
    reader = _Reader()
    reader.feed(source)
    reader.close()
    still = [] if reader.here is reader.root else [f"<{reader.here.tag}> is never closed"]
    return Tree(reader.root, reader.misnested + still, reader.doctype)
