"""Under which name and address a partner is paid. Where the money goes is known to the payment provider alone."""

from django.db import models
from django.db.models import Q

from academy.core.ids import uuid7
from academy.people.accounts.models import Person
from academy.people.partners.models import Partner


class Payee(models.Model):
    """One version of a partner's payee profile. The latest counts, and pays nothing before somebody checked it."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="payees")
    number = models.PositiveIntegerField(help_text="counts the versions of a partner")
    legal_name = models.CharField(max_length=160)
    address = models.CharField(max_length=400)
    country = models.CharField(max_length=2)
    tax_number = models.CharField(max_length=40, blank=True)
    invoice_email = models.EmailField(max_length=254)
    provider_reference = models.CharField(max_length=60, help_text="the payment provider's name for this payee")
    changed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()
    checked_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partner", "number"], name="one_payee_a_number")]
        indexes = [models.Index("changed_at", condition=Q(checked_at__isnull=True), name="payees_to_check")]

    def __str__(self) -> str:
        return f"payee {self.number} of {self.partner_id}"
