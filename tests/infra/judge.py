"""What every page that a test opens is held to: its HTML and its headers."""

from collections import Counter
from collections.abc import Iterator, Mapping

from tests.infra.html import Node, Tree, read

CONTROLS = ("input", "select", "textarea", "meter", "progress")
NAMELESS_INPUTS = {"hidden", "submit", "button", "reset", "image"}
REFERENCES = {
    "for",
    "aria-labelledby",
    "aria-describedby",
    "aria-controls",
    "aria-details",
    "aria-errormessage",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def page_problems(source: str) -> list[str]:
    """Everything wrong with a whole page, as sentences; an empty list is a good page."""
    tree = read(source)
    return [*_frame(tree), *_everywhere(tree), *_references(tree.root), *_headings(tree.root)]


def fragment_problems(source: str) -> list[str]:
    """Everything wrong with a piece of a page, as htmx swaps it in."""
    return list(_everywhere(read(source)))


def header_problems(headers: Mapping[str, str]) -> list[str]:
    """Everything wrong with the headers of an answer, of whatever kind."""
    policy = headers.get("Content-Security-Policy", "")
    problems = (
        [] if "default-src 'none'" in policy else ["no Content-Security-Policy with default-src 'none'"]
    )
    if "unsafe-" in policy:
        problems.append(f"the Content-Security-Policy allows something unsafe: {policy}")
    if "frame-ancestors 'none'" not in policy:
        problems.append("the Content-Security-Policy lets other sites frame the page")
    for name, value in HEADERS.items():
        if name not in headers or (value and headers[name] != value):
            problems.append(f"header {name} is {headers.get(name)!r}, expected {value or 'some value'!r}")
    if "Server" in headers and "werkzeug" not in headers["Server"].lower():
        problems.append(f"the Server header tells what runs here: {headers['Server']}")
    return problems


def _frame(tree: Tree) -> Iterator[str]:
    root = tree.root
    if not tree.doctype:
        yield "no <!doctype html>"
    if not any(node.get("lang") for node in root.all("html")):
        yield "<html> states no language"
    if [node.text() != "" for node in root.all("title") if not _inside(node, "svg")] != [True]:
        yield "not exactly one <title> with words in it"
    if not root.all("meta", name="viewport"):
        yield "no viewport for phones"
    for tag in ("h1", "main"):
        count = len(root.all(tag))
        if count != 1:
            yield f"{count} <{tag}>, not one"


def _everywhere(tree: Tree) -> Iterator[str]:
    yield from tree.misnested
    ids = Counter(node["id"] for node in tree.root.below if "id" in node.attrs)
    yield from (f"id {name!r} stands {count} times" for name, count in ids.items() if count > 1 or not name)
    labelled = {node["for"] for node in tree.root.all("label") if "for" in node.attrs}
    for node in tree.root.below:
        yield from _inline(node)
        yield from _named(node, labelled)
        if node.tag == "form":
            yield from _form(node)


def _inline(node: Node) -> Iterator[str]:
    """What the Content-Security-Policy forbids, and what leads away from this server."""
    if "style" in node.attrs or node.tag == "style":
        yield f"<{node.tag}> carries a style of its own"
    if node.tag == "script" and "src" not in node.attrs and node.get("type") != "application/json":
        yield "a script stands in the page"
    for name, value in node.attrs.items():
        if name.startswith(("on", "hx-on")) or value.strip().lower().startswith(("javascript:", "js:")):
            yield f"<{node.tag} {name}> runs script"
        if name in ("src", "srcset", "poster") and value.startswith(("http:", "https:", "//")):
            yield f"<{node.tag} {name}> is fetched from another server: {value}"
    if node.tag == "link" and node.get("href").startswith(("http:", "https:", "//")):
        yield f"<link> is fetched from another server: {node['href']}"


def _named(node: Node, labelled: set[str]) -> Iterator[str]:
    spoken = node.get("aria-label").strip() or node.get("aria-labelledby")
    if node.tag in CONTROLS and node.get("type") not in NAMELESS_INPUTS:
        if not spoken and node.get("id") not in labelled and not _inside(node, "label"):
            yield f"<{node.tag} name={node.get('name')!r}> has no label"
    elif node.tag in ("button", "summary") or (node.tag == "a" and "href" in node.attrs):
        pictures = any(image.get("alt") or image.get("aria-label") for image in node.all("img", "svg"))
        if not spoken and not node.text() and not pictures:
            yield f"<{node.tag}> has no words: {node.attrs}"
    elif node.tag == "img" and "alt" not in node.attrs:
        yield f"<img> without alt: {node.get('src')}"
    if node.tag == "button" and node.get("type") not in ("submit", "button", "reset"):
        yield f"<button> does not say its type: {node.text()!r}"


def _form(form: Node) -> Iterator[str]:
    method = form.get("method").lower()
    if not form.get("action") or method not in ("get", "post", "dialog"):
        yield f"<form action={form.get('action')!r} method={form.get('method')!r}> must state both"
    tokens = form.all("input", name="csrf_token", type="hidden")
    if method == "post" and (len(tokens) != 1 or not tokens[0].get("value")):
        yield f"<form action={form.get('action')!r}> posts {len(tokens)} csrf tokens, not one"
    if method == "get" and tokens:
        yield f"<form action={form.get('action')!r}> puts its csrf token into the address"
    uploads = form.all("input", type="file")
    if uploads and form.get("enctype") != "multipart/form-data":
        yield f"<form action={form.get('action')!r}> sends files without multipart/form-data"


def _references(root: Node) -> Iterator[str]:
    ids = {node["id"] for node in root.below if "id" in node.attrs}
    for node in root.below:
        for name in REFERENCES & node.attrs.keys():
            for target in node[name].split():
                if target not in ids:
                    yield f"<{node.tag} {name}={target!r}> points at nothing"
        target = node.get("href")
        if node.tag == "a" and target.startswith("#") and len(target) > 1 and target[1:] not in ids:
            yield f"<a href={target!r}> points at nothing"


def _headings(root: Node) -> Iterator[str]:
    level = 0
    for node in root.all("h1", "h2", "h3", "h4", "h5", "h6"):
        here = int(node.tag[1])
        if here > level + 1:
            yield f"<{node.tag}> {node.text()!r} skips a level after <h{level}>"
        if not node.text():
            yield f"<{node.tag}> is empty"
        level = here


def _inside(node: Node, tag: str) -> bool:
    parent = node.parent
    while parent and parent.tag != tag:
        parent = parent.parent
    return parent is not None
