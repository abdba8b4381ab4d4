"""The statements that compare projections with their facts, each by name: any row is a difference."""

import json
from typing import Any


def load(value: Any) -> Any:
    """A jsonb column as a plain cursor gives it."""
    return json.loads(value) if isinstance(value, str) else value


def _both_ways(projection: str, facts: str) -> str:
    """Rows that only one side has."""
    return f"""
        (select 'only in the projection', * from ({projection} except {facts}) a limit 20)
        union all
        (select 'only in the facts', * from ({facts} except {projection}) b limit 20)
    """  # noqa: S608 - both sides are constants of this file


DIFFERENCES = {
    "lessons": _both_ways(
        "(select person_id, lesson_id, completed_at from learning_lessonprogress where completed_at is not null)",
        "(select person, thing, min(effective_at) from journal_fact where pos is not null"
        " and kind in ('lesson.completed', 'quiz.passed') group by person, thing)",
    ),
    "modules": _both_ways(
        "(select person_id, module_id, completed_at, passed from learning_moduleprogress)",
        "(select person, thing, effective_at, (numbers->>'passed')::bool from journal_fact"
        " where pos is not null and kind = 'module.completed')",
    ),
    "courses": _both_ways(
        "(select person_id, course_id, completed_at from learning_courseprogress)",
        "(select person, thing, effective_at from journal_fact where pos is not null and kind = 'course.completed')",
    ),
    "certificates": _both_ways(
        "(select id, serial, person_id, credential_id, issued_at, expires_at from recognition_certificate)",
        "(select thing, numbers->>'serial', person, (numbers->>'credential')::uuid, effective_at,"
        " (numbers->>'expires_at')::timestamptz"
        " from journal_fact where pos is not null and kind = 'certificate.issued')",
    ),
    "rules of certificates": _both_ways(
        "(select c.id, k.slug || '-' || v.number from recognition_certificate c"
        " join recognition_credentialversion v on v.id = c.version_id"
        " join recognition_credential k on k.id = v.credential_id)",
        "(select thing, rule from journal_fact where pos is not null and kind = 'certificate.issued')",
    ),
    "renewals": _both_ways(
        "(select id, renews_id from recognition_certificate)",
        "(select i.thing, (select case when exists (select from journal_fact r where r.thing = b.thing"
        " and r.kind = 'certificate.revoked' and r.pos < i.pos) then null else b.thing end"
        " from journal_fact b where b.kind = 'certificate.issued' and b.person = i.person and b.pos < i.pos"
        " and b.numbers->>'credential' = i.numbers->>'credential' order by b.pos desc limit 1)"
        " from journal_fact i where i.pos is not null and i.kind = 'certificate.issued')",
    ),
    "expiries": _both_ways(
        "(select id, person_id, credential_id, expires_at from recognition_certificate where expired)",
        "(select thing, person, (numbers->>'credential')::uuid, (inputs->>'expires_at')::timestamptz"
        " from journal_fact where pos is not null and kind = 'certificate.expired')",
    ),
    "standings": _both_ways(
        "(select partner_id, programme_id from programme_standing)",
        "(select partner, thing from journal_fact where pos is not null and kind = 'partner.enrolled')",
    ),
    "revocations": _both_ways(
        "(select id, revoked_at from recognition_certificate where revoked_at is not null)",
        "(select thing, effective_at from journal_fact where pos is not null and kind = 'certificate.revoked')",
    ),
    "members": _both_ways(
        "(select partner_id, person_id, joined_at from people_membership)",
        "(select partner, person, effective_at from journal_fact where pos is not null and kind = 'member.joined')",
    ),
    "leavers": _both_ways(
        "(select partner_id, person_id, left_at from people_membership where left_at is not null)",
        "(select partner, person, effective_at from journal_fact where pos is not null and kind = 'member.left')",
    ),
    "sales": _both_ways(
        "(select id, partner_id, deal, client, product, won_at, amount, counts_from from programme_sale)",
        "(select id, partner, thing, (numbers->>'client')::uuid, numbers->>'product',"
        " coalesce((numbers->>'won_at')::timestamptz, effective_at),"
        " case kind when 'deal.won' then (numbers->>'amount')::bigint"
        " when 'deal.refunded' then -(numbers->>'amount')::bigint"
        " else (numbers->>'to')::bigint - (numbers->>'from')::bigint end, effective_at from journal_fact"
        " where pos is not null and kind in ('deal.won', 'deal.refunded', 'deal.changed'))",
    ),
    "deals": _both_ways(
        "(select id, partner_id, client_id, won_at, amount, refunded, currency, product from programme_deal"
        " where won_at is not null)",
        "(select won.thing, won.partner, (won.numbers->>'client')::uuid, won.effective_at,"
        " coalesce((select (c.numbers->>'to')::bigint from journal_fact c where c.thing = won.thing"
        " and c.kind = 'deal.changed' and c.pos is not null order by c.pos desc limit 1),"
        " (won.numbers->>'amount')::bigint),"
        " coalesce((select sum((r.numbers->>'amount')::bigint) from journal_fact r where r.thing = won.thing"
        " and r.kind = 'deal.refunded' and r.pos is not null), 0)::bigint,"
        " won.numbers->>'currency', won.numbers->>'product'"
        " from journal_fact won where won.kind = 'deal.won' and won.pos is not null)",
    ),
    "refunds": _both_ways(
        "(select deal_id, amount, effective_at from programme_refund)",
        "(select thing, (numbers->>'amount')::bigint, effective_at from journal_fact"
        " where pos is not null and kind = 'deal.refunded')",
    ),
    "lines": _both_ways(
        "(select l.id, l.partner_id, l.deal_id, case l.kind when 'earned' then 'commission.added'"
        " when 'reversed' then 'commission.reversed' else 'commission.adjusted' end,"
        " l.amount, l.currency, l.rate, l.payable_on, l.effective_at, l.inputs from programme_commissionline l)",
        "(select thing, partner, (numbers->>'deal')::uuid, kind, (numbers->>'amount')::bigint, numbers->>'currency',"
        " (numbers->>'rate')::int, (numbers->>'payable_on')::date, effective_at, inputs from journal_fact"
        " where pos is not null and kind in ('commission.added', 'commission.reversed', 'commission.adjusted'))",
    ),
}

MONTHS_END = {
    "sums by day": _both_ways(
        "(select partner_id, currency, payable_on, amount::numeric, lines::bigint from programme_daysum)",
        "(select partner_id, currency, payable_on, sum(amount), count(*) from programme_commissionline"
        " group by partner_id, currency, payable_on)",
    ),
    "statements": _both_ways(
        "(select s.id, s.partner_id, s.close_id, s.until, s.amount, s.currency, s.outcome, s.inputs"
        " from programme_statement s where s.made_at is not null)",
        "(select thing, partner, (numbers->>'close')::uuid,"
        " ((numbers->>'month' || '-01')::date + interval '1 month - 1 day')::date,"
        " (numbers->>'amount')::bigint, numbers->>'currency', numbers->>'outcome', inputs"
        " from journal_fact where pos is not null and kind = 'statement.made')",
    ),
    "payouts": _both_ways(
        "(select p.id, p.statement_id, s.partner_id, p.attempt, p.paid_on, s.amount, s.currency, p.payee"
        " from programme_payout p join programme_statement s on s.id = p.statement_id)",
        # Before it was told whom a payment was for, all were for the payee that their statement names.
        "(select (f.numbers->>'payout')::uuid, f.thing, f.partner, (f.numbers->>'attempt')::int,"
        " (f.numbers->>'paid_on')::date, (f.numbers->>'amount')::bigint, f.numbers->>'currency',"
        " coalesce(f.numbers->>'payee', s.inputs->>'payee')::int"
        " from journal_fact f left join programme_statement s on s.id = f.thing"
        " where f.pos is not null and f.kind = 'statement.paid')",
    ),
    "returns": _both_ways(
        "(select r.payout_id, p.statement_id, r.returned_on from programme_return r"
        " join programme_payout p on p.id = r.payout_id)",
        "(select (numbers->>'payout')::uuid, thing, (numbers->>'returned_on')::date from journal_fact"
        " where pos is not null and kind = 'statement.returned')",
    ),
    "terms": _both_ways(
        "(select terms_id, partner_id, person_id, accepted_at from programme_acceptance)",
        "(select thing, partner, person, effective_at from journal_fact"
        " where pos is not null and kind = 'terms.accepted')",
    ),
    "payees": _both_ways(
        "(select id, partner_id, number, changed_at, checked_at from programme_payee)",
        "(select f.thing, f.partner, (f.numbers->>'number')::int, f.effective_at,"
        " (select c.effective_at from journal_fact c where c.thing = f.thing and c.kind = 'payee.checked'"
        " and c.pos is not null) from journal_fact f where f.pos is not null and f.kind = 'payee.changed')",
    ),
    "lines of statements": """
        select s.number, s.amount, coalesce(sum(l.amount), 0), s.lines, count(l.id) from programme_statement s
          left join programme_commissionline l on l.partner_id = s.partner_id and l.currency = s.currency
                                              and l.payable_on between s.since and s.until
         group by s.id
        having (s.amount, s.lines) is distinct from (coalesce(sum(l.amount), 0)::bigint, count(l.id)::int)
         limit 20
    """,
    "lines in another currency than their partner's": """
        select l.id, l.currency, p.currency from programme_commissionline l join people_partner p on p.id = l.partner_id
         where l.currency <> p.currency
         limit 20
    """,
    "days of statements": """
        select s.number, s.since, s.until, before.number, before.until from programme_statement s
          left join lateral (select p.number, p.until from programme_statement p
                              where p.partner_id = s.partner_id and p.currency = s.currency and p.outcome = 'pay'
                                and p.until < s.until order by p.until desc limit 1) before on true
          join programme_close c on c.id = s.close_id
         where s.since <> coalesce(before.until + 1, '0001-01-01')
            or s.until <> (c.month + interval '1 month - 1 day')::date
         limit 20
    """,
    "payments of what does not pay": """
        select s.number, p.attempt from programme_payout p join programme_statement s on s.id = p.statement_id
         where s.outcome <> 'pay' or s.made_at is null or exists (
               select from programme_payout later where later.statement_id = p.statement_id
                  and later.attempt > p.attempt and not exists (
                      select from programme_return r where r.payout_id = p.id))
         limit 20
    """,
}
"""The same for statements, payments, terms and payees."""

CLOSES = """
    select c.programme_id, c.month, min(f.pos), max(f.pos) from programme_close c
      left join (select s.programme_id, m.numbers->>'month' as month, m.pos from journal_fact m
                   join programme_standing s on s.partner_id = m.partner
                  where m.kind = 'statement.made' and m.pos is not null) f
        on f.programme_id = c.programme_id and f.month = to_char(c.month, 'YYYY-MM')
     group by c.id order by c.month
"""

NAMED_LINES = """
    select l.id::text, s.id::text from programme_commissionline l
      join programme_statement s on s.partner_id = l.partner_id and s.currency = l.currency
       and l.payable_on between s.since and s.until
     where l.partner_id = %s and s.outcome = 'pay' and s.made_at is not null
"""

UNHEARD = """
    select d.source || '/' || d.external_id, last.occurred_at from programme_deal d join (
           select distinct on (thing) thing, occurred_at, numbers from journal_fact
            where kind in ('deal.won', 'deal.changed') and pos is not null
             order by thing, pos desc) last on last.thing = d.id
     where not last.numbers ? 'by_hand' and last.occurred_at > coalesce(greatest(
           (d.last_report->>'at')::timestamptz, (d.last_line->>'at')::timestamptz), '-infinity')
     limit 20
"""
"""Won deals that have forgotten when their source last told what they are worth."""

UNANSWERED = """
    select f.kind, f.pos from journal_fact f
     where f.pos is not null and f.kind = 'deal.won' and (f.numbers->>'amount')::bigint <> 0
       and exists (select from journal_fact e
                    where e.partner = f.partner and e.kind = 'partner.enrolled' and e.pos < f.pos)
       and not exists (select from programme_commissionline l where l.deal_id = f.thing and l.kind = 'earned')
     limit 20
"""
"""Won deals that earned nothing."""

PLANS = """
    select g.slug || '-' || v.number, v.written, v.programme_id, v.number, v.effective_from, f.numbers
      from programme_planversion v join programme_programme g on g.id = v.programme_id
      left join journal_fact f on f.kind = 'plan.published' and f.thing = v.id and f.pos is not null
     order by g.slug, v.number
"""
"""Every plan, with what was said of it when it was published."""

ABOUT_NOBODY = """
    select f.kind, f.pos from journal_fact f
     where f.pos is not null and f.kind in ('tier.changed', 'rate.changed', 'promotion.awaited', 'tier.warned')
       and not exists (select from journal_fact e
                        where e.partner = f.partner and e.kind = 'partner.enrolled' and e.pos < f.pos)
     limit 20
"""
"""Decisions and notices about who is in no programme."""

LEARNING_DECISIONS_STORED = """
    select kind, pos, (inputs->>'required')::int, (inputs->>'done')::int, null, null
      from journal_fact where kind in ('module.completed', 'course.completed') and pos is not null
"""

LEARNING_DECISIONS = """
    select f.kind, f.pos, (f.inputs->>'required')::int, (f.inputs->>'done')::int, count(*),
           count(*) filter (where exists (
               select 1 from journal_fact d where d.person = f.person and d.thing = el.lesson_id and d.pos < f.pos
                  and d.kind in ('lesson.completed', 'quiz.passed')))
      from journal_fact f
      join learning_editionlesson el on el.edition_id = (f.inputs->>'edition')::uuid and el.module_id = f.thing
     where f.kind = 'module.completed' and f.pos is not null and not el.optional
     group by f.id
    union all
    select f.kind, f.pos, (f.inputs->>'required')::int, (f.inputs->>'done')::int, count(*),
           count(*) filter (where exists (
               select 1 from journal_fact d where d.person = f.person and d.thing = m.module_id and d.pos <= f.pos
                  and d.kind = 'module.completed'))
      from journal_fact f
      join lateral (select distinct el.module_id from learning_editionlesson el
                     where el.edition_id = (f.inputs->>'edition')::uuid and not el.optional) m on true
     where f.kind = 'course.completed' and f.pos is not null
     group by f.id
"""
