"""What is around every request: headers, who is asking, and how a refusal is told to each sort of caller."""

import json
import re
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from academy.core.errors import Conflict, Refused
from academy.people.accounts.models import Person
from academy.people.permissions.rules import ANYONE, Actor
from academy.web import refusals
from academy.web.middleware import signed_in, staff
from academy.web.requests import PersonRequest
from academy.web.templates import render

from ..factories import a_member, a_staff_member
from ..factories import signed_in as browser_of


def refuse(request: HttpRequest) -> HttpResponse:
    raise Conflict("This deal is already accepted.", fields={"client": "Choose another."}, code="accepted")


def form(request: HttpRequest) -> HttpResponse:
    request.on_refusal = lambda refused: render(  # type: ignore[attr-defined]
        request, "errors/refused.html", refused=refused, title="The form again"
    )
    raise Refused("Look below.", fields={"name": "Write a name."})


def break_down(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("secret detail")


def lost(request: HttpRequest) -> HttpResponse:
    raise Http404("secret row")


def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("secret rule")


@signed_in
def mine(request: PersonRequest) -> HttpResponse:
    partner = request.partner.name if request.partner else None
    return HttpResponse(f"{request.person.name}|{partner}|{request.language}|{request.actor.member_role}")


@staff
def house(request: PersonRequest) -> HttpResponse:
    return HttpResponse("house")


def who(request: HttpRequest) -> HttpResponse:
    known: Actor = request.actor  # type: ignore[attr-defined]
    return HttpResponse(str(known == ANYONE))


urlpatterns = [
    path("refuse/", refuse),
    path("api/refuse/", refuse),
    path("form/", form),
    path("break/", break_down),
    path("lost/", lost),
    path("forbidden/", forbidden),
    path("mine/", mine),
    path("house/", house),
    path("who/", who),
]
handler400, handler403 = refusals.bad_request, refusals.forbidden
handler404, handler500 = refusals.not_found, refusals.failed

pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def stranger() -> Client:
    """A browser in which nobody is signed in, and which shows the error page as a browser does."""
    return Client(raise_request_exception=False)


def told(response: Any) -> tuple[int, str, str]:
    """Status, heading and sentence of an error page."""
    text = response.content.decode()
    heading = re.search(r"<h1>(.*?)</h1>\s*<p>(.*?)</p>", text, re.DOTALL)
    assert heading, text
    return response.status_code, heading[1], heading[2]


def test_every_answer_is_shut_to_strangers(stranger: Client) -> None:
    response = stranger.get("/who/")
    assert response.content == b"True"
    assert {name: response[name] for name in ("X-Content-Type-Options", "X-Frame-Options", "Cache-Control")} == {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cache-Control": "private, no-cache",
    }
    assert "unsafe" not in response["Content-Security-Policy"]
    assert response["Content-Security-Policy"].startswith("default-src 'self'; script-src 'self'; style-src 'self';")
    assert UUID(response["X-Request-Id"]).version == 7


def test_a_refusal_is_a_page(stranger: Client) -> None:
    response = stranger.post("/refuse/")
    assert told(response) == (409, "That is not possible now", "This deal is already accepted.")
    assert "<li>Choose another.</li>" in response.content.decode()
    assert response["X-Request-Id"] in response.content.decode()


def test_a_refusal_is_a_sentence_in_the_open_page(stranger: Client) -> None:
    response = stranger.post("/refuse/", headers={"HX-Request": "true"})
    text = re.sub(r"<svg.*?</svg>", "", response.content.decode(), flags=re.DOTALL)
    assert (response.status_code, text.strip()) == (
        409,
        """<p class="note bad"><span>This deal is already accepted.</span></p>
<p id="bad-client" class="bad" hx-swap-oob="true">Choose another.</p>""",
    )


@pytest.mark.parametrize(("address", "accept"), [("/api/refuse/", "*/*"), ("/refuse/", "application/json")])
def test_a_refusal_is_a_problem_document(stranger: Client, address: str, accept: str) -> None:
    response = stranger.post(address, headers={"Accept": accept})
    assert response["Content-Type"] == "application/problem+json"
    assert json.loads(response.content) == {
        "type": "urn:siso-academy:problem:accepted",
        "title": "Conflict",
        "status": 409,
        "detail": "This deal is already accepted.",
        "code": "accepted",
        "errors": {"client": "Choose another."},
        "request_id": response["X-Request-Id"],
    }


def test_a_form_shows_its_refusal_itself(stranger: Client) -> None:
    assert told(stranger.post("/form/")) == (422, "The form again", "Look below.")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/nowhere/", (404, "Nothing here", "There is nothing here, or it is not yours to see.")),
        ("/lost/", (404, "Nothing here", "There is nothing here, or it is not yours to see.")),
        ("/forbidden/", (403, "Not allowed", "Your role does not allow this.")),
        (
            "/break/",
            (
                500,
                "Something broke on our side",
                "This is our mistake and it has been recorded. Nothing you did was half-saved.",
            ),
        ),
    ],
)
def test_what_django_raises_is_told_in_our_words(
    stranger: Client, address: str, expected: tuple[int, str, str]
) -> None:
    response = stranger.get(address)
    assert told(response) == expected
    assert b"secret" not in response.content


def test_an_unexpected_failure_is_logged_with_its_cause(stranger: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    class Log:
        said: ClassVar[list[tuple[str, dict[str, Any]]]] = []

        def exception(self, event: str, **values: Any) -> None:
            self.said.append((event, values))

    monkeypatch.setattr(refusals, "log", Log())
    stranger.get("/break/")
    assert Log.said == [("request_failed", {"path": "/break/", "method": "GET"})]


def test_an_outdated_form_says_so() -> None:
    response = Client(enforce_csrf_checks=True).post("/refuse/")
    assert told(response) == (
        403,
        "Not allowed",
        "This form is out of date. Load the page again and send it once more.",
    )


def test_a_stranger_is_sent_to_sign_in_and_back(stranger: Client) -> None:
    response = stranger.get("/mine/?a=1")
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=%2Fmine%2F%3Fa%3D1")


def test_a_stranger_in_an_open_page_is_sent_too(stranger: Client) -> None:
    response = stranger.post("/mine/", headers={"HX-Request": "true"})
    assert (response.status_code, response["HX-Redirect"]) == (401, "/accounts/login/?next=%2F")
    assert stranger.get("/mine/", headers={"X-Parts": "a"}).status_code == 401
    assert stranger.get("/mine/", headers={"Accept": "application/json"}).status_code == 401


@pytest.mark.django_db
def test_who_is_asking_costs_one_query(django_assert_num_queries: Any) -> None:
    membership = a_member(role="owner")
    browser = browser_of(membership.person)
    with django_assert_num_queries(1):  # session, person, membership and partner together
        response = browser.get("/mine/")
    assert response.content.decode() == f"{membership.person.name}|{membership.partner.name}|en|owner"
    assert response["Content-Language"] == "en"


@pytest.mark.django_db
def test_the_house_is_not_there_for_partners() -> None:
    def answer_to(person: Person) -> int:
        return browser_of(person).get("/house/").status_code

    assert (answer_to(a_member().person), answer_to(a_staff_member("manager"))) == (404, 200)
