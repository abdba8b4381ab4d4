"""Reading what was written: for the demo's letter box, for a person's own data, for the doctor."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from academy.notifications.models import Mail


def latest_mail(limit: int = 50, *, to: str | None = None) -> list[Mail]:
    """The newest messages, newest first; `to` narrows them to one address. One query. Asks no
    permission: it is for the demo, which has no real addresses, and for tests.
    """
    written = Mail.objects.order_by("-created_at", "-id")
    if to is not None:
        written = written.filter(to__iexact=to)
    return list(written[:limit])


def mail_to(person_id: UUID) -> list[Mapping[str, object]]:
    """What was written to a person, oldest first, as plain data."""
    fields = ("to", "subject", "text", "created_at", "sent_at")
    return list(Mail.objects.filter(person_id=person_id).order_by("created_at", "id").values(*fields))


def undelivered(*, before: datetime) -> int:
    """How many messages written before an instant were tried and not taken. For the doctor."""
    return Mail.objects.filter(created_at__lt=before, sent_at=None).exclude(failure="").count()
