"""Mail that comes back: said by the server at once or by a provider later, and seen by the person and the house."""

import smtplib
from collections.abc import Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from academy.core.errors import Forbidden, NotFound, Refused
from academy.notifications import actions, jobs
from academy.notifications.models import Mail
from academy.notifications.preferences.actions import choose, read_stop
from academy.notifications.returns.actions import clear_return, forget_person, keep_return, report_return, try_again
from academy.notifications.returns.models import Return
from academy.notifications.returns.queries import failing, return_of, returns_to
from academy.notifications.rules import Refusal, refusal
from academy.people.permissions.rules import THE_HOUSE, Actor

from ..factories import a_member, a_person, a_staff_member, acting
from .test_mail import SmallMailServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings: SimpleNamespace) -> Iterator[SmallMailServer]:
    server = SmallMailServer()
    settings.MAIL_URL = f"smtp://127.0.0.1:{server.port}"
    settings.DEFAULT_FROM_EMAIL = "SISO Academy <academy@example.com>"
    yield server
    server.close()


def kept() -> list[tuple[str, int, str, bool]]:
    return list(Return.objects.order_by("address").values_list("address", "times", "reason", "reported"))


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b.cc": (550, b"no\r\nsuch box")}), Refusal("550 no such box", True, True)),
        (smtplib.SMTPRecipientsRefused({"a@b.cc": (452, b"full")}), Refusal("452 full", False, False)),
        (smtplib.SMTPDataError(554, "looks like spam"), Refusal("554 looks like spam", True, False)),
        (smtplib.SMTPDataError(451, b"later"), Refusal("451 later", False, False)),
        (smtplib.SMTPRecipientsRefused({}), Refusal("SMTPRecipientsRefused: {}", False, False)),
        (
            smtplib.SMTPSenderRefused(550, b"you?", "us@b.cc"),
            Refusal("SMTPSenderRefused: (550, b'you?', 'us@b.cc')", False, False),
        ),
        (
            smtplib.SMTPAuthenticationError(535, b"wrong"),
            Refusal("SMTPAuthenticationError: (535, b'wrong')", False, False),
        ),
        (TimeoutError("timed out"), Refusal("TimeoutError: timed out", False, False)),
    ],
)
def test_what_a_refusal_means(failure: Exception, said: Refusal) -> None:
    assert refusal(failure) == said


def test_an_address_refused_for_good_is_known_and_not_tried_again(now: datetime, server: SmallMailServer) -> None:
    server.refusal = "550 no such box"
    mail = actions.send_mail("Ada@example.com", subject="One", text="1", now=now)
    jobs.deliver_mail(mail_id=str(mail.id))
    actions.deliver(mail.id, now=now)
    mail.refresh_from_db()
    assert (mail.sent_at, mail.failure, mail.returned_at is not None) == (None, "550 no such box", True)
    assert kept() == [("Ada@example.com", 1, "550 no such box", False)]
    again = actions.send_mail("ada@example.com", subject="Two", text="2", now=now)
    actions.deliver(again.id, now=now + timedelta(days=1))
    assert kept() == [("Ada@example.com", 2, "550 no such box", False)]
    assert str(Return.objects.get()) == "Ada@example.com"


def test_an_address_that_takes_mail_again_is_well(now: datetime, server: SmallMailServer) -> None:
    keep_return("ada@example.com", reason="550", reported=False, now=now)
    keep_return("ben@example.com", reason="reported", reported=True, now=now)
    for to in ("ada@example.com", "ben@example.com"):
        actions.deliver(actions.send_mail(to, subject="One", text="1", now=now).id, now=now)
    # A server that takes a mail may still send it back later: only the person or the house takes back such a word.
    assert kept() == [("ben@example.com", 1, "reported", True)]


def test_a_message_refused_for_what_it_says_says_nothing_of_the_address(
    now: datetime, server: SmallMailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*given: Any) -> None:
        raise smtplib.SMTPDataError(554, "looks like spam")

    monkeypatch.setattr(smtplib.SMTP, "send_message", refuse)
    mail = actions.send_mail("ada@example.com", subject="One", text="1", now=now)
    actions.deliver(mail.id, now=now)
    mail.refresh_from_db()
    assert (mail.failure, mail.returned_at, kept()) == ("554 looks like spam", now, [])


def test_two_workers_give_up_once(now: datetime, server: SmallMailServer) -> None:
    mail = actions.send_mail("ada@example.com", subject="One", text="1", now=now)
    Mail.objects.filter(id=mail.id).update(returned_at=now)
    actions._give_up(mail.id, Refusal("550", True, True), now)
    assert kept() == []


# -- the headers by which a mail program stops mail


def test_mail_that_may_be_stopped_says_so_in_its_headers(now: datetime, server: SmallMailServer) -> None:
    person = a_person(email="ada@example.com")
    mail = actions.send_mail(person, subject="One", text="1", now=now, kind="learning.assigned")
    actions.deliver(mail.id, now=now)
    taken = server.message()
    stop = taken["List-Unsubscribe"]
    assert taken["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"List-Unsubscribe: {stop}\r\n".encode() in server.taken[0]  # in one line, as it is
    assert stop.startswith("<http://localhost:8000/notices/unsubscribe/")
    assert stop.endswith("/>")
    asked = read_stop(stop.strip("<>").rstrip("/").rpartition("/")[2])
    assert (asked.email, asked.name) == ("ada@example.com", "learning.assigned")


def test_what_was_switched_off_while_it_waited_is_not_sent(now: datetime, server: SmallMailServer) -> None:
    person = a_person()
    waiting = [
        actions.send_mail(person, subject=kind, text="1", now=now, kind=kind)
        for kind in ("learning.assigned", "tier.changed")
    ]
    choose(acting(person), {"learning.assigned": "off"}, quiet_begins=None, quiet_ends=None, now=now)
    for mail in waiting:
        actions.deliver(mail.id, now=now)
    assert (len(server.taken), list(Mail.objects.values_list("subject", flat=True))) == (1, ["tier.changed"])


def test_what_must_be_mailed_and_codes_have_none(now: datetime, server: SmallMailServer) -> None:
    actions.deliver(actions.send_mail(a_person(), subject="Code", text="123456", now=now).id, now=now)
    taken = server.message()
    assert (taken["List-Unsubscribe"], taken["List-Unsubscribe-Post"]) == (None, None)


# -- a provider's word


def test_a_provider_tells_and_the_person_says_that_it_is_right(now: datetime) -> None:
    person = a_person(email="ada@example.com")
    administrator = acting(a_staff_member("administrator"))
    assert report_return(administrator, " Ada@Example.com ", reason=" box \n full ", now=now) == "ada@example.com"
    report_return(THE_HOUSE, "ada@example.com", reason="", now=now + timedelta(days=1))
    found = return_of("ADA@example.com")
    assert found is not None
    assert (found.address, found.since, found.last_at, found.times, found.reason) == (
        "ada@example.com",
        now,
        now + timedelta(days=1),
        2,
        "reported",
    )
    assert [(one["address"], one["times"]) for one in returns_to(person.id)] == [("ada@example.com", 2)]
    try_again(acting(person))
    assert (return_of("ada@example.com"), returns_to(person.id)) == (None, [])
    with pytest.raises(NotFound):
        try_again(Actor(uuid4()))


def test_only_the_house_reports_and_only_addresses(now: datetime) -> None:
    with pytest.raises(Refused) as refused:
        report_return(THE_HOUSE, "not an address", reason="", now=now)
    assert list(refused.value.fields) == ["address"]
    with pytest.raises(Forbidden):
        report_return(acting(a_staff_member("manager")), "a@b.cc", reason="", now=now)
    report_return(THE_HOUSE, "a@example.com", reason="x", now=now)
    assert (clear_return(THE_HOUSE, " A@example.com "), clear_return(THE_HOUSE, "a@example.com")) == (True, False)


def test_the_house_sees_whose_mail_does_not_arrive(now: datetime) -> None:
    member = a_member(person=a_person(email="ada@example.com", name="Ada"))
    keep_return("ADA@example.com", reason="550 no such box", reported=False, now=now)
    for count in range(2):
        Mail.objects.create(
            to="Ben@example.com", subject="", text="", created_at=now + timedelta(days=count), failure="x"
        )
    Mail.objects.create(to="c@example.com", subject="", text="", created_at=now, failure="550", returned_at=now)
    Mail.objects.create(to="d@example.com", subject="", text="", created_at=now)
    lines = failing(acting(a_staff_member("finance")))
    assert [(one.address, one.person, one.partner, one.since, one.times, one.comes_back) for one in lines] == [
        ("ADA@example.com", "Ada", member.partner.name, now, 1, True),
        ("ben@example.com", "", None, now, 2, False),
    ]
    with pytest.raises(Forbidden):
        failing(acting(a_staff_member("curator")))


def test_who_is_erased_leaves_no_address(now: datetime) -> None:
    for address in ("Ada@example.com", "ada.old@example.com", "ben@example.com"):
        keep_return(address, reason="550", reported=True, now=now)
    forget_person(THE_HOUSE.person_id, [])
    forget_person(THE_HOUSE.person_id, ["ada@example.com", "ada.old@example.com"])
    assert [address for address, *_ in kept()] == ["ben@example.com"]
