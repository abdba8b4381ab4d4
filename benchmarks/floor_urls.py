"""As many one-row prepared reads and as large a constant body as a page has, through the same middlewares."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path

from academy.core import reads
from academy.urls import handler400, handler403, handler404, handler500
from academy.urls import urlpatterns as pages
from academy.web import kept

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def fresh(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """With ?fresh=1 Home is asked for as after something happened: nothing of it is kept but the frame."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "fresh" in request.GET:
            kept.forget("partner/home/page.html")
        return get_response(request)

    return middleware


def floor(request: HttpRequest, selects: int, size: int) -> HttpResponse:
    """So many reads of one row by its key, and a body of so many bytes."""
    for _ in range(selects):
        reads.row("select slug from people_partner where slug = %s", ["northlight-studio"])
    return HttpResponse("x" * size)


urlpatterns: list[URLPattern | URLResolver] = [path("floor/<int:selects>/<int:size>/", floor), *pages]
