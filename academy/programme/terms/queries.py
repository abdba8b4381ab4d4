"""Reading terms: which are in force, which come, and who accepted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef

from academy.core.errors import NotFound
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.plans.models import Clock, Programme
from academy.programme.standing.models import Standing
from academy.programme.terms.models import Acceptance, Terms


def in_force(programme: UUID, at: datetime) -> Terms | None:
    """The version that holds at an instant, the newest that has begun; None while there was none.

    For actions; asks no permission.
    """
    return Terms.objects.filter(programme_id=programme, effective_from__lte=at).order_by("-number").first()


def bound_by(terms: Terms, *, after: UUID | None, limit: int) -> list[UUID]:
    """Partners of its programme who were here when a version was published, by ascending id, from after one of them.

    For actions; asks no permission.
    """
    here = Standing.objects.filter(programme_id=terms.programme_id, partner__created_at__lte=terms.published_at)
    if after is not None:
        here = here.filter(partner_id__gt=after)
    return list(here.order_by("partner_id").values_list("partner_id", flat=True)[:limit])


@dataclass(frozen=True, slots=True)
class Agreed:
    """Where a partner stands with the terms: the version in force, and when and by whom it was accepted.

    `coming` begins later; `others` are earlier versions that the partner accepted, newest first.
    """

    terms: Terms | None
    accepted_at: datetime | None
    accepted_by: UUID | None
    coming: Terms | None
    others: tuple[tuple[int, datetime], ...]


def agreed(by: Actor, partner: UUID, programme: UUID, now: datetime) -> Agreed:
    """What a partner accepted. Three queries. Raises NotFound, Forbidden."""
    allow(by, "terms.see", partner_id=partner)
    terms = in_force(programme, now)
    later = Terms.objects.filter(
        programme_id=programme, effective_from__gt=now, number__gt=terms.number if terms else 0
    )
    coming = later.order_by("effective_from", "-number").first()
    rows = Acceptance.objects.filter(partner_id=partner, terms__programme_id=programme).order_by("-terms__number")
    accepted = {
        key: (number, at, person)
        for key, number, at, person in rows.values_list("terms_id", "terms__number", "accepted_at", "person_id")
    }
    mine = accepted.pop(terms.pk, None) if terms else None
    return Agreed(
        terms,
        mine[1] if mine else None,
        mine[2] if mine else None,
        coming,
        tuple((number, at) for number, at, _ in accepted.values()),
    )


@dataclass(frozen=True, slots=True)
class Version:
    """A version in the studio's list, with how many partners accepted it."""

    id: UUID
    programme: UUID
    programme_slug: str
    programme_name: str
    number: int
    text: str
    reason: str
    effective_from: datetime
    published_at: datetime
    accepted: int
    is_replaced: bool
    """Whether a newer version begins no later, so that this one holds no more, or never did."""


def versions(by: Actor) -> list[Version]:
    """Every version of every programme, newest first. One query. Raises Forbidden."""
    allow(by, "terms.publish")
    newer = Terms.objects.filter(
        programme=OuterRef("programme"), number__gt=OuterRef("number"), effective_from__lte=OuterRef("effective_from")
    )
    rows = Terms.objects.select_related("programme").annotate(accepted=Count("acceptances"), is_replaced=Exists(newer))
    return [
        Version(
            one.pk,
            one.programme_id,
            one.programme.slug,
            one.programme.name,
            one.number,
            one.text,
            one.reason,
            one.effective_from,
            one.published_at,
            *(getattr(one, name) for name in ("accepted", "is_replaced")),  # annotations, which the type does not know
        )
        for one in rows.order_by("programme__name", "-number")
    ]


def accepted_by(person: UUID) -> list[Mapping[str, object]]:
    """What a person accepted for partners, oldest first, as plain data."""
    rows = Acceptance.objects.filter(person_id=person).order_by("accepted_at")
    return list(rows.values("partner__name", "terms__programme__name", "terms__number", "accepted_at"))


def terms_with(key: UUID) -> Terms:
    """A version by its id. Raises NotFound."""
    found = Terms.objects.select_related("programme").filter(pk=key).first()
    if found is None:
        raise NotFound
    return found


def programmes(by: Actor) -> list[tuple[UUID, str]]:
    """The programmes that terms can be published for: those that live in the present. Raises Forbidden."""
    allow(by, "terms.publish")
    return list(Programme.objects.filter(clock=Clock.LIVE).order_by("name").values_list("pk", "name"))
