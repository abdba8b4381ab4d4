"""Whom a statement's next payment goes to, and whether it may: only to a payee that somebody of finance has checked."""

from enum import StrEnum


class Place(StrEnum):
    """Where a statement that is not paid stands towards the payment file of its month."""

    IN_FILE = "in_file"  # handed over to its partner's latest payee details
    READY = "ready"  # they were checked since: it comes into the file with the next hand-over
    UNCHECKED = "unchecked"  # nobody has checked them: it is left out
