"""How a list is asked for, everywhere alike: page by page, by the cursor that the page before gave."""

from typing import Annotated

from ninja import Query

# A word that a source made up has 200 characters at most, some of which take six of a cursor before they are encoded.
Cursor = Annotated[str | None, Query(max_length=2000, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=100, description="How many at most.")]
