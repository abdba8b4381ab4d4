"""Commission lines: what a deal earns a partner or takes back. Written once, never changed."""

from django.db import models
from django.db.models import Q

from academy.core.ids import uuid7
from academy.people.partners.models import Partner
from academy.programme.commissions.rules import LineKind
from academy.programme.deals.models import Deal
from academy.programme.plans.models import PlanVersion


class CommissionLine(models.Model):
    """What one deal earns one partner, or takes back: the projection of `commission.*` facts, by their thing.

    A trigger refuses every later change: a mistake is answered by another line.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="lines", db_index=False)
    deal = models.ForeignKey(Deal, models.PROTECT, related_name="lines")
    kind = models.CharField(max_length=8, choices=[(kind.value, kind.value) for kind in LineKind])
    amount = models.BigIntegerField(help_text="minor units, negative when taken back")
    currency = models.CharField(max_length=3)
    rate = models.PositiveIntegerField(help_text="basis points, as it held when the deal was won")
    effective_at = models.DateTimeField()
    payable_on = models.DateField(help_text="the first day on which it may be paid; never in a month that was closed")
    plan = models.ForeignKey(PlanVersion, models.PROTECT, related_name="+")
    inputs = models.JSONField(help_text="what it was worked out from; see commissions.rules")
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")

    class Meta:
        constraints = [
            models.UniqueConstraint("deal", condition=Q(kind=LineKind.EARNED), name="one_earned_line_a_deal"),
            models.CheckConstraint(condition=Q(rate__lte=10_000), name="line_rate_at_most_all"),
            models.CheckConstraint(
                condition=Q(corrects__isnull=True) | Q(kind=LineKind.ADJUSTED), name="only_adjustments_correct"
            ),
        ]
        indexes = [
            models.Index(
                fields=["partner", "payable_on", "id"], include=["amount", "currency"], name="lines_of_partner"
            ),
            models.Index(fields=["deal"], name="lines_of_deal"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount} {self.currency}"
