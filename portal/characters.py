"""Which characters a reader sees."""

import unicodedata

# Drawn as nothing, though Unicode counts them among letters and symbols: Hangul fillers, the empty Braille cell.
BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def is_visible(text: str) -> bool:
    """Whether anything of `text` can be seen: a letter, a number, a sign; spaces, marks and controls alone are not."""
    return any(unicodedata.category(c)[0] in "LNPS" and c not in BLANK for c in text)
