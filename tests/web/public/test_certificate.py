"""A certificate's public page: what it tells strangers, what it keeps to itself; and the holder's PDF."""

from datetime import datetime
from ipaddress import ip_address

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from academy.people.accounts.models import Person
from academy.recognition.certificates.actions import revoke
from academy.recognition.certificates.models import Certificate
from academy.web.public.certificate.page import MOST_A_MINUTE

from ...factories import a_staff_member, acting, signed_in
from ...worlds import World, a_world, days, pass_modules, take_quiz
from ..reading import heading, main

pytestmark = pytest.mark.django_db
ADDRESSES = (ip_address("2001:db8::") + number for number in range(1, 10_000))


@pytest.fixture(autouse=True)
def _nobody_asked_before() -> None:
    cache.clear()


@pytest.fixture
def world(now: datetime) -> World:
    """A holder who has passed two modules, and so holds the certificate Master for two years."""
    world = a_world(now)
    pass_modules(world.owner, world.course, now=now)
    Person.objects.filter(pk=world.owner.person_id).update(name="Maya Okafor")
    return world


def serial() -> str:
    return Certificate.objects.get().serial


def test_a_valid_one(world: World, client: Client, now: datetime) -> None:
    with time_machine.travel(now + days(1), tick=False):
        answer = client.get(f"/certificates/{serial()}/")
    assert (answer.status_code, heading(answer)) == (200, "Master")
    assert main(answer) == (
        "Valid until 2 March 2028 Certificate of SISO Academy Master Advanced Holder keeps the name private "
        f"Issued 2 March 2026 Valid until 2 March 2028 Number {serial()} Proved by passing Module 0 Module 1 "
        f"Leads to this page: http://localhost:8000/certificates/{serial()}/ "
        "Whoever shows you a certificate: check that the number on the paper is the one in this page's address."
    )
    assert 'src="data:image/svg+xml' in answer.content.decode()
    assert "Maya" not in answer.content.decode()
    assert '<meta name="robots" content="noindex">' in answer.content.decode()


def test_the_name_stands_there_with_its_holders_consent_alone(world: World, client: Client) -> None:
    Person.objects.filter(pk=world.owner.person_id).update(shows_name=True)
    assert "Holder Maya Okafor" in main(client.get(f"/certificates/{serial()}/"))
    Person.objects.filter(pk=world.owner.person_id).update(is_active=False)
    assert "Maya" not in client.get(f"/certificates/{serial()}/").content.decode()


def test_its_days_are_the_holders_whoever_looks(world: World, client: Client) -> None:
    Person.objects.filter(pk=world.owner.person_id).update(timezone="Pacific/Honolulu")
    for visitor in (client, signed_in(a_staff_member("curator"))):
        assert "Issued 1 March 2026 Valid until 1 March 2028" in main(visitor.get(f"/certificates/{serial()}/"))


def test_expired_and_revoked_in_words_and_shape(world: World, client: Client, now: datetime) -> None:
    with time_machine.travel(now + days(800), tick=False):
        answer = client.get(f"/certificates/{serial()}/")
    assert main(answer).startswith("Expired on 2 March 2028")
    assert '<p class="verdict expired">' in answer.content.decode()

    revoke(acting(a_staff_member("curator")), serial(), reason="A secret reason.", now=now + days(3))

    with time_machine.travel(now + days(4), tick=False):
        answer = client.get(f"/certificates/{serial()}/")
    assert main(answer).startswith("Revoked on 5 March 2026; it no longer proves anything")
    assert '<p class="verdict revoked">' in answer.content.decode()
    assert "secret" not in answer.content.decode()


def test_the_older_record_leads_to_the_one_that_renews_it(world: World, client: Client, now: datetime) -> None:
    renewal = datetime(2028, 1, 15, 9, 0, tzinfo=now.tzinfo)
    for quiz in world.course.quizzes.values():
        take_quiz(world.owner, quiz, now=renewal)
    newer, older = Certificate.objects.order_by("-issued_at").values_list("serial", flat=True)

    with time_machine.travel(now + days(800), tick=False):
        answer = client.get(f"/certificates/{older}/")
        assert f"Number {older} Renewed 15 January 2028 · {newer} " in main(answer)
        assert f'<a href="/certificates/{newer}/">' in answer.content.decode()
        assert "Renewed" not in main(client.get(f"/certificates/{newer}/"))

    revoke(acting(a_staff_member("curator")), newer, reason="Somebody else sat there.", now=now + days(790))

    with time_machine.travel(now + days(800), tick=False):
        assert "Renewed" not in main(client.get(f"/certificates/{older}/"))


def test_a_number_may_be_written_small(world: World, client: Client) -> None:
    assert heading(client.get(f"/certificates/{serial().lower()}/")) == "Master"


def test_whether_a_number_was_nearly_right_is_not_told(world: World, client: Client) -> None:
    right = serial()
    wrong = ["0000-0000-0000", right[:-1], right[:-1] + ("0" if right[-1] != "0" else "1"), right + "-0", right[::-1]]
    answers = [client.get(f"/certificates/{number}/") for number in wrong]
    assert {answer.status_code for answer in answers} == {404}
    (told,) = {main(answer).rpartition("If you write to us")[0] for answer in answers}
    assert told.startswith("Nothing here There is no certificate with this number.")


def test_an_address_that_tries_many_numbers_has_to_wait(world: World, client: Client, now: datetime) -> None:
    with time_machine.travel(now, tick=False):
        for _ in range(MOST_A_MINUTE):
            assert client.get("/certificates/0000-0000-0000/").status_code == 404
        # A right number is refused just the same, else it could still be found by trying.
        assert client.get(f"/certificates/{serial()}/").status_code == 429
        assert client.get(f"/certificates/{serial()}/", REMOTE_ADDR="192.0.2.7").status_code == 200
    with time_machine.travel(now + days(1 / 1440), tick=False):
        assert client.get(f"/certificates/{serial()}/").status_code == 200


def test_a_network_of_the_newer_kind_counts_as_one(world: World, client: Client, now: datetime) -> None:
    with time_machine.travel(now, tick=False):
        for _ in range(MOST_A_MINUTE):
            client.get("/certificates/0000-0000-0000/", REMOTE_ADDR=str(next(ADDRESSES)))
        assert client.get(f"/certificates/{serial()}/", REMOTE_ADDR=str(next(ADDRESSES))).status_code == 429
        assert client.get(f"/certificates/{serial()}/", REMOTE_ADDR="2001:db8:0:1::1").status_code == 200


def test_the_pdf_is_its_holders_alone(world: World, client: Client, manager: Client) -> None:
    address = f"/certificates/{serial()}/certificate.pdf"
    holder = signed_in(Person.objects.get(pk=world.owner.person_id))
    answer = holder.get(address)
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "private, no-store")
    assert answer["Content-Disposition"] == f'attachment; filename="master-{serial()}.pdf"'
    assert answer.content.startswith(b"%PDF-")
    assert manager.get(address).status_code == 404
    assert client.get(address).status_code == 302
    assert holder.get("/certificates/0000-0000-0000/certificate.pdf").status_code == 404


def test_a_revoked_one_cannot_be_printed(world: World, now: datetime) -> None:
    revoke(acting(a_staff_member("curator")), serial(), reason="Found wrong.", now=now + days(3))
    holder = signed_in(Person.objects.get(pk=world.owner.person_id))
    assert holder.get(f"/certificates/{serial()}/certificate.pdf").status_code == 404
    assert "Download the PDF" not in main(holder.get(f"/certificates/{serial()}/"))


def test_its_holder_is_told_how_to_show_the_name(world: World) -> None:
    holder = signed_in(Person.objects.get(pk=world.owner.person_id))
    page = main(holder.get(f"/certificates/{serial()}/"))
    assert "Download the PDF All my certificates" in page
    assert "You see this page as others do." in page
