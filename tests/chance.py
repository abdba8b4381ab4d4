"""Seeds for tests that try random histories: the same in every run, and one more where a run asks for it.

`ACADEMY_TEST_SEED` names that one; `make chance` draws it anew. What it breaks is repeated by the same number, as the
failure says.
"""

import os
import random
from typing import Any

import pytest

NAME = "ACADEMY_TEST_SEED"
DRAWN = int(os.environ[NAME]) if os.environ.get(NAME) else None


def seeds(count: int) -> list[Any]:
    """So many seeds, and the drawn one where there is one."""
    return [*range(count), *([] if DRAWN is None else [pytest.param(DRAWN, id="drawn")])]


CURRENCIES = ("GBP", "EUR", "JPY", "KWD")
"""Two of two digits after the point, one of none, one of three."""
PRODUCTS = ("automation", "website")


def a_value(chance: random.Random, most: int) -> int:
    """What a deal is worth, in minor units: nothing, now and then."""
    return 0 if chance.random() < 0.1 else chance.randint(1, most)


def says_how_to_repeat(item: pytest.Item, report: pytest.TestReport) -> None:
    """Put the drawn seed beside a failure that it brought."""
    drawn = getattr(item, "callspec", None)
    if report.failed and DRAWN is not None and drawn is not None and drawn.params.get("seed") == DRAWN:
        report.sections.append(("Seed of this run", f"`make chance {NAME}={DRAWN}` repeats it.\n"))
