"""What a partner has sold, as far as tiers count it."""

from django.db import models

from academy.core.ids import uuid7
from academy.people.partners.models import Partner


class Sale(models.Model):
    """An amount won from a client, or taken back from it: the projection of `deal.won` and `deal.refunded`.

    A refund counts from its own instant but leaves every window together with the sale that it takes back.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, help_text="of the fact")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    deal = models.UUIDField()
    client = models.UUIDField()
    product = models.CharField(max_length=60, blank=True)
    amount = models.BigIntegerField(help_text="minor units; negative when taken back")
    won_at = models.DateTimeField(help_text="from which windows are measured")
    counts_from = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["partner", "won_at"], name="sales_of_partner")]

    def __str__(self) -> str:
        return f"{self.amount}"
