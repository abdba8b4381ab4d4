"""The close of a month: one run through a programme's partners, which can be stopped anywhere and goes on there."""

from datetime import date
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q

from academy.core.ids import uuid7
from academy.people.accounts.models import Person
from academy.programme.closes.rules import Stage
from academy.programme.plans.models import PlanVersion, Programme


class Close(models.Model):
    """A month of a programme that was closed, or is being closed.

    From its beginning on nothing that is told can be payable in it, whenever the run comes to its partner: the first
    day of the month after is the earliest. A trigger refuses anything else once its partner was looked at, and a month
    before one that was closed already.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="closes")
    month = models.DateField(help_text="its first day")
    stage = models.CharField(max_length=11, choices=[(stage.value, stage.value) for stage in Stage])
    plan = models.ForeignKey(PlanVersion, models.PROTECT, related_name="+", help_text="says minimum and pay day")
    cut_at = models.DateTimeField()
    partners = models.PositiveIntegerField(help_text="how many there are to look at")
    looked = models.PositiveIntegerField(default=0, help_text="how many of them were")
    reached = models.UUIDField(null=True, help_text="the last partner that was looked at, or written down for")
    statements_made = models.PositiveIntegerField(default=0, help_text="how many have their number")
    told = models.CharField(max_length=60, blank=True, help_text="the last statement of which owners were told")
    moved_at = models.DateTimeField(help_text="when the run last came further")
    started_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    handed_over_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    handed_over_at = models.DateTimeField(null=True)
    rest_handed_over_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    rest_handed_over_at = models.DateTimeField(null=True, help_text="when what had been left out was, the last time")
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "month"], name="one_close_a_month"),
            models.UniqueConstraint(
                "programme", condition=Q(stage__in=[Stage.COLLECTING, Stage.CHECKING]), name="one_close_at_a_time"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="close_is_of_a_month"),
            models.CheckConstraint(condition=Q(looked__lte=models.F("partners")), name="looked_at_most_all"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"

    @property
    def cut_on(self) -> date:
        """The day of the cut in the programme's zone; `programme` must be there."""
        return self.cut_at.astimezone(ZoneInfo(self.programme.timezone)).date()
