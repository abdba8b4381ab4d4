"""Django's mail backend: whatever Django or a library sends becomes rows like any other message."""

from collections.abc import Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from academy.core import clock
from academy.notifications.actions import send_mail


class RowBackend(BaseEmailBackend):
    """Writes a row for each recipient, in the transaction of whoever sends. Only the plain text is kept.

    A `Date` header says when it was written, for senders that were handed `now`; otherwise the clock does.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write all messages; says how many there were."""
        for message in email_messages:
            for address in message.recipients():
                send_mail(address, subject=str(message.subject), text=str(message.body), now=_written_at(message))
        return len(email_messages)


def _written_at(message: EmailMessage) -> datetime:
    said = message.extra_headers.get("Date")
    return parsedate_to_datetime(said) if said else clock.now()
