"""What an import has read, in a temporary table: sorted, compared and checked by the database, in flat memory.

Each step settles or refuses rows by one statement over the whole table. What is left at the end are deals that are new
here, and known ones that have moved.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from academy.integrations.deals.reading import Row

A_CHUNK = 2_000
"""Deals entered in one transaction: some thousands of facts. Nobody waits longer than half a second for a lock."""
AN_INSTANT = 5_000
"""So many deals more where they are of the same partner and instant, which is judged once after them."""

_MAKE = """
    drop table if exists staged_deal;
    create temporary table staged_deal (
        file smallint not null, line int not null, external_id text not null, partner_name text not null,
        client text not null, client_key text not null, product text not null, industry text not null,
        stage text not null, currency text not null, amount bigint not null, occurred_at timestamptz not null,
        -- the partner and its programme, the deal where it is here already, and one word for whoever it is
        partner uuid, programme uuid, deal uuid, whose text,
        -- what becomes of it: entered with many others, told by itself, or nothing, since it is here already
        way text not null default 'many')
"""
_READ = """file, line, external_id, partner_name, client, client_key, product, industry, stage, currency, amount,
    occurred_at"""
_TAKEN = """s.file, s.line, s.external_id, s.partner_name, s.client, s.product, s.industry, s.stage, s.currency,
    s.amount, s.occurred_at, s.partner, s.programme, s.deal"""


@dataclass(frozen=True, slots=True)
class Staged:
    """A deal that is to be entered, moved, kept or refused. `partner` and `deal` are None while they are not here."""

    file: int
    line: int
    external_id: str
    partner_name: str
    client: str
    product: str
    industry: str
    stage: str
    currency: str
    amount: int
    occurred_at: datetime
    partner: UUID | None
    programme: UUID | None
    deal: UUID | None


Refuse = Callable[[Staged, str], None]


def make() -> None:
    """An empty table, which this connection alone sees."""
    _run(_MAKE)


def drop() -> None:
    """Away with it."""
    _run("drop table if exists staged_deal")


def fill(rows: Iterable[Row], file: int, tell: Callable[[], None]) -> None:
    """Take in the rows of a file as they are read; `tell` is called now and then."""
    # Where reading stops in the middle, only this statement is undone.
    with (
        transaction.atomic(),
        connection.cursor() as cursor,
        cursor.copy(f"copy staged_deal ({_READ}) from stdin") as copy,
    ):
        for count, row in enumerate(rows, 1):
            copy.write_row(
                (
                    *(file, row.line, row.external_id, row.partner, row.client, row.client_key, row.product),
                    *(row.industry, row.stage, row.currency, row.amount, row.occurred_at),
                )
            )
            if count % 1_000 == 0:
                tell()


def refuse_ambiguous(refuse: Refuse) -> None:
    """An id that stands twice with other figures is refused wherever it stands; the same again is left out."""
    _run("create index on staged_deal (external_id)")
    _run("analyze staged_deal")
    twice = """
        select external_id, array_agg(line order by file, line) as lines from staged_deal group by external_id
        having count(distinct (partner_name, client_key, product, stage, currency, amount, occurred_at)) > 1
    """
    for *row, lines in _rows(
        f"delete from staged_deal s using ({twice}) t where s.external_id = t.external_id returning {_TAKEN}, t.lines"  # noqa: S608
    ):
        staged = Staged(*row)
        others = ", ".join(str(one) for one in lines if one != staged.line) or str(staged.line)
        refuse(staged, f"“{staged.external_id}” stands in line {others} too, with other figures. None was taken.")
    _run(
        """
        delete from staged_deal s using (
            select external_id, min((file::bigint << 32) + line) as first from staged_deal
             group by external_id having count(*) > 1) twice
         where s.external_id = twice.external_id and (s.file::bigint << 32) + s.line > twice.first
        """
    )


def find_partners(source: str, programme: UUID | None, *, also_by_name: bool) -> None:
    """Which partner each name means: as matched or made before, or else by address, id or a name that one alone has.

    Rows of partners in no programme yet are about this one.
    """
    _run(
        """
        update staged_deal s set partner = k.partner_id from programme_knownname k
         where k.source = %s and k.kind = 'partner' and k.name = s.partner_name
        """,
        source,
    )
    if also_by_name:
        _run(
            """
            update staged_deal s set partner = p.id from people_partner p
             where s.partner is null and s.partner_name in (p.slug, p.id::text)
            """
        )
        _run(
            """
            update staged_deal s set partner = p.id
              from (select min(id::text)::uuid as id, name from people_partner group by name having count(*) = 1) p
             where s.partner is null and p.name = s.partner_name
            """
        )
    _run("update staged_deal s set programme = t.programme_id from programme_standing t where t.partner_id = s.partner")
    _run(
        "update staged_deal set whose = coalesce(partner::text, partner_name), programme = coalesce(programme, %s)",
        programme,
    )
    _run("create index on staged_deal (whose, occurred_at, file, line)")
    _run("analyze staged_deal")


def find_deals(source: str) -> None:
    """Which rows tell of deals that are here."""
    _run(
        """
        update staged_deal s set deal = d.id from programme_deal d
         where d.source = %s and d.external_id = s.external_id
        """,
        source,
    )


def take(condition: str, *values: Any) -> Iterator[Staged]:
    """Take out the rows `s` that meet a condition, which is a constant of ours."""
    for row in _rows(f"delete from staged_deal s where {condition} returning {_TAKEN}", *values):  # noqa: S608
        yield Staged(*row)


_UNDER_PLAN = """
    s.deal is null and s.programme = %s and s.occurred_at >= %s
    and s.occurred_at < coalesce(%s, 'infinity'::timestamptz)
"""


def products(programme: UUID, since: datetime, until: datetime | None) -> list[str]:
    """The products of new deals under a plan that is in force so long."""
    found = _rows(f"select distinct s.product from staged_deal s where {_UNDER_PLAN}", programme, since, until)  # noqa: S608
    return [product for (product,) in found]


def match_products(
    source: str, unknown: Sequence[str], programme: UUID, since: datetime, until: datetime | None
) -> None:
    """Products that a person has matched stand for what they were matched with."""
    _run(
        f"""
        update staged_deal s set product = k.product from programme_knownname k
         where k.source = %s and k.kind = 'product' and k.name = s.product and s.product = any(%s) and {_UNDER_PLAN}
        """,  # noqa: S608
        *(source, list(unknown), programme, since, until),
    )


def take_products(unknown: Sequence[str], programme: UUID, since: datetime, until: datetime | None) -> Iterator[Staged]:
    """Take out new deals of products that a plan does not pay for."""
    return take(f"s.product = any(%s) and {_UNDER_PLAN}", list(unknown), programme, since, until)


def compare_with_deals(source: str, refuse: Refuse) -> None:
    """Of the lines about deals that are here, tell apart those that say what they said in the last file, or the first
    time what stands here, of the product and client that stand here. What becomes of others is for the deals to say.
    """
    _run(
        """
        update staged_deal s set product = d.product
          from programme_deal d, programme_knownname k
         where d.id = s.deal and d.product <> s.product
           and k.source = %s and k.kind = 'product' and k.name = s.product and k.product = d.product
        """,
        source,
    )
    for row in take(
        "exists (select from programme_deal d where d.id = s.deal and d.partner_id is distinct from s.partner)"
    ):
        refuse(row, f"The deal “{row.external_id}” is another partner's here. Give a new deal an id of its own.")
    _run(
        """
        update staged_deal s
           set way = case when (s.stage, s.amount) = (coalesce(d.last_line->>'stage', d.stage),
                                                      coalesce((d.last_line->>'amount')::bigint, d.amount))
                            and (s.product, s.client) = (d.product, d.client_name)
                          then 'here' else 'alone' end
          from programme_deal d where d.id = s.deal
        """
    )


def remember() -> None:
    """What files say for the first time of deals that others have told of, and say as it stands here."""
    _run(
        """
        update programme_deal d
           set last_line = jsonb_build_object('stage', s.stage, 'amount', s.amount, 'at', s.occurred_at)
          from staged_deal s where d.id = s.deal and s.way = 'here' and d.last_line is null
        """
    )


def choose_ways(folded: UUID | None, plans: int) -> None:
    """New won deals are entered many at a time where they are about partners of the one programme that can be folded.

    Not where anything else is told of the partner, it has people, or an open deal wants the client; nor where it comes
    so late that it counts from the partner's latest fact, and another of several plans may say by then what is paid.
    """
    if plans > 1:
        _run(
            """
            update staged_deal s set way = 'alone' where way = 'many' and s.occurred_at < (
                   select max(f.effective_at) from journal_fact f where f.partner = s.partner)
            """
        )
    _run(
        """
        update staged_deal s set way = 'alone'
         where way = 'many' and (programme is distinct from %s
            or whose in (select whose from staged_deal where way = 'alone' or (way = 'many' and stage <> 'won'))
            or client_key in (
                select c.key from programme_deal d join programme_client c on c.id = d.client_id
                 where d.stage in ('registered', 'accepted')
                union all
                select client_key from staged_deal where way <> 'here' and stage in ('registered', 'accepted'))
            or exists (select from people_membership m where m.partner_id = s.partner))
        """,
        folded,
    )


def counts() -> tuple[int, int, int, dict[str, int]]:
    """New, moved and unchanged deals, and what all of them come to by currency, in minor units."""
    new, moved, unchanged = _rows(
        """
        select count(*) filter (where deal is null), count(*) filter (where deal is not null and way = 'alone'),
               count(*) filter (where way = 'here') from staged_deal
        """
    )[0]
    sums = _rows("select currency, sum(amount)::bigint from staged_deal group by currency order by currency")
    return new, moved, unchanged, dict(sums)


def many() -> Iterator[list[Staged]]:
    """What is entered many at a time: each partner's in the order of its instants, none of which is torn apart."""
    after: list[Any] = ["", datetime.min.replace(tzinfo=UTC), -1, -1]
    while rows := _chunk("many", _OF_PARTNER, after, A_CHUNK):
        last = rows[-1]
        rows += _chunk("many", _OF_PARTNER, last[_WIDTH:], AN_INSTANT, same=2)
        after = rows[-1][_WIDTH:]
        yield [Staged(*row[:_WIDTH]) for row in rows]


def part_cases() -> None:
    """Put apart what is told by itself of clients about whom a person has to decide."""
    _run(
        """
        update staged_deal s set way = 'case'
         where way = 'alone' and exists (
               select from programme_claim c join programme_deal later on later.id = c.deal_id
                 join programme_client whom on whom.id = later.client_id
                where c.decided_at is null and (whom.key = s.client_key or later.client_id = (
                      select d.client_id from programme_deal d where d.id = s.deal)))
        """
    )


def alone(way: str = "alone") -> Iterator[list[Staged]]:
    """What is told by itself, by instant, a chunk at a time; with the way `case` what was put apart of that."""
    after: list[Any] = [datetime.min.replace(tzinfo=UTC), -1, -1]
    while rows := _chunk(way, _BY_INSTANT, after, A_CHUNK):
        after = rows[-1][_WIDTH:]
        yield [Staged(*row[:_WIDTH]) for row in rows]


_BY_INSTANT = ("s.occurred_at", "s.file", "s.line")
_OF_PARTNER = ("s.whose", *_BY_INSTANT)
_WIDTH = len(Staged.__slots__)


def _chunk(way: str, order: Sequence[str], after: Sequence[Any], most: int, *, same: int = 0) -> list[list[Any]]:
    """The rows that follow a place in an order, the place of each behind its columns; neither side holds any more.

    `same`: so many of the first columns must be as they are there.
    """
    columns = ", ".join(order)
    alike = "".join(f" and {column} = %s" for column in order[:same])
    marks = ", ".join("%s" for _ in order)
    statement = f"""
        select {_TAKEN}, {columns} from staged_deal s where way = %s and ({columns}) > ({marks}){alike}
         order by {columns} limit %s
    """  # noqa: S608
    return [list(row) for row in _rows(statement, way, *after, *after[:same], most)]


def programmes() -> list[UUID]:
    """The programmes that rows are about."""
    return [one for (one,) in _rows("select distinct programme from staged_deal where programme is not null")]


def _run(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))


def _rows(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return list(cursor.fetchall())
