"""What can be found."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class Entry(models.Model):
    """One findable thing. The action that writes an entry fills `words` and `plain`; see search.actions."""

    kind = models.CharField(max_length=20, help_text="course, path, resource, lesson, ...")
    thing = models.UUIDField()
    title = models.CharField(max_length=300)
    summary = models.TextField(blank=True)
    text = models.TextField(blank=True)
    url = models.CharField(max_length=300)
    language = models.CharField(max_length=10, default="en")
    audience = models.CharField(max_length=20, default="everyone", help_text="everyone or staff")
    words = SearchVectorField(null=True, help_text="title, summary and text, in the entry's language")
    plain = models.CharField(max_length=300, default="", help_text="the title in lower case, without accents")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "thing"], name="one_entry_a_thing")]
        indexes = [
            GinIndex(fields=["words"], name="entry_words"),
            GinIndex(OpClass("plain", name="gin_trgm_ops"), name="entry_plain_trigrams"),
            models.Index(fields=["language"], name="entry_language"),
        ]

    def __str__(self) -> str:
        return self.title
