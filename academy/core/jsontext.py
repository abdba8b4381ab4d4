"""Values as JSON text, for columns of the journal and of what follows from it: an import writes tens of thousands."""

from collections.abc import Callable
from typing import Any

import orjson

# A time is written like everything else that JSON does not know: facts of all years read alike.
_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


def json_text(value: Any, *, otherwise: Callable[[Any], str] | None = None) -> str:
    """A value as JSON; `otherwise`, which is `str`, says how what JSON does not know is written.

    Raises TypeError for what it does not know where nothing says so, for keys that are not plain text, and for whole
    numbers beyond 64 bits. What is no number is written as null.
    """
    return orjson.dumps(value, default=otherwise, option=_OPTIONS).decode()
