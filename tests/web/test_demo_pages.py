"""The demo's own pages: there in demo mode, nowhere else."""

import json
import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.test import Client

from academy.core import clock
from academy.demo.create import SIGN_INS
from academy.people.accounts.models import Person

from ..factories import a_person, signed_in
from ..worlds import World, a_world
from .reading import heading, main
from .test_sign_in import who

pytestmark = pytest.mark.django_db
PAGES = ("/demo/", "/demo/stage/", "/demo/mail/")


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
    answer = browser.get("/demo/stage/")
    text = answer.content.decode()
    first = world.course.lessons[world.course.modules[0]][0]
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
