"""Statements: what a partner's ready lines come to when a month is closed, and which of them it names."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from academy.core.ids import uuid7
from academy.people.accounts.models import Person
from academy.people.partners.models import Partner
from academy.programme.closes.models import Close
from academy.programme.commissions.models import CommissionLine
from academy.programme.statements.rules import Outcome


class Statement(models.Model):
    """What one partner is owed at a month's end. A draft until `made_at`; then the projection of `statement.made`.

    One that pays names its lines. The lines of every other stay ready and are looked at again when the next month is
    closed: so nothing is carried twice, and what is negative is carried by itself.

    It is made under the locks of its close and its partner, and triggers keep both for as long as it is there. So the
    two references are not checked once more for each of the many thousand statements of a close.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    close = models.ForeignKey(Close, models.PROTECT, related_name="statements", db_index=False, db_constraint=False)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="statements", db_index=False, db_constraint=False)
    currency = models.CharField(max_length=3)
    number = models.CharField(max_length=60)
    amount = models.BigIntegerField(help_text="minor units: the sum of the lines that it looks at")
    lines = models.PositiveIntegerField(help_text="how many those are")
    outcome = models.CharField(max_length=13, choices=[(one.value, one.value) for one in Outcome])
    inputs = models.JSONField(help_text="statements.rules.Found: what the outcome follows from")
    flags = ArrayField(models.CharField(max_length=13), help_text="what somebody should look at before it is paid")
    held_reason = models.CharField(max_length=500, blank=True)
    seen_at = models.DateTimeField(null=True, help_text="when somebody looked at its flags")
    seen_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", db_index=False)
    made_at = models.DateTimeField(null=True, help_text="when it was written into the journal, after approval")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], name="one_statement_a_number"),
            models.UniqueConstraint(fields=["close", "partner", "currency"], name="one_statement_a_month"),
            models.CheckConstraint(condition=~Q(outcome=Outcome.PAY) | Q(amount__gt=0), name="pays_more_than_nothing"),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.HELD, held_reason__gt="") | ~Q(outcome=Outcome.HELD) & Q(held_reason=""),
                name="held_with_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["partner", "close"], name="statements_of_partner")]

    def __str__(self) -> str:
        return self.number


class StatementLine(models.Model):
    """A line that a statement pays. A line is on one statement at most.

    Neither side can be taken away: a trigger keeps every line for ever, another the statements that are made. So the
    two references are not checked once more for each of the many thousand lines of a close, and there is no second
    index: what a statement names is found through its partner's lines.
    """

    line = models.OneToOneField(
        CommissionLine, models.PROTECT, primary_key=True, db_constraint=False, related_name="named"
    )
    statement = models.ForeignKey(Statement, models.PROTECT, db_constraint=False, db_index=False, related_name="named")

    def __str__(self) -> str:
        return f"{self.line_id} on {self.statement_id}"
