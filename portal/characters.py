"""Which characters a reader sees."""

import unicodedata

# Drawn as nothing, though Unicode counts them among letters and symbols: Hangul fillers, the empty Braille cell.
BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def first_name(name: str) -> str:
    """What to call somebody of this name until they say: its first word, but for titles that end in a full stop.

    Raises StopIteration for a name of which nothing can be seen.
    """
    words = [word for word in name.split() if is_visible(word)]
    return next((word for word in words if not word.endswith(".")), None) or next(iter(words))


def is_visible(text: str) -> bool:
    """Whether anything of `text` can be seen: a letter, a number, a sign; spaces, marks and controls alone are not."""
    return any(unicodedata.category(c)[0] in "LNPS" and c not in BLANK for c in text)
