"""The heads of the chains as the worker saw them, noted in a file beside the uploads.

Whoever can write to the database may cut a chain and set its head back. The file remembers how far each chain had
come: a head never goes back, and the row that it named never changes.
"""

import json
import os
from pathlib import Path

from flask import current_app
from sqlalchemy import select

from portal import clock, db
from portal.activity.models import AuditChain

Noted = dict[int, dict[int, str]]


def path() -> Path:
    """Where the heads are noted; lines are only ever added."""
    folder: Path = current_app.config["PORTAL"].data_dir
    return folder / "audit-heads.jsonl"


def note() -> int:
    """Add a line for each chain that has grown since its last line; how many. A second time adds none."""
    known = noted()
    with db.reading():
        heads = db.session.execute(select(AuditChain.id, AuditChain.seq, AuditChain.head)).all()
    at = clock.now().isoformat(timespec="seconds")
    grown = [head for head in heads if head.seq > max(known.get(head.id, {}), default=0)]
    lines = [json.dumps({"chain": chain, "seq": seq, "head": head, "at": at}) for chain, seq, head in grown]
    if lines:
        path().parent.mkdir(parents=True, exist_ok=True)
        with path().open("a", encoding="ascii") as file:
            file.write("".join(f"{line}\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())
    return len(lines)


def noted() -> Noted:
    """Every head that was noted: by chain and number. A line that was cut off by a crash is passed over."""
    found: Noted = {}
    if not path().is_file():
        return found
    for line in path().read_text(encoding="ascii", errors="replace").splitlines():
        try:
            kept = json.loads(line)
            found.setdefault(kept["chain"], {})[kept["seq"]] = kept["head"]
        except (ValueError, KeyError, TypeError):
            continue
    return found
