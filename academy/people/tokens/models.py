"""Bearer tokens: how a program acts for a person."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from academy.core.ids import uuid7
from academy.people.accounts.models import Person


class ApiToken(models.Model):
    """What may be done in a person's name by whoever holds the secret. Only its hash is stored."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    person = models.ForeignKey(Person, models.CASCADE, related_name="api_tokens")
    secret_hash = models.BinaryField(max_length=32, unique=True)
    label = models.CharField(max_length=80, blank=True)
    scopes = ArrayField(models.CharField(max_length=40), default=list, help_text="empty: all that the person may")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"token {self.id}"
