"""One line of the table that `make bench` prints."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """`what` was measured: `ours` beside its `floor`, as text with units, and what is to be reached.

    `held` None: there is nothing to hold, the figure is for reading.
    """

    what: str
    ours: str
    floor: str = "-"
    reach: str = "-"
    held: bool | None = None


def compared(what: str, ours: float, floor: float, *, unit: str, most: float) -> Row:
    """Ours may be at most so many times its floor."""
    ratio = ours / floor if floor else float("inf")
    return Row(what, f"{ours:.2f} {unit} ({ratio:.2f}x)", f"{floor:.2f} {unit}", f"at most {most:g}x", ratio <= most)
