"""Rises that wait for a person's word."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.standing.rules import Held


@dataclass(frozen=True, slots=True)
class Waiting:
    """A partner that meets a tier, and the plan that says so. `place`: since when, for the order."""

    partner: UUID
    plan: UUID
    held: Held
    place: datetime


_WAITING = """
    select partner_id, plan_id, held, place from (
        select partner_id, plan_id, held, coalesce((held->>'awaiting_since')::timestamptz, tier_since) as place
          from programme_standing where held->>'awaiting' is not null) waits
     where %(at)s::timestamptz is null or (place, partner_id) > (%(at)s::timestamptz, %(last)s::uuid)
     order by place, partner_id limit %(limit)s
"""


def waiting(by: Actor, *, limit: int, after: tuple[datetime, UUID] | None = None) -> list[Waiting]:
    """What waits, longest first, behind a place in that order. One query. Raises Forbidden."""
    allow(by, "standing.see_any")
    at, last = after or (None, None)
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, {"at": at, "last": last, "limit": limit})
        return [
            Waiting(partner, plan, Held.from_json(json.loads(held)), place)
            for partner, plan, held, place in cursor.fetchall()
        ]
