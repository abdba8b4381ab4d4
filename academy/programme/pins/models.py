"""Pins of tiers, with the reason that a person gave. The journal has the facts, never the words."""

from django.db import models
from django.db.models import F, Q

from academy.core.ids import uuid7
from academy.people.accounts.models import Person
from academy.people.partners.models import Partner


class TierPin(models.Model):
    """Why a partner holds at least a tier until a day."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    tier = models.CharField(max_length=40)
    pinned_at = models.DateTimeField()
    until = models.DateTimeField()
    pinned_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=500)
    ended_at = models.DateTimeField(null=True, help_text="when a person took it back, or another one replaced it")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("pinned_at")), name="pin_ends_after_it_begins"),
            models.UniqueConstraint("partner", condition=Q(ended_at__isnull=True), name="one_pin_a_partner"),
        ]

    def __str__(self) -> str:
        return f"{self.tier} until {self.until:%Y-%m-%d}"
