"""The page behind a mail's “Stop these mails”: one press, without signing in. Mail programs press it by themselves."""

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from academy.core.errors import Refused
from academy.notifications.preferences.actions import read_stop, stop
from academy.web.requests import AnyoneRequest
from academy.web.templates import render

TEMPLATE = "public/unsubscribe/page.html"


@csrf_exempt  # RFC 8058: a mail program posts from nowhere, with no cookie; the signed link is what allows it
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: AnyoneRequest, token: str) -> HttpResponse:
    """Ask for one press, since mail scanners open every link; on it, stop that kind of mail to that one person."""
    request.on_refusal = lambda refused: _dead(request, refused)
    if request.method == "POST":
        return render(request, TEMPLATE, stopped=stop(token, now=request.now), asked=None, refused=None)
    return render(request, TEMPLATE, asked=read_stop(token), stopped=None, refused=None)


def _dead(request: AnyoneRequest, refused: Refused) -> HttpResponse:
    return render(request, TEMPLATE, asked=None, stopped=None, refused=refused)


urlpatterns = [path("notices/unsubscribe/<str:token>/", unsubscribe, name="unsubscribe")]
