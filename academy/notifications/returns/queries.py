"""Reading which addresses do not work: for the person, for the house, for the doctor."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from academy.notifications.returns.models import Return
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor


@dataclass(frozen=True, slots=True)
class Returned:
    """An address whose mail comes back, since when, and what was said of it."""

    address: str
    since: datetime
    last_at: datetime
    times: int
    reason: str


def return_of(address: str) -> Returned | None:
    """Whether mail to somebody's address comes back. One query; asks no permission: it is for the person's pages."""
    return next((_returned(one) for one in Return.objects.filter(address__iexact=address)), None)


def _returned(one: Return) -> Returned:
    return Returned(one.address, one.since, one.last_at, one.times, one.reason)


@dataclass(frozen=True, slots=True)
class Failing:
    """An address with what is wrong with it, and whose it is. `comes_back`: for good, otherwise it is tried again."""

    address: str
    person: str
    partner: str | None
    partner_slug: str | None
    since: datetime
    times: int
    reason: str
    comes_back: bool


_FAILING = """
    select wrong.address, coalesce(nullif(p.name, ''), ''), partner.name, partner.slug, wrong.since, wrong.times,
           wrong.reason, wrong.comes_back
      from (select address, since, times, reason, true as comes_back from notifications_return
            union all
            select lower("to"), min(created_at), count(*), max(failure), false from notifications_mail
             where failure <> '' and sent_at is null and returned_at is null group by lower("to")) wrong
      left join people_person p on lower(p.email) = lower(wrong.address)
      left join people_membership m on m.person_id = p.id and m.left_at is null
      left join people_partner partner on partner.id = m.partner_id
     order by wrong.comes_back desc, wrong.since, wrong.address
     limit %s
"""


def failing(by: Actor, *, limit: int = 200) -> list[Failing]:
    """Every address whose mail comes back or waits after a failed try, the lasting first. One query."""
    allow(by, "mail.see_failing")
    with connection.cursor() as cursor:
        cursor.execute(_FAILING, [limit])
        return [Failing(*row) for row in cursor.fetchall()]


def returns_to(person_id: UUID) -> list[Mapping[str, Any]]:
    """What came back from a person's address, as plain data, for the person's own file."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select r.address, r.since, r.last_at, r.times, r.reason from notifications_return r"
            " join people_person p on lower(p.email) = lower(r.address) where p.id = %s",
            [person_id],
        )
        names = ("address", "since", "last_at", "times", "reason")
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
