"""Which characters a reader sees, and what words are left of a name or a quote."""

import unicodedata

# Drawn as nothing, though Unicode counts them among letters and symbols: Hangul fillers, the empty Braille cell.
BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
# Quotation marks that are neither only opening nor only closing, or the other way round in some languages.
QUOTES = frozenset("\"'`‘’‚“”„«»‹›「」『』")
JOINERS = frozenset("\u200c\u200d")


def first_name(name: str) -> str:
    """What to call somebody of this name until they say: its first word, but for titles that end in a full stop.

    Raises StopIteration for a name of which nothing can be seen.
    """
    words = [word for word in name.split() if is_visible(word)]
    return next((word for word in words if not word.endswith(".")), None) or next(iter(words))


def unquoted(text: str) -> str:
    """The words alone, without the quotation marks of any language around them; pages put their own."""
    inner = text.strip()
    while len(inner) > 1 and _opens(inner[0]) and _closes(inner[-1]):
        inner = inner[1:-1].strip()
    return inner


def _opens(sign: str) -> bool:
    return sign in QUOTES or unicodedata.category(sign) == "Pi"


def _closes(sign: str) -> bool:
    return sign in QUOTES or unicodedata.category(sign) == "Pf"


def is_visible(text: str) -> bool:
    """Whether anything of `text` can be seen: a letter, a number, a sign; spaces, marks and controls alone are not."""
    return any(unicodedata.category(c)[0] in "LNPS" and c not in BLANK for c in text)


def drawn(text: str) -> str:
    """`text` without what is never drawn: marks that turn the direction of what follows, spaces of no width.

    Joiners stay between two characters, where Persian, Hindi and emoji need them.
    """
    return "".join(c for at, c in enumerate(text) if unicodedata.category(c) != "Cf" or _joins(text, at))


def _joins(text: str, at: int) -> bool:
    around = (text[at - 1 : at], text[at + 1 : at + 2])
    return text[at] in JOINERS and all(c and unicodedata.category(c)[0] in "LMS" for c in around)
