"""Refusals that only a program meets, and how every refusal of the API is told."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import structlog
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from academy.core.errors import NotFound, Refused, Text
from academy.web.refusals import Malformed, as_refusal, problem

log = structlog.get_logger()


class Unsupported(Refused):
    """The body is not JSON, or does not say so."""

    status = 415
    code = "unsupported_media_type"

    def __init__(self) -> None:
        super().__init__("Send the body as JSON, with “Content-Type: application/json”.")


class RecentSignInNeeded(Refused):
    """The caller may do this, once it has shown who it is just now. A token never shows that."""

    status = 403
    code = "recent_sign_in_needed"


class NotAllowed(Refused):
    """The address is right, the method is not."""

    status = 405
    code = "method_not_allowed"


class Headed(Protocol):
    """What is left of a minute; see limits.Left."""

    @property
    def reset(self) -> int:
        """Seconds until the next one."""

    def headers(self) -> dict[str, str]:
        """The headers."""


class TooFast(Refused):
    """The minute's share is used up."""

    status = 429
    code = "too_fast"

    def __init__(self, left: Headed) -> None:
        super().__init__(f"That is more than we answer in a minute. Go on in {left.reset} seconds.")
        self.left = left


def tell(request: HttpRequest, refused: Refused) -> HttpResponse:
    """A problem document, with what its status asks for in the headers."""
    log.info("refused", code=refused.code, status=refused.status)
    response = problem(refused, request)
    if refused.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="SISO Academy"'
    if isinstance(refused, TooFast):
        response.headers["Retry-After"] = str(refused.left.reset)
        for name, value in refused.left.headers().items():
            response.headers[name] = value
    return response


def install(api: NinjaAPI) -> None:
    """Let every refusal of an operation be told as a problem; what nobody expected goes on to Django, which logs it."""

    def on_any(request: HttpRequest, exception: Exception | type[Exception]) -> HttpResponse:
        refused = _refusal(exception, writes=request.method == "PUT")
        if refused is None:
            raise exception
        return tell(request, refused)

    for known in (Exception, ValidationError, HttpError):
        api.add_exception_handler(known, on_any)


def _refusal(exception: object, *, writes: bool) -> Refused | None:
    """What an exception means to the caller; None when it is our mistake."""
    match exception:
        case ValidationError():
            return invalid(exception.errors, writes=writes)
        case HttpError(status_code=400):
            return Malformed("The body is not JSON that we can read.")
        case Exception():
            return as_refusal(exception)
        case _:
            return None


GIVEN_IN_ADDRESS = {
    "source": "1 to 40 small letters, digits, points, hyphens or underscores, beginning with a letter or digit.",
    "external_id": "1 to 200 characters of Unicode, none of them NUL.",
}
"""What a caller names in an address when something is made there."""


def invalid(errors: Iterable[Mapping[str, Any]], *, writes: bool = False) -> Refused:
    """What validation found, a sentence a field. What cannot stand in an address is simply not there, unless somebody
    `writes` there under a name of their own.
    """
    fields: dict[str, str] = {}
    for error in errors:
        where, name = error["loc"][0], str(error["loc"][-1])
        if where == "path" and not (writes and name in GIVEN_IN_ADDRESS):
            return NotFound()
        said = GIVEN_IN_ADDRESS[name] if where == "path" else _sentence(error)
        fields.setdefault(_field(error["loc"]), said)
    names = ", ".join(fields)
    return Refused(Text("Something is wrong with: %(names)s.", names=names), fields=fields, code="invalid")


def _field(place: tuple[Any, ...]) -> str:
    """The field's name as the caller wrote it: without where it stood and without our argument's name."""
    where, *names = place
    inner = names[1:] if where == "body" else names
    return ".".join(str(name) for name in inner) if inner else str(where)


SENTENCES = {
    "missing": "This is needed.",
    "extra_forbidden": "We do not know this field.",
    "greater_than_equal": "At least {ge}.",
    "less_than_equal": "At most {le}.",
    "greater_than": "More than {gt}.",
    "less_than": "Less than {lt}.",
    "string_too_long": "At most {max_length} characters.",
    "string_too_short": "At least {min_length} characters.",
    "too_long": "At most {max_length}.",
    "too_short": "At least {min_length}.",
    "amount_below_zero": "An amount is nothing or more. What a client takes back is a refund.",
    "amount_form": "Write an amount as digits with a point, such as 1200.50.",
    "currency_form": "Write the three capital letters of a currency, such as GBP.",
    "string_pattern_mismatch": "This is not written as it should be.",
    "string_type": "A text is needed.",
    "string_unicode": "This text is not valid Unicode.",
    "int_type": "A whole number is needed.",
    "int_parsing": "A whole number is needed.",
    "int_parsing_size": "This number is too large.",
    "int_from_float": "A whole number is needed.",
    "float_type": "A number is needed.",
    "float_parsing": "A number is needed.",
    "finite_number": "A number is needed.",
    "bool_type": "Write true or false.",
    "bool_parsing": "Write true or false.",
    "uuid_type": "This is not one of our ids.",
    "uuid_parsing": "This is not one of our ids.",
    "timezone_aware": "Add the time zone: 2026-01-31T09:30:00Z.",
    "enum": "Choose one of {expected}.",
    "literal_error": "Choose one of {expected}.",
    "dict_type": "An object is needed.",
    "model_type": "An object is needed.",
    "model_attributes_type": "An object is needed.",
    "list_type": "A list is needed.",
}


def _sentence(error: Mapping[str, Any]) -> str:
    kind = str(error["type"])
    if kind.startswith("date_"):
        return "A day is needed, such as 2026-01-31."
    if kind.startswith("datetime"):
        return "A time is needed, such as 2026-01-31T09:30:00Z."
    pattern = SENTENCES.get(kind, "This is not what is needed here.")
    told = {name: _whole(value) for name, value in error.get("ctx", {}).items()}
    return pattern.format(**told)


def _whole(value: Any) -> Any:
    """A bound as a person writes it: 1, not 1.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
