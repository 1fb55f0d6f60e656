"""What a message says, as HTML: text stays text, addresses of pages become links, people are recognised.
And by when it is answered."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, tzinfo

from markupsafe import Markup, escape

from portal.calendars import ONE_DAY, WorkingHours
from portal.characters import is_visible

LONGEST = 4000

# An address ends where no address goes on; what closes the sentence is not part of it.
LINK = re.compile(r"\bhttps?://[^\s<>\"'`{}|\\^\u200b-\u200f\u202a-\u202e\u2066-\u2069]+", re.I)
CLOSING = ".,;:!?…*_~"
PAIRS = {")": "(", "]": "["}
UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def clean(body: str | None) -> str:
    """The text as it is kept: Unix line ends, no control or direction-changing letters, no blank ends;
    empty when there is nothing to see."""
    text = (body or "").replace("\r\n", "\n").replace("\r", "\n")
    text = UNSEEN.sub("", text.encode("utf-8", "replace").decode())
    text = re.sub(r"\n{3,}", "\n\n", text).strip()
    return text if is_visible(text) else ""


def as_html(body: str) -> Markup:
    """The text escaped, with line breaks, and with http and https addresses as links that pass nothing on."""
    pieces: list[Markup] = []
    at = 0
    for found in LINK.finditer(body):
        address = _without_closing(found[0])
        if not re.match(r"https?://[^/?#]*\w", address, re.I):
            continue
        pieces.append(escape(body[at : found.start()]))
        pieces.append(Markup('<a href="{0}" rel="nofollow noopener noreferrer ugc">{0}</a>').format(address))
        at = found.start() + len(address)
    pieces.append(escape(body[at:]))
    return Markup("").join(pieces).replace("\n", Markup("<br>\n"))


def _without_closing(address: str) -> str:
    while address:
        last = address[-1]
        if last in CLOSING or (last in PAIRS and address.count(last) > address.count(PAIRS[last])):
            address = address[:-1]
        else:
            break
    return address


def mentioned(body: str, names: Mapping[int, Iterable[str]]) -> list[int]:
    """Who is addressed with `@name`: ids in the order of their first mention.

    `names` holds, for each person's id, every name that means them. Upper and lower case are the same, the longest name
    wins, and a name that means two people addresses both. An `@` inside a word, as in an e-mail address, means nobody.
    """
    meaning: dict[str, list[int]] = {}
    for person, known in names.items():
        for name in filter(None, {_folded(name) for name in known}):
            meaning.setdefault(name, []).append(person)
    text = _folded(body)
    found: dict[int, None] = {}
    for at in (match.end() for match in re.finditer(r"(?<![\w.@])@", text)):
        fitting = [name for name in meaning if text.startswith(name, at) and _ends(text, at + len(name))]
        if fitting:
            found.update(dict.fromkeys(meaning[max(fitting, key=len)]))
    return list(found)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _ends(text: str, at: int) -> bool:
    """Whether a name may end here: no letter follows, nor an address's dot or at sign."""
    return not re.match(r"\w|@|[.-]\w", text[at : at + 2])


def answer_due(asked: datetime, hours: int, work: WorkingHours, zone: tzinfo) -> datetime:
    """The moment by which somebody who works `work` hours in `zone` has had `hours` of them since `asked`."""
    left, day = timedelta(hours=hours), asked.astimezone(zone).date()
    while True:
        for start, end in work.on(day, zone):
            began = max(start, asked)
            if began < end:
                if left <= end - began:
                    return began + left
                left -= end - began
        day += ONE_DAY
