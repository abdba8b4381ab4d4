"""A resource: something to take along outside a course."""

from urllib.parse import urlsplit

from django.http import HttpResponse
from django.urls import path

from academy.learning.catalog import access
from academy.learning.sittings.queries import files_of_item
from academy.web import formats
from academy.web.middleware import signed_in
from academy.web.partner.training import words
from academy.web.requests import PersonRequest
from academy.web.templates import render


@signed_in
def resource(request: PersonRequest, slug: str) -> HttpResponse:
    """Its files, and its address where it stands elsewhere."""
    item = access.item(request.actor, "resource", slug, now=request.now)
    meta = [words.item_kind("resource"), words.level_name(item.level)]
    if item.minutes:
        meta.append(formats.minutes(item.minutes))
    return render(
        request,
        "partner/resource/page.html",
        item=item,
        meta=" · ".join(part for part in meta if part),
        files=files_of_item(item.id),
        host=urlsplit(item.url).hostname or "",
        skills=[(skill, words.tag_name(skill)) for skill in item.skills],
    )


urlpatterns = [path("resources/<slug:slug>/", resource, name="resource")]
