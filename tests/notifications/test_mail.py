"""Mail: rows in the sender's transaction, delivered by a job to a real (small) mail server."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import IPv4Address
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.core.mail import EmailMessage as DjangoMessage
from django.db import connection
from procrastinate.contrib.django import app

from academy.core.errors import Conflict
from academy.journal.actions import action
from academy.notifications import actions, jobs, queries, rules
from academy.notifications.models import Mail
from academy.notifications.rules import Letter, MailServer, MailUrlError

from ..factories import a_person

pytestmark = pytest.mark.django_db


class SmallMailServer:
    """Speaks just enough SMTP to take messages, or to refuse them with the reply `refusal`."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.taken: list[bytes] = []
        self.said: list[str] = []
        self.refusal = ""
        self.tls: ssl.SSLContext | None = None
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self) -> None:
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            with suppress(OSError), peer:
                self.converse(peer)

    def converse(self, peer: socket.socket, greeting: str = "220 ready") -> None:
        talk = peer.makefile("rwb")

        def say(text: str) -> None:
            talk.write(text.encode() + b"\r\n")
            talk.flush()

        if greeting:
            say(greeting)
        while line := talk.readline():
            word = line.decode(errors="replace").strip()
            self.said.append(word)
            if word.upper().startswith("EHLO"):
                say("250-here\r\n250-AUTH PLAIN\r\n250 " + ("STARTTLS" if self.tls else "8BITMIME"))
            elif word.upper() == "STARTTLS" and self.tls:
                say("220 go on")
                with self.tls.wrap_socket(peer, server_side=True) as private:
                    self.converse(private, greeting="")
                return
            elif word.startswith("AUTH"):
                say("235 welcome")
            elif word.upper().startswith("RCPT") and self.refusal:
                say(self.refusal)
            elif word.upper() == "DATA":
                say("354 go on")
                self.taken.append(b"".join(iter(talk.readline, b".\r\n")))
                say("250 taken")
            else:
                say("221 bye" if word.upper() == "QUIT" else "250 fine")

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(10)

    def message(self) -> EmailMessage:
        [raw] = self.taken
        parsed = message_from_bytes(raw, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed


@pytest.fixture
def server(settings: SimpleNamespace) -> Iterator[SmallMailServer]:
    server = SmallMailServer()
    settings.MAIL_URL = f"smtp://us%40house:p%3Ass@127.0.0.1:{server.port}"
    settings.DEFAULT_FROM_EMAIL = "SISO Academy <academy@example.com>"
    yield server
    server.close()


def queued() -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("select task_name, queue_name, args ->> 'mail_id', status from procrastinate_jobs order by id")
        return list(cursor.fetchall())


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key and a certificate for 127.0.0.1, signed by nobody else, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tests")])
    start = datetime.now(UTC) - timedelta(days=1)
    host = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    signed = made.not_valid_before(start).not_valid_after(start + timedelta(days=9)).add_extension(host, critical=False)
    kept = tmp_path / "both.pem"
    kept.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + signed.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    )
    return kept


# -- addresses of servers


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("", None),
        (" ", None),
        ("smtp://mail.example.com", MailServer("mail.example.com", 25, "", "", False)),
        ("smtps://me%40x:p%2Fw@mail.example.com", MailServer("mail.example.com", 465, "me@x", "p/w", True)),
        ("smtp://[::1]:2525", MailServer("::1", 2525, "", "", False)),
    ],
)
def test_the_address_of_a_server(url: str, server: MailServer | None) -> None:
    assert rules.mail_server(url) == server


@pytest.mark.parametrize("url", ["http://x", "smtp://", "smtp://x:notaport", "smtp://me:secret@[x", "x"])
def test_what_is_no_address_of_a_server(url: str) -> None:
    with pytest.raises(MailUrlError, match="ACADEMY_MAIL_URL") as wrong:
        rules.mail_server(url)
    assert "secret" not in str(wrong.value)


def test_a_header_stays_one_line(now: datetime) -> None:
    letter = Letter(uuid4(), "a@example.com", "Hello\r\nBcc: eve@example.com", "Körper\n", now)
    message = rules.as_message(letter, sender="nobody")
    assert dict(message.items()) | {"Content-Type": "", "Content-Transfer-Encoding": "", "MIME-Version": ""} == {
        "From": "nobody",
        "To": "a@example.com",
        "Subject": "Hello Bcc: eve@example.com",
        "Date": "Mon, 02 Mar 2026 09:00:00 +0000",
        "Message-ID": f"<{letter.id}@localhost>",
        "Auto-Submitted": "auto-generated",
        "Content-Type": "",
        "Content-Transfer-Encoding": "",
        "MIME-Version": "",
    }


# -- writing


def test_without_a_server_mail_is_only_kept(now: datetime) -> None:
    person = a_person(email="ada@example.com")
    actions.send_mail(person, subject="One", text="1", now=now)
    actions.send_mail("ADA@example.com", subject="Two\n", text="2", now=now + timedelta(seconds=1))
    actions.send_mail("eve@example.com", subject="x" * 300, text="3", now=now + timedelta(seconds=2))
    assert [(mail.to, mail.person, mail.subject, mail.text) for mail in queries.latest_mail()] == [
        ("eve@example.com", None, "x" * 200, "3"),
        ("ADA@example.com", person, "Two", "2"),
        ("ada@example.com", person, "One", "1"),
    ]
    assert queued() == []
    assert [mail.subject for mail in queries.latest_mail(1, to="Ada@example.com")] == ["Two"]
    assert [mail["subject"] for mail in queries.mail_to(person.id)] == ["One", "Two"]


def test_with_a_server_a_job_is_queued_with_the_row(now: datetime, server: SmallMailServer) -> None:
    mail = actions.send_mail("a@example.com", subject="One", text="1", now=now)
    assert queued() == [("notifications.deliver_mail", "mail", str(mail.id), "todo")]


def test_to_the_invented_people_of_a_demo_nothing_is_ever_sent(now: datetime, server: SmallMailServer) -> None:
    """Neither what is written while a server is named, nor what lay there from the day before."""
    actions.send_mail("Partner@demo.academy", subject="One", text="1", now=now)
    assert queued() == []
    kept = Mail.objects.create(to="owner@demo.academy", subject="Two", text="2", created_at=now)
    actions.deliver(kept.pk, now=now)
    assert server.taken == []
    assert list(Mail.objects.values_list("sent_at", "failure")) == [(None, ""), (None, "")]


def test_what_is_rolled_back_is_never_sent(now: datetime, server: SmallMailServer) -> None:
    @action
    def change_our_mind() -> None:
        actions.send_mail("a@example.com", subject="One", text="1", now=now)
        raise Conflict("No.")

    with pytest.raises(Conflict):
        change_our_mind()
    assert (Mail.objects.count(), queued()) == (0, [])


def test_what_django_sends_becomes_rows(now: datetime) -> None:
    headers = {"Date": "Mon, 02 Mar 2026 09:00:00 +0000"}
    assert DjangoMessage("Hi", "Text", to=["a@example.com", "b@example.com"], headers=headers).send() == 1
    DjangoMessage("Now", "Text", to=["c@example.com"]).send()
    later, *dated = queries.latest_mail()
    assert sorted((mail.to, mail.subject, mail.created_at) for mail in dated) == [
        ("a@example.com", "Hi", now),
        ("b@example.com", "Hi", now),
    ]
    assert datetime.now(UTC) - later.created_at < timedelta(minutes=1)


# -- delivering


def test_a_message_is_delivered_once(now: datetime, server: SmallMailServer) -> None:
    mail = actions.send_mail("a@example.com", subject="Grüße", text="Körper\n", now=now)
    actions.deliver(mail.id, now=now + timedelta(minutes=1))
    actions.deliver(mail.id, now=now + timedelta(minutes=2))
    taken = server.message()
    assert (taken["Subject"], taken["To"], taken["From"], taken["Message-ID"], taken.get_content().strip()) == (
        "Grüße",
        "a@example.com",
        "SISO Academy <academy@example.com>",
        f"<{mail.id}@example.com>",
        "Körper",
    )
    assert any(word.startswith("AUTH PLAIN") for word in server.said)
    mail.refresh_from_db()
    assert (mail.sent_at, mail.failure) == (now + timedelta(minutes=1), "")


def test_a_refusal_for_now_is_kept_and_tried_again(now: datetime, server: SmallMailServer) -> None:
    server.refusal = "450 the box is full"
    mail = actions.send_mail("a@example.com", subject="One", text="1", now=now)
    with pytest.raises(Exception, match="the box is full"):
        jobs.deliver_mail(mail_id=str(mail.id))
    mail.refresh_from_db()
    assert mail.sent_at is None
    assert (mail.failure, mail.returned_at) == ("450 the box is full", None)
    assert queries.undelivered(before=now) == 0
    assert queries.undelivered(before=now + timedelta(seconds=1)) == 1
    server.refusal = ""
    jobs.deliver_mail(mail_id=str(mail.id))
    mail.refresh_from_db()
    assert (mail.sent_at is not None, mail.failure) == (True, "")


def test_a_server_that_is_not_there(now: datetime, settings: SimpleNamespace, unused_tcp_port: int) -> None:
    settings.MAIL_URL = f"smtp://127.0.0.1:{unused_tcp_port}"
    mail = actions.send_mail("a@example.com", subject="One", text="1", now=now)
    with pytest.raises(ConnectionRefusedError):
        actions.deliver(mail.id, now=now)
    mail.refresh_from_db()
    assert mail.failure == "ConnectionRefusedError: [Errno 111] Connection refused"


@pytest.fixture
def unused_tcp_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def test_a_server_that_speaks_no_tls(now: datetime, server: SmallMailServer, settings: SimpleNamespace) -> None:
    settings.MAIL_URL = f"smtps://127.0.0.1:{server.port}"
    mail = actions.send_mail("a@example.com", subject="One", text="1", now=now)
    with pytest.raises(OSError, match="SSL"):
        actions.deliver(mail.id, now=now)
    assert server.taken == []


def test_where_tls_is_offered_it_is_used_and_the_certificate_checked(
    now: datetime,
    server: SmallMailServer,
    certificate: Path,
    settings: SimpleNamespace,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.MAIL_URL = f"smtp://127.0.0.1:{server.port}"
    server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.tls.load_cert_chain(certificate)
    mail = actions.send_mail("a@example.com", subject="One", text="1", now=now)
    with pytest.raises(ssl.SSLCertVerificationError):
        actions.deliver(mail.id, now=now)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    actions.deliver(mail.id, now=now)
    assert (server.message()["Subject"], "STARTTLS" in server.said) == ("One", True)
    assert not any(word.startswith("AUTH") for word in server.said)


def test_a_message_that_is_gone_or_a_server_that_was_taken_away(
    now: datetime, server: SmallMailServer, settings: SimpleNamespace
) -> None:
    actions.deliver(uuid4(), now=now)
    mail = actions.send_mail("a@example.com", subject="One", text="1", now=now)
    settings.MAIL_URL = ""
    actions.deliver(mail.id, now=now)
    assert server.taken == []


@pytest.mark.django_db(transaction=True)
def test_a_worker_delivers_what_waits(now: datetime, server: SmallMailServer) -> None:
    mail = actions.send_mail("a@example.com", subject="One", text="1", now=now)
    with app.replace_connector(app.connector.get_worker_connector()) as working:  # type: ignore[attr-defined]
        working.run_worker(queues=["mail"], wait=False, listen_notify=False, install_signal_handlers=False)
    mail.refresh_from_db()
    assert (mail.sent_at is not None, len(server.taken)) == (True, 1)
    assert ("notifications.deliver_mail", "mail", str(mail.id), "succeeded") in queued()


def test_a_person_is_forgotten_under_every_address(now: datetime) -> None:
    person = a_person(email="ada@example.com")
    for to in (person, "old@example.com", "eve@example.com"):
        actions.send_mail(to, subject="One", text="1", now=now)
    actions.forget_person(person.id, ["ada@example.com", "old@example.com"])
    assert [mail.to for mail in queries.latest_mail()] == ["eve@example.com"]
