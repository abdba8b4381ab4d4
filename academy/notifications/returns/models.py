"""Addresses whose mail comes back."""

from django.db import models
from django.db.models.functions import Lower

from academy.core.ids import uuid7


class Return(models.Model):
    """Mail to this address comes back, for good, since an instant. The row goes when the address is found to work."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    address = models.EmailField(max_length=254)
    since = models.DateTimeField()
    last_at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)
    reason = models.CharField(max_length=300, help_text="what the server said")
    reported = models.BooleanField(help_text="told to us later; False where the server refused the address itself")

    class Meta:
        constraints = [models.UniqueConstraint(Lower("address"), name="one_return_an_address")]

    def __str__(self) -> str:
        return self.address
