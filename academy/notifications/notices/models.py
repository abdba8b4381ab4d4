"""What people were told, and the ways it took to them beside the page."""

from django.db import models
from django.db.models import F, Q

from academy.core.ids import uuid7
from academy.notifications.notices.rules import Cadence, Channel
from academy.people.accounts.models import Person
from academy.people.partners.models import Partner


class Notice(models.Model):
    """One person is told one thing, once. Ids, numbers, codes and times only: words are made at reading."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=160, help_text="what it is about; telling it again changes nothing")
    partner = models.ForeignKey(Partner, models.CASCADE, null=True, related_name="+")
    params = models.JSONField(default=dict)
    url = models.CharField(max_length=300, help_text="where one sees more: a path of ours")
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint("person", "key", name="told_once")]
        indexes = [
            models.Index("person", F("created_at").desc(), F("id").desc(), name="inbox"),
            models.Index("person", condition=Q(read_at=None), name="unread_notices"),
        ]

    def __str__(self) -> str:
        return self.key


class Delivery(models.Model):
    """A notice on its way by a channel other than the page, on which it stands at once."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="+")
    channel = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Channel])
    cadence = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Cadence])
    due_at = models.DateTimeField(help_text="not before: quiet hours have ended, or the day's mail goes out")
    done_at = models.DateTimeField(null=True, help_text="when it was written into a mail, or found to be read already")
    mail_id = models.UUIDField(null=True, help_text="the mail it went into; mail is kept for a shorter time")

    class Meta:
        constraints = [models.UniqueConstraint("notice", "channel", name="one_delivery_a_channel")]
        indexes = [models.Index("due_at", condition=Q(done_at=None), name="deliveries_due")]

    def __str__(self) -> str:
        return f"{self.channel} {self.cadence}"
