"""Changes that only the person should make ask once more who it is, when that was not shown minutes ago."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import urlencode

from academy.web.requests import PersonRequest

P = ParamSpec("P")


def proved(
    view: Callable[Concatenate[PersonRequest, P], HttpResponse],
) -> Callable[Concatenate[PersonRequest, P], HttpResponse]:
    """Send whoever has not just shown who it is to do so first. Put it under `signed_in`.

    Somebody who signs in by mailed code alone has nothing more to show, and goes on. What a form held is not kept:
    one comes back to the page and fills it in.
    """

    @wraps(view)
    def guarded(request: PersonRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        place = where_to_prove(request)
        if place is None:
            return view(request, *args, **kwargs)
        return HttpResponseRedirect(f"{place}?{urlencode({'next': request.path})}")

    return guarded


def where_to_prove(request: HttpRequest) -> str | None:
    """The page on which whoever holds this session shows who it is; None when that was shown minutes ago, or there is
    nothing to show.
    """
    if did_recently_reauthenticate(request):
        return None
    return str(get_adapter().get_reauthentication_methods(request.user)[0]["url"])
