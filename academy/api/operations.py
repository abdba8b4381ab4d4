"""What an operation says of itself in the OpenAPI document beside its shapes: its verb, and how it may refuse."""

from typing import Any

from academy.people.permissions.rules import RULES

REFUSALS = {
    400: "The request cannot be read.",
    401: "Nobody is signed in, or the token is not valid.",
    403: "The caller's role or the token's scope does not allow this.",
    404: "There is nothing here, or it is not the caller's.",
    405: "This method is not for this address.",
    409: "Not possible as things stand.",
    413: "More than 1 MiB was sent.",
    415: "The body is not JSON.",
    422: "A field is wrong; `errors` says which and why.",
    429: "More was asked than is answered in a minute.",
}
READING = (401, 403, 404, 422, 429)
WRITING = (400, 401, 403, 404, 409, 413, 415, 422, 429)

IDEMPOTENCY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "Repeat a request with the same key within 24 hours and get the first answer again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    "example": "01982f0a-6c1f-7b52-9d0c-5f1e0a3b7c11",
}


FILES = {"application/pdf": "The PDF.", "text/csv": "The CSV, in UTF-8."}


def says(verb: str, *refusals: int, idempotent: bool = False, file: str = "") -> dict[str, Any]:
    """The `openapi_extra` of an operation that `verb` of the permission table guards; `file`: it answers such a one."""
    rule = RULES[verb]
    extra: dict[str, Any] = {
        "x-verb": verb,
        "x-scope": rule.scope,
        "security": [{}] if rule.anyone else [{"session": []}, {"bearer": []}],
        "responses": {
            **({200: {"description": FILES[file], "content": {file: {}}}} if file else {}),
            **{status: {"$ref": f"#/components/responses/Problem{status}"} for status in sorted({*refusals, 429})},
        },
    }
    if idempotent:
        extra["parameters"] = [IDEMPOTENCY]
    return extra
