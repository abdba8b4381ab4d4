"""Certificates: that a person held a credential, from when to when."""

from django.db import models
from django.db.models import F, Q

from academy.core.ids import uuid7
from academy.people.accounts.models import Person
from academy.recognition.credentials.models import Credential, CredentialVersion


class Certificate(models.Model):
    """Issued by rule, never rewritten: a renewal is a new certificate beside the old record."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    serial = models.CharField(max_length=20, unique=True, help_text="public and unguessable")
    person = models.ForeignKey(Person, models.PROTECT, related_name="certificates")
    credential = models.ForeignKey(Credential, models.PROTECT, related_name="certificates")
    version = models.ForeignKey(CredentialVersion, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    expired = models.BooleanField(default=False, help_text="the fact certificate.expired was recorded")
    revoked_at = models.DateTimeField(null=True)
    revoked_reason = models.CharField(max_length=500, blank=True)
    renews = models.OneToOneField("self", models.PROTECT, null=True, related_name="renewed_by")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("issued_at")),
                name="expires_after_issue",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_reason="")
                | Q(revoked_at__isnull=False) & ~Q(revoked_reason=""),
                name="revoked_with_a_reason",
            ),
            models.UniqueConstraint("person", "credential", "issued_at", name="one_issue_at_a_time"),
        ]
        indexes = [models.Index(fields=["person", "credential"], name="certificates_held")]

    def __str__(self) -> str:
        return self.serial
