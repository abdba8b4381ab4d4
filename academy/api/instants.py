"""What callers send as days and instants: taken as they are meant, or refused with their field."""

from datetime import UTC, date, datetime

from academy.core.errors import Refused, Text


def in_utc(told: datetime, *, field: str) -> datetime:
    """The same instant without its offset, as the database takes none of 16 hours and more. Raises Refused."""
    try:
        return told.astimezone(UTC)
    except OverflowError:
        raise _refused("A time is needed, such as 2026-01-31T09:30:00Z.", field) from None


def first_of(month: str, *, field: str) -> date:
    """The first day of a month such as 2026-04. Raises Refused for one that no calendar has."""
    try:
        return date.fromisoformat(f"{month}-01")
    except ValueError:
        raise _refused("A month is needed, such as 2026-04.", field) from None


def _refused(sentence: str, field: str) -> Refused:
    return Refused(Text(sentence), fields={field: Text(sentence)}, code="invalid")
