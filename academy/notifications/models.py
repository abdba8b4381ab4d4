"""What was written to whom."""

from django.db import models

from academy.core.ids import uuid7
from academy.people.accounts.models import Person


class Mail(models.Model):
    """A message on its way. Kept a short time after it was sent; see the retention table in
    docs/running.md.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="+")
    to = models.EmailField(max_length=254)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="mail_by_age")]

    def __str__(self) -> str:
        return self.subject
