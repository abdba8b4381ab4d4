"""Loading what spoke for a partner at an instant, from the projections. Every row there carries its own times."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from academy.core import reads
from academy.programme.evidence.rules import Evidence, Sale, Sales, latest_ends
from academy.programme.plans.rules import Plan

# One row for `evidence_from`; asks for `partner`, `at` and `since`, before which no sale counts.
EVIDENCE = """
    with member as (
        select person_id from people_membership
         where partner_id = %(partner)s and joined_at <= %(at)s and (left_at is null or left_at > %(at)s))
    select (select coalesce(json_agg(person_id), '[]') from member),
           (select coalesce(json_object_agg(person_id, modules), '{}') from (
               select mp.person_id, json_agg(mp.module_id) as modules
                 from learning_moduleprogress mp join member using (person_id)
                where mp.passed and mp.completed_at <= %(at)s group by mp.person_id) passed),
           (select coalesce(json_agg(json_build_array(c.person_id, c.credential_id, c.expires_at)
                                     order by c.issued_at), '[]')
              from recognition_certificate c join member using (person_id)
             where c.issued_at <= %(at)s and (c.revoked_at is null or c.revoked_at > %(at)s)),
           (select coalesce(json_agg(json_build_array(won_at, client, amount)), '[]') from (
               select min(won_at) as won_at, client, sum(amount) as amount from programme_sale
                where partner_id = %(partner)s and won_at > %(since)s and won_at <= %(at)s and counts_from <= %(at)s
                group by deal, client) sold)
"""


def evidence_at(partner: UUID, plan: Plan, currency: str, at: datetime) -> Evidence:
    """The evidence at an instant; one query."""
    found = reads.row(EVIDENCE, {"partner": partner, "at": at, "since": oldest_that_counts(plan, at)})
    return evidence_from(found or ([], {}, [], []), currency)


def evidence_from(row: Sequence[Any], currency: str) -> Evidence:
    """The evidence from a row of EVIDENCE."""
    members, passed, held, sold = row
    ends: defaultdict[str, list[tuple[str, datetime | None]]] = defaultdict(list)
    for person, credential, expires_at in held:
        ends[person].append((credential, datetime.fromisoformat(expires_at) if expires_at else None))
    return Evidence(
        currency=currency,
        members=frozenset(members),
        passed={person: frozenset(modules) for person, modules in passed.items()},
        held={person: latest_ends(certificates) for person, certificates in ends.items()},
        sales=Sales.of(Sale(datetime.fromisoformat(won_at), client, amount) for won_at, client, amount in sold),
    )


def oldest_that_counts(plan: Plan, at: datetime) -> datetime:
    """Sales before every window of the plan, and before the 90 days that estimates rest on, need not be read."""
    starts = [at - timedelta(days=90)]
    for comparison in plan.levels:
        if comparison.metric in ("won", "active_clients"):
            start = comparison.window.start(at, plan.zone)
            if start is None:
                return datetime.min.replace(year=1900, tzinfo=at.tzinfo)
            starts.append(start)
    return min(starts)
