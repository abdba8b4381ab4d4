"""What a source's words for partners and products mean."""

from uuid import UUID

from academy.core import reads
from academy.programme.deals.models import KnownName
from academy.programme.deals.reports.rules import Told
from academy.programme.deals.rules import NameKind
from academy.programme.standing.queries import Stands

_PARTNER = """
    select coalesce(
        (select id from people_partner where id = %(id)s::uuid),
        (select id from people_partner where slug = %(word)s),
        (select partner_id from programme_knownname where source = %(source)s and kind = 'partner' and name = %(word)s))
"""


def partner_meant(word: str, source: str | None = None) -> UUID | None:
    """The partner of this id or slug, or with which a source's word was matched; None where none is. One query."""
    try:
        key = UUID(word)
    except ValueError:
        key = None
    found = reads.row(_PARTNER, {"id": key, "word": word, "source": source})
    assert found is not None  # it has no from, so it has a row
    partner: UUID | None = found[0]
    return partner


def product_meant(told: Told, standing: Stands | None) -> str | None:
    """As the partner's plan calls it, or as the source's word was matched; None where nobody has said yet.

    Partners that nobody knows pay for anything yet.
    """
    if standing is None or standing.plan.pays_for(told.product):
        return told.product
    known = KnownName.objects.filter(source=told.source, kind=NameKind.PRODUCT, name=told.product)
    return known.values_list("product", flat=True).first()
