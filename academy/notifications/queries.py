"""Reading what was written: for the demo's letter box, for a person's own data, for the doctor."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from academy.notifications.models import Delivery, Mail


def latest_mail(limit: int = 50, *, to: str | None = None) -> list[Mail]:
    """The newest messages, newest first; `to` narrows them to one address. One query. Asks no
    permission: it is for the demo, which has no real addresses, and for tests.
    """
    written = Mail.objects.select_related("person").order_by("-created_at", "-id")
    if to is not None:
        written = written.filter(to__iexact=to)
    return list(written[:limit])


def waiting_until(mails: Iterable[Mail], now: datetime) -> dict[UUID, datetime]:
    """Until when those of these messages wait that quiet hours hold back, by their ids; one query."""
    waiting = [mail.pk for mail in mails if mail.sent_at is None]
    held = Delivery.objects.filter(mail_id__in=waiting, due_at__gt=now)
    return {mail: due for mail, due in held.values_list("mail_id", "due_at") if mail is not None}


def mail_to(person_id: UUID) -> list[Mapping[str, object]]:
    """What was written to a person, oldest first, as plain data."""
    fields = ("to", "subject", "text", "created_at", "sent_at")
    return list(Mail.objects.filter(person_id=person_id).order_by("created_at", "id").values(*fields))


def undelivered(*, before: datetime) -> int:
    """How many messages written before an instant were tried and not taken. For the doctor."""
    return Mail.objects.filter(created_at__lt=before, sent_at=None).exclude(failure="").count()
