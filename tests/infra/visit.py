"""A person with a browser, without the browser: opens pages and sends forms as they stand there.

Every answer is judged (tests/infra/judge.py), so a test of one page is also a test of its HTML.
"""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal import db
from portal.accounts.models import User
from portal.auth.models import Session
from tests.infra.html import Node, read
from tests.infra.judge import fragment_problems, header_problems, page_problems


def session_cookie(user: User) -> str:
    """A new session of `user`'s, committed: the value of the cookie `session` that carries it."""
    _session, token = Session.begin(user, user_agent="tests", ip="127.0.0.1")
    db.session.commit()
    return token


class Page:
    """One answer, read: `page.text`, `page.one("h1")`, `page.status`, `page.location`."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.headers = response.headers
        self.location = response.headers.get("Location", "")
        self.bytes = response.get_data()
        self.is_html = response.mimetype == "text/html"
        self.source = self.bytes.decode() if (response.mimetype or "").startswith("text/") else ""
        self.root = read(self.source).root if self.is_html else Node("#document")

    @property
    def text(self) -> str:
        """The words of the page, white space folded."""
        return self.root.text()

    def all(self, *tags: str, **attrs: str) -> list[Node]:
        return self.root.all(*tags, **attrs)

    def one(self, *tags: str, **attrs: str) -> Node:
        return self.root.one(*tags, **attrs)

    def form(self, action: str) -> Node:
        """The only form whose action ends with `action`."""
        forms = [form for form in self.all("form") if form.get("action").endswith(action)]
        assert len(forms) == 1, (
            f"{len(forms)} forms end with {action}: {[f.get('action') for f in self.all('form')]}"
        )
        return forms[0]


class Visitor:
    """One person's browser session. Statuses are part of every call, so that nothing is overlooked."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.page: Page | None = None

    def sign_in(self, user: User) -> "Visitor":
        """Be `user` from now on, without going through the sign-in pages."""
        self.client.set_cookie("session", session_cookie(user))
        return self

    def get(self, path: str, status: int = 200, **options: Any) -> Page:
        """Open a page. What the test has set up is committed first, as another process would see it."""
        return self._open("GET", path, status, **options)

    def htmx(self, method: str, path: str, status: int = 200, **options: Any) -> Page:
        """Ask as htmx does: the answer is judged as a fragment."""
        headers = {"HX-Request": "true", **options.pop("headers", {})}
        return self._open(method, path, status, headers=headers, **options)

    def post(self, path: str, data: dict[str, Any] | None = None, status: int = 303, **options: Any) -> Page:
        """Send fields to `path`, with the csrf token of the last page that had one."""
        return self._open("POST", path, status, data={"csrf_token": self.token(), **(data or {})}, **options)

    def submit(
        self, action: str, data: dict[str, Any] | None = None, status: int = 303, **options: Any
    ) -> Page:
        """Fill in the form of the last page whose action ends with `action`, and send it.

        Fields keep what the page had put in them unless `data` names them. A name of `data` that the form
        does not have is an error of the test.
        """
        assert self.page is not None, "open a page first"
        form = self.page.form(action)
        names = {node.get("name") for node in form.all("input", "select", "textarea", "button")}
        assert not set(data or {}) - names, f"{form['action']} has no field {set(data or {}) - names}"
        fields = {**_filled(form), **(data or {})}
        return self._open("POST", form["action"], status, data=fields, **options)

    def follow(self) -> Page:
        """Open the page that the last answer leads to."""
        assert self.page, "open a page first"
        assert self.page.location, "the last answer led nowhere"
        return self.get(self.page.location)

    def token(self) -> str:
        """The csrf token of the last page; the sign-in page's when there is none yet."""
        for page in (self.page, None):
            found = (page or self.get("/login")).all("input", name="csrf_token")
            if found:
                return found[0]["value"]
        raise AssertionError("no page with a csrf token was opened")

    def _open(self, method: str, path: str, status: int, **options: Any) -> Page:
        db.session.commit()
        page = Page(self.client.open(path, method=method, **options))
        assert page.status == status, f"{method} {path}: {page.status}, not {status}: {page.text[:300]}"
        problems = header_problems(dict(page.headers))
        if page.is_html and page.status not in (301, 302, 303, 307, 308):
            whole = "<html" in page.source[:200]
            problems += (page_problems if whole else fragment_problems)(page.source)
        assert not problems, f"{method} {path}:\n" + "\n".join(problems)
        if page.is_html and not page.location:
            self.page = page
        elif page.location:
            page.root = self.page.root if self.page else page.root
            self.page = page
        return page


def _filled(form: Node) -> dict[str, Any]:
    """What the form would send if its first button were pressed at once."""
    fields: dict[str, Any] = {}
    for node in form.all("input", "textarea", "select"):
        name, kind = node.get("name"), node.get("type")
        if not name or "disabled" in node.attrs or kind in ("file", "submit", "button", "reset"):
            continue
        if kind in ("checkbox", "radio") and "checked" not in node.attrs:
            continue
        if node.tag == "select":
            options = node.all("option") or [Node("option")]
            chosen = next((option for option in options if "selected" in option.attrs), options[0])
            value = chosen.get("value", chosen.text())
        else:
            value = "".join(map(str, node.children)) if node.tag == "textarea" else node.get("value")
        if kind == "checkbox" and name in fields:
            before = fields[name]
            fields[name] = [*(before if isinstance(before, list) else [before]), value]
        else:
            fields[name] = value
    return fields
