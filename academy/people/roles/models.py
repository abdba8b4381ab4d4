"""Who gave or took which staff role, and why."""

from django.db import models

from academy.core.ids import uuid7
from academy.people.accounts.models import Person, StaffRole


class RoleChange(models.Model):
    """One role asked for or withdrawn. `decided_at` empty: it waits for a second person.

    The ledger of roles; nothing here is changed once it was decided. Without `asked_by` the command line did it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    person = models.ForeignKey(Person, models.PROTECT, related_name="role_changes")
    role = models.CharField(max_length=20, choices=StaffRole.choices)
    granted = models.BooleanField()
    reason = models.CharField(max_length=500, blank=True)
    asked_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    declined = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "role"], condition=models.Q(decided_at=None), name="one_open_change_a_role"
            )
        ]
        indexes = [models.Index(fields=["-asked_at"], name="role_changes_by_age")]

    def __str__(self) -> str:
        return f"{'+' if self.granted else '-'}{self.role}"
