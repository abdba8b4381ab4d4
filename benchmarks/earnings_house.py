"""Fill the bench database with partners that differ in their lines alone; print a session's key and partner each.

Deals won over two years, a statement a month, those but the last paid; the newest lines are on hold or ready.
"""

import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from academy import start

start.prepare()

from django.db import connection, transaction  # noqa: E402 - what needs the settings can be imported only now

from academy.core import clock  # noqa: E402
from academy.people.accounts.models import Person  # noqa: E402
from academy.people.memberships.actions import add_member  # noqa: E402
from academy.people.partners.models import Partner  # noqa: E402
from academy.people.permissions.rules import THE_HOUSE  # noqa: E402
from academy.programme.plans.actions import found_programme, publish_plan  # noqa: E402
from academy.programme.standing.actions import enrol_partner  # noqa: E402
from benchmarks.close_rounds import PLAN  # noqa: E402
from benchmarks.demo_session import session_of  # noqa: E402

YEARS = timedelta(days=730)

LINES = """
    create temporary table won on commit drop as
    select uuidv7() as deal, uuidv7() as line, 10000 + (n * 7919 %% 90000)::bigint as amount,
           %(first)s::timestamptz + (%(now)s::timestamptz - %(first)s::timestamptz) * n / %(lines)s as at
      from generate_series(1, %(lines)s) n;
    insert into programme_client (id, key)
    select uuidv7(), 'client ' || n from generate_series(1, 50) n on conflict do nothing;
    insert into programme_deal (id, source, external_id, partner_id, client_id, client_name, product, industry, kind,
                                amount, currency, original_currency, refunded, stage, registered_at, won_at, reason)
    select deal, 'bench', deal::text, %(partner)s,
           (select id from programme_client where key = 'client ' || 1 + amount %% 50), 'Client ' || 1 + amount %% 50,
           'automation', '', 'sale', amount, 'GBP', '', 0, 'won', at, at, '' from won;
    insert into programme_commissionline (id, partner_id, deal_id, kind, amount, currency, rate, effective_at,
                                          payable_on, plan_id, inputs)
    select line, %(partner)s, deal, 'earned', amount / 10, 'GBP', 1000, at, at::date + 30, %(plan)s,
           jsonb_build_object('product', 'automation', 'amount', amount, 'tier', 'bronze', 'bonus', false, 'uplifts', 0)
      from won;
"""
CLOSES = """
    insert into programme_close (id, programme_id, month, stage, plan_id, cut_at, told, partners, looked,
                                 statements_made, moved_at, approved_at)
    select uuidv7(), %(programme)s, month, 'done', %(plan)s, month + interval '1 month', '', 0, 0, 0, %(now)s,
           %(now)s
      from generate_series(date_trunc('month', %(first)s::timestamptz), date_trunc('month', %(now)s::timestamptz)
                           - interval '1 month', interval '1 month') month;
"""
STATEMENTS = """
    insert into programme_statement (id, close_id, partner_id, currency, since, until, number, amount, lines, outcome,
                                     inputs, flags, held_reason, made_at)
    select uuidv7(), c.id, l.partner_id, 'GBP', c.month, c.month + interval '1 month - 1 day',
           c.month::text || l.partner_id, sum(l.amount), count(*), 'pay', '{}', '{}', '', %(now)s
      from programme_close c join programme_commissionline l on date_trunc('month', l.payable_on) = c.month
     group by c.id, l.partner_id;
    insert into programme_payout (id, statement_id, attempt, payee, paid_on, reference, recorded_at)
    select uuidv7(), s.id, 1, 1, c.month + 34, 'R', %(now)s from programme_statement s
      join programme_close c on c.id = s.close_id
     where c.month < (select max(month) from programme_close);
"""


def a_partner(programme: UUID, plan: UUID, lines: int, at: datetime, now: datetime) -> tuple[str, str]:
    """A partner with so many lines; its owner's session, and its id."""
    partner = Partner.objects.create(
        name=f"{lines} lines", slug=f"lines-{lines}", kind="company", currency="GBP", timezone="UTC", created_at=at
    )
    enrol_partner(partner.pk, programme, at=at, now=at)
    person = Person.objects.create(email=f"{lines}@example.com", name="Olive", joined_at=at, welcomed_at=at)
    add_member(partner.pk, person.pk, role="owner", by=THE_HOUSE, now=at)
    values = {"partner": partner.pk, "plan": plan, "lines": lines, "first": now - YEARS, "now": now}
    with transaction.atomic():
        _sql(LINES, values)
    return session_of(person), str(partner.pk)


def _sql(statement: str, values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def main(counts: list[int]) -> None:
    """One house, a partner for each count."""
    now = clock.now()
    at = datetime(now.year - 3, 1, 1, tzinfo=UTC)
    programme = found_programme("bench", name="Bench", timezone="UTC")
    plan = publish_plan(None, programme, PLAN, reason="It opens.", effective_from=at, now=at)
    made = {count: a_partner(programme, plan, count, at, now) for count in counts}
    with transaction.atomic():  # a closed month takes no more lines in
        _sql(CLOSES, {"programme": programme, "plan": plan, "first": now - YEARS, "now": now})
        _sql(STATEMENTS, {"now": now})
    _sql("vacuum analyze", {})
    sys.stdout.write(json.dumps(made))


if __name__ == "__main__":
    main([int(count) for count in sys.argv[1:]])
