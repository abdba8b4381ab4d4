from django.db import migrations

# Lost deals from before it was written down what a source said: the journal knows when each was lost, and by whom where a
# reason was given. Without it a report from before the loss, arriving late, would win the deal. Of a deal that is still
# open the next word stays new: the journal holds from when it counts here, which may be later than what its source meant,
# and a win that was taken to be late would bring no amount.
REMEMBERED = """
    update programme_deal d
       set last_report = told.as_json, last_line = told.as_json
      from (select lost.id, jsonb_build_object('stage', 'lost', 'amount', lost.amount, 'at', last.occurred_at) as as_json
              from programme_deal lost join (
                   select distinct on (thing) thing, occurred_at from journal_fact
                    where kind = 'deal.lost' and pos is not null order by thing, pos desc) last on last.thing = lost.id
             where lost.stage = 'lost' and lost.reason = '' and lost.source <> 'academy'
               and lost.last_report is null and lost.last_line is null) told
     where told.id = d.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("journal", "0001_initial"),
        ("programme", "0013_payment_orders"),
    ]

    operations = [migrations.RunSQL(REMEMBERED, migrations.RunSQL.noop)]
