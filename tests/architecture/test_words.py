"""What may not stand in the repository: hosts of package registries, paths of one machine, loose ends, styles."""

import re

import pytest

from tests.architecture.tree import names, ours, text

# Written in pieces, so that this file does not hold what it looks for.
HOSTS = ["py" + "pi.org", "python" + "hosted.org", "registry." + "npm" + "js.org", "npm" + "js.com",
         "deb." + "debian.org", "proxy." + "golang.org", "crates" + ".io"]  # fmt: skip
PATHS = ["/wo" + "rk/", "/ro" + "ot/", "/home" + "/runner", "/tmp" + "/brief"]
LOOSE = [
    "TO" + "DO",
    "FIX" + "ME",
    "XX" + "X",
    "raise NotImplemented" + "Error",
    "Coming " + "soon",
    "Lorem " + "ipsum",
]

LOOSE_WORDS = re.compile("|".join(rf"\b{word}\b" for word in LOOSE))
INLINE = {
    "a style of its own": re.compile(r"\sstyle\s*=|<style\b", re.IGNORECASE),
    "script in an attribute": re.compile(
        r"\son[a-z]+\s*=\s*[\"']|\bhx-on\b|[\"']js(?:on)?:|javascript:", re.IGNORECASE
    ),
    "script in the page": re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE),
}


# Letters carry their style in attributes, because mail programs drop everything else; no browser opens them.
LETTERS = re.compile(r"^templates/emails/|/letter\.html$")


def words_in(source: str) -> list[str]:
    """The hosts and paths that `source` names."""
    return [word for word in HOSTS + PATHS if word in source]


def inline_in(template: str) -> list[str]:
    """What the Content-Security-Policy would refuse in a page made from `template`."""
    return [problem for problem, pattern in INLINE.items() if pattern.search(template)]


def test_no_file_names_a_registry_host_or_a_path_of_one_machine():
    assert {name: words_in(text(name)) for name in names() if words_in(text(name))} == {}


def test_no_file_has_a_loose_end():
    found = {name: LOOSE_WORDS.findall(text(name)) for name in ours()}
    assert {name: words for name, words in found.items() if words} == {}


def test_no_template_carries_style_or_script():
    pages = [name for name in ours("templates/") if not LETTERS.search(name)]
    assert {name: inline_in(text(name)) for name in pages if inline_in(text(name))} == {}


@pytest.mark.parametrize("planted", [*HOSTS, *PATHS])
def test_a_planted_host_or_path_is_found(planted):
    assert words_in(f"see https://{planted}/x") == [planted]


@pytest.mark.parametrize("planted", LOOSE)
def test_a_planted_loose_end_is_found(planted):
    assert LOOSE_WORDS.findall(f"# {planted}: later") == [planted]


@pytest.mark.parametrize(
    "planted",
    ['<p style="x">', "<style>", '<a onclick="x">', '<a hx-on:click="x">', "<a href='javascript:x'>",
     '<a hx-vals="js:{}">', "<script>x</script>"],
)  # fmt: skip
def test_planted_style_or_script_is_found(planted):
    assert len(inline_in(planted)) == 1
    assert inline_in('<p class="style"><script src="/a.js" defer></script><b data-on="1">x</b>') == []
