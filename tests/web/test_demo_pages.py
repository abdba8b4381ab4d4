"""The demo's own pages: there in demo mode, nowhere else."""

import json
import re
from datetime import datetime, time, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.test import Client

from academy.core import clock
from academy.demo.create import SIGN_INS
from academy.notifications.actions import send_mail
from academy.notifications.notices.actions import tell
from academy.notifications.preferences.actions import choose
from academy.people.accounts.models import Person
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.commissions.models import CommissionLine
from academy.programme.deals.models import Deal
from academy.programme.deals.registrations.actions import register_deal
from academy.programme.deals.reports.actions import take_report
from academy.programme.deals.reports.rules import Told
from academy.programme.plans.models import Programme

from ..factories import a_person, acting, signed_in
from ..worlds import World, a_world, pass_modules, win
from .reading import heading, main
from .test_sign_in import who

pytestmark = pytest.mark.django_db
PAGES = ("/demo/", "/demo/stage/", "/demo/sales/", "/demo/mail/")


@pytest.fixture
def demo(settings: Any) -> None:
    """The house in demo mode."""
    settings.DEMO = True


@pytest.fixture
def world() -> World:
    """Maya, who is among the demo's sign-ins, in a small academy."""
    today: datetime = clock.now() - timedelta(minutes=5)
    made = a_world(today)
    Person.objects.filter(pk=made.owner.person_id).update(email="partner@demo.academy", name="Maya")
    return made


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("is_demo", "production"), [(False, False), (True, True)])
def test_outside_of_the_demo_there_is_nothing(settings: Any, path: str, is_demo: bool, production: bool) -> None:
    settings.DEMO, settings.PRODUCTION = is_demo, production
    assert Client().get(path).status_code == 404


def test_nobody_enters_outside_of_the_demo(world: World) -> None:
    browser = Client()
    answer = browser.post("/demo/enter/", {"email": "partner@demo.academy"})
    assert (answer.status_code, who(browser)) == (404, "")
    assert "Look around in the demo" not in main(browser.get("/accounts/login/"))


@pytest.mark.usefixtures("demo")
def test_sign_in_and_demo_list_every_moment() -> None:
    browser = Client()
    for path in ("/accounts/login/", "/demo/"):
        answer = browser.get(path)
        offered = re.findall(r'name="email" value="([^"]+)"', answer.content.decode())
        assert sorted(set(offered)) == sorted(email for email, _ in SIGN_INS)
        assert all(moment in unescape(answer.content.decode()) for _, moment in SIGN_INS)
        assert "Real actions on invented partners. Nothing is simulated." in main(answer)


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(("more", "leads"), [({}, "/"), ({"stage": "yes"}, "/demo/stage/")])
def test_one_press_enters_whoever_was_signed_in_before(world: World, more: dict[str, str], leads: str) -> None:
    browser = signed_in(a_person())
    answer = browser.post("/demo/enter/", {"email": "partner@demo.academy", **more})
    assert (answer.status_code, answer["Location"], who(browser)) == (302, leads, "partner@demo.academy")


@pytest.mark.usefixtures("demo")
def test_only_the_demo_s_people_can_be_entered() -> None:
    browser, other = Client(), a_person(email="real@example.com")
    answer = browser.post("/demo/enter/", {"email": other.email})
    assert (answer.status_code, who(browser)) == (404, "")


@pytest.mark.usefixtures("demo")
def test_the_stage_frames_the_next_lesson_beside_home(world: World) -> None:
    browser = signed_in(Person.objects.get(pk=world.owner.person_id))
    begun, following = world.course.modules
    pass_modules(world.owner, world.course, begun, now=clock.now())
    answer = browser.get("/demo/stage/")
    text = answer.content.decode()
    first = world.course.lessons[following][0]
    assert (answer.status_code, heading(answer)) == (200, "See a lesson move a rate")
    assert re.findall(r'<iframe src="([^"]+)"', text) == [f"/training/lessons/{first}/", "/"]
    words = re.search(r"data-words='([^']+)'", text) or re.search(r'data-words="([^"]+)"', text)
    assert words
    assert json.loads(unescape(words[1]))["quiz.passed"] == "Quiz passed"


@pytest.mark.usefixtures("demo")
def test_the_stage_needs_somebody_with_a_partner(manager: Client) -> None:
    assert Client().get("/demo/stage/")["Location"].startswith("/accounts/login/")
    assert manager.get("/demo/stage/").status_code == 404


@pytest.mark.usefixtures("demo")
def test_the_letter_box_shows_mails_and_their_links() -> None:
    assert "No mail yet" in main(Client().get("/demo/mail/"))
    EmailMessage("Hello <b>", "Open http://localhost:8000/sign-in/x:y-z/ now", to=["a@example.com"]).send()
    answer = Client().get("/demo/mail/")
    assert "Hello <b>" in main(answer)
    assert '<a href="http://localhost:8000/sign-in/x:y-z/"' in answer.content.decode()


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(
    ("hours", "zone", "says"),
    [
        ((time(18), time(22, 30)), "Europe/London", "waits until 22:30"),
        ((time(21), time(7)), "Europe/Paris", "waits until 3 Mar, 07:00"),
        ((time(7), time(8)), "Europe/London", ""),
    ],
)
def test_the_letter_box_says_which_mails_still_wait(
    hours: tuple[time, time], zone: str, says: str, now: datetime
) -> None:
    """On the clock of whoever they are for; once they have gone, nothing is said."""
    person, evening = a_person(timezone=zone), now.replace(hour=20, minute=30)
    choose(acting(person), {}, quiet_begins=hours[0], quiet_ends=hours[1], now=now)
    assert tell("learning.assigned", [person.pk], key="k", now=evening, params={"thing": person.pk}) == 1
    send_mail(person, subject="A code", text="123", now=evening)  # what is asked for waits for nothing
    with time_machine.travel(evening, tick=False):
        shown = main(Client().get("/demo/mail/"))
    assert (says in shown, shown.count("waits until")) == (True, bool(says))
    with time_machine.travel(now + timedelta(days=1), tick=False):
        assert "waits until" not in main(Client().get("/demo/mail/"))


@pytest.mark.usefixtures("demo")
def test_what_waits_is_counted_where_one_signs_in(world: World) -> None:
    now = clock.now()
    register_deal(world.owner, client="Fern", product="website", amount="900", expected_on=None, now=now)
    told = Told("crm", "1", "Nobody Ltd", "website", "Fern", "100", "GBP", "won", now.isoformat())
    take_report(THE_HOUSE, told, now=now)
    text = main(Client().get("/demo/"))
    assert "Deals to answer: 1, on a client who is taken: 0. Reports to match: 1." in text
    assert re.search(r"[A-Z][a-z]+ \d{4} is due\. Close it", text)
    assert "Two years of real sales" not in text


@pytest.mark.usefixtures("demo")
def test_a_refund_on_the_stage_is_a_real_one_and_pressed_twice_is_one(world: World) -> None:
    browser = signed_in(Person.objects.get(pk=world.owner.person_id))
    assert "so there is nothing to take back" in main(browser.get("/demo/stage/"))
    assert browser.post("/demo/stage/refund/", {"so_far": "0"}).status_code == 404
    deal = win(world.partner, 100_000, at=clock.now() - timedelta(minutes=1), client="Oakline Retail")
    ((earned,),) = CommissionLine.objects.values_list("amount")
    assert "Take £100.00 back" in main(browser.get("/demo/stage/"))
    for _ in range(2):
        answer = browser.post("/demo/stage/refund/", {"so_far": "0"})
        assert (answer.status_code, answer["Location"]) == (302, "/demo/stage/#refund")
    assert Deal.objects.get(pk=deal).refunded == 10_000
    assert list(CommissionLine.objects.order_by("effective_at").values_list("kind", "amount")) == [
        ("earned", earned),
        ("reversed", -earned // 10),
    ]
    shown = main(browser.get("/demo/stage/"))
    assert "Oakline Retail, £1,000.00" in shown
    assert "£100.00 taken back" in shown
    assert browser.post("/demo/stage/refund/", {"so_far": "-1"}).status_code == 422


@pytest.mark.usefixtures("demo")
def test_imported_sales_open_as_of_their_days_and_are_recomputed_live(world: World, manager: Client) -> None:
    assert "No sales were imported" in main(manager.get("/demo/sales/"))
    Programme.objects.filter(pk=world.programme).update(clock="source")
    win(world.partner, 123_456, at=clock.now() - timedelta(minutes=1))
    assert "Two years of real sales" in main(Client().get("/demo/"))
    answer = manager.get("/demo/sales/")
    day = clock.now() - timedelta(minutes=1)
    assert re.findall(r"as_of=([0-9-]+)", answer.content.decode()) == [day.date().isoformat()]
    assert "1 deals, 1 lines, £1,234.56, 0 differences" in main(manager.post("/demo/sales/"))
    assert signed_in(Person.objects.get(pk=world.owner.person_id)).get("/demo/sales/").status_code == 404
