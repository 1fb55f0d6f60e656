"""The provider's accent becomes colours that can be read, in both themes, whatever hex it was."""

import random
import re

import pytest

from portal.accounts.colours import DARK_SURFACE, LIGHT_SURFACE, brand_css, contrast

AA = 4.5  # WCAG 2, text of any size.
DAY_BG, NIGHT_BG = (0xF4 / 255, 0xF6 / 255, 0xF5 / 255), (0x0F / 255, 0x17 / 255, 0x15 / 255)


def pairs(css: str) -> dict[str, tuple[tuple[float, ...], tuple[float, ...]]]:
    """Every property with its colour by day and by night."""
    found = re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", css)
    return {name: (rgb(day), rgb(night)) for name, day, night in found}


def rgb(text: str) -> tuple[float, ...]:
    return tuple(int(text[at : at + 2], 16) / 255 for at in (1, 3, 5))


def colours() -> list[str]:
    chance = random.Random(20260303)
    edges = [
        "#000000",
        "#ffffff",
        "#ffff00",
        "#00ff00",
        "#0000ff",
        "#ff0000",
        "#808080",
        "#fefefe",
        "#010101",
    ]
    return edges + [f"#{chance.randrange(1 << 24):06x}" for _ in range(200)]


@pytest.mark.parametrize("accent", colours())
def test_text_in_and_on_the_accent_can_be_read_in_both_themes(accent) -> None:
    made = pairs(brand_css(accent))
    assert set(made) == {"brand", "brand-strong", "brand-soft", "on-brand"}
    for theme, surface, ground in ((0, LIGHT_SURFACE, DAY_BG), (1, DARK_SURFACE, NIGHT_BG)):
        brand, strong = made["brand"][theme], made["brand-strong"][theme]
        assert contrast(brand, surface) >= AA
        assert contrast(brand, ground) >= AA
        assert contrast(strong, surface) >= AA
        assert contrast(made["on-brand"][theme], brand) >= AA
        assert contrast(made["on-brand"][theme], strong) >= AA
        assert contrast(strong, made["brand-soft"][theme]) >= AA


def test_a_colour_that_can_be_read_stays_the_providers_own() -> None:
    assert "--brand: light-dark(#0b6152," in brand_css("#0B6152")


def test_without_an_accent_the_defaults_hold() -> None:
    assert brand_css(None) == ""


def test_contrast_is_wcags() -> None:
    assert contrast((0, 0, 0), (1, 1, 1)) == pytest.approx(21)
    assert contrast(rgb("#767676"), (1, 1, 1)) == pytest.approx(4.54, abs=0.01)
