"""Whom partners sell to: one row a client, whichever partners sell to it."""

from django.db import models

from academy.core.ids import uuid7


class Client(models.Model):
    """A client, by what all spellings of its name have in common. How a partner spells it stands on its own deals, so
    that nobody reads what others typed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    key = models.CharField(max_length=160, unique=True, help_text="see clients.rules.key_of")

    def __str__(self) -> str:
        return self.key
