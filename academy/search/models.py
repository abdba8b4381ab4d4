"""What can be found."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Upper


class Entry(models.Model):
    """One findable thing. `words` is filled by the action that writes the entry; see search.actions."""

    kind = models.CharField(max_length=20, help_text="course, path, resource, lesson, ...")
    thing = models.UUIDField()
    title = models.CharField(max_length=300)
    summary = models.TextField(blank=True)
    text = models.TextField(blank=True)
    url = models.CharField(max_length=300)
    language = models.CharField(max_length=10, default="en")
    audience = models.CharField(max_length=20, default="everyone", help_text="everyone or staff")
    words = SearchVectorField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "thing"], name="one_entry_a_thing")]
        indexes = [
            GinIndex(fields=["words"], name="entry_words"),
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="entry_title_trigrams"),
        ]

    def __str__(self) -> str:
        return self.title
