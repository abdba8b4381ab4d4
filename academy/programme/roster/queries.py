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
from academy.journal.kinds import KINDS, Sort
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.roster.rules import Group, Line, Waiting, Wanted
from academy.programme.standing.rules import Held

NEVER = 2**62  # after every instant, in microseconds

_CORE = Comparison("core_modules", 1).key
_SOLD = Comparison("won", 0, parse_window("trailing:12m")).key
# What shows that somebody of a partner is there: what they did, not what the house told them or time brought.
_ACTIVE = sorted(
    name
    for name, kind in KINDS.items()
    if kind.sort is Sort.OBSERVATION and name.split(".")[0] in ("lesson", "quiz", "deal", "member")
)

# Levels are those of the last judging, the same that a partner sees. A plan that does not measure one leaves it open:
# then the core is counted here, and sales are not shown.
_LINES = """
    select p.id, p.slug, p.name, p.kind, p.currency, s.tier, t.name as tier_name, coalesce(t.rank, 0) as rank,
           s.rate, s.safe_until, coalesce(s.at_risk, false) as at_risk, s.held->>'awaiting' as awaiting,
           (select count(*) from people_membership m where m.partner_id = p.id and m.left_at is null) as people,
           coalesce((s.levels->>%(core_key)s)::int, (
               select count(distinct mp.module_id) from people_membership m
                 join learning_moduleprogress mp on mp.person_id = m.person_id and mp.passed
                where m.partner_id = p.id and m.left_at is null and v.written->'core' ? mp.module_id::text)) as core,
           jsonb_array_length(v.written->'core') as core_total,
           (s.levels->>%(sold_key)s)::bigint as sales,
           (select f.occurred_at from journal_fact f
             where f.partner = p.id and f.pos is not null and f.kind = any(%(active)s)
             order by f.pos desc limit 1) as active_at,
           s.plan_id, s.held
      from people_partner p
      left join programme_standing s on s.partner_id = p.id
      left join programme_planversion v on v.id = s.plan_id
      left join lateral (
           select tier->>'name' as name, rank
             from jsonb_array_elements(v.written->'tiers') with ordinality as tiers(tier, rank)
            where tier->>'slug' = s.tier) t on true
"""
_COLUMNS = (
    "id, slug, name, kind, currency, tier, tier_name, rate, safe_until, at_risk, awaiting, people, core, core_total,"
    " sales, active_at"
)
_MATCHES = """
    (%(like)s = '' or name ilike %(like)s or exists (
        select from people_membership m join people_person o on o.id = m.person_id
         where m.partner_id = lines.id and m.left_at is null and (o.name ilike %(like)s or o.email ilike %(like)s)))
"""
_FITS = f"""
    {_MATCHES} and (%(tier)s = '' or coalesce(tier, 'none') = %(tier)s) and (at_risk or not %(at_risk)s)
"""

# Each order as one number, so that one cursor serves all: (group, number, name, slug). Sales have no order across
# currencies, so they are grouped by theirs.
_MICROSECONDS = "(extract(epoch from {column}) * 1000000)::bigint"
_NUMBERS = {
    "name": "0",
    "tier": "rank",
    "rate": "coalesce(rate, 0)",
    "safe": f"coalesce({_MICROSECONDS.format(column='safe_until')}, {NEVER})",
    "people": "people",
    "core": "core",
    "sales": "coalesce(sales, 0)",
    "active": f"coalesce({_MICROSECONDS.format(column='active_at')}, 0)",
}


def _values(wanted: Wanted) -> dict[str, Any]:
    found = wanted.q.strip()
    for special in "\\%_":
        found = found.replace(special, "\\" + special)
    return {
        "core_key": _CORE,
        "sold_key": _SOLD,
        "active": _ACTIVE,
        "like": f"%{found}%" if found else "",
        "tier": wanted.tier,
        "at_risk": wanted.at_risk,
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
    """Partners with where they stand, `limit` at a time. One query. Raises Forbidden; Refused for a foreign cursor."""
    _allow(by)
    limit = max(1, min(limit, MOST))
    numbers = _NUMBERS[wanted.column]
    grouped = "currency" if wanted.column == "sales" else "''"
    after = _after(cursor)
    start = "and (grouped, number, lower(name), slug) > (%(a)s, %(b)s, %(c)s, %(d)s)" if after else ""
    values = _values(wanted) | after | {"limit": limit + 1}
    rows = _read(
        f"""
        select {_COLUMNS}, grouped, number, lower(name) from (
            select *, {grouped} as grouped, (%(sign)s * {numbers})::bigint as number from ({_LINES}) lines where {_FITS}
        ) ordered where true {start}
        order by grouped, number, lower(name), slug limit %(limit)s
        """,  # noqa: S608 - pieces of this file
        values,
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
        f"select {_COLUMNS} from ({_LINES}) lines where slug = any(%(slugs)s)",  # noqa: S608 - pieces of this file
        _values(Wanted()) | {"slugs": list(slugs)},
    )
    return {row[1]: Line(*row) for row in rows}


def groups(by: Actor, q: str = "") -> list[Group]:
    """Everything that is searched for, counted by tier, currency and risk; one query."""
    _allow(by)
    rows = _read(
        f"""
        select tier, tier_name, rank, currency, at_risk, count(*), sum(people)::bigint, coalesce(sum(sales), 0)::bigint
          from ({_LINES}) lines where {_MATCHES} group by 1, 2, 3, 4, 5 order by rank, tier, currency, at_risk
        """,  # noqa: S608 - pieces of this file
        _values(Wanted(q=q)),
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


def next_look(by: Actor) -> datetime | None:
    """When a tier next ends if its partner does nothing: what a manager with nothing to do waits for."""
    _allow(by)
    soonest: datetime | None = _read("select min(safe_until) from programme_standing", {})[0][0]
    return soonest
