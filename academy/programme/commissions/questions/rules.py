"""When a correction of a line waits for a second person."""

from academy.core.money import threshold

LARGE = 500
"""Pounds, or so, by which one person may move the lines of a deal at most without another's word, less than that."""


def is_large(amount: int, alone: int, currency: str) -> bool:
    """Whether a correction moves its deal's lines by too much for one person: `amount` minor units, by itself or
    together with what was corrected `alone` of them so far, without a second person. In parts it is no smaller.
    """
    return max(abs(amount), abs(alone + amount)) >= threshold(LARGE, currency)
