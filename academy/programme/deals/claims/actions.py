"""Two claims on one client: seen while a deal is registered, under the lock of the client, whom partners share."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from academy.programme.deals.models import Claim, Deal
from academy.programme.deals.rules import OPEN, Registration, Stage, answer_by


def lock_client(client: UUID) -> None:
    """Let nobody else register this client meanwhile. Before any partner's lock."""
    with connection.cursor() as cursor:
        cursor.execute("select 1 from programme_client where id = %s for no key update", [client])


def claim_if_taken(deal: Deal, at: datetime, zone: ZoneInfo) -> Claim | None:
    """Open a case where another partner's deal holds this client, under the client's lock; against the earliest."""
    others = Deal.objects.filter(client_id=deal.client_id, stage__in=OPEN).exclude(partner_id=deal.partner_id)
    for other in others.order_by("registered_at", "id"):
        if Registration(Stage(other.stage), other.protected_until).holds_its_client(at):
            decide_by = answer_by(at, zone)
            return Claim.objects.create(deal=deal, against=other, opened_at=at, decide_by=decide_by)
    return None
