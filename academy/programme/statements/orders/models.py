"""Payment orders: that a statement was handed over to be paid, and to whom."""

from django.db import models

from academy.core.ids import uuid7
from academy.people.accounts.models import Person
from academy.programme.statements.models import Statement


class Order(models.Model):
    """A version of a payee's profile to which a statement was handed over. The latest of a statement counts.

    A payment is of the latest order: so it is known for ever whom it was meant for, whatever the payee says later.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    statement = models.ForeignKey(Statement, models.PROTECT, related_name="orders", db_index=False)
    payee = models.PositiveIntegerField(help_text="the number of the payee profile, checked before it was handed over")
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="who handed it over, and does not enter its payment where a second person is asked for",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["statement", "payee"], name="one_order_a_payee")]

    def __str__(self) -> str:
        return f"{self.statement_id} to payee {self.payee}"
