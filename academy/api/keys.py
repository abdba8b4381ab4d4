"""The id in an address, which every address calls `id`: a word of the language, so a view names it by what it is."""

from typing import Annotated
from uuid import UUID

from ninja import Path

Key = Annotated[UUID, Path(alias="id")]
