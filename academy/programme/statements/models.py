"""Statements: what a partner's ready lines come to when a month is closed, and which of them that are."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from academy.core.ids import uuid7
from academy.people.accounts.models import Person
from academy.people.partners.models import Partner
from academy.programme.closes.models import Close
from academy.programme.statements.rules import Outcome


class Statement(models.Model):
    """What one partner is owed at a month's end. A draft until `made_at`; then the projection of `statement.made`.

    It looks at the lines that may be paid from `since` to `until`, the days after its partner's last statement that
    paid up to its month's end. One that pays is the statement of those lines. The lines of every other stay ready, and
    the next month looks at them again: so nothing is carried twice, and what is negative is carried by itself.

    It is made under the locks of its close and its partner, and triggers keep both for as long as it is there. So the
    two references are not checked once more for each of the many thousand statements of a close.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    close = models.ForeignKey(Close, models.PROTECT, related_name="statements", db_index=False, db_constraint=False)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="statements", db_index=False, db_constraint=False)
    currency = models.CharField(max_length=3)
    since = models.DateField(help_text="the first payable day of its lines; date.min where nothing was paid before")
    until = models.DateField(help_text="the last payable day of its lines: its month's last")
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
            models.UniqueConstraint(fields=["partner", "currency", "until"], name="one_statement_a_months_end"),
            models.UniqueConstraint(
                fields=["partner", "currency", "since"], condition=Q(outcome=Outcome.PAY), name="no_day_is_paid_twice"
            ),
            models.CheckConstraint(condition=Q(since__lte=models.F("until")), name="statement_has_days"),
            models.CheckConstraint(condition=~Q(outcome=Outcome.PAY) | Q(amount__gt=0), name="pays_more_than_nothing"),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.HELD, held_reason__gt="") | ~Q(outcome=Outcome.HELD) & Q(held_reason=""),
                name="held_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.number
