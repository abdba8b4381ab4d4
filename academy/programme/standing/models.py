"""Where each partner stands: one row a partner, changed in the transaction of the fact that moved it."""

from django.db import models
from django.db.models import Q

from academy.people.partners.models import Partner
from academy.programme.plans.models import PlanVersion, Programme


class Standing(models.Model):
    """The projection of a partner's facts under its programme's rules, as of `judged_at`."""

    partner = models.OneToOneField(Partner, models.PROTECT, primary_key=True, related_name="standing")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    plan = models.ForeignKey(PlanVersion, models.PROTECT, related_name="+", help_text="rules_version: judged by it")
    tier = models.CharField(max_length=40)
    tier_since = models.DateTimeField()
    rate = models.PositiveIntegerField(help_text="basis points, of the plan's default product")
    held = models.JSONField(help_text="standing.rules.Held")
    levels = models.JSONField(help_text="what each metric of the plan measured at judged_at")
    judged_at = models.DateTimeField()
    before = models.JSONField(help_text="plan version and what was held strictly before judged_at: deals won then")
    next_change_at = models.DateTimeField(null=True, help_text="when time alone may next change something")
    safe_until = models.DateTimeField(null=True, help_text="until when the tier holds if nothing more happens")
    at_risk = models.BooleanField(default=False)
    version = models.BigIntegerField(default=0, help_text="counts judgements; a page part is as old as this")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(rate__lte=10_000), name="standing_rate_at_most_all")]
        indexes = [
            models.Index("next_change_at", condition=Q(next_change_at__isnull=False), name="standing_due"),
            models.Index(fields=["programme", "tier"], name="standing_by_tier"),
        ]

    def __str__(self) -> str:
        return f"{self.tier} at {self.rate}"
