"""When a partner last did something itself, by one look into one index."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

OWN_DOING = (
    "deal.registered",
    "deal.won",
    "lesson.completed",
    "line.questioned",
    "payee.changed",
    "quiz.passed",
    "terms.accepted",
)


class Migration(migrations.Migration):
    atomic = False  # Built beside the running academy: a large journal goes on being written.

    dependencies = [("journal", "0003_one_index_of_keys")]

    operations = [
        AddIndexConcurrently(
            "fact",
            models.Index(
                fields=["partner", "occurred_at"],
                name="fact_own_doing",
                condition=models.Q(kind__in=OWN_DOING, pos__isnull=False),
            ),
        )
    ]
