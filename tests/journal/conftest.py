"""The journal is tested by itself: each test says what follows from its facts."""

from collections.abc import Iterator
from typing import Any

import pytest

from academy.journal.actions import reactions


@pytest.fixture(autouse=True)
def _nothing_follows(settings: Any) -> Iterator[None]:
    settings.REACTIONS = "tests.quiet.REACTIONS"
    reactions.cache_clear()
    yield
    reactions.cache_clear()
