"""Reading every partner with its standing, for the house. One statement a question, however many partners there are."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext

from academy.core.criteria import Comparison
from academy.core.errors import Refused
from academy.core.pagination import MOST, Page, decode_cursor, page
from academy.core.periods import parse_window
from academy.journal.kinds import OWN_DOING
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.plans.models import Clock
from academy.programme.roster.rules import QUIET_AFTER, Group, Line, Quiet, Waiting, Wanted
from academy.programme.standing.rules import Held

NEVER = 2**62  # after every instant, in microseconds

_CORE = Comparison("core_modules", 1).key
_SOLD = Comparison("won", 0, parse_window("trailing:12m")).key

# Every tier of every plan with its place, from 1: a few dozen rows, made once a statement and joined by the standing.
# The name of a tier is looked up for the rows shown, its place only where the list is ordered by it.
_LADDER = """
    ladder as materialized (
        select v.id as plan, tier->>'slug' as slug, tier->>'name' as name, rank
          from programme_planversion v, jsonb_array_elements(v.written->'tiers') with ordinality as tiers(tier, rank))
"""
_PARTNERS = "from people_partner p left join programme_standing s on s.partner_id = p.id"
_THEIR_TIER = "left join ladder t on t.plan = s.plan_id and t.slug = s.tier"

# What costs a look-up for each partner, read only for those shown, or for all where the list is ordered by it.
# Levels are those of the last judging, the same that a partner sees. A plan that does not measure one leaves it open:
# then the core is counted here, and sales are not shown.
_PEOPLE = "(select count(*) from people_membership m where m.partner_id = p.id and m.left_at is null)"
_CORE_DONE = """
    case when s.partner_id is null then 0 else coalesce((s.levels->>%(core_key)s)::int, (
        select count(distinct mp.module_id) from people_membership m
          join learning_moduleprogress mp on mp.person_id = m.person_id and mp.passed
          join programme_planversion v on v.id = s.plan_id
         where m.partner_id = s.partner_id and m.left_at is null and v.written->'core' ? mp.module_id::text)) end
"""
_SALES = "(s.levels->>%(sold_key)s)::bigint"
# The index `fact_own_doing` is of these facts alone: only a statement that names the kinds can use it.
_ACTIVE_AT = f"""
    (select max(f.occurred_at) from journal_fact f
      where f.partner = p.id and f.pos is not null and f.kind in ({", ".join(f"'{kind}'" for kind in OWN_DOING)}))
"""  # noqa: S608 - constants
_LINE = f"""
    p.id, p.slug, p.name, p.kind, p.currency, s.tier, t.name, s.rate, s.safe_until, coalesce(s.at_risk, false),
    s.held->>'awaiting', {_PEOPLE}, {_CORE_DONE},
    (select jsonb_array_length(v.written->'core') from programme_planversion v where v.id = s.plan_id),
    {_SALES}, {_ACTIVE_AT}
"""  # noqa: S608 - pieces of this file

_SEARCHED = """
    p.id in (select id from people_partner where name ilike %(like)s
             union all
             select m.partner_id from people_person o join people_membership m on m.person_id = o.id
              where m.left_at is null and (o.name ilike %(like)s or o.email ilike %(like)s))
"""


def _conditions(wanted: Wanted) -> str:
    """What narrows the list, as SQL; only what is asked for, so that each is planned for what it is."""
    asked = [
        _SEARCHED if wanted.q.strip() else "",
        "s.partner_id is null" if wanted.tier == "none" else "s.tier = %(tier)s" if wanted.tier else "",
        "s.at_risk" if wanted.at_risk else "",
    ]
    return " and ".join(part for part in asked if part) or "true"


# Each order as one number, so that one cursor serves all: (group, number, name, slug). Sales have no order across
# currencies, so they are grouped by theirs.
_MICROSECONDS = "(extract(epoch from {column}) * 1000000)::bigint"
_NUMBERS = {
    "name": "0",
    "tier": "coalesce(t.rank, 0)",
    "rate": "coalesce(s.rate, 0)",
    "safe": f"coalesce({_MICROSECONDS.format(column='s.safe_until')}, {NEVER})",
    "people": "coalesce(n.people, 0)",
    "core": _CORE_DONE,
    "sales": f"coalesce({_SALES}, 0)",
    "active": f"coalesce({_MICROSECONDS.format(column=_ACTIVE_AT)}, 0)",
}
_PEOPLE_OF_ALL = """
      left join (select partner_id, count(*) as people from people_membership where left_at is null group by 1) n
        on n.partner_id = p.id
"""
_ALSO = {"tier": _THEIR_TIER, "people": _PEOPLE_OF_ALL}


def _values(wanted: Wanted) -> dict[str, Any]:
    found = wanted.q.strip()
    for special in "\\%_":
        found = found.replace(special, "\\" + special)
    return {
        "core_key": _CORE,
        "sold_key": _SOLD,
        "like": f"%{found}%" if found else "",
        "tier": wanted.tier,
        "sign": wanted.sign,
    }


def _read(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _allow(by: Actor) -> None:
    allow(by, "partner.see_any")
    allow(by, "standing.see_any")


def listed(by: Actor, wanted: Wanted, *, cursor: str | None = None, limit: int = 50) -> Page[Line]:
    """Partners with where they stand, `limit` at a time. One query. Raises Forbidden; Refused for a foreign cursor.

    The page is cut by what stands in the rows of partner and standing; the rest is looked up for those shown.
    """
    _allow(by)
    limit = max(1, min(limit, MOST))
    by_name = wanted.column == "name"
    grouped = "p.currency" if wanted.column == "sales" else "''"
    order = "lower_name, slug" if by_name else "grouped, number, lower_name, slug"
    place = "(%(c)s, %(d)s)" if by_name else "(%(a)s, %(b)s, %(c)s, %(d)s)"
    after = _after(cursor)
    rows = _read(
        f"""
        with {_LADDER}
        select {_LINE}, shown.grouped, shown.number, shown.lower_name from (
            select * from (
                select p.id, lower(p.name) as lower_name, p.slug, {grouped} as grouped,
                       (%(sign)s * ({_NUMBERS[wanted.column]}))::bigint as number
                  {_PARTNERS} {_ALSO.get(wanted.column, "")} where {_conditions(wanted)}
            ) ordered where {f"({order}) > {place}" if after else "true"} order by {order} limit %(limit)s
        ) shown
          join people_partner p on p.id = shown.id
          left join programme_standing s on s.partner_id = p.id {_THEIR_TIER}
         order by shown.grouped, shown.number, shown.lower_name, shown.slug
        """,  # noqa: S608 - pieces of this file
        _values(wanted) | after | {"limit": limit + 1},
    )
    cut = page(rows, limit, lambda row: (row[16], row[17], row[18], row[1]))
    return Page([Line(*row[:16]) for row in cut.items], cut.next)


def _after(cursor: str | None) -> dict[str, str | int]:
    """The place that a cursor names, as values of the statement; empty without one."""
    key = decode_cursor(cursor, 4)
    if key is None:
        return {}
    if [type(part) for part in key] != [str, int, str, str]:
        raise Refused(gettext("This cursor is not one of ours. Ask again without it."))
    return dict(zip("abcd", key, strict=True))


def lines(by: Actor, slugs: Iterable[str]) -> dict[str, Line]:
    """These partners, by slug; one query. What is not there is left out."""
    _allow(by)
    rows = _read(
        f"with {_LADDER} select {_LINE} {_PARTNERS} {_THEIR_TIER} where p.slug = any(%(slugs)s)",
        _values(Wanted()) | {"slugs": list(slugs)},
    )
    return {row[1]: Line(*row) for row in rows}


def groups(by: Actor, q: str = "") -> list[Group]:
    """Everything that is searched for, counted by tier, currency and risk; one query."""
    _allow(by)
    wanted = Wanted(q=q)
    rows = _read(
        f"""
        with {_LADDER},
        counted as (
            select s.plan_id, s.tier, p.currency, coalesce(s.at_risk, false) as at_risk, count(*) as partners,
                   coalesce(sum(n.people), 0) as people, coalesce(sum({_SALES}), 0) as sales
              {_PARTNERS} {_PEOPLE_OF_ALL}
             where {_conditions(wanted)} group by 1, 2, 3, 4)
        select c.tier, t.name, coalesce(t.rank, 0) as rank, c.currency, c.at_risk,
               sum(c.partners)::bigint, sum(c.people)::bigint, sum(c.sales)::bigint
          from counted c left join ladder t on t.plan = c.plan_id and t.slug = c.tier
         group by 1, 2, 3, 4, 5 order by rank, tier, currency, at_risk
        """,  # noqa: S608 - pieces of this file
        _values(wanted),
    )
    return [Group(*row) for row in rows]


def waiting(by: Actor, *, limit: int) -> list[Waiting]:
    """What waits for a person of the house: promotions, the longest first, then notices by their end; one query."""
    _allow(by)
    rows = _read(
        """
        select p.slug, p.name, s.plan_id, s.held from programme_standing s join people_partner p on p.id = s.partner_id
         where s.at_risk or s.held->>'awaiting' is not null
         order by s.held->>'awaiting' is null, (s.held->>'awaiting_since')::timestamptz nulls first,
                  (select min((warning->>'falls_at')::timestamptz)
                     from jsonb_array_elements(s.held->'warnings') as warnings(warning)),
                  p.name, p.slug
         limit %(limit)s
        """,
        {"limit": limit},
    )
    return [_waiting(*row) for row in rows]


def _waiting(slug: str, name: str, plan: Any, written: str) -> Waiting:
    return Waiting(slug, name, plan, Held.from_json(json.loads(written)))


# Each partner is looked up once: materialized, or the look-up would be repeated wherever its answer is named.
_QUIET = f"""
    with known as materialized (
        select p.slug, p.name, joined.at as joined_at, {_ACTIVE_AT} as active_at
          from programme_standing s
          join programme_programme g on g.id = s.programme_id and g.clock = '{Clock.LIVE}'
          join people_partner p on p.id = s.partner_id
          join (select partner_id, min(joined_at) as at from people_membership where left_at is null group by 1) joined
            on joined.partner_id = p.id)
    select slug, name, coalesce(active_at, joined_at), active_at is not null from known
     where coalesce(active_at, joined_at) < %(before)s
     order by 3 desc, slug limit %(limit)s
"""  # noqa: S608 - pieces of this file


def quiet(by: Actor, *, now: datetime, limit: int) -> list[Quiet]:
    """Partners of whom nobody did anything for long, those that stalled last first: they are the ones to win back.

    Where nobody has begun it counts from when somebody could, the day on which the first of its people came.

    One query. Imported history is left out: nobody of it is here.
    """
    _allow(by)
    return [Quiet(*row) for row in _read(_QUIET, {"before": now - QUIET_AFTER, "limit": limit})]


# Of imported history nothing will fall: its days are over.
_NEXT_LOOK = f"""
    select min(s.safe_until) from programme_standing s
      join programme_programme g on g.id = s.programme_id and g.clock = '{Clock.LIVE}'
"""  # noqa: S608 - a constant


def next_look(by: Actor) -> datetime | None:
    """When a tier next ends if its partner does nothing: what a manager with nothing to do waits for."""
    _allow(by)
    soonest: datetime | None = _read(_NEXT_LOOK, {})[0][0]
    return soonest
