"""Reading credentials and their rules in force."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from academy.recognition.credentials.models import CredentialVersion
from academy.recognition.credentials.rules import Rule, parse_rule


@dataclass(frozen=True, slots=True)
class InForce:
    """A credential with its rule at an instant."""

    id: UUID
    slug: str
    title: str
    summary: str
    family: str
    advanced: bool
    version: UUID
    rule: Rule


def in_force(at: datetime) -> Mapping[UUID, InForce]:
    """Every credential with the rule in force at an instant, by id; one query."""
    versions = (
        CredentialVersion.objects.filter(effective_from__lte=at)
        .order_by("credential_id", "-effective_from", "-number")
        .distinct("credential_id")
        .select_related("credential")
    )
    return {
        version.credential_id: InForce(
            version.credential_id,
            version.credential.slug,
            version.credential.title,
            version.credential.summary,
            version.credential.family,
            version.credential.advanced,
            version.pk,
            parse_rule(f"{version.credential.slug}-{version.number}", version.criterion, version.valid_months),
        )
        for version in versions
    }
