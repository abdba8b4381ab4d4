"""Whom partners sell to: one row a client, whichever partners sell to it."""

from django.db import models

from academy.core.ids import uuid7


class Client(models.Model):
    """A client under the name that was first told. Partners see it only beside deals of their own."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    name = models.CharField(max_length=160)
    key = models.CharField(max_length=160, unique=True, help_text="see clients.rules.key_of")

    def __str__(self) -> str:
        return self.name
