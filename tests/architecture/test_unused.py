"""Nothing is kept that no page uses: classes of the style sheets, macros, their imports and icons."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from tests.architecture.tree import ours, text

NAME = r"[a-zA-Z_][\w-]*"
COMMENT = re.compile(r"\{#.*?#\}|/\*.*?\*/", re.DOTALL)
JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
QUOTED = re.compile(r"(_\(|gettext\()?(?:\"([^\"\n]*)\"|'([^'\n]*)')")
CLASS = re.compile(r"class(?:Name)?=\"((?:\{\{.*?\}\}|\{%.*?%\}|[^\"])*)\"", re.DOTALL)
MACRO = re.compile(rf"\{{%-?\s*macro\s+({NAME})\(")
IMPORT = re.compile(r"\{%-?\s*from\s+[\"']([^\"']+)[\"']\s+import\s+(.*?)-?%\}", re.DOTALL)


@cache
def templates() -> Mapping[str, str]:
    """Every template's markup, without its comments."""
    return {name: COMMENT.sub("", text(name)) for name in ours("templates/")}


@cache
def drawn() -> str:
    """The code that draws markup or changes it: it names classes in plain strings."""
    code = [text(name) for name in ours("portal/", end=".py")]
    return "\n".join([one for one in code if 'class="' in one] + [text(name) for name in ours("static/js/")])


# --- Classes of the style sheets ----------------------------------------------------------------


def defined(css: str) -> set[str]:
    """The classes that a style sheet has rules for."""
    selectors = re.sub(r"\{[^{}]*\}", " ", re.sub(r"url\([^)]*\)", "", COMMENT.sub("", css)))
    return set(re.findall(rf"\.({NAME})", re.sub(r"@(?:layer|import)[^{;]*[{;]", " ", selectors)))


def strings(code: str) -> Iterator[str]:
    """The strings in this code, sentences for readers left out."""
    for sentence, double, single in QUOTED.findall(code):
        if not sentence:
            yield double or single


def named(pages: Mapping[str, str], code: str) -> tuple[set[str], set[str]]:
    """The classes that pages and code name whole, and those they only begin: `is-` before a state."""
    said = list(strings(code))
    for page in pages.values():
        said += CLASS.findall(page)
        said += [one for part in JINJA.findall(page) for one in strings(part)]
    words = {word for one in said for word in re.findall(NAME, one)}
    begun = {word for one in said for word in re.findall(rf"({NAME})(?=\{{|%d)", one)}
    return words, begun | {word for word in words if word.endswith("-")}


def unused_classes(css: str, pages: Mapping[str, str], code: str, states: set[str]) -> list[str]:
    """The classes with rules that are nowhere named; one put together ends in a state or a number."""
    words, begun = named(pages, code)
    ends = set(re.findall(r"\}(--\w+)", code))

    def is_used(name: str) -> bool:
        rests = [(start, name.removeprefix(start)) for start in begun if name.startswith(start)]
        word, dashes, end = name.partition("--")
        return (
            name in words
            or (word in words and dashes + end in ends)
            or any(
                rest.isdigit() or (start.endswith("-") and rest in words | states) for start, rest in rests
            )
        )

    return sorted(name for name in defined(css) if not is_used(name))


def states() -> set[str]:
    """The words of all enums, which pages end classes with."""
    code = "".join(text(name) for name in ours("portal/", end=".py"))
    return {word.lower() for word in re.findall(r"^    ([A-Z_]+) = auto\(\)", code, re.MULTILINE)}


def test_every_class_of_the_style_sheets_is_on_a_page():
    css = "".join(text(name) for name in ours("static/css/", end=".css"))
    assert len(defined(css)) > 200
    assert unused_classes(css, templates(), drawn(), states()) == []


def test_every_class_that_letters_style_is_in_a_letter():
    letters = {name: page for name, page in templates().items() if "emails/" in name or "letter" in name}
    css = "".join(re.findall(r"<style>(.*?)</style>", "".join(letters.values()), re.DOTALL))
    assert len(defined(css)) > 5
    assert unused_classes(css, letters, "", set()) == []


def test_a_class_on_no_page_is_found():
    css = "@layer a{.one,.two--s>b{x:y}.w1:hover{x:y}.is-open{x:.5}@media (width<4em){.gone{x:url(a.b)}}}"
    pages = {"a": """<i class="one{{ ' two--' ~ size }} w{{ n }} is-{{ state }}">{{ tick("s") }}</i> gone"""}
    assert unused_classes(css, pages, "", {"open"}) == ["gone"]
    assert unused_classes(css, pages, 'x.classList.add("gone")', {"shut"}) == ["is-open"]


# --- Macros, what is imported of them, and icons --------------------------------------------------


def uses(name: str, markup: str) -> int:
    """How often this markup names it in an expression, where it is made left out."""
    return sum(len(re.findall(rf"(?<![\w.-]){name}(?![\w-])", part)) for part in JINJA.findall(markup))


def unused_macros(pages: Mapping[str, str]) -> list[str]:
    """Macros that no other template imports and that their own never calls."""
    brought = {(file, name) for page in pages.values() for file, name, _as in imports(page)}
    return [
        f"{file}: {name}"
        for file, page in pages.items()
        for name in MACRO.findall(page)
        if (file.removeprefix("templates/"), name) not in brought and uses(name, page) < 2
    ]


def imports(page: str) -> Iterator[tuple[str, str, str]]:
    """What a template imports: from which file, what, and under which name."""
    for file, listed in IMPORT.findall(page):
        for one in re.sub(r"\s+with(out)? context\s*$", "", listed).split(","):
            name, _as, other = one.strip().partition(" as ")
            yield file, name, other or name


def unused_imports(pages: Mapping[str, str]) -> list[str]:
    """What a template imports and never calls. One that others extend lends its imports to nobody."""
    return [
        f"{file}: {name}"
        for file, page in pages.items()
        for _from, _what, name in imports(page)
        if not uses(name, IMPORT.sub("", page))
    ]


def unused_icons(drawings: str, pages: Mapping[str, str], code: str) -> list[str]:
    """Glyphs and shapes whose name neither a page that draws one says, nor code that chooses one."""
    drawing = [page for page in pages.values() if re.search(r"\b(icon|status)\(", page)]
    said = {one for page in drawing for part in JINJA.findall(page) for one in strings(part)}
    said |= set(strings(code))
    names = re.findall(r"^  \"([\w-]+)\": ['(]", drawings, re.MULTILINE)
    return [name for name in names if name not in said]


def test_every_macro_is_called_and_every_import_used():
    assert unused_macros(templates()) == []
    assert unused_imports(templates()) == []


def test_a_macro_nobody_calls_is_found():
    pages = {
        "templates/a.html": "{% macro one() %}{{ two(1) }}{% endmacro %}{% macro two(n) %}{% endmacro %}"
        "{% macro three() %}two three{% endmacro %}",
        "templates/b.html": '{% from "a.html" import one, two as other %}{{ one() }} other',
    }
    assert unused_macros(pages) == ["templates/a.html: three"]
    assert unused_imports(pages) == ["templates/b.html: other"]


def test_every_icon_is_shown():
    icons = "templates/components/icons.html"
    pages = {name: page for name, page in templates().items() if name != icons}
    code = "".join(text(f"portal/desk/{name}.py") for name in ("nav", "list_rows", "lines", "head"))
    code += text("portal/health/words.py")
    assert unused_icons(text(icons), pages, code) == []


def test_an_icon_on_no_page_is_found():
    drawings = '  "gone": \'<path/>\',\n  "here": \'<path/>\',\n  "lost": ("ok", \'<path/>\'),\n'
    pages = {"a": '{{ icon("here") }} gone', "b": '{{ other("lost") }}'}
    assert unused_icons(drawings, pages, "") == ["gone", "lost"]
    assert unused_icons(drawings, pages, 'LOOKS = {"us": "lost"}') == ["gone"]
