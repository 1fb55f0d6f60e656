"""How many statements a page takes, counted in this process."""

from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from portal import config
from portal.app import create_app


def statements(environ: dict[str, str], path: str, session: str) -> int:
    """Those of this page for whoever has this session. Raises RuntimeError when it isn't shown."""
    app, seen = create_app(config.read(environ)), []
    client = app.test_client()
    client.set_cookie("session", session)

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.split()[0].upper() in ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH"):
            seen.append(statement)

    client.get(path)  # The first in a while also notes when this session was last seen.
    event.listen(Engine, "before_cursor_execute", note)
    try:
        answer = client.get(path)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status}")
    return len(seen)
