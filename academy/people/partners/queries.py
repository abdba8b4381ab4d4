"""Reading partners and who belongs to them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from academy.core import reads
from academy.core.errors import NotFound
from academy.core.pagination import MOST, Page, decode_cursor, page
from academy.people.accounts.models import Person
from academy.people.partners.models import MemberRole, Membership, Partner
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor


def open_membership(person: Person) -> Membership | None:
    """The membership that a person holds now, with its partner, in one query; None for people of the
    house.
    """
    return Membership.objects.select_related("partner").filter(person=person, left_at__isnull=True).first()


def owners_of(partner_id: UUID) -> list[Person]:
    """The people who own a partner now, longest first. For notices; asks no permission."""
    owners = Person.objects.filter(
        memberships__partner_id=partner_id, memberships__role=MemberRole.OWNER, memberships__left_at=None
    )
    return list(owners.order_by("memberships__joined_at", "id"))


def owner_ids(partner_id: UUID) -> list[UUID]:
    """Who owns a partner now, longest first. For notices; asks no permission."""
    return [person for person, role in _active(partner_id) if role == MemberRole.OWNER]


def owner_ids_of(partner_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """The same for many partners at once; those without an owner are left out. One query."""
    active = Membership.objects.filter(partner_id__in=partner_ids, left_at=None, role=MemberRole.OWNER)
    found: dict[UUID, list[UUID]] = {}
    for partner, person in active.order_by("joined_at", "person_id").values_list("partner_id", "person_id"):
        found.setdefault(partner, []).append(person)
    return found


def partner_of(person_id: UUID) -> UUID | None:
    """Of which partner somebody is an active member. Asks no permission."""
    here = Membership.objects.filter(person_id=person_id, left_at=None)
    return here.values_list("partner_id", flat=True).first()


def slug_of(partner_id: UUID) -> str:
    """The address of a partner that is there. Asks no permission."""
    return Partner.objects.values_list("slug", flat=True).get(id=partner_id)


def partner_names(partners: Iterable[UUID]) -> dict[UUID, str]:
    """What these partners are called. One query; none for nobody."""
    wanted = list(set(partners))
    return dict(reads.rows("select id, name from people_partner where id = any(%s)", [wanted])) if wanted else {}


def member_ids(partner_id: UUID) -> list[UUID]:
    """Who is an active member of a partner now. For rules and jobs; asks no permission."""
    return [person for person, _ in _active(partner_id)]


_ACTIVE = """
    select person_id, role from people_membership where partner_id = %s and left_at is null
     order by joined_at, person_id
"""


def _active(partner_id: UUID) -> list[tuple[UUID, str]]:
    """The active members of a partner with their roles, longest first."""
    return [(person, role) for person, role in reads.rows(_ACTIVE, [partner_id])]


def currency_of(partner_id: UUID) -> str:
    """The one currency of a partner. For actions; asks no permission. Raises Partner.DoesNotExist."""
    found = reads.row("select currency from people_partner where id = %s", [partner_id])
    if found is None:
        raise Partner.DoesNotExist
    return str(found[0])


_SHORT = "select id, name, slug, currency, timezone from people_partner where id = any(%s::uuid[])"


def short_of(partners: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """What a list says of each partner: id, name, slug, currency, time zone. One query; asks no permission."""
    names = ("id", "name", "slug", "currency", "timezone")
    return {row[0]: dict(zip(names, row, strict=True)) for row in reads.rows(_SHORT, [list(partners)])}


@dataclass(frozen=True, slots=True)
class MemberLine:
    """One active member of a partner."""

    person_id: UUID
    name: str
    email: str
    role: str
    joined_at: datetime


def members_of(by: Actor, partner_id: UUID) -> list[MemberLine]:
    """The active members of a partner, owners first, then by name. One query. Raises NotFound."""
    allow(by, "member.see", partner_id=partner_id)
    active = Membership.objects.filter(partner_id=partner_id, left_at=None).select_related("person")
    lines = [MemberLine(one.person_id, one.person.name, one.person.email, one.role, one.joined_at) for one in active]
    return sorted(lines, key=lambda line: (line.role != MemberRole.OWNER, line.name.casefold(), line.email))


@dataclass(frozen=True, slots=True)
class Stay:
    """Somebody's time with a partner; `left_at` is None while it lasts."""

    person_id: UUID
    name: str
    email: str
    role: str
    joined_at: datetime
    left_at: datetime | None


def stays_of(by: Actor, partner_id: UUID) -> list[Stay]:
    """Everybody who is or was a member of a partner, by name. One query. Raises NotFound."""
    allow(by, "member.see", partner_id=partner_id)
    rows = Membership.objects.filter(partner_id=partner_id).order_by("person__name", "person__email", "joined_at")
    return [
        Stay(*row)
        for row in rows.values_list("person_id", "person__name", "person__email", "role", "joined_at", "left_at")
    ]


@dataclass(frozen=True, slots=True)
class PartnerLine:
    """One partner in the studio's list."""

    id: UUID
    slug: str
    name: str
    kind: str
    currency: str
    timezone: str
    created_at: datetime
    members: int


def partners(
    by: Actor, *, q: str = "", kind: str = "", cursor: str | None = None, limit: int = 50
) -> Page[PartnerLine]:
    """Partners by name, `limit` at a time, with their number of active members. One query.

    `q` is found anywhere in the name. Raises Refused for a cursor that is not ours.
    """
    allow(by, "partner.see_any")
    limit = max(1, min(limit, MOST))
    found = Partner.objects.annotate(members=Count("memberships", filter=Q(memberships__left_at=None)))
    if q.strip():
        found = found.filter(name__icontains=q.strip())
    if kind:
        found = found.filter(kind=kind)
    if after := decode_cursor(cursor, 2):
        name, slug = after
        found = found.filter(Q(name__gt=name) | Q(name=name, slug__gt=slug))
    rows = [_line(one) for one in found.order_by("name", "slug")[: limit + 1]]
    return page(rows, limit, lambda line: (line.name, line.slug))


def _line(one: Partner) -> PartnerLine:
    members = int(getattr(one, "members"))  # noqa: B009 - an annotation, which the type does not know
    return PartnerLine(one.id, one.slug, one.name, one.kind, one.currency, one.timezone, one.created_at, members)


def partners_named(by: Actor, text: str) -> list[UUID]:
    """The partners of exactly this address or name, however it is capitalised; one query. Raises Forbidden."""
    allow(by, "partner.see_any")
    said = " ".join(text.replace("\0", "").split())
    found = Partner.objects.filter(Q(slug=said) | Q(name__iexact=said)).order_by("slug")
    # An address is one partner's alone, whatever others are called.
    rows = list(found.values_list("id", "slug"))
    return [key for key, slug in rows if slug == said] or [key for key, _ in rows]


def partner_by_slug(by: Actor, slug: str) -> Partner:
    """The partner with this address, if one may see it. Raises NotFound."""
    found = Partner.objects.filter(slug=slug).first()
    if found is None:
        raise NotFound
    allow(by, "partner.see", partner_id=found.id)
    return found
