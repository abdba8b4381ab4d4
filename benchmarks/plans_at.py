"""Grow the demo academy so many times and explain what its pages ask, as JSON: `python -m benchmarks.plans_at 1000`."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from academy import start
from benchmarks.demo_session import session_of
from benchmarks.plans import PAGES, PARTNER, THROWN_AWAY

TABLES = (
    *("people_person", "people_partner", "people_membership"),
    *("learning_enrolment", "learning_lessonprogress", "learning_moduleprogress", "learning_courseprogress"),
    *("learning_attempt", "learning_play", "recognition_certificate", "journal_fact"),
    *("programme_standing", "programme_tierpin", "programme_client", "programme_deal", "programme_claim"),
    *("programme_sale", "programme_refund", "programme_keptreport", "programme_commissionline", "programme_daysum"),
    *("programme_linequestion", "programme_correction", "programme_acceptance", "programme_payee"),
    *("programme_statement", "programme_order", "programme_payout"),
    *("notifications_notice", "notifications_delivery", "notifications_mail"),
)
"""What partners and people have."""
OWN = {"id", "person", "partner", "deal", "client"}
"""Columns, with `_id` or without, that name something which is copied too, beside those that refer to it."""
NAMES = {"email", "slug", "key", "serial", "external_id", "number"}
"""Columns whose text must be nobody else's."""

Sent = tuple[str, Any, bool]


def main() -> None:
    """Grow, ask, explain."""
    start.prepare()
    from django.db import connection
    from django.test.utils import setup_test_environment

    with connection.cursor() as cursor:
        grow(cursor, int(sys.argv[1]))
    setup_test_environment()
    pages = [explained(name, who, address) for name, who, address in PAGES]
    print(json.dumps({"size": size(), "pages": pages}))


def grow(cursor: Any, times: int) -> None:
    """Copy every table of what partners and people have, each copy with ids of its own."""
    cursor.execute("set session_replication_role = replica")  # no trigger: the copies' places are given here
    cursor.execute("set synchronous_commit = off")
    cursor.execute("set work_mem = '256MB'")
    for table in TABLES:
        cursor.execute(
            """
            select quote_ident(column_name), data_type, exists (
                   select from pg_constraint k
                     join pg_attribute a on a.attrelid = k.conrelid and array[a.attnum] = k.conkey
                    where k.contype = 'f' and k.conrelid = table_name::regclass and a.attname = column_name
                      and k.confrelid::regclass::text = any(%s))
              from information_schema.columns
             where table_name = %s and is_generated = 'NEVER' and is_identity = 'NO' order by ordinal_position
            """,
            [list(TABLES), table],
        )
        columns = {name: copied(name, kind, refers) for name, kind, refers in cursor.fetchall()}
        cursor.execute(
            f"insert into {table} ({', '.join(columns)})"
            f" select {', '.join(columns.values())} from {table}, generate_series(2, {times}) n"
        )
    cursor.execute("set session_replication_role = default")
    cursor.execute("vacuum analyze")


def copied(name: str, kind: str, refers: bool) -> str:
    """How a column reads in copy number n; `refers` says whether it is the key of something that is copied."""
    if name == "pos":
        return "nextval('journal_pos')"
    if name == "thing":  # courses and lessons are the academy's own
        return "case when thing_kind in ('course', 'lesson', 'module') then thing else md5(thing::text || n)::uuid end"
    if kind == "uuid" and (refers or name.removesuffix("_id") in OWN):
        return f"md5({name}::text || n)::uuid"
    return f"n || '-' || {name}" if name in NAMES and kind != "integer" else name


def size() -> str:
    """What there is now."""
    from academy.journal.models import Fact
    from academy.people.accounts.models import Person
    from academy.people.partners.models import Partner

    return f"{Fact.objects.count():,}, {Person.objects.count():,}, {Partner.objects.count():,}"


def explained(name: str, who: str, address: str) -> dict[str, Any]:
    """What a page asks the database, how long that takes, and what it reads in vain."""
    from django.test import Client

    from academy.people.accounts.models import Person

    people = Person.objects.filter(**({"email": who} if "@" in who else {"roles__contains": [who]}))
    browser = Client()
    browser.cookies["sessionid"] = session_of(people.order_by("joined_at", "email")[0])
    address = address.format(**named())
    browser.get(address)  # compiles templates, parses the plan
    from academy.web import kept

    kept.forget()
    with listening() as sent:
        status = browser.get(address).status_code
    if status != 200:
        raise SystemExit(f"{address} answered {status}.")
    plans = [plan for plan in map(explain, sent) if plan is not None]
    scans = sorted({scan for plan in plans for scan in in_vain(plan["Plan"])})
    taken = sum(plan["Execution Time"] for plan in plans)
    return {"name": name, "statements": len(plans), "milliseconds": taken, "scans": scans}


@cache
def named() -> dict[str, str]:
    """What stands in addresses: the oldest partner, and the month, deal, line and statement of the one that looks."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """
            select (select slug from people_partner order by created_at, slug limit 1),
                   (select p.slug || '/' || to_char(max(c.month), 'YYYY-MM') from programme_close c
                      join programme_programme p on p.id = c.programme_id
                     where c.stage = 'done' group by p.slug order by p.slug limit 1),
                   max(l.deal_id::text), max(l.id::text), max(s.number)
              from people_person who join people_membership m on m.person_id = who.id
              join programme_commissionline l on l.partner_id = m.partner_id
              join programme_statement s on s.partner_id = m.partner_id
             where who.email = %s
            """,
            [PARTNER],
        )
        return dict(zip(("slug", "month", "deal", "line", "statement"), cursor.fetchone(), strict=True))


@contextmanager
def listening() -> Iterator[list[Sent]]:
    """Every statement with its parameters, and whether it is prepared."""
    import psycopg
    from django.db.backends.utils import CursorWrapper

    sent: list[Sent] = []
    execute, prepared = CursorWrapper.execute, psycopg.Cursor.execute

    def hear(self: Any, sql: str, params: Any = None) -> Any:
        sent.append((sql, params, False))
        return execute(self, sql, params)

    def hear_too(self: Any, query: Any, params: Any = None, **options: Any) -> Any:
        if options.get("prepare"):
            sent.append((query, params, True))
        return prepared(self, query, params, **options)

    CursorWrapper.execute, psycopg.Cursor.execute = hear, hear_too  # type: ignore[method-assign,assignment]
    try:
        yield sent
    finally:
        CursorWrapper.execute, psycopg.Cursor.execute = execute, prepared  # type: ignore[method-assign]


def explain(sent: Sent) -> dict[str, Any] | None:
    """The plan of a read as it ran; None for anything else."""
    import psycopg
    from django.db import connection
    from psycopg._queries import PostgresQuery
    from psycopg.adapt import Transformer

    sql, params, is_prepared = sent
    if not sql.strip().lower().startswith(("select", "with", "(")):
        return None
    how = "explain (analyze, format json)"
    if is_prepared:
        # By its generic plan, as it runs: explained with its values, it would be planned for these.
        asked = PostgresQuery(Transformer(connection.connection))
        asked.convert(sql, params)
        values = [params[name] for name in asked._order] if asked._order else list(params or ())
        with psycopg.ClientCursor(connection.connection) as cursor:
            cursor.execute(b"prepare explained as " + asked.query)
            marks = f"({', '.join(['%s'] * len(values))})" if values else ""
            found = cursor.execute(f"{how} execute explained{marks}", values).fetchone()
            cursor.execute("deallocate explained")
    else:
        with connection.cursor() as cursor:
            cursor.execute(f"{how} {sql}", params)
            found = cursor.fetchone()
    assert found is not None
    plan: Any = found[0]
    return (json.loads(plan) if isinstance(plan, str) else plan)[0]  # type: ignore[no-any-return]


def in_vain(node: dict[str, Any], *, adds_up: bool = False) -> Iterator[str]:
    """Tables of which a plan reads much to throw it away; what is added up is not, however much it is."""
    adds_up = adds_up or node["Node Type"] == "Aggregate"
    removed = node.get("Rows Removed by Filter", 0) * node.get("Actual Loops", 1)
    if removed >= THROWN_AWAY:
        yield f"{node['Node Type']} on {node.get('Relation Name', '?')} ({removed:,.0f} in vain)"
    elif node["Node Type"] == "Seq Scan" and not adds_up and node["Actual Rows"] >= THROWN_AWAY:
        yield f"Seq Scan on {node['Relation Name']} ({node['Actual Rows']:,.0f} read)"
    for inner in node.get("Plans", ()):
        yield from in_vain(inner, adds_up=adds_up)


if __name__ == "__main__":
    main()
