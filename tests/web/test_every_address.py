"""Every address of every page as everybody, by every method: who gets in is what the permission table says."""

import re
import time
from datetime import datetime
from itertools import product
from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.test import Client

from academy.core import clock
from academy.learning.catalog.actions import publish_catalogue
from academy.learning.catalog.models import Attachment
from academy.learning.catalog.rules import AttachmentDraft, Catalogue, PathDraft, ResourceDraft
from academy.notifications.notices.models import Notice
from academy.notifications.preferences.queries import unsubscribe_url
from academy.people.accounts.access import link_secret
from academy.people.accounts.models import Person
from academy.people.invitations.actions import invite_member
from academy.people.partners.models import Partner
from academy.people.permissions.rules import ANYONE, STAFF_ROLES, THE_HOUSE, Actor, may
from academy.people.roles.actions import set_roles
from academy.people.tokens.actions import create_token
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.questions.actions import ask_about_line, correct_line
from academy.programme.deals.models import Claim, KeptReport
from academy.programme.deals.registrations.actions import register_deal
from academy.programme.deals.reports.actions import take_report
from academy.programme.deals.reports.rules import Told
from academy.programme.standing.actions import enrol_partner
from academy.programme.statements.models import Statement
from academy.programme.terms.actions import publish_terms
from academy.recognition.certificates.models import Certificate

from ..factories import a_partner, a_person, a_staff_member, acting, signed_in
from ..programme.closing.months import APRIL, MAY, a_house, close_month, collect, finance
from ..worlds import World, a_colleague, a_course_draft, a_partner_in, days, pass_modules, win
from .addresses import ADDRESSES, Address, Room, patterns
from .keys import a_passkey

pytestmark = pytest.mark.django_db


def test_no_address_is_left_out() -> None:
    assert set(patterns()) == set(ADDRESSES)


BODIES = {
    "terms/": {"version": "terms", "read": "yes"},
    "studio/terms/": {"programme": "programme"},
    "studio/close/start/": {"programme": "programme", "month": "2026-06"},
    "studio/payees/check/": {"partner": "partner_id", "number": "1"},
}
"""What a form has to name before it can be asked who may send it; every other one is sent empty."""

ELSE = {
    ("POST", "accounts/logout/"): {"login"},  # which is where one comes out
    ("POST", r"accounts/^confirm-email/(?P<key>[-:\w]+)/$"): {"404"},  # nobody was mailed this key
    # Who has no second step is asked for the password instead.
    ("GET", "accounts/2fa/reauthenticate/"): {"in", "login"},
    ("POST", "accounts/2fa/reauthenticate/"): {"in", "login"},
    ("GET", "accounts/2fa/webauthn/reauthenticate/"): {"in", "login"},
    ("POST", "accounts/2fa/webauthn/reauthenticate/"): {"in", "login"},
    ("POST", "training/quizzes/<uuid:lesson_id>/"): {"404"},  # no attempt is named
    ("POST", "training/courses/<slug:slug>/newer/"): {"in", "404"},  # who has not begun it has no older edition
    ("POST", "profile/leave/"): {"in", "409"},  # the last owner stays
    ("POST", "invitations/<str:secret>/"): {"in", "409"},  # whoever is signed in is somebody else than was invited
    ("POST", "studio/partners/<slug:slug>/unpin/"): {"409"},  # no tier is pinned
    ("POST", "studio/partners/<slug:slug>/approve/"): {"409"},  # no promotion waits
    ("POST", "studio/close/start/"): {"409"},  # the month before is still being checked
    ("POST", "studio/staff/<uuid:person_id>/second-step/"): {"409"},  # there is none to forget
}
"""What somebody who may is told instead of in, with the reason."""

IN_THE_STUDIO_TOO = ("team/invitations/<uuid:invitation_id>/withdraw/",)
"""Of a partner's own rooms what the house uses from the studio. Into the others it does not come: not there."""


@pytest.fixture
def world(now: datetime) -> World:
    return a_house(now)


@pytest.fixture
def things(world: World, now: datetime, settings: Any) -> dict[str, str]:
    """What the addresses name: everything belongs to the owner of the small academy's partner, or to the house."""
    settings.FOUR_EYES = True
    return lessons(world, now) | people(world, now) | deals(world, now) | money(world, now)


def lessons(world: World, now: datetime) -> dict[str, str]:
    """A course that is passed, of which a newer edition is out; a path, and a resource with a file."""
    pass_modules(world.owner, world.course, now=now)
    file = AttachmentDraft("brief.md", "text/markdown", b"# The brief")
    whole = Catalogue(
        courses=(a_course_draft(lessons=2),),
        paths=(PathDraft("path", "path", "Path", courses=("course",)),),
        resources=(ResourceDraft("resource", "resource", "Resource", attachments=(file,)),),
    )
    assert publish_catalogue(whole, source="test", by=None, now=now).refused == ()
    module = world.course.modules[0]
    return {
        "lesson": str(world.course.lessons[module][0]),
        "quiz": str(world.course.quizzes[module]),
        "file": str(Attachment.objects.get().pk),
        "serial": Certificate.objects.get().serial,
    }


def people(world: World, now: datetime) -> dict[str, str]:
    """A colleague, one who is invited, somebody of the house and one of whom a second person decides."""
    owner = Person.objects.get(pk=world.owner.person_id)
    invited = invite_member(world.partner, "new@example.com", role="member", by=world.owner, now=now)
    asked = a_staff_member("expert")
    (change,) = set_roles(
        asked.pk, ["expert", "finance"], reason="New.", by=acting(a_staff_member("administrator")), now=now
    )
    return {
        "partner": Partner.objects.get(pk=world.partner).slug,
        "partner_id": str(world.partner),
        "colleague": str(a_colleague(world.partner, now=now).person_id),
        "invitation": str(invited.id),
        "secret": invited.url.rstrip("/").rpartition("/")[2],
        "staff": str(asked.pk),
        "change": str(change.pk),
        "notice": str(Notice.objects.filter(person_id=world.owner.person_id)[0].pk),
        "token": str(create_token(world.owner.person_id, by=world.owner, now=now).id),
        "unsubscribe": unsubscribe_url(owner.pk, "certificate.issued").rstrip("/").rpartition("/")[2],
        "key": str(second_steps(owner)),
        "link": link_secret(owner, now=clock.now()),
    }


def second_steps(owner: Person) -> int:
    """Everything that the owner proves at sign-in; the id of the passkey."""
    TOTP.activate(owner, generate_totp_secret())
    RecoveryCodes.activate(owner)
    return int(a_passkey(owner).pk)


def deals(world: World, now: datetime) -> dict[str, str]:
    """One that waits for an answer, another partner's on the same client, and a report whose partner nobody knows."""
    mine = register_deal(world.owner, client="Oak", product="automation", amount="10", expected_on=None, now=now)
    rival = a_colleague(a_partner_in(world.programme, now=now), now=now, role="owner")
    theirs = register_deal(rival, client="Oak", product="automation", amount="10", expected_on=None, now=now)
    told = Told(
        source="crm", external_id="d-1", partner="Anker", product="automation", client="Elm", amount="100.00",
        currency="GBP", stage="won", occurred_at=now.isoformat(),
    )  # fmt: skip
    take_report(finance(), told, now=now)
    return {
        "deal": str(mine.pk),
        "claimed": str(theirs.pk),
        "claim": str(Claim.objects.get(deal=theirs).pk),
        "report": str(KeptReport.objects.get().pk),
    }


def money(world: World, now: datetime) -> dict[str, str]:
    """A line with a question and a correction that waits; a month that is paid, and one that is being checked."""
    line = CommissionLine.objects.get(deal=win(world.partner, 100_000, at=now))
    win(world.partner, 100_000, at=now + days(30))
    close_month(world, APRIL)
    collect(world, MAY)
    terms = publish_terms(THE_HOUSE, world.programme, "# We agree", reason="First.", effective_from=now, now=now)
    number = {
        one.close.month: one.number for one in Statement.objects.filter(partner=world.partner).select_related("close")
    }
    return {
        "line": str(line.pk),
        "question": str(ask_about_line(world.owner, line.pk, "Why?", now=now).pk),
        "correction": str(correct_line(finance(), line.pk, 50_000, reason="So.", now=now).pk),
        "programme": str(world.programme),
        "terms": str(terms.pk),
        "statement": number[APRIL],
        "checked": number[MAY],
    }


def everybody(world: World, things: dict[str, str], now: datetime) -> dict[str, tuple[Actor, Client]]:
    """Every sort of visitor, each with a browser in which they have just shown who they are."""
    people: dict[str, Person] = {
        "owner": Person.objects.get(pk=world.owner.person_id),
        "member": Person.objects.get(pk=a_colleague(world.partner, now=now).person_id),
        "freelancer elsewhere": Person.objects.get(pk=a_freelancer(world, now).person_id),
        "somebody without a partner": a_person(),
    }
    people |= {role: a_staff_member(role) for role in STAFF_ROLES}
    browsers = {who: (acting(person), signed_in(person)) for who, person in people.items()}
    for actor, browser in browsers.values():
        session = SessionStore(browser.cookies[settings.SESSION_COOKIE_NAME].value)
        session["account_authentication_methods_user"] = str(actor.person_id)
        session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
        session.save()
    key = browsers["owner"][1].cookies[settings.SESSION_COOKIE_NAME].value
    things["session"] = str(UserSession.objects.get(session_key=key).pk)
    return {"stranger": (ANYONE, Client()), **browsers}


def a_freelancer(world: World, now: datetime) -> Actor:
    """Somebody who works alone, in the same programme."""
    alone = a_partner(kind="freelancer")
    enrol_partner(alone.pk, world.programme, at=now, now=now)
    return a_colleague(alone.pk, now=now, role="owner")


def written(pattern: str, address: Address, things: dict[str, str]) -> str:
    """The address of a pattern, with the ids of what it is about."""
    for name, value in address.values.items():
        filled = things.get(value, value)
        pattern = re.sub(rf"<\w+:{name}>|\(\?P<{name}>[^)]+\)", filled, pattern)
    return "/" + pattern.replace("^", "").replace("$", "")


def expected(pattern: str, method: str, actor: Actor, world: World) -> set[str]:
    """What somebody may be told: `in`, `login`, or the status of a refusal. Who may not is never in."""
    address = ADDRESSES[pattern]
    inside = ELSE.get((method, pattern), {"in"})
    if address.room in (Room.NOWHERE, Room.OPEN):
        return {"404"} if address.room is Room.NOWHERE else inside
    if not actor.is_somebody:
        return {"login"}
    if actor.is_staff and address.room in (Room.THEIRS, Room.PERSONS):
        return of_the_house(pattern, address.verbs[method], actor, world) or inside
    hidden, allowed = admitted(address.room, address.verbs[method], actor, world)
    return {"404"} if hidden else inside if allowed else {"403"}


def of_the_house(pattern: str, verb: str, actor: Actor, world: World) -> set[str]:
    """How the house is refused among what is a partner's or a person's; the empty set where it is let in."""
    if not verb or not may(actor, verb, partner_id=world.partner, person_id=world.owner.person_id):
        return {"403", "404"}
    return {"404"} if ADDRESSES[pattern].room is Room.THEIRS and pattern not in IN_THE_STUDIO_TOO else set()


def admitted(room: Room, verb: str, actor: Actor, world: World) -> tuple[bool, bool]:
    """Whether a room is not there for somebody, and whether they may do in it what is asked."""
    partner, person = actor.partner_id, actor.person_id
    match room:
        case Room.MINE:
            return False, not verb or may(actor, verb, person_id=person)
        case Room.OURS:
            return partner is None, may(actor, verb, partner_id=partner)
        case Room.THEIRS:
            return partner != world.partner, may(actor, verb, partner_id=partner)
        case Room.PERSONS:
            return person != world.owner.person_id, True
        case _:
            return not actor.is_staff, may(actor, verb)


def told(browser: Client, method: str, path: str, body: dict[str, str]) -> str:
    """One visit, of which nothing stays: `in`, `sent` on, `login` where that is to a sign-in, the status of a refusal.

    In is who was shown something, and whose empty form was looked at: 422.
    """
    cookies = {name: morsel.value for name, morsel in browser.cookies.items()}
    with transaction.atomic():
        answer = browser.post(path, body) if method == "POST" else browser.get(path)
        transaction.set_rollback(True)
    browser.cookies.clear()
    browser.cookies.load(cookies)
    to = answer.headers.get("Location", "").partition("?")[0]
    if to.endswith(("/login/", "/reauthenticate/")):
        return "login"
    if to:
        return "sent"
    return "in" if answer.status_code < 400 or answer.status_code == 422 else str(answer.status_code)


def test_every_address_as_everybody(world: World, things: dict[str, str], now: datetime) -> None:
    wrong = []
    for who, (actor, browser) in everybody(world, things, now).items():
        for pattern, address in ADDRESSES.items():
            for method in address.verbs:
                body = {name: things.get(value, value) for name, value in BODIES.get(pattern, {}).items()}
                said = told(browser, method, written(pattern, address, things), body)
                wanted = expected(pattern, method, actor, world)
                if said not in wanted and not (said == "sent" and "in" in wanted):
                    wrong.append(f"{who}: {method} {pattern} answered {said}, not {' or '.join(sorted(wanted))}")
    assert wrong == [], "\n".join(wrong)


def test_a_method_that_an_address_does_not_take_opens_nothing(
    world: World, things: dict[str, str], now: datetime
) -> None:
    """It is refused as such, sent back to its page, or answered as the other method is."""
    wrong = []
    for who, (actor, browser) in everybody(world, things, now).items():
        for pattern, address in ADDRESSES.items():
            for method in {"GET", "POST"} - set(address.verbs):
                (taken,) = address.verbs
                said = told(browser, method, written(pattern, address, things), {})
                wanted = {"405", "sent"} | expected(pattern, taken, actor, world)
                if said not in wanted:
                    wrong.append(f"{who}: {method} {pattern} answered {said}, not {' or '.join(sorted(wanted))}")
    assert wrong == [], "\n".join(wrong)


NOBODYS = ("%00", "a%00b", "%00.pdf", "%EF%BF%BD", "%F0%9F%98%80", "x" * 2_000)
"""Words in an address that name nothing: with a character that no database holds, none of ours, without end."""


def test_a_word_that_can_name_nothing_is_not_there(world: World, things: dict[str, str], now: datetime) -> None:
    wrong = []
    visitors = everybody(world, things, now)
    for who in ("stranger", "owner", "manager", "finance", "administrator"):
        visitors[who][1].raise_request_exception = False
        for pattern, address in ADDRESSES.items():
            for name in re.findall(r"<(?:str|slug):(\w+)>|\(\?P<(\w+)>", pattern):
                for method, word in product(address.verbs, NOBODYS):
                    path = written(pattern, address, things | {address.values["".join(name)]: word})
                    said = told(visitors[who][1], method, path, {})
                    # The library's own pages say in words that a key is no longer good.
                    if said not in {"404", "403", "login"} | ({"in"} if pattern.startswith("accounts/") else set()):
                        wrong.append(f"{who}: {method} {path[:80]} answered {said}")
    assert wrong == [], "\n".join(wrong)
