"""Reading credentials and their rules in force."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
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


@lru_cache(maxsize=256)
def _rule(reference: str, criterion: str, valid_months: int | None) -> Rule:
    """A version never changes, so its rule is parsed once a process."""
    return parse_rule(reference, json.loads(criterion), valid_months)


def credential_in_force(
    version: str,
    credential: str,
    slug: str,
    title: str,
    summary: str,
    family: str,
    advanced: bool,
    number: int,
    criterion: Mapping[str, Any],
    valid_months: int | None,
) -> InForce:
    """A credential as a statement's json gives it."""
    rule = _rule(f"{slug}-{number}", json.dumps(criterion, sort_keys=True), valid_months)
    return InForce(UUID(credential), slug, title, summary, family, advanced, UUID(version), rule)


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
