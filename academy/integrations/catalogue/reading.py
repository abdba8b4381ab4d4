"""What every format gives: a catalogue of one source, and what was wrong or mended on the way."""

from dataclasses import dataclass, field

from academy.learning.catalog.rules import Catalogue, Problem


@dataclass(frozen=True, slots=True)
class Reading:
    """One source's catalogue as it was read. With problems it cannot be published; notes are only told."""

    source: str
    catalogue: Catalogue
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
