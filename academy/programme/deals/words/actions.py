"""Saying once what a source's word for a partner or a product means: remembered for every report that comes."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from academy.core.errors import Conflict, NotFound, Refused
from academy.journal.actions import action
from academy.people.partners.models import Partner
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.deals.models import KnownName
from academy.programme.deals.rules import NameKind
from academy.programme.deals.words.queries import partner_meant
from academy.programme.plans.queries import products_sold


@action
def match_word(by: Actor, source: str, kind: NameKind, name: str, means: str, *, now: datetime) -> None:
    """Remember what a source's word means: a partner, by its id or slug, or a product that some programme pays for.

    Repeated it changes nothing. Raises Refused for what is not here, Conflict where it means something else, Forbidden.
    """
    allow(by, "deal.match")
    if kind is NameKind.PRODUCT:
        if means not in products_sold(now):
            sentence = _("Choose a product.")
            raise Refused(sentence, fields={"means": sentence})
        match_product(by, source, name, means, now=now)
        return
    partner = partner_meant(means)
    if partner is None:
        sentence = _("No partner has this id or slug.")
        raise Refused(sentence, fields={"means": sentence})
    match_partner(by, source, name, partner, now=now)


@action
def match_partner(by: Actor, source: str, name: str, partner: UUID, *, now: datetime) -> None:
    """Remember which partner a source's word means. Raises Conflict where it means another, NotFound, Forbidden."""
    allow(by, "deal.match")
    if not Partner.objects.filter(pk=partner).exists():
        raise NotFound
    _remember(by, KnownName(source=source, kind=NameKind.PARTNER, name=name, partner_id=partner, matched_at=now))


@action
def match_product(by: Actor, source: str, name: str, product: str, *, now: datetime) -> None:
    """Remember which product a source's word means. Raises Conflict where it means another, Forbidden."""
    allow(by, "deal.match")
    _remember(by, KnownName(source=source, kind=NameKind.PRODUCT, name=name, product=product, matched_at=now))


def _remember(by: Actor, made: KnownName) -> None:
    # The same again is no conflict: what was stopped before all that waited was entered can so be gone on with.
    made.matched_by_id = by.signature
    KnownName.objects.bulk_create([made], ignore_conflicts=True)
    known = KnownName.objects.get(source=made.source, kind=made.kind, name=made.name)
    if (known.partner_id, known.product) != (made.partner_id, made.product):
        raise Conflict(_("Somebody has matched this name already."))
