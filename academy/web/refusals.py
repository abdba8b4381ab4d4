"""How a refusal is told: as a page, as a sentence in the open page, or as a problem document (RFC 9457)."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import structlog
from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext, pgettext

from academy.core.errors import Forbidden, NotFound, Refused, SignInNeeded, Text
from academy.web.templates import render

log = structlog.get_logger()


class Failed(Refused):
    """Something broke on our side. Never raised: it is how an unexpected exception is told."""

    status = 500
    code = "failed"


class Malformed(Refused):
    """The request itself cannot be read."""

    status = 400
    code = "malformed"


class TooLarge(Refused):
    """More was sent than is taken."""

    status = 413
    code = "too_large"


class Outdated(Refused):
    """The form was opened too long ago, or elsewhere."""

    status = 403
    code = "outdated_form"


class TooFast(Refused):
    """More was asked for in a short time than a person does."""

    status = 429
    code = "too_fast"


def as_refusal(exception: Exception) -> Refused | None:
    """The refusal that an exception stands for; None when nobody expected it."""
    if isinstance(exception, Refused):
        return exception
    if isinstance(exception, Http404):
        return NotFound(gettext("There is nothing here, or it is not yours to see."))
    if isinstance(exception, PermissionDenied):
        return Forbidden(gettext("Your role does not allow this."))
    if isinstance(exception, RequestDataTooBig):
        return TooLarge(gettext("That is more than 1 MB. Send less at once."))
    if isinstance(exception, BadRequest | SuspiciousOperation):
        return Malformed(gettext("We could not read that request. Go back and try once more."))
    return None


def request_id(request: HttpRequest) -> str:
    """The id under which this request stands in our logs; empty before it got one."""
    return str(getattr(request, "request_id", ""))


def problem_document(refused: Refused, request: HttpRequest) -> dict[str, Any]:
    """A refusal for machines, RFC 9457."""
    return {
        "type": f"urn:siso-academy:problem:{refused.code}",
        "title": HTTPStatus(refused.status).phrase,
        "status": refused.status,
        "detail": refused.sentence,
        "code": refused.code,
        "errors": refused.fields,
        "request_id": request_id(request),
    }


def problem(refused: Refused, request: HttpRequest) -> JsonResponse:
    """A refusal as the answer to a program."""
    return JsonResponse(
        problem_document(refused, request), status=refused.status, content_type="application/problem+json"
    )


def wants_json(request: HttpRequest) -> bool:
    """Whether a program is asking: below /api/, or by what it says it accepts."""
    if request.path.startswith("/api/"):
        return True
    best = request.get_preferred_type(["text/html", "application/json", "application/problem+json"])
    return best in ("application/json", "application/problem+json")


def sign_in_address(request: HttpRequest) -> str:
    """Where to sign in so as to come back: to this page, or to the one on which a form or a part stood."""
    back = request.get_full_path() if request.method == "GET" else "/"
    return f"{settings.LOGIN_URL}?{urlencode({'next': back})}"


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    address = sign_in_address(request)
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=401, headers={"HX-Redirect": address})
    if "X-Parts" in request.headers:
        return HttpResponse(status=401)
    return HttpResponseRedirect(address)


TITLES = {
    400: lambda: gettext("That request was unreadable"),
    403: lambda: gettext("Not allowed"),
    404: lambda: gettext("Nothing here"),
    409: lambda: gettext("That is not possible now"),
    413: lambda: gettext("Too much at once"),
    422: lambda: gettext("That did not work"),
    429: lambda: gettext("A little too fast"),
    500: lambda: gettext("Something broke on our side"),
}


def title(status: int) -> str:
    """The heading of an error page."""
    return TITLES.get(status, TITLES[422])()


def translate(refused: Refused) -> None:
    """Put what a lower chapter refused in plain English into the reader's language; what is in it stays as it is."""
    refused.sentence = in_words(refused.sentence)
    refused.fields = {name: in_words(said) for name, said in refused.fields.items()}


def in_words(said: str) -> str:
    """A sentence of a lower chapter in the reader's language, and so what is put into it."""
    if not isinstance(said, Text):
        return gettext(said) if said else ""
    values = {name: in_words(value) if isinstance(value, Text) else value for name, value in said.values.items()}
    message = gettext(said.message)
    return message % values if values else message


def answer(request: HttpRequest, refused: Refused) -> HttpResponse:
    """The answer to whoever asked: problem document, way to sign in, form with messages, sentence, or page.

    A view that shows a form sets `request.on_refusal`, which renders the form again with `refused.fields`
    beside the fields and what was typed still in them; that serves browsers without JavaScript too. Who may not use
    the form is not shown it again either.
    """
    translate(refused)
    if wants_json(request):
        response: HttpResponse = problem(refused, request)
    elif isinstance(refused, SignInNeeded):
        response = _to_sign_in(request)
    elif (again := getattr(request, "on_refusal", None)) and not isinstance(refused, Forbidden):
        try:
            response = again(refused)
        except Refused as hidden:  # who may not see the page is not shown its form either
            request.on_refusal = None  # type: ignore[attr-defined]
            return answer(request, hidden)
        response.status_code = refused.status
    elif request.headers.get("HX-Request") == "true":
        response = render(request, "parts/refusal.html", status=refused.status, refused=refused)
    else:
        response = render(
            request,
            "errors/refused.html",
            status=refused.status,
            refused=refused,
            title=title(refused.status),
        )
    patch_vary_headers(response, ["Accept", "HX-Request"])
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400."""
    return answer(request, as_refusal(exception) or Malformed(gettext("We could not read that request.")))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403."""
    return answer(request, as_refusal(exception) or Forbidden())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404: an address that leads nowhere."""
    return answer(request, as_refusal(exception) or NotFound())


def failed(request: HttpRequest) -> HttpResponse:
    """Django's handler500, called while the exception is being handled: log it, and say how to report it."""
    log.exception("request_failed", path=request.path, method=request.method)
    refused = Failed(pgettext("500", "This is our mistake and it has been recorded. Nothing you did was half-saved."))
    try:
        return answer(request, refused)
    except Exception:  # what broke may be the very frame of the page: then the plain one says so
        log.exception("error_page_failed", path=request.path)
        setattr(request, "person", None)  # noqa: B010 - Django's type knows no person
        return answer(request, refused)


def outdated_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW."""
    log.warning("csrf_failed", reason=reason, path=request.path)
    return answer(request, Outdated(gettext("This form is out of date. Load the page again and send it once more.")))


def too_fast(request: HttpRequest) -> HttpResponse:
    """What allauth answers when sign-in is tried too often; it finds it as `handler429` in academy.urls."""
    return answer(request, TooFast(gettext("That was tried very often. Wait five minutes, then try again.")))
