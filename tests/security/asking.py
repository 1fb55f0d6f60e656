"""Sends single requests as somebody, and looks at what they left in the database."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import Flask
from sqlalchemy import Connection, func, select
from werkzeug.test import TestResponse

from portal import db
from portal.activity.models import Activity
from tests.security.world import World

TOKEN = re.compile(r'name="csrf_token" type="hidden" value="([^"]+)"|name="csrf_token" value="([^"]+)"')
FORM = re.compile(r"form=([^;]*)")


class Caller:
    """One person's cookies, sent with every request; answers never change them."""

    def __init__(self, app: Flask, session: str) -> None:
        self.client = app.test_client(use_cookies=False)
        self.session = session
        self._token = self._form = ""

    def send(
        self,
        method: str,
        path: str,
        data: dict[str, Any] | bytes | None = None,
        *,
        token: str | None = None,
        **more: Any,
    ) -> TestResponse:
        """A request with this person's cookies; a POST carries a token that counts unless `token` is another."""
        if method == "POST" and isinstance(data, dict | None):
            given = self.token if token is None else token
            data = {**(data or {}), **({"csrf_token": given} if given else {})}
        headers = {"Cookie": self.cookie, **more.pop("headers", {})}
        # A browser reads an answer to its end, a file that is made as it is sent too.
        return self.client.open(path, method=method, headers=headers, data=data, buffered=True, **more)

    @property
    def cookie(self) -> str:
        parts = [("session", self.session), ("form", self._form)]
        return "; ".join(f"{name}={value}" for name, value in parts if value)

    @property
    def token(self) -> str:
        """The token against forgery that belongs to this browser."""
        if not self._token:
            path = "/preferences" if self.session else "/login"
            answer = self.client.get(path, headers={"Cookie": self.cookie})
            found = TOKEN.search(answer.text)
            assert found, f"no form on {path}: {answer.status}"
            self._token = found[1] or found[2]
            (given,) = [FORM.match(c) for c in answer.headers.getlist("Set-Cookie") if c.startswith("form=")]
            assert given
            self._form = given[1]
        return self._token


@contextmanager
def undone(world: World) -> Iterator[None]:
    """Whatever happens inside, the database is as before."""
    connection: Connection = world.connection
    point = connection.begin_nested()
    try:
        yield
    finally:
        db.session.remove()
        point.rollback()


def hashes(connection: Connection) -> dict[str, str]:
    """A hash of every table's rows, by its name."""
    found = {}
    for table in db.Base.metadata.sorted_tables:
        rows = connection.exec_driver_sql(f'SELECT * FROM "{table.name}" ORDER BY id').all()
        found[table.name] = hashlib.sha256(repr(rows).encode()).hexdigest()
    return found


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """The tables that differ."""
    return {name for name in before if before[name] != after[name]}


def plain(answer: TestResponse, *unlike: str) -> tuple[int, str, list[tuple[str, str]]]:
    """An answer without what is new each time: tokens, the reference on an error page, and the refs `unlike`."""
    text = answer.get_data().decode("utf-8", "replace")
    text = TOKEN.sub("", text)
    text = re.sub(r"\b[0-9a-f]{12}\b", "", text)
    for ref in sorted(unlike, key=len, reverse=True):
        text = text.replace(ref, "ref")
    headers = [
        (name, re.sub("|".join(map(re.escape, unlike)) or "$^", "ref", value))
        for name, value in answer.headers
        if name not in ("Set-Cookie", "Content-Length", "Date")
    ]
    return answer.status_code, text, sorted(headers)


def told(answer: TestResponse) -> str:
    """What the page of a refusal says first."""
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    words = " ".join(re.sub(r"^[^>]*>|<[^>]+>", " ", main).split())
    return words[max(words.find("There is a problem"), 0) :][:300]


def is_ours(location: str) -> bool:
    """Whether a browser that is given this stays here; some read a backslash as a slash."""
    return all(
        urlsplit(urljoin("http://localhost/login", read_as)).netloc == "localhost"
        for read_as in (location, location.replace("\\", "/"))
    )


def activities() -> int:
    """How many there are."""
    return db.session.scalar(select(func.count()).select_from(Activity)) or 0
