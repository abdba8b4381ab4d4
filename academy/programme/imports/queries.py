"""Loading partners' histories for an import: where each stands and what it has sold; three queries, however many."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from academy.programme.imports.rules import History, Sold, folds
from academy.programme.plans.models import Clock, Programme
from academy.programme.plans.queries import versions_of
from academy.programme.plans.rules import Version
from academy.programme.standing.queries import stands_of

_EVER = datetime(1900, 1, 1, tzinfo=UTC)

# What counted longest ago of each deal, with what was taken back of it; like evidence.queries, but added up here.
_DEALS = """
    select sale.partner_id, sale.client, min(sale.won_at) as won_at, sum(sale.amount)::bigint as amount
      from unnest(%(partners)s::uuid[], %(since)s::timestamptz[]) wanted (partner, since)
      join programme_sale sale on sale.partner_id = wanted.partner and sale.won_at > wanted.since
     group by sale.partner_id, sale.deal, sale.client
"""
_SUMS = f"select partner_id, won_at, sum(amount)::bigint from ({_DEALS}) d group by 1, 2 order by 1, 2"  # noqa: S608
_CLIENTS = f"select partner_id, client, max(won_at) from ({_DEALS}) d where amount > 0 group by 1, 2"  # noqa: S608


def histories_of(latest: Mapping[UUID, datetime | None]) -> dict[UUID, History]:
    """The histories of partners, under their locks, from what locking them said. Those in no programme are left out."""
    standings = stands_of(list(latest))
    versions = {programme: versions_of(programme) for programme in {one.programme for one in standings.values()}}
    since = {partner: _oldest_that_counts(versions[one.programme], one.judged_at) for partner, one in standings.items()}
    sold = _sold(since)
    return {
        partner: History(versions[one.programme], one.position, sold[partner], latest[partner])
        for partner, one in standings.items()
    }


def _sold(since: Mapping[UUID, datetime]) -> dict[UUID, Sold]:
    found = {partner: Sold() for partner in since}
    if not since:
        return found
    asked: dict[str, Any] = {"partners": list(since), "since": list(since.values())}
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, asked)
        for partner, won_at, amount in cursor.fetchall():
            found[partner].add_sum(won_at, amount)
        cursor.execute(_CLIENTS, asked)
        for partner, client, last in cursor.fetchall():
            found[partner].last_by_client[client] = last
    return found


def _oldest_that_counts(versions: Sequence[Version], at: datetime) -> datetime:
    """Sales before every window of every plan need not be read: windows only move on."""
    starts = [
        one.window.start(at, version.plan.zone)
        for version in versions
        for one in version.plan.levels
        if one.metric in ("won", "active_clients")
    ]
    return min((start or _EVER for start in starts), default=at)


def foldable(programme: UUID) -> bool:
    """Whether partners of a programme that have no people can be folded: it follows its source, and warns nobody."""
    follows = Programme.objects.filter(pk=programme, clock=Clock.SOURCE).exists()
    return follows and folds(versions_of(programme))


def with_people(partners: Iterable[UUID]) -> set[UUID]:
    """Which of these partners have or had members: theirs is more than a row of sales."""
    with connection.cursor() as cursor:
        cursor.execute("select distinct partner_id from people_membership where partner_id = any(%s)", [list(partners)])
        return {partner for (partner,) in cursor.fetchall()}


def latest_told(programme: UUID) -> datetime | None:
    """The last instant at which anything counts for a partner of a programme, judged or not."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select max(greatest(s.judged_at, told.latest)) from programme_standing s, lateral (
                   select max(f.effective_at) as latest from journal_fact f where f.partner = s.partner_id) told
             where s.programme_id = %s
            """,
            [programme],
        )
        latest: datetime | None = cursor.fetchone()[0]
    return latest


def behind(programme: UUID, until: datetime, *, after: UUID, limit: int) -> list[UUID]:
    """Partners of a programme for whom something fell due up to and including an instant, by id."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select partner_id from programme_standing
             where programme_id = %(programme)s and partner_id > %(after)s
               and (next_change_at <= %(until)s or exists (
                    select from programme_planversion v join programme_planversion old on old.id = plan_id
                     where v.programme_id = %(programme)s and v.number > old.number and v.effective_from <= %(until)s))
             order by partner_id limit %(limit)s
            """,
            {"programme": programme, "until": until, "after": after, "limit": limit},
        )
        return [partner for (partner,) in cursor.fetchall()]
