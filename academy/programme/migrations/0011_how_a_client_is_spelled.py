from django.db import migrations, models

SPELLED = """
    update programme_deal d set client_name = c.name from programme_client c where c.id = d.client_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("programme", "0010_close_in_bulk"),
    ]

    operations = [
        migrations.AddField(
            model_name="deal",
            name="client_name",
            field=models.CharField(
                default="", help_text="as whoever told of this deal spells it", max_length=160
            ),
            preserve_default=False,
        ),
        migrations.RunSQL(SPELLED, migrations.RunSQL.noop),
        migrations.RemoveField(model_name="client", name="name"),
    ]
