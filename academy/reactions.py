"""What follows from what, on one page. Read it from top to bottom: lesson, module, course, certificate, standing."""

from academy.journal.actions import Reactions

REACTIONS = Reactions(at_once={}, afterwards=())
