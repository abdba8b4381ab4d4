"""Static files, icons and covers."""

import re
from itertools import combinations

import pytest

from academy.web import art, assets


def test_an_address_carries_the_hash_of_the_content() -> None:
    assert re.fullmatch(r"/static/academy\.css\?v=[0-9a-f]{12}", assets.static("academy.css"))
    assert assets.static("academy.css") == assets.static("academy.css")
    assert assets.static("django_htmx/htmx-2.min.js").startswith("/static/django_htmx/htmx-2.min.js?v=")


def test_a_missing_file_fails_loudly() -> None:
    with pytest.raises(FileNotFoundError, match=r"no static file nowhere\.css"):
        assets.static("nowhere.css")


@pytest.mark.parametrize("path", ["../base.html", "../../settings.py", "/etc/passwd", "", "js", "js/../../base.html"])
def test_nothing_outside_the_folders_is_found(path: str) -> None:
    assert assets.find(path) is None


def test_whatever_the_stylesheet_names_is_there() -> None:
    css = (assets.FOLDERS[0] / "academy.css").read_text()
    named = set(re.findall(r'url\("([^"]+)"\)', css))
    assert named == {"vendor/bricolage.woff2", "vendor/bricolage-ext.woff2"}
    assert all(assets.find(path) for path in named)


def test_a_cover_is_the_same_for_ever_and_unlike_the_others() -> None:
    assert art.cover("a", "pricing", "Title") == art.cover("a", "pricing", "Title")
    covers = [art.cover(str(n), family, "Title") for n in range(8) for family in (*art.HUES, "")]
    assert len(set(covers)) == len(covers)


def test_families_are_told_apart_by_hue() -> None:
    hues = [*art.HUES.values(), art.OTHER]
    assert min(min(abs(a - b), 360 - abs(a - b)) for a, b in combinations(hues, 2)) >= 45


def test_art_has_no_style_and_no_script() -> None:
    drawn = [art.cover("s", family, 'x"><script>') for family in (*art.HUES, "")] + [
        art.icon(name) for name in art.ICONS
    ]
    assert not [one for one in drawn if re.search(r"style=|<script|onload", one)]


def test_the_family_of_a_skill() -> None:
    assert art.family_of("pricing-retainers") == "pricing"
    assert art.family_of("Discovery") == "discovery"
    assert art.family_of("azure") == ""
