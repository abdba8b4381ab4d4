"""What tests of the API share: nobody's minute is used up by another test."""

from collections.abc import Iterator

import pytest

from academy.api import limits


@pytest.fixture(autouse=True)
def _a_fresh_minute() -> Iterator[None]:
    limits.forget()
    yield
    limits.forget()
