"""An address for resources that stand elsewhere, and which skills a module trains."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("learning", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="item",
            name="url",
            field=models.URLField(
                blank=True, default="", help_text="of a resource that stands elsewhere", max_length=2000
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="module",
            name="skills",
            field=ArrayField(base_field=models.CharField(max_length=60), default=list, size=None),
        ),
    ]
