"""Payouts: what the bank did about a statement. Written once: a payment that came back is answered by another one."""

from django.db import models

from academy.core.ids import uuid7
from academy.people.accounts.models import Person
from academy.programme.statements.models import Statement


class Payout(models.Model):
    """A statement was paid: the projection of `statement.paid`."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    statement = models.ForeignKey(Statement, models.PROTECT, related_name="payouts")
    attempt = models.PositiveIntegerField(help_text="1, or more where earlier ones came back")
    payee = models.PositiveIntegerField(help_text="the number of the payee profile that it was handed over to")
    paid_on = models.DateField()
    reference = models.CharField(max_length=60, help_text="the payment provider's")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["statement", "attempt"], name="one_payout_an_attempt")]

    def __str__(self) -> str:
        return f"attempt {self.attempt} of {self.statement_id}"


class Return(models.Model):
    """A payment came back: the projection of `statement.returned`. The statement waits for its next attempt."""

    payout = models.OneToOneField(Payout, models.PROTECT, primary_key=True, related_name="came_back")
    returned_on = models.DateField()
    reason = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.payout_id} came back"
