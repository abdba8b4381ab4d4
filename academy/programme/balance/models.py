"""What a partner's lines come to by the day from which they may be paid: read instead of the lines themselves."""

from django.db import models

from academy.core.ids import uuid7
from academy.people.partners.models import Partner


class DaySum(models.Model):
    """The sum and number of a partner's lines that may be paid from one day on.

    A trigger adds to it in the statement that writes lines, whoever writes them; lines never change or go. So a sum
    over twenty thousand lines reads as many rows as there are days. `academy verify` compares it with the lines.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=3)
    payable_on = models.DateField()
    amount = models.BigIntegerField(help_text="minor units")
    lines = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partner", "currency", "payable_on"], name="one_sum_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} from {self.payable_on}"
