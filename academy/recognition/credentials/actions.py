"""Publishing credentials."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from academy.core.ids import lasting_id
from academy.journal.actions import action
from academy.recognition.credentials.models import Credential, CredentialVersion
from academy.recognition.credentials.rules import parse_rule


@action
def publish_credential(
    slug: str,
    *,
    title: str,
    summary: str,
    family: str,
    advanced: bool,
    criterion: Mapping[str, Any],
    valid_months: int | None,
    effective_from: datetime,
) -> UUID:
    """Make a credential, or give it a new version when its rule differs from the newest. Raises CriterionError."""
    parse_rule(slug, criterion, valid_months)
    credential, _ = Credential.objects.update_or_create(
        id=lasting_id("credential", slug),
        defaults={"slug": slug, "title": title, "summary": summary, "family": family, "advanced": advanced},
    )
    newest = credential.versions.order_by("-number").first()
    if newest is None or (newest.criterion, newest.valid_months) != (dict(criterion), valid_months):
        CredentialVersion.objects.create(
            credential=credential,
            number=newest.number + 1 if newest else 1,
            criterion=dict(criterion),
            valid_months=valid_months,
            effective_from=effective_from,
        )
    return credential.pk
