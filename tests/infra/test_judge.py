"""The judge of pages is itself tested: a good page passes, and each fault is found."""

import pytest

from tests.infra.html import read
from tests.infra.judge import fragment_problems, header_problems, page_problems

GOOD = """<!doctype html>
<html lang="en"><head><title>Home</title><meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="/static/a.css"><script src="/static/a.js" defer></script></head>
<body><main id="main"><h1>Home</h1><h2>Steps</h2>
<progress max="100" value="3" aria-label="Progress"></progress>
<form action="/do" method="post"><input type="hidden" name="csrf_token" value="t">
<label for="note">Note</label><input id="note" name="note"><label>Why <select name="why"></select></label>
<button type="submit">Save</button></form>
<ul><li>One</li><li>Two</li></ul><a href="#main">Up</a><img src="/static/a.svg" alt="">
<svg viewBox="0 0 1 1"><title>Road</title><path d="M0 0"/></svg></main></body></html>"""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def test_a_good_page_passes():
    assert page_problems(GOOD) == []


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("<!doctype html>", "", "no <!doctype html>"),
        (' lang="en"', "", "states no language"),
        ("<title>Home</title>", "<title> </title>", "<title>"),
        ('name="viewport"', 'name="other"', "viewport"),
        ("<h1>Home</h1>", "<h1>Home</h1><h1>Again</h1>", "2 <h1>"),
        ("<h2>Steps</h2>", "<h3>Steps</h3>", "skips a level"),
        ("<h2>Steps</h2>", "<h2></h2>", "is empty"),
        ('id="note"', 'id="main"', "stands 2 times"),
        ('for="note"', 'for="none"', "points at nothing"),
        ('href="#main"', 'href="#none"', "points at nothing"),
        ('<label for="note">Note</label>', "", "has no label"),
        (' aria-label="Progress"', "", "<progress name=''> has no label"),
        ("<label>Why <select", "<p>Why <select", "</label> closes nothing"),
        (">Save<", "><", "has no words"),
        (">Up<", "><", "has no words"),
        (' type="submit"', "", "does not say its type"),
        ('action="/do" ', "", "must state both"),
        ('method="post"', "", "must state both"),
        ('value="t"', 'value=""', "csrf"),
        ('method="post"', 'method="get"', "into the address"),
        ('id="note" name="note"', 'id="note" name="note" type="file"', "multipart"),
        ("<main id", '<main style="color:red" id', "style of its own"),
        ("</head>", "<style>a{}</style></head>", "style of its own"),
        ("</head>", "<script>1</script></head>", "a script stands in the page"),
        ("<main id", '<main onclick="x()" id', "runs script"),
        ("<main id", '<main hx-on:click="x()" id', "runs script"),
        ('href="#main"', 'href="javascript:x()"', "runs script"),
        ('src="/static/a.js"', 'src="https://cdn.example/a.js"', "another server"),
        ('href="/static/a.css"', 'href="//cdn.example/a.css"', "another server"),
        (' alt=""', "", "without alt"),
        ("</main>", "</div></main>", "closes nothing"),
        ("One</li>", "One", "is open"),
        ("<main id", '<main id="x" id', "has id twice"),
    ],
)  # fmt: skip
def test_each_fault_is_found(before, after, problem):
    assert before in GOOD
    found = page_problems(GOOD.replace(before, after, 1))
    assert any(problem in sentence for sentence in found), found


def test_a_fragment_needs_no_frame():
    assert fragment_problems("<li id=a>One</li>") == []
    assert fragment_problems("<li id=a>One</li><li id=a>Two</li>") == ["id 'a' stands 2 times"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Content-Security-Policy", ""),
        ("Content-Security-Policy", "default-src 'none'"),
        ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
        ("X-Content-Type-Options", "sniff"),
        ("Cross-Origin-Opener-Policy", "unsafe-none"),
        ("Server", "granian"),
    ],
)
def test_each_weak_header_is_found(name, value):
    assert header_problems(HEADERS) == []
    assert len(header_problems({**HEADERS, name: value})) >= 1


def test_the_tree_is_searched_by_tag_class_and_attribute():
    root = read(GOOD).root
    assert root.one("button").text() == "Save"
    assert [node.text() for node in root.all("li")] == ["One", "Two"]
    assert root.one("input", type="hidden")["value"] == "t"
    assert read('<p class="a b">x</p>').root.all("p", class_="b")
