"""The OpenAPI 3.1 document: what the routers say, completed by what is true of every operation."""

import functools
from typing import Any

from academy.api.examples import example
from academy.api.operations import REFUSALS
from academy.api.schemas.problem import Problem
from academy.api.v1 import api

RATE_HEADERS = {
    "RateLimit-Limit": "How many requests of this sort a minute has.",
    "RateLimit-Remaining": "How many of them are left.",
    "RateLimit-Reset": "Seconds until the next minute begins.",
}
TAGS = {
    "Me": "The caller: who it is, where it stands, what it learned.",
    "Catalogue": "What there is to learn.",
    "Learning": "Enrolling, progress, quizzes.",
    "Certificates": "Checking a certificate; needs no sign-in.",
    "Deals": "What partners register and other systems report, and what it earns.",
    "Money": "Commission lines and statements: what is paid when, and why.",
    "Partners": "For people of the house.",
    "Closing": "The month's end, for finance: statements, their check, a second person's approval, payments. "
    "Looking takes the scope `read`, doing `admin`.",
    "Mail": "What a mail provider tells of mail that came back.",
}
SECURITY = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "sessionid",
        "description": "The cookie of the pages. What changes something needs the header X-CSRFToken too.",
    },
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token of your profile, or of `academy token create --user EMAIL`.",
    },
}


@functools.cache
def document() -> dict[str, Any]:
    """The whole document, built once a process."""
    made: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=""))
    made["jsonSchemaDialect"] = "https://json-schema.org/draft/2020-12/schema"
    made["servers"] = [{"url": "/api/v1"}]
    made["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    made["info"]["license"] = {"name": "Proprietary", "url": "https://siso.agency"}
    problem = Problem.model_json_schema()
    components = made["components"]
    components["schemas"]["Problem"] = problem
    components["securitySchemes"] = SECURITY
    components["headers"] = {
        name: {"description": text, "schema": {"type": "integer", "minimum": 0}} for name, text in RATE_HEADERS.items()
    } | {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}}
    components["responses"] = {f"Problem{status}": _refusal(status, text) for status, text in REFUSALS.items()}
    for operation in _operations(made):
        _complete(operation, components["schemas"])
    return made


def _refusal(status: int, text: str) -> dict[str, Any]:
    headers = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}} if status == 429 else {}
    shown: dict[str, Any] = {
        "description": text,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    return shown | ({"headers": headers} if headers else {})


def _operations(made: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in made["paths"].values() for operation in path.values()]


def _complete(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    operation["responses"] = {str(status): answer for status, answer in operation["responses"].items()}
    for status, answer in operation["responses"].items():
        if status < "300":
            _add_example(answer, schemas)
            answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in RATE_HEADERS}
    if "requestBody" in operation:
        _add_example(operation["requestBody"], schemas)
    for parameter in operation["parameters"]:
        _complete_parameter(parameter)


def _add_example(carrier: dict[str, Any], schemas: dict[str, Any]) -> None:
    for kind, content in carrier["content"].items():
        if kind == "application/json":
            content["example"] = example(content["schema"], schemas)


def _complete_parameter(parameter: dict[str, Any]) -> None:
    """OpenAPI names a parameter's examples; JSON Schema, from which ours come, lists them."""
    examples = parameter.pop("examples", None)
    if examples:
        parameter["example"] = examples[0]
    schema = parameter["schema"]
    kinds = [one for one in schema.pop("anyOf", []) if one != {"type": "null"}]
    if len(kinds) == 1:
        schema.update(kinds[0])  # a parameter is left out, never null
    if schema.get("type") == "array":
        parameter["style"], parameter["explode"] = "form", True
