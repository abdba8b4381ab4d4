"""Seeds for tests that try random histories: some that are the same in every run, and one that each run draws anew.

What the drawn one breaks is repeated by setting `ACADEMY_TEST_SEED` to it, as the failure says.
"""

import os
import random
import secrets
from typing import Any

import pytest

NAME = "ACADEMY_TEST_SEED"
# Kept in the environment, so that every worker of this run draws the same.
DRAWN = int(os.environ.setdefault(NAME, str(secrets.randbelow(10**9))))


def seeds(count: int) -> list[Any]:
    """So many seeds: all but one are always the same."""
    return [*range(count - 1), pytest.param(DRAWN, id="drawn")]


CURRENCIES = ("GBP", "EUR", "JPY", "KWD")
"""Two of two digits after the point, one of none, one of three."""
PRODUCTS = ("automation", "website")


def a_value(chance: random.Random, most: int) -> int:
    """What a deal is worth, in minor units: nothing, now and then."""
    return 0 if chance.random() < 0.1 else chance.randint(1, most)


def says_how_to_repeat(item: pytest.Item, report: pytest.TestReport) -> None:
    """Put the drawn seed beside a failure that it brought."""
    drawn = getattr(item, "callspec", None)
    if report.failed and drawn is not None and drawn.params.get("seed") == DRAWN:
        report.sections.append(("Seed of this run", f"{NAME}={DRAWN} repeats it.\n"))
