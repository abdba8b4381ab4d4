"""Opening a partner."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from babel.numbers import is_currency
from django.db import connection
from django.utils.translation import gettext as _

from academy.core import bulk
from academy.core.errors import Conflict, Refused
from academy.core.ids import uuid7
from academy.core.periods import time_zones
from academy.journal.actions import action
from academy.people.accounts.actions import check_name
from academy.people.accounts.rules import clean_name
from academy.people.memberships.actions import join
from academy.people.partners.actions import lock_partner
from academy.people.partners.models import MemberRole, Partner, PartnerKind
from academy.people.partners.rules import slugs
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor


@action
def create_partner(
    name: str,
    *,
    by: Actor,
    now: datetime,
    kind: str = PartnerKind.COMPANY,
    currency: str = "GBP",
    timezone: str = "Europe/London",
    owner_id: UUID | None = None,
    partner_id: UUID | None = None,
) -> Partner:
    """Open a partner, with its first owner if there is one yet; without one, nothing is recorded about it.

    Its programme is none of this chapter's business. `partner_id` is for importers whose partners keep their
    ids. Raises Refused for what is wrong in a field, Conflict when the owner is a member elsewhere or the id
    is taken.
    """
    allow(by, "partner.create")
    shown = clean_name(name)
    _check_partner(shown, kind, currency, timezone)
    partner = Partner(
        id=partner_id or uuid7(), name=shown, kind=kind, currency=currency, timezone=timezone, created_at=now
    )
    _insert_partner(partner)
    if owner_id is not None:
        join(partner.id, owner_id, role=MemberRole.OWNER, at=lock_partner(partner.id, now), now=now)
    return partner


@action
def create_partners(
    currencies: Mapping[str, str], *, by: Actor, now: datetime, kind: str, timezone: str
) -> dict[str, UUID]:
    """Open many partners without owners, by name with the currency of each; their ids by name. One statement, and some
    more for each whose first address is taken.

    Raises Refused for what is wrong in a field.
    """
    allow(by, "partner.create")
    partners = {}
    for name, currency in currencies.items():
        shown = clean_name(name)
        _check_partner(shown, kind, currency, timezone)
        partners[name] = Partner(
            id=uuid7(), name=shown, kind=kind, currency=currency, timezone=timezone, created_at=now
        )
    written = _write((partner, next(slugs(partner.name))) for partner in partners.values())
    for partner in partners.values():
        if partner.id not in written:
            _insert_partner(partner)
    return {name: partner.id for name, partner in partners.items()}


def _check_partner(name: str, kind: str, currency: str, timezone: str) -> None:
    check_name(name)
    if kind not in PartnerKind.values:
        raise Refused(_("A partner is a company or a freelancer."), fields={"kind": _("Choose one of the two.")})
    if not _is_currency(currency):
        raise Refused(_("This currency is not known."), fields={"currency": _("Write a code such as GBP.")})
    if timezone not in time_zones():
        raise Refused(_("This time zone is not known."), fields={"timezone": _("Choose one such as Europe/London.")})


def _is_currency(code: str) -> bool:
    return len(code) == 3 and code.isascii() and code.isupper() and is_currency(code)


_COLUMNS = "id, slug, name, kind, currency, timezone, created_at"
_INSERT = f"""
    insert into people_partner ({_COLUMNS})
    select {_COLUMNS} from jsonb_to_recordset(%s::jsonb)
        as made (id uuid, slug text, name text, kind text, currency text, timezone text, created_at timestamptz)
    on conflict do nothing returning id
"""  # noqa: S608 - a constant


def _write(addressed: Iterable[tuple[Partner, str]]) -> set[UUID]:
    """Write partners, each under an address, in their order; the ids of those whose address or id was free."""
    rows = [
        {
            "id": one.id,
            "slug": slug,
            "name": one.name,
            "kind": one.kind,
            "currency": one.currency,
            "timezone": one.timezone,
            "created_at": one.created_at,
        }
        for one, slug in addressed
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [bulk.rows(rows)])
        return {key for (key,) in cursor.fetchall()}


def _insert_partner(partner: Partner) -> None:
    """Write the partner under the first address that is free; two of the same name at once get two
    addresses.
    """
    for slug in slugs(partner.name):
        if _write([(partner, slug)]):
            partner.slug = slug
            return
        if Partner.objects.filter(id=partner.id).exists():
            raise Conflict(_("This partner is here already."))
    raise Conflict(_("Too many partners bear this name. Add a word that tells them apart."))
