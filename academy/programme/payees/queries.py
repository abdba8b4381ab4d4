"""Reading payee profiles: the one that counts, its history, and those that wait for finance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.payees.models import Payee
from academy.programme.payees.rules import LENGTHS, Profile


@dataclass(frozen=True, slots=True)
class Version:
    """A version with who wrote and who checked it."""

    number: int
    profile: Profile
    changed_at: datetime
    changed_by: UUID | None
    checked_at: datetime | None
    checked_by: UUID | None


def _version(row: Payee) -> Version:
    profile = Profile(**{name: getattr(row, name) for name in LENGTHS})
    return Version(row.number, profile, row.changed_at, row.changed_by_id, row.checked_at, row.checked_by_id)


def versions(by: Actor, partner: UUID) -> list[Version]:
    """Every version of a partner's profile, newest first. One query. Raises NotFound, Forbidden."""
    allow(by, "payee.see", partner_id=partner)
    return [_version(row) for row in Payee.objects.filter(partner_id=partner).order_by("-number")]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A profile that finance has not checked, beside the one before it."""

    partner: UUID
    slug: str
    name: str
    now: Version
    before: Version | None


def waiting(by: Actor, limit: int = 100, *, after: tuple[datetime, UUID] | None = None) -> list[Waiting]:
    """Whose latest profile is not checked, longest first; behind the one that was changed then by this partner.

    Two queries. Raises Forbidden.
    """
    allow(by, "payee.check")
    newer = Payee.objects.filter(partner_id=OuterRef("partner_id"), number__gt=OuterRef("number"))
    latest = Payee.objects.select_related("partner").filter(~Exists(newer), checked_at=None)
    if after is not None:
        at, partner = after
        latest = latest.filter(Q(changed_at__gt=at) | Q(changed_at=at, partner_id__gt=partner))
    rows = list(latest.order_by("changed_at", "partner_id")[:limit])
    before = _before(rows)
    return [
        Waiting(row.partner_id, row.partner.slug, row.partner.name, _version(row), before.get(row.partner_id))
        for row in rows
    ]


def _before(rows: Sequence[Payee]) -> dict[UUID, Version]:
    wanted = {row.partner_id: row.number for row in rows}
    found: dict[UUID, Version] = {}
    for row in Payee.objects.filter(partner_id__in=wanted).order_by("number"):
        if row.number < wanted[row.partner_id]:
            found[row.partner_id] = _version(row)
    return found


def payees_of(person: UUID) -> list[Mapping[str, object]]:
    """The profiles that a person wrote, oldest first, as plain data."""
    rows = Payee.objects.filter(changed_by_id=person).order_by("changed_at")
    return list(rows.values("partner__name", "number", *LENGTHS, "changed_at", "checked_at"))


def name_of(partner: UUID, number: int) -> str:
    """The legal name in a version of a partner's profile; empty where there is none, as of version 0. One query."""
    return Payee.objects.filter(partner_id=partner, number=number).values_list("legal_name", flat=True).first() or ""
