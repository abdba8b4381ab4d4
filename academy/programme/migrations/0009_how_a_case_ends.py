import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

# What was decided so far is told in words; what nobody could decide any more ends now, and says why.
ENDED = """
    update programme_claim set outcome = case when granted then 'granted' else 'refused' end where decided_at is not null;
    update programme_claim k
       set decided_at = d.moved_at,
           outcome = case d.stage when 'won' then 'won' when 'accepted' then 'granted' when 'lost' then 'given_up'
                                  else 'refused' end
      from programme_deal d where d.id = k.deal_id and k.decided_at is null and d.stage <> 'registered';
    update programme_claim k set decided_at = d.moved_at, outcome = 'freed'
      from programme_deal d
     where d.id = k.against_id and k.decided_at is null and d.stage not in ('registered', 'accepted');
"""


class Migration(migrations.Migration):
    dependencies = [
        ("programme", "0008_what_a_source_said"),
    ]

    operations = [
        migrations.AddField(
            model_name="claim",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[(one, one) for one in ("granted", "refused", "given_up", "won", "freed")],
                default="",
                help_text="empty while it is open",
                max_length=8,
            ),
            preserve_default=False,
        ),
        migrations.RemoveConstraint(model_name="claim", name="claim_decided_one_way"),
        migrations.RunSQL(ENDED, migrations.RunSQL.noop),
        migrations.RemoveField(model_name="claim", name="granted"),
        migrations.AlterField(
            model_name="claim",
            name="deal",
            field=models.ForeignKey(
                help_text="the later one",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="claims",
                to="programme.deal",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=Q(decided_at__isnull=True, outcome="")
                | Q(decided_at__isnull=False, outcome__in=["granted", "refused", "given_up", "won", "freed"]),
                name="claim_ends_one_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.UniqueConstraint(
                models.F("deal"), condition=Q(decided_at__isnull=True), name="one_open_claim_a_deal"
            ),
        ),
    ]
