"""What people chose. Without a row the usual holds."""

from django.db import models

from academy.notifications.notices.rules import Cadence
from academy.people.accounts.models import Person


class Choice(models.Model):
    """How somebody wants to be mailed about one kind of notice."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    mail = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Cadence])
    chosen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("person", "kind", name="one_choice_a_kind")]

    def __str__(self) -> str:
        return f"{self.kind} {self.mail}"


class Quiet(models.Model):
    """Somebody's own quiet hours, on its own clock; a row without hours says that there are none."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="+")
    begins = models.TimeField(null=True)
    ends = models.TimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(begins=None, ends=None) | models.Q(begins__isnull=False, ends__isnull=False),
                name="quiet_from_and_until",
            )
        ]

    def __str__(self) -> str:
        return f"{self.begins}-{self.ends}"
