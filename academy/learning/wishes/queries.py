"""Reading what was wished."""

from collections.abc import Mapping
from uuid import UUID

from academy.learning.wishes.models import Wish


def wishes_of(person_id: UUID) -> list[Mapping[str, object]]:
    """What a person asked for, oldest first, as plain data."""
    return list(Wish.objects.filter(person_id=person_id).order_by("asked_at", "id").values("topic", "asked_at"))
