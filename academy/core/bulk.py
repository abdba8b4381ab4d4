"""Many values as one parameter of a statement: written one by one, they cost more than what is done with them."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from academy.core.jsontext import json_text


def ids(those: Iterable[UUID]) -> str:
    """Ids as an array literal, to be cast: `any(%s::uuid[])`."""
    return "{" + ",".join(map(str, those)) + "}"


def rows(those: Iterable[Mapping[str, Any]]) -> str:
    """Rows as JSON: `from jsonb_to_recordset(%s::jsonb) as made (id uuid, amount bigint)`."""
    return json_text(list(those), otherwise=str)
