"""A text search configuration for each language, which takes accents away before it looks for the stem."""

import django.contrib.postgres.indexes
from django.contrib.postgres.search import SearchVectorField
from django.db import migrations, models

PARTS = "hword, hword_part, word"
COPIED = (
    "arabic armenian basque catalan danish dutch english finnish french german greek hungarian indonesian irish "
    "italian lithuanian norwegian portuguese romanian russian serbian simple spanish swedish turkish"
).split()


def _create(name: str) -> str:
    dictionary = "simple" if name == "simple" else f"{name}_stem"
    return (
        f"create text search configuration academy_{name} (copy = pg_catalog.{name});"
        f"alter text search configuration academy_{name} alter mapping for {PARTS} with unaccent, {dictionary};"
    )


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]

    operations = [
        *[
            migrations.RunSQL(_create(name), f"drop text search configuration academy_{name}")
            for name in COPIED
        ],
        migrations.RemoveIndex(model_name="entry", name="entry_title_trigrams"),
        migrations.AddField(
            model_name="entry",
            name="plain",
            field=models.CharField(
                default="", help_text="the title in lower case, without accents", max_length=300
            ),
        ),
        migrations.AlterField(
            model_name="entry",
            name="words",
            field=SearchVectorField(help_text="title, summary and text, in the entry's language", null=True),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass("plain", name="gin_trgm_ops"), name="entry_plain_trigrams"
            ),
        ),
        migrations.AddIndex(
            model_name="entry", index=models.Index(fields=["language"], name="entry_language")
        ),
    ]
