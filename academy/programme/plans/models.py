"""Programmes and the dated versions of their plans."""

from django.db import models

from academy.core.ids import uuid7
from academy.people.accounts.models import Person


class Clock(models.TextChoices):
    """Whose time a programme follows."""

    LIVE = "live", "The present"
    SOURCE = "source", "Its source's: nothing is judged beyond the last instant imported"


class Programme(models.Model):
    """A group of partners under one set of rules. A partner is in one."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    timezone = models.CharField(max_length=60, help_text="all its periods are cut in this zone")
    clock = models.CharField(max_length=6, choices=Clock.choices, default=Clock.LIVE)

    def __str__(self) -> str:
        return self.name


class PlanVersion(models.Model):
    """Tiers, rates and core modules from an instant on. Never changed; see plans.rules for the shape of `written`."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="plans")
    number = models.PositiveIntegerField()
    written = models.JSONField()
    effective_from = models.DateTimeField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=500)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["programme", "number"], name="one_plan_a_number")]
        indexes = [models.Index(fields=["programme", "effective_from"], name="plan_in_force")]

    def __str__(self) -> str:
        return f"{self.programme.slug}-{self.number}"
