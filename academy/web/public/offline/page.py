"""Without a network: the worker that keeps the course one is in, and the page that stands for all others."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from academy.web.assets import find
from academy.web.templates import render


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker. A worker rules what lies below its own address, so it is served from the top."""
    file = find("js/worker.js")
    return HttpResponse(
        file.read_bytes() if file else b"",
        content_type="text/javascript; charset=utf-8",
        headers={"Cache-Control": "no-cache"},
    )


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What the worker shows in the place of a page that it must not keep."""
    return render(request, "public/offline/page.html")


urlpatterns = [
    path("worker.js", worker, name="worker"),
    path("offline/", offline, name="offline"),
]
