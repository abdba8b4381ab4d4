"""A table in which nothing follows from anything, for tests of what stands below the other chapters."""

from academy.journal.actions import Reactions

REACTIONS = Reactions(before=(), at_once={}, afterwards=())
