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
from academy.notifications.notices.rules import Cadence
from academy.notifications.preferences.queries import chosen_by, unsubscribe_url
from academy.notifications.returns.actions import found_to_work, keep_return
from academy.notifications.rules import (
    Letter,
    MailServer,
    Refusal,
    as_message,
    is_invented,
    mail_server,
    one_line,
    refusal,
)
from academy.people.accounts.models import Person

SECONDS = 20.0  # how long a mail server may take for each answer


@action
def send_mail(
    to: Person | str,
    *,
    subject: str,
    text: str,
    now: datetime,
    person_id: UUID | None = None,
    not_before: datetime | None = None,
    kind: str = "",
) -> Mail:
    """Write a message to a person, or to an address that may be nobody's here, and queue its delivery.

    Row and job are in the caller's transaction: what is rolled back is never sent. Without a mail server in
    the settings, and to the demo's invented people, it is only kept. `person_id` says whose the address is where that
    is known; `not_before` lets it wait; `kind` is what its reader may unsubscribe from by one press, and empty for what
    must be mailed.
    """
    mail = Mail.objects.create(
        person_id=person_id or _person_of(to),
        to=to.email if isinstance(to, Person) else to,
        subject=one_line(subject),
        text=text,
        created_at=now,
        kind=kind,
    )
    if settings.MAIL_URL and not is_invented(mail.to):
        later = not_before if not_before is not None and not_before > now else None
        job = app.configure_task("notifications.deliver_mail", queue="mail", schedule_at=later)
        job.defer(mail_id=str(mail.id))
    return mail


def _person_of(to: Person | str) -> UUID | None:
    if isinstance(to, Person):
        return to.id
    return Person.objects.filter(email__iexact=to, is_active=True).values_list("id", flat=True).first()


def deliver(mail_id: UUID, *, now: datetime) -> None:
    """Hand a message to the mail server, once. Repeating it for one that was sent, or is gone, does nothing.

    The row is locked meanwhile, so two workers do not both send it. What the server says against it is kept in the row
    for people to see. A refusal for good ends there, and the address is known not to work; any other is raised for the
    job to try again.
    """
    try:
        with transaction.atomic():
            waiting = _waiting(mail_id)
            server = mail_server(settings.MAIL_URL)
            if waiting is None or server is None or is_invented(waiting.to):
                return
            if _was_stopped(waiting):
                waiting.delete()
                return
            hand_over(as_message(_letter(waiting), sender=settings.DEFAULT_FROM_EMAIL), server)
            waiting.sent_at, waiting.failure = now, ""
            waiting.save(update_fields=["sent_at", "failure"])
            found_to_work(waiting.to)
    except (OSError, smtplib.SMTPException, ValueError) as failure:
        said = refusal(failure)
        if not said.lasting:
            Mail.objects.filter(id=mail_id).update(failure=said.reason)
            raise
        _give_up(mail_id, said, now)


def _waiting(mail_id: UUID) -> Mail | None:
    return Mail.objects.select_for_update(no_key=True).filter(id=mail_id, sent_at=None, returned_at=None).first()


def _was_stopped(mail: Mail) -> bool:
    """Whether its reader switched mail of its kind off while it waited for quiet hours to end."""
    return bool(mail.kind and mail.person_id and chosen_by(mail.person_id).get(mail.kind) == Cadence.OFF)


def _letter(mail: Mail) -> Letter:
    stop = unsubscribe_url(mail.person_id, mail.kind) if mail.kind and mail.person_id else None
    return Letter(mail.id, mail.to, mail.subject, mail.text, mail.created_at, stop)


@transaction.atomic
def _give_up(mail_id: UUID, said: Refusal, now: datetime) -> None:
    mail = _waiting(mail_id)
    if mail is None:
        return
    mail.failure, mail.returned_at = said.reason, now
    mail.save(update_fields=["failure", "returned_at"])
    if said.of_address:
        keep_return(mail.to, reason=said.reason, reported=False, now=now)


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
