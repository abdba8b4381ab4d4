"""A person who can sign in."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from academy.core.ids import uuid7


class StaffRole(models.TextChoices):
    """What somebody of the house does here. A partner's people have none of these."""

    EXPERT = "expert", _("Expert")
    CURATOR = "curator", _("Curator")
    MANAGER = "manager", _("Partner manager")
    FINANCE = "finance", _("Finance")
    ADMINISTRATOR = "administrator", _("Administrator")


class People(BaseUserManager["Person"]):
    """Finds people the way sign-in does: by e-mail address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(email__iexact=username)


class Person(AbstractBaseUser):
    """Everything by which a person can be recognised stands here and nowhere else, so that it can be
    erased.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=10, default="en")
    timezone = models.CharField(max_length=60, default="Europe/London", help_text="decides only how a time is shown")
    theme = models.CharField(max_length=5, blank=True, help_text="light, dark, or empty for what the device says")
    roles = ArrayField(models.CharField(max_length=20, choices=StaffRole.choices), default=list, blank=True)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField()
    welcomed_at = models.DateTimeField(
        null=True, help_text="when the questions of the first day were answered or skipped"
    )
    sells = models.CharField(max_length=20, blank=True)
    sells_to = models.CharField(max_length=20, blank=True)
    minutes_a_week = models.PositiveSmallIntegerField(null=True)
    shows_name = models.BooleanField(default=False, help_text="consent: certificates shown to strangers bear the name")

    objects = People()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_person_an_address")]
        indexes = [
            GinIndex(
                fields=["name", "email"],
                opclasses=["gin_trgm_ops", "gin_trgm_ops"],
                name="person_name_or_address_parts",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_staff_member(self) -> bool:
        """Whether this person works for the house."""
        return bool(self.roles)
