"""The tokens' contrast, worked out from the stylesheet in both themes: text 4.5:1, marks and edges 3:1."""

import math
import re

import pytest

from academy.web.assets import FOLDERS

CSS = (FOLDERS[0] / "academy.css").read_text()
TOKENS = dict(re.findall(r"--([\w-]+):\s*((?:light-dark\([^;]*\))|oklch\([^;]*?\));", CSS))
WHITE = "oklch(100% 0 0)"


def luminance(colour: str) -> float:
    """WCAG's relative luminance of an `oklch(l% c h)`."""
    found = re.fullmatch(r"oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)", colour)
    assert found, colour
    light, chroma, hue = float(found[1]) / 100, float(found[2]), math.radians(float(found[3]))
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
    red, green, blue = (min(1.0, max(0.0, part)) for part in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def colour(name: str, dark: bool) -> str:
    """What a token is in one theme."""
    value = TOKENS.get(name, name)
    if both := re.fullmatch(r"light-dark\((oklch\(.*?\)),\s*(oklch\(.*?\))\)", value):
        return str(both[2] if dark else both[1])
    return str(value)


def contrast(one: str, other: str, dark: bool) -> float:
    """WCAG's contrast of two tokens."""
    lighter, darker = sorted((luminance(colour(one, dark)), luminance(colour(other, dark))), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


TEXT = [
    *[(ink, ground) for ink in ("ink", "ink-2", "ink-3", "beam-ink") for ground in ("paper", "card", "sunk")],
    *[("ink", wash) for wash in ("beam-wash", "good-wash", "bad-wash", "warn-wash")],
    *[("ink-2", wash) for wash in ("beam-wash", "good-wash", "bad-wash", "warn-wash")],
    *[(tone, ground) for tone in ("good", "bad", "warn") for ground in (f"{tone}-wash", "card", "paper")],
    ("beam-ink", "beam-wash"),
    ("on-beam", "beam"),
    ("on-night", "night"),
    ("on-night-2", "night"),
    (WHITE, "live"),
]
MARKS = [
    *[(mark, ground) for mark in ("edge", "progress", "good", "bad", "focus") for ground in ("card", "paper")],
    *[("progress", ground) for ground in ("sunk",)],
]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_can_be_read(ink: str, ground: str, dark: bool) -> None:
    assert contrast(ink, ground, dark) >= 4.5


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("mark", "ground"), MARKS)
def test_marks_can_be_seen(mark: str, ground: str, dark: bool) -> None:
    assert contrast("beam-ink" if mark == "focus" else mark, ground, dark) >= 3
