"""Where the ticks of the meter stand, and which way the words that hang on them lean.

Nothing here can measure: the meter is laid out for the narrowest column (672 px), so that words that fit there fit
everywhere. Pure but for the markup it makes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

COLUMN = 672
GAP = 16
NARROWEST = 128
ROOM_FOR_A_TICK = 7
BETWEEN_TICKS = 2
BETWEEN_MODULES = 3
TAG_LETTER, TAG_EDGE = 4, 16  # Half the width of a letter and of the rest, in pixels.
WORDS_LETTER, WORDS_EDGE = 3.3, 4

Groups = Sequence[Sequence[Sequence[object]]]


@dataclass(frozen=True)
class Hanging:
    """Words that hang on one tick: the tag on the next one, and when first value is expected."""

    next_key: str | None
    tag: str
    first_key: str | None
    first_text: str


def widths(shares: Sequence[int]) -> list[int]:
    """The width of each leg in pixels, none below the narrowest."""
    legs = COLUMN - GAP * (len(shares) - 1)
    fixed = sum(NARROWEST for share in shares if share * legs / 100 < NARROWEST)
    flexible = sum(share for share in shares if share * legs / 100 >= NARROWEST)
    return [
        NARROWEST if share * legs / 100 < NARROWEST else share * (legs - fixed) // flexible
        for share in shares
    ]


def legs(shares: Sequence[int], groups_of: Sequence[Groups], hanging: Hanging) -> list[tuple[Markup, bool]]:
    """The ticks of each leg, and whether they are too narrow to be told apart: then the leg is a bar with notches."""
    wide = widths(shares)
    starts = [sum(wide[:place]) + GAP * place for place in range(len(wide))]
    middles = [_middles(*leg) for leg in zip(groups_of, starts, wide, strict=True)]
    keys = [[str(tick[0]) for group in groups for tick in group] for groups in groups_of]
    places = {key: at for leg in zip(keys, middles, strict=True) for key, at in zip(*leg, strict=True)}
    next_at = places.get(hanging.next_key or "") if hanging.tag else None
    return [
        (_leg(groups, at, hanging, next_at), _is_bar(groups, room))
        for groups, at, room in zip(groups_of, middles, wide, strict=True)
    ]


def _is_bar(groups: Groups, wide: int) -> bool:
    return sum(map(len, groups)) * ROOM_FOR_A_TICK + BETWEEN_MODULES * len(groups) > wide


def _middles(groups: Groups, start: int, wide: int) -> list[float]:
    """The middle of every tick of a leg, in pixels of the column."""
    count = sum(map(len, groups))
    weight = sum(int(str(tick[2])) for group in groups for tick in group)
    unit = (wide - BETWEEN_TICKS * count - BETWEEN_MODULES * len(groups)) / max(1, weight)
    found: list[float] = []
    at = float(start)
    for group in groups:
        for tick in group:
            size = unit * int(str(tick[2]))
            found.append(at + size / 2)
            at += size + BETWEEN_TICKS
        at += BETWEEN_MODULES
    return found


def _leg(groups: Groups, middles: list[float], hanging: Hanging, next_at: float | None) -> Markup:
    drawn: list[str] = []
    places = iter(middles)
    for place, group in enumerate(groups):
        for number, (key, word, weight) in enumerate(group):
            state = "next" if key == hanging.next_key else str(word)
            classes = f"w{weight}{' mb' if place and not number else ''}"
            drawn.append(_tick(str(key), state, classes, next(places), hanging, next_at))
    return Markup("".join(drawn))


def _tick(key: str, state: str, classes: str, middle: float, hanging: Hanging, next_at: float | None) -> str:
    words = ""
    if state == "next" and hanging.tag:
        lean = _lean("tag", middle, len(hanging.tag) * TAG_LETTER + TAG_EDGE)
        words = f'<span class="tag{lean}">{escape(hanging.tag)}</span>'
    elif key == hanging.first_key and state not in ("next", "done"):
        side = _first_value_side(middle, len(hanging.first_text) * WORDS_LETTER + WORDS_EDGE, next_at)
        if side is not None:
            words, classes = (
                f'<span class="fv{side}">{escape(hanging.first_text)}</span>',
                classes + " has-fv",
            )
    return f'<i class="tick {state} {classes}">{words}</i>'


def _lean(name: str, middle: float, half: float) -> str:
    """Words are centred on the tick, or held at the end of the column that they would leave."""
    return f" {name}--start" if middle < half else f" {name}--end" if middle > COLUMN - half else ""


def _first_value_side(middle: float, half: float, next_at: float | None) -> str | None:
    """Where the words of first value stand, out of the way of the leader; None when there is no room."""
    if next_at is None or abs(middle - next_at) > half + 6:
        return _lean("fv", middle, half)
    if middle > next_at and middle + 2 * half < COLUMN + 8:
        return " fv--start"
    if middle < next_at and middle > 2 * half:
        return " fv--end"
    return None
