"""The doors: signing in by password, code, passkey or mailed link. What happens behind them is django-allauth's.

Its other pages stand in `web/account`, `web/mfa` and `web/usersessions`, under the names by which it asks for them.
"""

from collections.abc import Callable, Sequence

from allauth.account.adapter import get_adapter
from allauth.account.views import LoginView, request_login_code
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from academy.core.errors import Refused
from academy.people.accounts.access import person_by_link
from academy.people.accounts.adapter import sign_in_by_link
from academy.web.requests import AnyoneRequest
from academy.web.templates import render

Moments = Callable[[], Sequence[tuple[str, str]]]


def code(request: HttpRequest) -> HttpResponse:
    """Send a code. The sign-in form's own button comes here too, with the address in the field `login`."""
    if request.method == "POST" and "email" not in request.POST:
        sent = request.POST.copy()
        sent["email"] = sent.get("login", "")
        request.POST = sent  # type: ignore[assignment]
    response: HttpResponse = request_login_code(request)
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: AnyoneRequest, secret: str) -> HttpResponse:
    """The page behind a mailed link. It asks for one press, since mail scanners open every link."""

    def dead(refused: Refused) -> HttpResponse:
        return render(request, "public/sign_in/link.html", refused=refused, email="")

    request.on_refusal = dead
    person = person_by_link(secret, now=request.now)
    if request.method != "POST":
        return render(request, "public/sign_in/link.html", refused=None, email=person.email)
    if request.person is not None:
        get_adapter().logout(request)
    return sign_in_by_link(request, secret)


def addresses(moments: Moments) -> list[URLPattern | URLResolver]:
    """Every address of sign-in. `moments` are the demo's sign-ins: address and what one finds there."""
    return [
        path("accounts/login/", LoginView.as_view(extra_context={"moments": moments})),
        path("accounts/login/code/", code),
        path("accounts/", include("allauth.urls")),
        path("sign-in/<str:secret>/", link, name="sign-in-link"),
    ]
