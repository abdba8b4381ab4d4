"""Writing mail as rows, and handing the rows to a mail server."""

import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from uuid import UUID

from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app

from academy.journal.actions import action
from academy.notifications.models import Mail
from academy.notifications.rules import Letter, MailServer, as_message, mail_server, one_line
from academy.people.accounts.models import Person

SECONDS = 20.0  # how long a mail server may take for each answer


@action
def send_mail(to: Person | str, *, subject: str, text: str, now: datetime) -> Mail:
    """Write a message to a person, or to an address that may be nobody's here, and queue its delivery.

    Row and job are in the caller's transaction: what is rolled back is never sent. Without a mail server in
    the settings it is only kept.
    """
    person = to if isinstance(to, Person) else Person.objects.filter(email__iexact=to, is_active=True).first()
    mail = Mail.objects.create(
        person=person,
        to=to.email if isinstance(to, Person) else to,
        subject=one_line(subject),
        text=text,
        created_at=now,
    )
    if settings.MAIL_URL:
        app.configure_task("notifications.deliver_mail", queue="mail").defer(mail_id=str(mail.id))
    return mail


def deliver(mail_id: UUID, *, now: datetime) -> None:
    """Hand a message to the mail server, once. Repeating it for one that was sent, or is gone, does nothing.

    The row is locked meanwhile, so two workers do not both send it. What the server says against it is kept
    in the row for people to see, and raised for the job to try again.
    """
    try:
        with transaction.atomic():
            waiting = Mail.objects.select_for_update(no_key=True).filter(id=mail_id, sent_at=None).first()
            server = mail_server(settings.MAIL_URL)
            if waiting is None or server is None:
                return
            letter = Letter(waiting.id, waiting.to, waiting.subject, waiting.text, waiting.created_at)
            hand_over(as_message(letter, sender=settings.DEFAULT_FROM_EMAIL), server)
            waiting.sent_at, waiting.failure = now, ""
            waiting.save(update_fields=["sent_at", "failure"])
    except (OSError, smtplib.SMTPException, ValueError) as failure:
        Mail.objects.filter(id=mail_id).update(failure=f"{type(failure).__name__}: {failure}"[:300])
        raise


def hand_over(message: EmailMessage, server: MailServer) -> None:
    """Speak to the mail server. Raises OSError or SMTPException with what it answered."""
    trust = ssl.create_default_context()
    connection = (
        smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=trust)
        if server.secure
        else smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    )
    with connection as smtp:
        smtp.ehlo()
        if not server.secure and smtp.has_extn("starttls"):
            smtp.starttls(context=trust)
            smtp.ehlo()
        if server.user:
            smtp.login(server.user, server.password)
        smtp.send_message(message)


def forget_person(person_id: UUID, addresses: list[str]) -> None:
    """Delete every message to a person who is being erased, under any address that it had."""
    Mail.objects.filter(person_id=person_id).delete()
    Mail.objects.filter(to__in=addresses).delete()
