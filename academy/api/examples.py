"""An example of any schema of ours, put together from the examples of its fields."""

from collections.abc import Mapping
from typing import Any

PLAIN: dict[str, Any] = {"integer": 0, "number": 0.5, "boolean": True, "null": None, "object": {}}
FORMATS = {
    "date-time": "2026-01-31T09:30:00Z",
    "date": "2026-01-31",
    "uuid": "01982f0a-6c1f-7b52-9d0c-5f1e0a3b7c11",
}
MADE_UP = "…"


def example(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    """A value that fits the schema; `schemas` are the document's, by name."""
    if "$ref" in schema:
        return example(schemas[str(schema["$ref"]).rsplit("/", 1)[-1]], schemas)
    if schema.get("examples"):
        return schema["examples"][0]
    if "anyOf" in schema:
        return example(schema["anyOf"][0], schemas)
    if "enum" in schema:
        return schema["enum"][0]
    return _made_up(schema, schemas)


def _made_up(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    if "properties" in schema:
        return {name: example(field, schemas) for name, field in schema["properties"].items()}
    if "const" in schema:
        return schema["const"]
    kind = schema.get("type")
    if kind == "array":
        return [example(schema.get("items", {}), schemas)]
    if kind == "string":
        return FORMATS.get(schema.get("format", ""), MADE_UP)
    return PLAIN.get(str(kind), {})
