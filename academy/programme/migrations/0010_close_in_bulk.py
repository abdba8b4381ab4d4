import django.db.models.deletion
from django.db import migrations, models

# What the two references to close and partner guaranteed for every statement, asked where one of those would go. Half of
# each page is left free, so that writing a statement down changes it where it stands.
FORWARD = """
create function programme_keeps_statements() returns trigger language plpgsql as $$
begin
    if tg_table_name = 'people_partner' then
        perform from programme_statement s where s.partner_id = old.id limit 1;
    else
        perform from programme_statement s where s.close_id = old.id limit 1;
    end if;
    if found then
        raise exception 'There are statements of it: % of % is refused.', tg_op, tg_table_name
            using errcode = 'foreign_key_violation';
    end if;
    return case tg_op when 'DELETE' then old else new end;
end $$;

create trigger people_partner_keeps_statements
    before delete or update of id on people_partner for each row execute function programme_keeps_statements();
create trigger programme_close_keeps_statements
    before delete or update of id on programme_close for each row execute function programme_keeps_statements();

alter table programme_statement set (fillfactor = 50);

update programme_close c set told = coalesce(
    (select max(s.number) from programme_statement s where s.close_id = c.id and s.made_at is not null), '');
"""

BACKWARD = """
alter table programme_statement reset (fillfactor);
drop trigger programme_close_keeps_statements on programme_close;
drop trigger people_partner_keeps_statements on people_partner;
drop function programme_keeps_statements();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0005_find_by_parts'),
        ('programme', '0009_how_a_case_ends'),
    ]

    operations = [
        migrations.AddField(
            model_name='close',
            name='told',
            field=models.CharField(blank=True, default='', help_text='the last statement of which owners were told', max_length=60),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name='close',
            name='reached',
            field=models.UUIDField(help_text='the last partner that was looked at, or written down for', null=True),
        ),
        migrations.AlterField(
            model_name='statement',
            name='close',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='programme.close'),
        ),
        migrations.AlterField(
            model_name='statement',
            name='partner',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='people.partner'),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
