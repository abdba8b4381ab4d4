"""Partners, who is a member of them, and who was invited."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from academy.core.ids import uuid7
from academy.people.accounts.models import Person


class PartnerKind(models.TextChoices):
    """A freelancer sees one scope, a company two."""

    COMPANY = "company", "Company"
    FREELANCER = "freelancer", "Freelancer"


class MemberRole(models.TextChoices):
    """An owner sees amounts and manages people; a member learns and sells."""

    OWNER = "owner", "Owner"
    MEMBER = "member", "Member"


class Partner(models.Model):
    """Whoever sells our services and is paid for it."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=PartnerKind.choices, default=PartnerKind.COMPANY)
    currency = models.CharField(max_length=3, default="GBP", help_text="fixed once a commission line exists")
    timezone = models.CharField(max_length=60, default="Europe/London")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="partner_currency_is_iso"),
        ]
        indexes = [
            models.Index(Lower("name"), "slug", name="partner_by_name"),
            GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="partner_name_parts"),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's time with a partner. What one proves counts for the partner while this is open."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="memberships")
    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=10, choices=MemberRole.choices, default=MemberRole.MEMBER)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("person", condition=Q(left_at__isnull=True), name="one_partner_at_a_time"),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True) | Q(left_at__gte=models.F("joined_at")),
                name="left_after_joining",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.partner_id}"


class Invitation(models.Model):
    """A promise of a place with a partner, kept by whoever holds the link. Only the link's hash is stored."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    partner = models.ForeignKey(Partner, models.CASCADE, related_name="invitations")
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=10, choices=MemberRole.choices, default=MemberRole.MEMBER)
    secret_hash = models.BinaryField(max_length=32, unique=True)
    invited_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"invitation {self.id}"
