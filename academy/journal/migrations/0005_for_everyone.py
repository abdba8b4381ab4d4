from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

FOR_EVERYONE = ("plan.published", "terms.published")


class Migration(migrations.Migration):
    atomic = False  # Built beside the running academy: a large journal goes on being written.

    dependencies = [("journal", "0004_own_doing")]

    operations = [
        AddIndexConcurrently(
            "fact",
            models.Index(fields=["pos"], name="fact_for_everyone", condition=models.Q(kind__in=FOR_EVERYONE)),
        )
    ]
