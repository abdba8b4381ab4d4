"""Search over everything: courses, paths, templates and the text of every lesson."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from markupsafe import Markup

from academy.search.queries import MOST_ASKED, Found, find
from academy.web.middleware import signed_in
from academy.web.partner.training import words
from academy.web.requests import PersonRequest
from academy.web.templates import render, url

SHOWN = 30
NEAREST = 2
KINDS = ("course", "path", "resource", "lesson")


@signed_in
def search(request: PersonRequest) -> HttpResponse:
    """`?q=` and, narrowed, `&kind=`. Where nothing fits, the two titles nearest and a way to ask for the topic."""
    asked = request.GET.get("q", "").strip()[:MOST_ASKED]
    kind = request.GET.get("kind", "")
    kinds = [kind] if kind in KINDS else None
    found = find(asked, staff=False, language=request.language, limit=SHOWN, kinds=kinds)
    near = bool(found) and found[0].near
    return render(
        request,
        "partner/search/page.html",
        q=asked,
        segments=_segments(asked, kind if kinds else ""),
        hits=_hits([] if near else found),
        nearest=_hits(found[:NEAREST] if near else []),
        most=SHOWN,
    )


def _segments(asked: str, kind: str) -> list[tuple[str, str, bool]]:
    names = [("", _("Everything")), *((one, words.item_kind(one)) for one in KINDS)]
    return [
        (name, f"{url('search')}?{urlencode({'q': asked, **({'kind': one} if one else {})})}", one == kind)
        for one, name in names
    ]


def _hits(found: Sequence[Found]) -> list[dict[str, Any]]:
    return [
        {
            "kind": words.item_kind(one.kind),
            "title": one.title,
            "href": one.url,
            "snippet": Markup(one.snippet),  # noqa: S704 - the search escapes it, only its marks are tags
            "language": one.language,
        }
        for one in found
    ]


urlpatterns = [path("search/", search, name="search")]
