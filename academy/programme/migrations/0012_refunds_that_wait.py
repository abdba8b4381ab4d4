import academy.core.ids
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("programme", "0011_how_a_client_is_spelled"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptRefund",
            fields=[
                ("id", models.UUIDField(default=academy.core.ids.uuid7, primary_key=True, serialize=False)),
                ("source", models.CharField(max_length=40)),
                ("external_id", models.CharField(help_text="of the deal", max_length=200)),
                ("refund", models.CharField(help_text="the source's id of the refund", max_length=200)),
                ("amount", models.CharField(help_text="a decimal in major units, as it arrived", max_length=40)),
                ("occurred_at", models.DateTimeField()),
                (
                    "problem",
                    models.CharField(
                        blank=True, help_text="why it could not be entered though its deal was", max_length=500
                    ),
                ),
                ("received_at", models.DateTimeField()),
                ("entered_at", models.DateTimeField(null=True)),
                (
                    "dropped_at",
                    models.DateTimeField(help_text="when a person said that it is not ours", null=True),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("source"),
                        models.F("external_id"),
                        condition=Q(entered_at__isnull=True, dropped_at__isnull=True),
                        name="refunds_that_wait",
                    )
                ],
            },
        ),
    ]
