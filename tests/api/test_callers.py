"""Who is asking: tokens, sessions, strangers."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from academy.people.accounts.models import Person
from academy.people.tokens.actions import create_token, revoke_token

from ..factories import a_member, a_person, a_staff_member, acting, signed_in
from ..worlds import World, a_colleague
from .calls import ROOT, Program, problem

pytestmark = pytest.mark.django_db

SIGN_IN = {
    "type": "urn:siso-academy:problem:sign_in_needed",
    "title": "Unauthorized",
    "status": 401,
    "detail": "Sign in, or send a token as “Authorization: Bearer …”.",
    "code": "sign_in_needed",
    "errors": {},
}


def test_me_says_who_is_asking(now: datetime) -> None:
    membership = a_member(role="owner")
    person, partner = membership.person, membership.partner

    assert Program(acting(membership), now=now).get("/me") == {
        "id": str(person.id),
        "email": person.email,
        "name": person.name,
        "roles": ["owner"],
        "partner": {
            "id": str(partner.id),
            "name": partner.name,
            "slug": partner.slug,
            "currency": "GBP",
            "timezone": "Europe/London",
        },
    }


def test_people_of_the_house_have_roles_and_no_partner(now: datetime) -> None:
    person = a_staff_member("manager", "finance")

    told = Program(acting(person), now=now).get("/me")

    assert (told["roles"], told["partner"]) == (["finance", "manager"], None)


def test_a_session_is_the_same_person(now: datetime) -> None:
    membership = a_member()

    by_cookie = signed_in(membership.person).get(f"{ROOT}/me").json()

    assert by_cookie == Program(acting(membership), now=now).get("/me")


def test_strangers_are_told_to_sign_in() -> None:
    answer = Client().get(f"{ROOT}/me")

    assert problem(answer) == SIGN_IN
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="SISO Academy"'


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer", "", "Basic YTpi", "Bearer siso_" + "a" * 40])
def test_a_token_that_is_none_is_refused_even_where_no_sign_in_is_needed(header: str) -> None:
    for path in ("/me", "/certificates/0000-0000-0000"):
        answer = Client().get(ROOT + path, headers={"Authorization": header})
        assert problem(answer) == SIGN_IN | {
            "detail": "This token is unknown, has run out or was revoked. Make another one in your profile."
        }


def test_a_token_ends_when_revoked_or_run_out(now: datetime) -> None:
    actor = acting(a_person())
    revoked = create_token(actor.person_id, by=actor, now=now)
    revoke_token(revoked.id, by=actor, now=now)
    past = now - timedelta(days=1)
    run_out = create_token(actor.person_id, by=actor, now=past, expires_at=now - timedelta(hours=1))

    for secret in (revoked.secret, run_out.secret):
        assert Client().get(f"{ROOT}/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 401


def test_the_token_of_somebody_who_is_gone_opens_nothing(now: datetime) -> None:
    person = a_person()
    program = Program(acting(person), now=now)
    Person.objects.filter(id=person.id).update(is_active=False)

    assert program.send("GET", "/me").status_code == 401


def test_a_session_that_changes_something_needs_its_csrf_token(world: World) -> None:
    person = Person.objects.get(id=world.owner.person_id)
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = signed_in(person).cookies
    path = f"{ROOT}/courses/{world.course.slug}/enrolment"

    refused = browser.post(path, content_type="application/json")

    assert problem(refused) == {
        "type": "urn:siso-academy:problem:csrf",
        "title": "Forbidden",
        "status": 403,
        "detail": "Send the value of the cookie csrftoken in the header X-CSRFToken.",
        "code": "csrf",
        "errors": {},
    }
    secret = "a" * 32
    browser.cookies["csrftoken"] = secret
    assert browser.post(path, content_type="application/json", headers={"X-CSRFToken": secret}).status_code == 201


def test_a_narrow_token_does_what_its_scopes_name(world: World, now: datetime) -> None:
    colleague = a_colleague(world.partner, now=now)
    reader, learner = (Program(colleague, now=now, scopes=(scope,)) for scope in ("read", "learn"))
    path = f"/courses/{world.course.slug}/enrolment"

    assert reader.send("GET", "/me").status_code == 200
    assert problem(reader.send("POST", path)) == {
        "type": "urn:siso-academy:problem:forbidden",
        "title": "Forbidden",
        "status": 403,
        "detail": "This token lacks the scope “learn”. Make one that has it, in your profile.",
        "code": "forbidden",
        "errors": {},
    }
    assert learner.send("GET", "/me").status_code == 403
    assert learner.send("POST", path).status_code == 201
