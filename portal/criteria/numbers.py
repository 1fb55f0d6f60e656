"""Numbers as people write them and read them: “98 %”, “1,5”, “1 234.5 h”."""

import re
import unicodedata
from decimal import Decimal
from typing import Final

from babel import Locale
from babel.numbers import get_decimal_symbol
from flask_babel import format_decimal, get_locale
from flask_babel import gettext as _

from portal.errors import Refused

WHOLE, PARTS = 12, 4  # Digits before and after the decimal sign.
SPACE: Final = "\u00a0"
MINUS: Final = "\u2212"

_NUMBER = re.compile(r"([+-]?)([\d.,' ]*\d)\s*(\D*)")


def written(value: Decimal, unit: str | None = None) -> str:
    """“98 %” in the reader's language; the unit never stands on a line of its own."""
    text = format_decimal(value, "#,##0.####").replace("-", MINUS)
    return f"{text}{SPACE}{unit}" if unit else text


def in_box(value: Decimal | None) -> str:
    """The value as an input holds it: without grouping, in the reader's language."""
    return "" if value is None else format_decimal(value, "0.####")


def read(text: str) -> tuple[Decimal, str]:
    """The number that somebody typed, and the unit that they typed behind it, perhaps none. Raises Refused."""
    plain = unicodedata.normalize("NFKC", text).replace(MINUS, "-").strip()
    found = _NUMBER.fullmatch(plain)
    if found is None:
        raise Refused(_("Enter a number, like 12 or 1.5"))
    sign, digits, unit = found.groups()
    digits = _ungrouped(digits.replace(" ", "").replace("'", ""))
    whole, _point, parts = digits.partition(".")
    if len(whole.lstrip("0")) > WHOLE:
        raise Refused(_("This number is too large to measure. Choose a larger unit"))
    if len(parts.rstrip("0")) > PARTS:
        raise Refused(_("Keep to four digits after the point"))
    return Decimal(f"{sign}{whole or 0}.{parts or 0}").normalize() + 0, unit.strip()


def _ungrouped(digits: str) -> str:
    """The digits with a point for the decimal sign, whichever of the two was meant.

    Of two different signs the last one is it. One alone that stands once is it too, unless three digits follow and the
    reader's language writes the other one: then it groups thousands. Raises Refused when they stand anyhow.
    """
    signs = [c for c in digits if c in ".,"]
    if not signs:
        return digits
    last, only = signs[-1], len(set(signs)) == 1
    groups = len(signs) > 1 and only
    if len(signs) == 1 and re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", digits):
        groups = last != get_decimal_symbol(get_locale() or Locale("en"))
    whole, sign, parts = (digits, "", "") if groups else digits.rpartition(last)
    if re.search("[.,]", whole):
        group = last if groups else signs[0]
        if (last == group and not groups) or not re.fullmatch(rf"\d{{1,3}}([{group}]\d{{3}})+", whole):
            raise Refused(_("Enter a number, like 12 or 1.5"))
        whole = whole.replace(group, "")
    return f"{whole}{'.' if sign else ''}{parts}"
