"""Credentials: what can be earned, by which rule, for how long."""

from django.db import models

from academy.core.ids import uuid7


class Credential(models.Model):
    """Something a person can hold, for life the same however often its rule is rewritten."""

    id = models.UUIDField(primary_key=True)
    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=120)
    summary = models.TextField(blank=True)
    family = models.CharField(max_length=30, blank=True)
    advanced = models.BooleanField(default=False, help_text="raises the commission rate while held")

    def __str__(self) -> str:
        return self.title


class CredentialVersion(models.Model):
    """The rule of a credential from an instant on. Never changed; a better rule is a new version."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    credential = models.ForeignKey(Credential, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    criterion = models.JSONField(help_text="see core.criteria; metrics of recognition.credentials.rules")
    valid_months = models.PositiveIntegerField(null=True, help_text="empty: for life")
    effective_from = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["credential", "number"], name="one_credential_version_a_number")]

    def __str__(self) -> str:
        return f"{self.credential_id}-{self.number}"
