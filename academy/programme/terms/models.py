"""The terms of a programme by version, and who accepted them for which partner."""

from django.db import models

from academy.core.ids import uuid7
from academy.people.accounts.models import Person
from academy.people.partners.models import Partner
from academy.programme.plans.models import Programme


class Terms(models.Model):
    """One version of what a programme and its partners agree on, in Markdown. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="terms")
    number = models.PositiveIntegerField()
    text = models.TextField(help_text="Markdown")
    effective_from = models.DateTimeField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=500, help_text="what is new, for those who accepted the version before")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["programme", "number"], name="one_terms_a_number")]

    def __str__(self) -> str:
        return f"terms {self.number}"


class Acceptance(models.Model):
    """An owner accepted a version for its partner: the projection of `terms.accepted`."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    terms = models.ForeignKey(Terms, models.PROTECT, related_name="acceptances")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["terms", "partner"], name="terms_accepted_once")]

    def __str__(self) -> str:
        return f"{self.partner_id} accepted {self.terms_id}"
