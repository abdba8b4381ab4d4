"""Values as JSON text, for columns of the journal and of what follows from it: an import writes tens of thousands."""

from typing import Any

import orjson

# A time is written like everything that JSON does not know, as `str` has it: facts of all years read alike.
_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


def json_text(value: Any) -> str:
    """A value as JSON, with what JSON does not know as its `str`. Raises TypeError for keys that are no text."""
    return orjson.dumps(value, default=str, option=_OPTIONS).decode()
