"""What each chapter says about the personal data that it holds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Holding:
    """One chapter's part in a person's data.

    `export` returns it as plain data. `erase` removes what could tell who it was; it is handed the person and
    every address that the person had, and leaves facts and numbers alone.
    """

    name: str
    export: Callable[[UUID], Any]
    erase: Callable[[UUID, list[str]], None] | None = None
