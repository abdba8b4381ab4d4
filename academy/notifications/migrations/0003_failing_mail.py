from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False  # Built beside the running academy: mail goes on being written.

    dependencies = [("notifications", "0002_notices")]

    operations = [
        AddIndexConcurrently(
            "mail",
            models.Index("to", condition=~Q(failure="") & Q(sent_at=None, returned_at=None), name="failing_mail"),
        )
    ]
