"""A name as somebody types it to sign with: any name, and nothing in it that is not seen."""

import re
import unicodedata

from flask_babel import gettext as _

from portal.characters import BLANK, JOINERS, drawn, is_visible
from portal.errors import Refused
from portal.plans.signers import LONGEST_NAME

FIELD = "typed_name"
# Marks that are drawn as nothing by themselves: they choose among shapes, or join nothing.
UNSEEN = re.compile("[\u034f\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
WITHOUT_JOINERS = 0x0590  # Latin, Greek, Cyrillic and Armenian letters stand below; they need none.
MARKS_IN_A_ROW = 3
DAMAGED = frozenset("\ufffc\ufffd")  # What stands where a letter couldn't be read.


def checked(text: str | None) -> str:
    """The name as it will stand on the plan, in its one spelling. Raises Refused."""
    spaced = "".join(" " if unicodedata.category(c) == "Zs" else c for c in text or "")
    name = " ".join(part for part in unicodedata.normalize("NFC", spaced).split(" ") if part)
    if not is_visible(name):
        raise Refused(_("Type your full name as it should appear on the plan."), field=FIELD)
    if len(name) > LONGEST_NAME:
        raise Refused(_("Keep your name under %(most)s characters.", most=LONGEST_NAME), field=FIELD)
    if not DAMAGED.isdisjoint(name):
        raise Refused(_("A letter of this name was damaged on its way. Type the name again."), field=FIELD)
    if _hides_something(name):
        raise Refused(
            _("There are characters in this name that nobody sees. Type it again, letter by letter."),
            field=FIELD,
        )
    return name


def _hides_something(name: str) -> bool:
    if drawn(name) != name or UNSEEN.search(name) or not BLANK.isdisjoint(name):
        return True
    kinds = [unicodedata.category(c) for c in name]
    if any(kind in ("Cc", "Cn", "Co", "Cs", "Zl", "Zp") for kind in kinds):
        return True
    joined = (at for at, c in enumerate(name) if c in JOINERS)
    if any(max(ord(name[at - 1]), ord(name[at + 1])) < WITHOUT_JOINERS for at in joined):
        return True
    shape = "".join("m" if kind in ("Mn", "Me") else "." for kind in kinds)
    return "m" * (MARKS_IN_A_ROW + 1) in shape
