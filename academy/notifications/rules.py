"""What a mail server's address says, and how a message is made ready for it."""

import re
import smtplib
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit
from uuid import UUID

# An address in a header may be long; folded or encoded, a mail program would not find it.
ONE_LINE_HEADERS = SMTP.clone(max_line_length=900)
PORTS = {"smtp": 25, "smtps": 465}
INVENTED = "demo.academy"
"""The domain of the demo's people, who have no mailbox: what is written to them is kept and never sent."""


class MailUrlError(ValueError):
    """ACADEMY_MAIL_URL is not an address of a mail server; the message says what is wrong with it."""


def is_invented(address: str) -> bool:
    """Whether an address belongs to nobody, being one of the demo's."""
    return address.lower().endswith(f"@{INVENTED}")


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where messages are handed over. `secure` means TLS from the first byte; otherwise it is begun
    when offered.
    """

    host: str
    port: int
    user: str
    password: str
    secure: bool


def mail_server(url: str) -> MailServer | None:
    """The server of `smtp://user:password@host:port` or `smtps://...`; None for an empty address.

    Raises MailUrlError, whose text never repeats the password.
    """
    if not url.strip():
        return None
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError as wrong:
        raise MailUrlError(f"ACADEMY_MAIL_URL cannot be read: {wrong}.") from None
    if parts.scheme not in PORTS or not host:
        raise MailUrlError("ACADEMY_MAIL_URL is smtp://user:password@host:port, or smtps://... for TLS.")
    return MailServer(
        host,
        port or PORTS[parts.scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        parts.scheme == "smtps",
    )


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it was written, before it has the form in which it travels."""

    id: UUID
    to: str
    subject: str
    text: str
    created_at: datetime
    stop: str | None = None
    """The address by which mail of its kind is stopped; None for what must be mailed."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message was not taken. `lasting`: trying again is of no use; `of_address`: nobody is there."""

    reason: str
    lasting: bool
    of_address: bool


def refusal(failure: Exception) -> Refusal:
    """What a failed delivery means. Where only we may be at fault (sign-in, sender, network) it is tried again."""
    if isinstance(failure, smtplib.SMTPRecipientsRefused) and failure.recipients:
        code, text = next(iter(failure.recipients.values()))
        return Refusal(_said(code, text), 500 <= code < 600, 500 <= code < 600)
    if isinstance(failure, smtplib.SMTPDataError):
        return Refusal(_said(failure.smtp_code, failure.smtp_error), 500 <= failure.smtp_code < 600, False)
    return Refusal(f"{type(failure).__name__}: {failure}"[:300], False, False)


def _said(code: int, text: bytes | str) -> str:
    words = text.decode(errors="replace") if isinstance(text, bytes) else text
    return one_line(f"{code} {words}")


def one_line(text: str) -> str:
    """A subject as it may stand in a header: in one line, at most 200 characters."""
    return re.sub(r"\s+", " ", text).strip()[:200]


def as_message(letter: Letter, *, sender: str) -> EmailMessage:
    """The message as it travels. Its id is always the same, so that a repeated delivery can be recognised."""
    message = EmailMessage(ONE_LINE_HEADERS)
    message["From"] = sender
    message["To"] = letter.to
    message["Subject"] = one_line(letter.subject)
    message["Date"] = format_datetime(letter.created_at)
    domain = parseaddr(sender)[1].partition("@")[2] or "localhost"
    message["Message-ID"] = f"<{letter.id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    if letter.stop:  # RFC 8058: a mail program offers one press, which needs no sign-in
        message["List-Unsubscribe"] = f"<{letter.stop}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.text)
    return message
