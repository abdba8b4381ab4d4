import academy.core.ids
import django.db.models.deletion
from django.db import migrations, models

# One statement for all lines of a statement; by key, so that two who write lines of the same partners wait in order.
FORWARD = """
create function programme_add_to_day_sums() returns trigger language plpgsql as $$
begin
    insert into programme_daysum (id, partner_id, currency, payable_on, amount, lines)
    select uuidv7(), partner_id, currency, payable_on, sum(amount), count(*) from added
     group by partner_id, currency, payable_on order by partner_id, currency, payable_on
        on conflict (partner_id, currency, payable_on)
        do update set amount = programme_daysum.amount + excluded.amount,
                      lines = programme_daysum.lines + excluded.lines;
    return null;
end $$;

insert into programme_daysum (id, partner_id, currency, payable_on, amount, lines)
select uuidv7(), partner_id, currency, payable_on, sum(amount), count(*) from programme_commissionline
 group by partner_id, currency, payable_on;

create trigger programme_line_is_added_up after insert on programme_commissionline
    referencing new table as added for each statement execute function programme_add_to_day_sums();
"""

BACKWARD = """
drop trigger programme_line_is_added_up on programme_commissionline;
drop function programme_add_to_day_sums();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0003_seal_second_steps'),
        ('programme', '0006_month_close'),
    ]

    operations = [
        migrations.CreateModel(
            name='DaySum',
            fields=[
                ('id', models.UUIDField(default=academy.core.ids.uuid7, primary_key=True, serialize=False)),
                ('currency', models.CharField(max_length=3)),
                ('payable_on', models.DateField()),
                ('amount', models.BigIntegerField(help_text='minor units')),
                ('lines', models.PositiveIntegerField()),
                ('partner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.partner')),
            ],
        ),
        migrations.AddConstraint(
            model_name='daysum',
            constraint=models.UniqueConstraint(fields=('partner', 'currency', 'payable_on'), name='one_sum_a_day'),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
