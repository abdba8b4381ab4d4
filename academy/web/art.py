"""What is drawn by code: icons, and the covers of what can be learnt, as inline SVG."""

import math
import random
from functools import lru_cache
from hashlib import sha256

from markupsafe import Markup

ICONS = {
    "home": '<path d="M3 10.5 12 3l9 7.5V21h-6v-6H9v6H3z"/>',
    "training": (
        '<path d="M3 5h7a2 2 0 0 1 2 2v13a2 2 0 0 0-2-2H3z"/><path d="M21 5h-7a2 2 0 0 0-2 2v13a2 2 0 0 1 2-2h7z"/>'
    ),
    "what-if": (
        '<path d="M4 18h4c5 0 4-11 9-11h3M4 6h4c1.7 0 2.7 1.3 3.5 3M13 15c.9 1.8 2 3 4 3h3"/>'
        '<path d="m17.5 4 3 3-3 3M17.5 15l3 3-3 3"/>'
    ),
    "team": (
        '<circle cx="9" cy="8" r="3.5"/><path d="M2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6"/>'
        '<path d="M16 5a3.5 3.5 0 0 1 0 6.5M18 14.5c2 .8 3.2 2.7 3.5 5.5"/>'
    ),
    "certificate": '<circle cx="12" cy="9" r="6"/><path d="m8.5 14-1.5 7 5-3 5 3-1.5-7"/>',
    "activity": '<path d="M2 12h5l3-8 4 16 3-8h5"/>',
    "partners": '<path d="M5 21V4h9v17M14 9h5v12M3 21h18M8 8h3M8 12h3M8 16h3"/>',
    "deals": '<path d="M4 8h16v12H4zM9 8V5h6v3M4 13h16"/>',
    "earnings": '<path d="M6 20v-7M12 20V5M18 20v-10M3 20h18"/>',
    "close-month": '<path d="M4 5h16v16H4zM4 10h16M8 3v4M16 3v4"/><path d="m9 15.5 2 2 4-4"/>',
    "more": '<circle cx="5" cy="12" r="1.25" class="dot"/><circle cx="12" cy="12" r="1.25" class="dot"/>'
    '<circle cx="19" cy="12" r="1.25" class="dot"/>',
    "search": '<circle cx="11" cy="11" r="6"/><path d="m20 20-4.5-4.5"/>',
    "bell": '<path d="M6 16V11a6 6 0 0 1 12 0v5l2 2H4zM10 21h4"/>',
    "mail": '<path d="M3 5h18v14H3z"/><path d="m3.5 6 8.5 7 8.5-7"/>',
    "person": '<circle cx="12" cy="8" r="4"/><path d="M4 21c.6-4.5 3.5-7 8-7s7.4 2.5 8 7"/>',
    "close": '<path d="M6 6l12 12M18 6 6 18"/>',
    "check": '<path d="m5 12.5 4.5 4.5L19 7.5"/>',
    "warn": '<path d="M12 3 2 20h20zM12 10v4M12 17h.01"/>',
    "info": '<circle cx="12" cy="12" r="9"/><path d="M12 11v5M12 8h.01"/>',
    "lock": '<rect x="5" y="10" width="14" height="11" rx="2"/><path d="M8 10V7a4 4 0 0 1 8 0v3"/>',
    "play": '<path d="M7 4v16l13-8z"/>',
    "file": '<path d="M5 3h9l5 5v13H5zM14 3v5h5"/>',
    "link": (
        '<path d="M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1"/><path d="M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1"/>'
    ),
    "quiz": (
        '<circle cx="12" cy="12" r="9"/><path d="M9.5 9.5a2.5 2.5 0 1 1 3.4 2.3c-.6.3-.9.8-.9 1.5v.2M12 16.5h.01"/>'
    ),
    "article": '<path d="M4 20V4h11l5 5v11z"/><path d="M8 12h8M8 16h5"/>',
    "out": '<path d="M14 4h6v6M20 4l-9 9M18 14v6H4V6h6"/>',
    "back": '<path d="M19 12H5M11 6l-6 6 6 6"/>',
    "next": '<path d="M5 12h14M13 6l6 6-6 6"/>',
    "offline": (
        '<path d="M3 3l18 18M8.5 16.5a5 5 0 0 1 7 0M5 13a10 10 0 0 1 5-2.7"/>'
        '<path d="M19 13a10 10 0 0 0-3-2M12 20h.01"/>'
    ),
    "download": '<path d="M12 4v11M7 10.5l5 5 5-5M4 20h16"/>',
    "clock": '<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3 2"/>',
    "theme": '<circle cx="12" cy="12" r="9"/><path class="fill" d="M12 3a9 9 0 0 1 0 18z"/>',
}

# A skill family has a colour of its own, 48 degrees or more from its neighbours, and a figure of its own.
HUES = {"pricing": 68, "delivery": 155, "discovery": 245, "scoping": 300, "retention": 15}
OTHER = 200
WIDTH, HEIGHT = 640, 360


@lru_cache(maxsize=64)
def icon(name: str) -> Markup:
    """A line icon of 24 units, hidden from screen readers: the words beside it say what it means."""
    drawn = ICONS[name]
    return Markup(f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">{drawn}</svg>')  # noqa: S704 - a constant


def family_of(skill: str) -> str:
    """The family whose cover a skill such as `pricing-retainers` gets; empty when it is in none."""
    return next((family for family in HUES if skill.lower().startswith(family)), "")


def _shape(tag: str, **attributes: float | str) -> str:
    """One SVG element; numbers are cut to what the eye can tell apart."""
    written = (
        f'{name.replace("_", "-")}="{value if isinstance(value, str) else f"{value:.4g}"}"'
        for name, value in attributes.items()
    )
    return f"<{tag} {' '.join(written)}/>"


def _beams(chance: random.Random, hue: float) -> list[str]:
    """Three lights crossing the stage."""
    shapes = []
    for _ in range(3):
        x, angle, spread = (
            chance.uniform(0.1, 0.9) * WIDTH,
            chance.uniform(-0.5, 0.5),
            chance.uniform(0.12, 0.26),
        )
        length = HEIGHT * 1.5
        ends = [(x + math.sin(a) * length, math.cos(a) * length) for a in (angle - spread, angle + spread)]
        points = " ".join(f"{px:.0f},{py:.0f}" for px, py in [(x, -20.0), *ends])
        colour = f"oklch({chance.uniform(70, 86):.0f}% .14 {hue + chance.uniform(-22, 22):.0f})"
        shapes.append(_shape("polygon", points=points, fill=colour, opacity=chance.uniform(0.28, 0.58)))
    return shapes


def _price_ladder(chance: random.Random, x: float, y: float, size: float, colour: str) -> list[str]:
    return [
        _shape(
            "rect",
            x=x + (step - 1.5) * size,
            y=HEIGHT - size * (1.1 + step * 0.75),
            width=size * 0.72,
            height=HEIGHT,
            rx=6,
            fill=colour,
            opacity=0.5 + step * 0.14,
        )
        for step in range(4)
    ]


def _frame(chance: random.Random, x: float, y: float, size: float, colour: str) -> list[str]:
    """What is in, and what is out."""
    edge: dict[str, float | str] = {
        "rx": 10,
        "fill": "none",
        "stroke": colour,
        "stroke_width": 12,
        "opacity": 0.85,
    }
    return [
        _shape("rect", x=x - size * 1.4, y=y - size, width=size * 2.8, height=size * 2, **edge),
        _shape("circle", cx=x, cy=y, r=size * 0.45, fill=colour, opacity=0.8),
        _shape("circle", cx=x + size * 2.1, cy=y + size, r=size * 0.3, fill=colour, opacity=0.5),
    ]


def _rings(chance: random.Random, x: float, y: float, size: float, colour: str) -> list[str]:
    """What comes round again."""
    return [
        _shape(
            "circle",
            cx=x,
            cy=y,
            r=size * (0.5 + step / 2),
            fill="none",
            stroke=colour,
            stroke_width=14 - step * 2,
            opacity=0.9 - step * 0.2,
        )
        for step in range(4)
    ]


def _blocks(chance: random.Random, x: float, y: float, size: float, colour: str) -> list[str]:
    """Things that stand on one another."""
    return [
        _shape(
            "rect",
            x=x + (column - 1.5 + row * 0.5) * size * 1.1,
            y=HEIGHT - (row + 1) * size * 0.95,
            width=size,
            height=size * 0.86,
            rx=6,
            fill=colour,
            opacity=0.55 + row * 0.15,
        )
        for row in range(3)
        for column in range(3 - row)
    ]


def _finds(chance: random.Random, x: float, y: float, size: float, colour: str) -> list[str]:
    """Things found in the dark."""
    return [
        _shape(
            "circle",
            cx=chance.uniform(0.1, 0.95) * WIDTH,
            cy=chance.uniform(0.3, 0.95) * HEIGHT,
            r=chance.uniform(0.06, 0.23) * HEIGHT,
            fill=colour,
            opacity=chance.uniform(0.5, 0.92),
        )
        for _ in range(4)
    ]


# What the lights fall on: each family has a figure of its own, so that covers differ also in grey.
FIGURES = {"pricing": _price_ladder, "scoping": _frame, "retention": _rings, "delivery": _blocks}


@lru_cache(maxsize=2048)
def cover(seed: str, family: str = "", title: str = "") -> Markup:
    """The cover of a thing, the same for ever: hue and figure by skill family, geometry by seed and title."""
    chance = random.Random(sha256(f"{seed}\x1f{title}".encode()).digest())  # noqa: S311 - art, not a secret
    hue = HUES.get(family, OTHER) + chance.uniform(-9, 9)
    colour = f"oklch({chance.uniform(74, 88):.0f}% .13 {hue + chance.uniform(-26, 26):.0f})"
    x, y = chance.uniform(0.3, 0.7) * WIDTH, chance.uniform(0.4, 0.62) * HEIGHT
    figure = FIGURES.get(family, _finds)(chance, x, y, chance.uniform(46, 74), colour)
    shapes = "".join(_beams(chance, hue) + figure)
    return Markup(  # noqa: S704 - numbers and words of our own
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="xMidYMid slice" aria-hidden="true">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="oklch(27% .06 {hue:.0f})"/>{shapes}</svg>'
    )
