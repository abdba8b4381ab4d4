from django.db import migrations, models

# Until now nobody wrote down what a source had said. Of a won deal the journal knows when it last told what the deal
# is worth, and not whether by a program or a file: it is taken to be both. Of any other deal the next word is new.
REMEMBERED = """
    update programme_deal d
       set last_report = told.as_json,
           last_line = case when d.source = 'academy' then null else told.as_json end
      from (select won.id, jsonb_build_object('stage', 'won', 'amount', won.amount, 'at', last.occurred_at) as as_json
              from programme_deal won join (
                   select distinct on (thing) thing, occurred_at from journal_fact
                    where kind in ('deal.won', 'deal.changed') and pos is not null order by thing, pos desc) last
                on last.thing = won.id) told
     where told.id = d.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("journal", "0001_initial"),
        ("programme", "0007_sums_by_day"),
    ]

    operations = [
        migrations.AddField(
            model_name="deal",
            name="last_report",
            field=models.JSONField(null=True, help_text="what its source last told by a program: deals.rules.Telling"),
        ),
        migrations.AddField(
            model_name="deal",
            name="last_line",
            field=models.JSONField(
                null=True, help_text="the same by a line of a file; both by the source's own clock"
            ),
        ),
        migrations.RunSQL(REMEMBERED, migrations.RunSQL.noop),
    ]
