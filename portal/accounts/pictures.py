"""A picture that a command takes in: the logo, somebody's face."""

import hashlib
from pathlib import Path

from portal import filekinds
from portal.errors import Refused

LARGEST = 500_000


def kept(path: Path, folder: Path, what: str) -> str:
    """Keep a copy in `folder` and return its name, which follows its content. `what` is the picture in a sentence.

    Raises Refused for what is too large or neither png nor jpg, judged by its content.
    """
    content = path.read_bytes()
    if len(content) > LARGEST:
        raise Refused(f"The {what} is larger than 500 kB; a smaller one loads faster.")
    try:
        with path.open("rb") as file:
            kind = str(filekinds.judge(file, path.name))
    except Refused:
        kind = "none"
    if kind not in ("png", "jpg"):
        raise Refused(f"The {what} must be a png or jpg picture.")
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{hashlib.sha256(content).hexdigest()[:12]}.{kind}"
    (folder / name).write_bytes(content)
    return name
