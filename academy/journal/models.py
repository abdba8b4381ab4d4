"""The one table that nothing is ever taken from."""

from django.db import models

from academy.core.ids import uuid7
from academy.journal.kinds import FOR_EVERYONE, OWN_DOING


class Fact(models.Model):
    """Something that happened, or that a rule concluded. Written once; a trigger refuses any other change.

    Holds ids, kinds, numbers and times, never names, addresses or free text: those live in `people` and can be erased.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    pos = models.BigIntegerField(null=True, unique=True, help_text="the cursor, given at commit; see migration 0001")
    kind = models.CharField(max_length=40)
    partner = models.UUIDField(null=True)
    person = models.UUIDField(null=True)
    thing_kind = models.CharField(max_length=20, blank=True)
    thing = models.UUIDField(null=True)
    numbers = models.JSONField(default=dict)
    occurred_at = models.DateTimeField(help_text="claimed; for display and streaks")
    effective_at = models.DateTimeField(help_text="counts for tier and rate; never goes back for one partner")
    recorded_at = models.DateTimeField()
    rule = models.CharField(max_length=80, blank=True, help_text="decisions: the rule version used")
    inputs = models.JSONField(null=True, help_text="decisions: the measured values it was made from")
    key = models.CharField(max_length=200, null=True, help_text="what can happen only once")

    class Meta:
        indexes = [
            models.Index(fields=["partner", "pos"], name="fact_by_partner"),
            models.Index(fields=["person", "pos"], name="fact_by_person"),
            models.Index(fields=["partner", "effective_at"], name="fact_partner_time"),
            models.Index(fields=["person", "kind"], name="fact_person_kind"),
            models.Index(fields=["thing", "kind"], name="fact_thing_kind"),
            # When a partner last did something, however much the house has entered about it since.
            models.Index(
                fields=["partner", "occurred_at"],
                name="fact_own_doing",
                condition=models.Q(kind__in=OWN_DOING, pos__isnull=False),
            ),
            # What everybody is told of is rare: without it, each who looks for it reads the whole journal.
            models.Index(fields=["pos"], name="fact_for_everyone", condition=models.Q(kind__in=FOR_EVERYONE)),
        ]
        constraints = [
            # Not by the field: Django would give it a second index, for searching by how a key begins. Nobody does, and
            # every fact would pay for it twice, as its `pos` is given.
            models.UniqueConstraint(fields=["key"], name="one_fact_a_key"),
            models.CheckConstraint(
                condition=models.Q(inputs__isnull=True, rule="") | models.Q(inputs__isnull=False) & ~models.Q(rule=""),
                name="decisions_carry_rule_and_inputs",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.thing or ''}"
