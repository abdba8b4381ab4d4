"""A table in which nothing follows from anything, for tests of what stands under the programme."""

from datetime import datetime

from academy.journal.actions import Opening, Reactions


def at_once(opening: Opening) -> datetime:
    """Time goes on from where it was; nothing was due."""
    return opening.effective


REACTIONS = Reactions(before=at_once, at_once={}, afterwards=())
