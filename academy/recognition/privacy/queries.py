"""The certificates that are held of a person, for the person to take along."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from academy.recognition.certificates.models import Certificate


def certificates_of(person_id: UUID) -> list[Mapping[str, Any]]:
    """Every certificate a person was given, oldest first, as plain data; one query."""
    found = Certificate.objects.filter(person_id=person_id).order_by("issued_at", "id")
    return list(
        found.values(
            *("serial", "credential", "credential__title", "issued_at", "expires_at"),
            *("revoked_at", "revoked_reason", "renews__serial"),
        )
    )
