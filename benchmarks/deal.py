"""A deal reported as won, with its line and standing, beside the same SQL committed by a bare script, and its frame.

As in the bench of a lesson: burst is 200 partners at once, steady 50 deals a second. The report comes from another
system over HTTP; the frame of the line comes out of the socket of the partner's owner.
"""

from benchmarks.lesson import table_of
from benchmarks.rows import Row


def run() -> list[Row]:
    """Rounds by turns; medians."""
    return table_of("benchmarks.deal_rounds", "deal won", most={"p50": 3})
