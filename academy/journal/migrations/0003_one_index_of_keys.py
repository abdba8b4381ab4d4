"""One index of keys, not two: nobody searches by how a key begins, and every fact paid for it twice."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("journal", "0002_pos_and_append_only")]

    operations = [
        migrations.AlterField(
            model_name="fact",
            name="key",
            field=models.CharField(help_text="what can happen only once", max_length=200, null=True),
        ),
        migrations.AddConstraint(
            model_name="fact",
            constraint=models.UniqueConstraint(fields=("key",), name="one_fact_a_key"),
        ),
    ]
