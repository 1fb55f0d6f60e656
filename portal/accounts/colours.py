"""The provider's accent, made readable: one hex in, custom properties for light and dark out.

Contrast is WCAG 2's; a colour that cannot carry text is darkened (or lightened) in OKLCH until it can,
so that hue and chroma stay the provider's own.
"""

from math import atan2, cbrt, cos, hypot, sin

Rgb = tuple[float, float, float]

# The grounds that text stands on: a sheet and the page behind it, by day and by night (static/css/base.css).
LIGHT_SURFACE: Rgb = (1.0, 1.0, 1.0)
LIGHT_PAGE: Rgb = (0xF4 / 255, 0xF6 / 255, 0xF5 / 255)
DARK_SURFACE: Rgb = (0x16 / 255, 0x21 / 255, 0x1E / 255)
DARK_PAGE: Rgb = (0x0F / 255, 0x17 / 255, 0x15 / 255)
AA = 4.5
DEFAULT = "#0B6152"


def brand_css(accent: str | None) -> str:
    """The style sheet for this accent (`#rrggbb`); empty without one, so that the defaults hold."""
    if not accent:
        return ""
    own = _rgb(accent)
    light, dark = _readable(own, LIGHT_SURFACE, LIGHT_PAGE), _readable(own, DARK_SURFACE, DARK_PAGE)
    soft, dark_soft = _shown(_mixed(light, LIGHT_SURFACE, 0.12)), _shown(_mixed(dark, DARK_SURFACE, 0.2))
    strong = _readable(_mixed(light, (0.0, 0.0, 0.0), 0.75), LIGHT_SURFACE, LIGHT_PAGE, soft)
    dark_strong = _readable(_mixed(dark, (1.0, 1.0, 1.0), 0.75), DARK_SURFACE, DARK_PAGE, dark_soft)
    pairs = {
        "brand": (light, dark),
        "brand-strong": (strong, dark_strong),
        "brand-soft": (soft, dark_soft),
        "on-brand": (LIGHT_SURFACE, DARK_SURFACE),
    }
    lines = [f"--{name}: light-dark({_hex(day)}, {_hex(night)});" for name, (day, night) in pairs.items()]
    return ":root { " + " ".join(lines) + " }\n"


def printed(accent: str | None) -> str:
    """The colour of this accent on white paper, `#rrggbb`; the default without one."""
    return _hex(_readable(_rgb(accent), LIGHT_SURFACE)) if accent else DEFAULT


def contrast(one: Rgb, other: Rgb) -> float:
    """WCAG 2's contrast ratio, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _readable(colour: Rgb, *grounds: Rgb) -> Rgb:
    """The colour itself, or the nearest of its hue that stands out enough from every one of `grounds`."""
    lightness, chroma, hue = _oklch(colour)
    step = -0.01 if _luminance(grounds[0]) > 0.5 else 0.01
    colour = _shown(colour)
    while min(contrast(colour, ground) for ground in grounds) < AA and 0 <= lightness + step <= 1:
        lightness += step
        colour = _shown(_from_oklch(lightness, chroma, hue))
    return colour


def _shown(colour: Rgb) -> Rgb:
    """The colour as eight bits a channel hold it: what is judged is what is shown."""
    return _rgb(_hex(colour))


def _rgb(text: str) -> Rgb:
    red, green, blue = (int(text[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def _hex(colour: Rgb) -> str:
    return "#" + "".join(f"{round(min(1.0, max(0.0, part)) * 255):02x}" for part in colour)


def _mixed(one: Rgb, other: Rgb, share: float) -> Rgb:
    red, green, blue = (a * share + b * (1 - share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _gamma(part: float) -> float:
    part = min(1.0, max(0.0, part))
    return part * 12.92 if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055


def _luminance(colour: Rgb) -> float:
    red, green, blue = (_linear(part) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _oklch(colour: Rgb) -> tuple[float, float, float]:
    red, green, blue = (_linear(part) for part in colour)
    long = cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return lightness, hypot(a, b), atan2(b, a)


def _from_oklch(lightness: float, chroma: float, hue: float) -> Rgb:
    a, b = chroma * cos(hue), chroma * sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _gamma(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
        _gamma(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
        _gamma(-0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short),
    )
