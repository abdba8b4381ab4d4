"""Reading reports that wait: by the words that nobody has explained yet."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor

# Reports wait by the hundred and are told apart by few words, so each word is a row of what may be done. While the
# partner is unknown nothing says which products are paid for: those of any programme are taken to be.
_WORDS = """
    with waiting as (
        select r.source, external_id, partner_name, product_name, received_at,
               product_name = '' and (told->>'product' = any(%(products)s) or exists (
                   select from programme_knownname k
                    where k.source = r.source and k.kind = 'product' and k.name = told->>'product')) as sold
          from programme_keptreport r where entered_at is null and dropped_at is null),
    words as (
        select source, 'partner' as kind, partner_name as name, external_id, received_at, sold as alone
          from waiting where partner_name <> ''
        union all
        select source, 'product', product_name, external_id, received_at, partner_name = ''
          from waiting where product_name <> '')
    select source, kind, name, count(*), count(distinct external_id),
           count(distinct external_id) filter (where alone), min(received_at)
      from words group by source, kind, name
    having %(at)s::timestamptz is null
        or (min(received_at), source, kind, name) > (%(at)s::timestamptz, %(source)s, %(kind)s, %(name)s)
     order by min(received_at), source, kind, name limit %(limit)s
"""
_REPORTS = """
    select * from (
    select id, source, external_id, partner_name, product_name, told->>'partner', told->>'client', told->>'product',
           told->>'amount', told->>'currency', told->>'stage', (told->>'occurred_at')::timestamptz, problem, received_at
      from programme_keptreport
     where entered_at is null and dropped_at is null
    union all
    -- a refund stands by itself where its deal is here and something is wrong
    select r.id, r.source, r.external_id, '', '', p.name, d.client_name, d.product, r.amount, d.currency, '',
           r.occurred_at, r.problem, r.received_at
      from programme_keptrefund r
      join programme_deal d on d.source = r.source and d.external_id = r.external_id
      join people_partner p on p.id = d.partner_id
     where r.entered_at is null and r.dropped_at is null and r.problem <> ''
    union all
    -- and beside the latest report that it waits with, in that one's words
    select r.id, r.source, r.external_id, w.partner_name, w.product_name, w.told->>'partner', w.told->>'client',
           w.told->>'product', r.amount, coalesce(nullif(w.told->>'settled_currency', ''), w.told->>'currency'), '',
           r.occurred_at, '', r.received_at
      from programme_keptrefund r
      join lateral (select told, partner_name, product_name from programme_keptreport k
                     where k.source = r.source and k.external_id = r.external_id
                       and k.entered_at is null and k.dropped_at is null
                     order by k.received_at desc, k.id desc limit 1) w on true
     where r.entered_at is null and r.dropped_at is null and r.problem = '') kept
     where %(at)s::timestamptz is null or (received_at, id) > (%(at)s::timestamptz, %(last)s::uuid)
     order by received_at, id limit %(limit)s
"""
_SOURCES = """
    select source, count(*), count(distinct external_id), min(received_at) from programme_keptreport
     where entered_at is null and dropped_at is null group by source order by min(received_at), source
"""


@dataclass(frozen=True, slots=True)
class Word:
    """A source's word for a partner or product that nobody knows. `ready` are deals that miss nothing else."""

    source: str
    kind: str
    name: str
    reports: int
    deals: int
    ready: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """A report as it waits: what it says, and why it could not be entered though every word is known.

    A refund has no stage; one that waits with the report of its deal misses the words that the report misses.
    """

    id: UUID
    source: str
    external_id: str
    unknown_partner: str
    unknown_product: str
    partner: str
    client: str
    product: str
    amount: str
    currency: str
    stage: str
    occurred_at: datetime
    problem: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much of one source waits, and since when."""

    source: str
    reports: int
    deals: int
    since: datetime


def unknown_words(
    by: Actor, *, products: Collection[str], limit: int = 100, after: tuple[datetime, Sequence[str]] | None = None
) -> list[Word]:
    """The words that reports wait for, longest first; one query. Raises Forbidden.

    `products` are all that are sold. `after` is a word's instant with its source, kind and name: the list goes on
    behind it, be it matched meanwhile or not.
    """
    at, (source, kind, name) = after or (None, ("", "", ""))
    place = {"at": at, "source": source, "kind": kind, "name": name}
    return [Word(*row) for row in _read(by, _WORDS, limit=limit, products=list(products), **place)]


def kept_reports(by: Actor, *, limit: int = 200, after: tuple[datetime, UUID] | None = None) -> list[Kept]:
    """The reports and refunds that wait, oldest first, behind one of an instant and id; one query. Raises Forbidden."""
    at, last = after or (None, None)
    return [Kept(*row) for row in _read(by, _REPORTS, limit=limit, at=at, last=last)]


def backlogs(by: Actor) -> list[Backlog]:
    """How much waits, by source; one query. Raises Forbidden."""
    return [Backlog(*row) for row in _read(by, _SOURCES)]


def _read(by: Actor, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    allow(by, "deal.match")
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
