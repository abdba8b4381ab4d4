"""The months of `close`: a house of 10,000 partners with an owner each, closed month after month."""

import json
import math
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from academy import start

start.prepare()

from django.db import connection, transaction  # noqa: E402 - what needs the settings can be imported only now

from academy.core.ids import uuid7  # noqa: E402
from academy.people.permissions.rules import THE_HOUSE  # noqa: E402
from academy.programme.closes.actions import (  # noqa: E402
    A_CHUNK,
    approve,
    go_on,
    hand_over,
    start_close,
)
from academy.programme.closes.checking.actions import see  # noqa: E402
from academy.programme.closes.rules import last_day, next_month  # noqa: E402
from academy.programme.judging.rules import first_position  # noqa: E402
from academy.programme.payouts.actions import enter_file  # noqa: E402
from academy.programme.payouts.rules import table  # noqa: E402
from academy.programme.plans.actions import found_programme, publish_plan  # noqa: E402
from academy.programme.plans.queries import plan_version  # noqa: E402
from academy.programme.statements.rules import Flag  # noqa: E402

PARTNERS, LINES = 10_000, 20
MONTH = date(2026, 2, 1)
MONTHS_BEFORE = 24
OPENED = datetime(2026, 1, 1, tzinfo=UTC)
PLAN = {
    "base": {"automation": 10},
    "default_product": "automation",
    "bonus": {"share": 5, "when": {"metric": "core_modules", "value": 1}},
    "uplift": {"each": 1, "most": 3},
    "cap": 25,
    "grace_days": 30,
    "hold_days": 30,
    "pay_day": 5,
    "minimum": {"GBP": 5000},
    "core": [],
    "advanced": [],
    "tiers": [{"slug": "bronze", "name": "Bronze", "multiplier": 1}],
}

HOUSE = """
    insert into people_partner (id, slug, name, kind, currency, timezone, created_at)
    select uuidv7(), 'p-' || n, 'Partner ' || n, 'company', 'GBP', 'Europe/London', %(at)s
      from generate_series(1, %(partners)s) n;
    insert into people_person (id, email, name, password, language, timezone, theme, roles, is_active, joined_at,
                               sells, sells_to, shows_name)
    select uuidv7(), slug || '@example.com', '', '!', 'en', 'Europe/London', '', '{}', true, %(at)s, '', '', false
      from people_partner;
    insert into people_membership (id, partner_id, person_id, role, joined_at)
    select uuidv7(), p.id, o.id, 'owner', %(at)s
      from people_partner p join people_person o on o.email = p.slug || '@example.com';
    insert into programme_standing (partner_id, programme_id, plan_id, tier, tier_since, rate, held, levels, judged_at,
                                    before, at_risk, version)
    select id, %(programme)s, %(plan)s, 'bronze', %(at)s, 1000, %(held)s, '{}', %(at)s, %(before)s, false,
           1
      from people_partner;
    insert into programme_payee (id, partner_id, number, legal_name, address, country, tax_number, invoice_email,
                                 provider_reference, changed_at, checked_at)
    select uuidv7(), id, 1, name, 'A street', 'GB', '', 'a@example.com', slug, %(at)s, %(at)s from people_partner;
    insert into programme_client (id, key) values (uuidv7(), 'a client');
"""
WON = """
    create temporary table won on commit drop as
    select uuidv7() as deal, uuidv7() as line, p.id as partner, 10000 + (random() * 90000)::bigint as amount,
           %(month)s::date + (random() * 27)::int as payable
      from people_partner p cross join generate_series(1, %(lines)s) order by random();
    insert into programme_deal (id, source, external_id, partner_id, client_id, client_name, product, industry, kind,
                                amount, currency, original_currency, refunded, stage, registered_at, won_at, reason)
    select deal, 'bench', deal::text, partner, (select id from programme_client), 'A client', 'automation', '', 'sale',
           amount, 'GBP', '', 0, 'won', %(at)s, %(at)s, '' from won;
    insert into programme_commissionline (id, partner_id, deal_id, kind, amount, currency, rate, effective_at,
                                          payable_on, plan_id, inputs)
    select line, partner, deal, 'earned', amount / 10, 'GBP', 1000, %(at)s, payable, %(plan)s,
           jsonb_build_object('product', 'automation', 'amount', amount, 'tier', 'bronze', 'bonus', false, 'uplifts', 0)
      from won;
    insert into journal_fact (id, kind, partner, thing_kind, thing, numbers, occurred_at, effective_at, recorded_at,
                              rule, inputs, pos)
    select uuidv7(), 'commission.added', partner, 'commission', line, jsonb_build_object('deal', deal, 'amount',
           amount / 10, 'currency', 'GBP', 'rate', 1000, 'payable_on', payable::text), %(at)s, %(at)s, %(at)s,
           'bench-1', '{"product": "automation"}', nextval('journal_pos') from won;
"""
FLOOR = """
    insert into floor (id, close_id, partner_id, currency, since, until, number, amount, lines, outcome, inputs, flags,
                       held_reason)
    select uuidv7(), %(close)s, l.partner_id, l.currency, %(first)s::date, %(last)s::date, l.partner_id::text,
           sum(l.amount), count(*), 'pay', '{}', '{}', ''
      from programme_commissionline l where l.payable_on between %(first)s and %(last)s
     group by l.partner_id, l.currency
"""
PAID = """
    with paid as (
        insert into programme_payout (id, statement_id, attempt, payee, paid_on, reference, recorded_at)
        select uuidv7(), id, 1, 1, %(now)s::timestamptz::date, 'R-' || number, %(now)s from programme_statement
         where close_id = %(close)s and outcome = 'pay')
    update programme_close set stage = 'done', done_at = %(now)s where id = %(close)s
"""


# A month of long ago, as far as a later one asks about it: a statement that pays for each partner, and its payment.
PAID_BEFORE = """
    with closed as (
        insert into programme_close (id, programme_id, month, stage, plan_id, cut_at, told, partners, looked,
                                     statements_made, moved_at, approved_at, done_at)
        values (uuidv7(), %(programme)s, %(month)s, 'done', %(plan)s, %(at)s, '', %(partners)s, %(partners)s,
                %(partners)s, %(at)s, %(at)s, %(at)s) returning id),
    made as (
        insert into programme_statement (id, close_id, partner_id, currency, since, until, number, amount, lines,
                                         outcome, inputs, flags, held_reason, made_at)
        select uuidv7(), closed.id, partner_id, 'GBP', %(month)s, %(last)s, %(month)s || '-' || partner_id, 100000, 20,
               'pay', '{}', '{}', '', %(at)s
          from programme_standing cross join closed returning id)
    insert into programme_payout (id, statement_id, attempt, payee, paid_on, reference, recorded_at)
    select uuidv7(), id, 1, 1, %(last)s, 'R', %(at)s from made
"""
PAYMENTS = """
    select number, %(day)s::date::text, 'R-' || number, (amount / 100.0)::numeric(12, 2)::text, currency
      from programme_statement where close_id = %(close)s and outcome = 'pay' order by number
"""


def sql(statement: str, parameters: dict[str, Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def settle() -> None:
    sql("vacuum analyze")
    sql("checkpoint")


def timed_floor(month: date) -> float:
    """The median of three."""
    return statistics.median(_floor(month) for _ in range(3))


def _floor(month: date) -> float:
    sql("truncate floor")
    settle()
    return timed(lambda: sql(FLOOR, {"close": uuid7(), "first": month, "last": last_day(month)}))


def timed(step: Callable[[], object]) -> float:
    """Seconds that it takes."""
    began = time.perf_counter()
    step()
    return time.perf_counter() - began


def chunks(close: UUID, now: datetime, most: int) -> list[float]:
    """Seconds of each transaction of a close, until nothing more is to be done or so many were."""
    settle()
    took: list[float] = []
    more = True
    while more and len(took) < most:
        began = time.perf_counter()
        more = go_on(close, now=now)
        took.append(time.perf_counter() - began)
    return took


def payment_file(close: UUID, day: date) -> str:
    """What the bank sends back when all is paid."""
    with connection.cursor() as cursor:
        cursor.execute(PAYMENTS, {"close": close, "day": day})
        return table([["number", "date", "reference", "amount", "currency"], *cursor.fetchall()])


def a_month(programme: UUID, plan: UUID, month: date, *, read_back: bool) -> dict[str, float]:
    """What is won in a month, closed and paid, beside its floor. The months before it were."""
    at = datetime(month.year, month.month, 6, tzinfo=UTC)
    with transaction.atomic():
        sql(WON, {"lines": LINES, "at": at, "month": month, "plan": plan})
    floor = timed_floor(month)
    first = next_month(month)
    now = datetime(first.year, first.month, 4, 9, tzinfo=UTC)
    close = start_close(THE_HOUSE, programme, month, now=now)
    collect = chunks(close.pk, now, PARTNERS)
    looked = timed(lambda: [see(THE_HOUSE, close.pk, (), flag=flag, now=now) for flag in Flag])
    approved = timed(lambda: approve(THE_HOUSE, close.pk, now=now))
    write_down = chunks(close.pk, now, math.ceil(PARTNERS / A_CHUNK))
    handed_over = timed(lambda: hand_over(THE_HOUSE, close.pk, now=now))
    tell = chunks(close.pk, now, PARTNERS)
    found = {
        "floor": floor,
        "collect": sum(collect),
        "approve": looked + approved + handed_over,
        "write down": sum(write_down),
        "tell": sum(tell),
        "longest chunk": max(*collect, *write_down, *tell),
    }
    if read_back:
        later = now + timedelta(days=1)
        file = payment_file(close.pk, later.date())
        found["read back"] = timed(lambda: enter_file(THE_HOUSE, close.pk, file, now=later))
    else:
        sql(PAID, {"close": close.pk, "now": now})
    return found


def years_before(programme: UUID, plan: UUID, month: date) -> date:
    """Two years from a month on in which everybody was paid; the month after them."""
    for _ in range(MONTHS_BEFORE):
        at = datetime(month.year, month.month, 28, tzinfo=UTC)
        house = {"programme": programme, "plan": plan, "partners": PARTNERS}
        sql(PAID_BEFORE, house | {"month": month, "last": last_day(month), "at": at})
        month = next_month(month)
    return month


def main(months: int) -> None:
    """One house: its first month, and after two years the others in a row."""
    programme = found_programme("bench", name="Bench", timezone="Europe/London")
    plan = publish_plan(None, programme, PLAN, reason="It opens.", effective_from=OPENED, now=OPENED)
    with transaction.atomic():
        begins = first_position(plan, plan_version(plan), "GBP", OPENED, judges_once=False)
        held, before = json.dumps(begins.held.as_json()), json.dumps(begins.before.as_json())
        house = {"at": OPENED, "partners": PARTNERS, "programme": programme, "plan": plan}
        sql(HOUSE, house | {"held": held, "before": before})
    sql("create table floor (like programme_statement including all)")
    closed, month = [], MONTH
    for number in range(1, months + 1):
        closed.append(a_month(programme, plan, month, read_back=number == months))
        month = next_month(month)
        if number == 1:
            month = years_before(programme, plan, month)
    sys.stdout.write(json.dumps(closed))


if __name__ == "__main__":
    main(int(sys.argv[1]))
