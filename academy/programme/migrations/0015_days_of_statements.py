"""A statement says which days it pays for, and no line can be payable on a day that was looked at.

Until now each line that was paid had a row that named its statement, and what was told after a close had begun was kept
out of its month by its place in the journal. Such a line and its fact get the day that they would be written with now:
the first of the month after. What each statement comes to stays, or nothing is changed at all.

There is no way back but a backup: what is written from here on does not say what the release before looks for.
"""

from django.db import migrations, models

from academy.programme.statements.rules import Outcome

MOVE_LATE_LINES = """
alter table programme_commissionline disable trigger programme_line_written_once;
alter table journal_fact disable trigger journal_fact_append_only;

create temporary table programme_late on commit drop as
select l.id as line, l.partner_id, f.id as fact, (max(c.month) + interval '1 month')::date as counted_on
  from programme_close c
  join programme_standing s on s.programme_id = c.programme_id
  join programme_commissionline l on l.partner_id = s.partner_id and l.payable_on < c.month + interval '1 month'
  join journal_fact f on f.thing = l.id and f.pos > c.cut
   and f.kind in ('commission.added', 'commission.reversed', 'commission.adjusted')
 group by l.id, l.partner_id, f.id;

update programme_commissionline l set payable_on = late.counted_on from programme_late late where late.line = l.id;
update journal_fact f set numbers = jsonb_set(f.numbers, '{payable_on}', to_jsonb(late.counted_on::text))
  from programme_late late where late.fact = f.id;

delete from programme_daysum where partner_id in (select partner_id from programme_late);
insert into programme_daysum (id, partner_id, currency, payable_on, amount, lines)
select uuidv7(), partner_id, currency, payable_on, sum(amount), count(*) from programme_commissionline
 where partner_id in (select partner_id from programme_late) group by partner_id, currency, payable_on;

alter table programme_commissionline enable trigger programme_line_written_once;
alter table journal_fact enable trigger journal_fact_append_only;
"""

SAY_THE_DAYS = """
alter table programme_statement disable trigger programme_statement_stays;

update programme_statement s set until = (c.month + interval '1 month - 1 day')::date
  from programme_close c where c.id = s.close_id;
update programme_statement s set since = coalesce(
    (select max(p.until) + 1 from programme_statement p
      where p.partner_id = s.partner_id and p.currency = s.currency and p.outcome = 'pay' and p.until < s.until),
    '0001-01-01');

alter table programme_statement enable trigger programme_statement_stays;

do $$
declare wrong text;
begin
    select s.number into wrong from programme_statement s
      left join programme_commissionline l on l.partner_id = s.partner_id and l.currency = s.currency
                                          and l.payable_on between s.since and s.until
     where s.outcome = 'pay' group by s.id having (sum(l.amount), count(l.id)) is distinct from (s.amount, s.lines)
     limit 1;
    if found then
        raise exception 'Statement % is not the sum of the lines of its days. Nothing was changed.', wrong
            using hint = 'Run "academy verify --deep" of the release before, and mend what it tells.';
    end if;
end $$;
"""

# Lines are written under their partner's lock, and so is a partner looked at. What is written here in the same breath as
# the sums is therefore exact: a line that nobody would look at any more is not let in.
GUARD = """
create or replace function programme_add_to_day_sums() returns trigger language plpgsql as $$
begin
    if exists (select from (select partner_id, min(payable_on) as first from added group by partner_id) told
                 join programme_standing s on s.partner_id = told.partner_id
                 join programme_close c on c.programme_id = s.programme_id
                where c.month > told.first - interval '1 month'
                  and (c.stage <> 'collecting' or c.reached >= told.partner_id)) then
        raise exception 'A line cannot be payable in a month that is closed.' using errcode = 'restrict_violation';
    end if;
    insert into programme_daysum (id, partner_id, currency, payable_on, amount, lines)
    select uuidv7(), partner_id, currency, payable_on, sum(amount), count(*) from added
     group by partner_id, currency, payable_on order by partner_id, currency, payable_on
        on conflict (partner_id, currency, payable_on)
        do update set amount = programme_daysum.amount + excluded.amount,
                      lines = programme_daysum.lines + excluded.lines;
    return null;
end $$;

create function programme_close_in_order() returns trigger language plpgsql as $$
begin
    if exists (select from programme_close c where c.programme_id = new.programme_id and c.month >= new.month) then
        raise exception 'A month before one that was closed cannot be closed.' using errcode = 'restrict_violation';
    end if;
    return new;
end $$;

-- The days of those that pay do not overlap, so the last that begins before one ends is the only one to compare it with.
create function programme_pays_once() returns trigger language plpgsql as $$
declare twice record;
begin
    select one.number, other.number as paid into twice from told one
     cross join lateral (select s.number, s.until from programme_statement s
                          where s.partner_id = one.partner_id and s.currency = one.currency and s.outcome = 'pay'
                            and s.since <= one.until and s.id <> one.id
                          order by s.since desc limit 1) other
     where one.outcome = 'pay' and other.until >= one.since limit 1;
    if found then
        raise exception 'Statement % pays for days that statement % pays for.', twice.number, twice.paid
            using errcode = 'restrict_violation';
    end if;
    return null;
end $$;

create trigger programme_statement_pays_once after insert on programme_statement
    referencing new table as told for each statement execute function programme_pays_once();
create trigger programme_statement_still_pays_once after update on programme_statement
    referencing new table as told for each statement execute function programme_pays_once();

create trigger programme_close_in_order
    before insert on programme_close for each row execute function programme_close_in_order();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('programme', '0014_what_a_source_said_of_lost_deals'),
        ('journal', '0002_pos_and_append_only'),
    ]

    operations = [
        migrations.AddField('statement', 'since', models.DateField(null=True)),
        migrations.AddField('statement', 'until', models.DateField(null=True)),
        migrations.RunSQL(MOVE_LATE_LINES + SAY_THE_DAYS),
        migrations.RunSQL('drop function programme_refuse_change_of_named() cascade'),
        migrations.DeleteModel('StatementLine'),
        migrations.RemoveField('close', 'cut'),
        migrations.AlterField(
            'statement', 'since', models.DateField(
                help_text='the first payable day of its lines; date.min where nothing was paid before'
            ),
        ),
        migrations.AlterField(
            'statement', 'until', models.DateField(help_text="the last payable day of its lines: its month's last"),
        ),
        migrations.RemoveIndex('statement', 'statements_of_partner'),
        migrations.AddConstraint(
            'statement',
            models.UniqueConstraint(fields=('partner', 'currency', 'until'), name='one_statement_a_months_end'),
        ),
        migrations.AddConstraint(
            'statement',
            models.UniqueConstraint(
                condition=models.Q(('outcome', Outcome.PAY)), fields=('partner', 'currency', 'since'), name='no_day_is_paid_twice'
            ),
        ),
        migrations.AddConstraint(
            'statement',
            models.CheckConstraint(condition=models.Q(('since__lte', models.F('until'))), name='statement_has_days'),
        ),
        migrations.AlterField(
            'commissionline', 'payable_on', models.DateField(
                help_text='the first day on which it may be paid; never in a month that was closed'
            ),
        ),
        migrations.RunSQL(GUARD),
    ]
