"""The API explains itself: the document for programs, and the same document as a page for people."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET
from markupsafe import Markup, escape

from academy.api.examples import example
from academy.api.openapi import document as built
from academy.web.templates import render


@require_GET
def document(request: HttpRequest) -> HttpResponse:
    """GET /api/v1/openapi.json; needs no sign-in."""
    response = HttpResponse(json.dumps(built(), ensure_ascii=False), content_type="application/json")
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Access-Control-Allow-Origin"] = "*"  # a tool on another page may read it; it holds no secret
    return response


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """GET /api/v1/docs: every operation with its fields and examples, without a script."""
    shown: dict[str, Any] = {"prose": prose, "address": address, "shape": shape, "sample": sample}
    return render(request, "public/api_docs.html", document=built(), groups=_groups(), **shown)


def _groups() -> list[dict[str, Any]]:
    """The operations by tag, in the document's order."""
    found: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in built()["tags"]}
    for path, methods in built()["paths"].items():
        for method, operation in methods.items():
            found[operation["tags"][0]].append({"path": path, "method": method.upper(), **operation})
    return [{**tag, "operations": found[tag["name"]]} for tag in built()["tags"]]


def prose(text: str) -> Markup:
    """A description with what stands in backticks set as code."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if index % 2 else escape(part) for index, part in enumerate(parts)
    )


def address(path: str) -> Markup:
    """An address that a narrow screen may break after each slash."""
    return Markup("/<wbr>").join(path.split("/"))


WORDS = {
    "date-time": "time",
    "uuid": "id",
    "date": "day",
    "string": "text",
    "integer": "whole number",
    "boolean": "true or false",
}


def shape(schema: dict[str, Any]) -> str:
    """A schema's type in a few words: “list of Fact”, “text or null”."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " or ".join(shape(one) for one in schema["anyOf"])
    if "enum" in schema:
        return "one of " + ", ".join(str(one) for one in schema["enum"])
    kind = schema.get("type", "")
    if kind == "array":
        return f"list of {shape(schema.get('items', {}))}"
    return WORDS.get(schema.get("format", kind), "text" if kind == "string" else kind or "anything")


def sample(schema: dict[str, Any]) -> str:
    """An example of a schema, as JSON."""
    return json.dumps(example(schema, built()["components"]["schemas"]), indent=2, ensure_ascii=False)
