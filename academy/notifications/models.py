"""The chapter's tables: what was written to whom, and those of its nouns, where Django looks for them."""

from django.db import models
from django.db.models import Q

from academy.core.ids import uuid7
from academy.notifications.notices.models import Delivery, Notice
from academy.notifications.preferences.models import Choice, Quiet
from academy.notifications.returns.models import Return
from academy.people.accounts.models import Person

__all__ = ["Choice", "Delivery", "Mail", "Notice", "Quiet", "Return"]


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
    returned_at = models.DateTimeField(null=True, help_text="when it was refused for good; it is not tried again")
    kind = models.CharField(max_length=40, blank=True, help_text="what its reader may unsubscribe from, if anything")

    class Meta:
        indexes = [
            models.Index(fields=["created_at"], name="mail_by_age"),
            models.Index("to", condition=~Q(failure="") & Q(sent_at=None, returned_at=None), name="failing_mail"),
        ]

    def __str__(self) -> str:
        return self.subject
