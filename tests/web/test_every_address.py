"""Every address of every page as everybody: who gets in is what the permission table says; no address is left out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from uuid import UUID

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from academy.learning.catalog.actions import publish_catalogue
from academy.learning.catalog.rules import Catalogue, PathDraft, ResourceDraft
from academy.notifications.notices.models import Notice
from academy.people.accounts.models import Person
from academy.people.invitations.actions import invite_member
from academy.people.partners.models import Partner
from academy.people.permissions.rules import ANYONE, STAFF_ROLES, Actor, may
from academy.people.tokens.actions import create_token
from academy.programme.commissions.models import CommissionLine
from academy.programme.deals.registrations.actions import register_deal
from academy.recognition.certificates.models import Certificate

from ..factories import a_member, a_partner, a_person, a_staff_member, acting, signed_in
from ..worlds import World, a_colleague, a_course_draft, a_world, pass_modules, win

pytestmark = pytest.mark.django_db


class Room(Enum):
    """Whose an address is. What lies in a room that is not yours is not there: 404."""

    OPEN = "anybody's"
    MINE = "whoever is signed in, about oneself"
    OURS = "one's own partner's"
    THEIRS = "a thing of the one partner of the small academy"
    PERSONS = "a thing of its owner"
    HOUSE = "the staff's"
    NOWHERE = "not there: the demo's own pages outside of one, secrets that nobody was given"


@dataclass(frozen=True, slots=True)
class Address:
    """How an address is asked. `verb` is the line of the permission table that guards it."""

    room: Room
    verb: str = ""
    post: bool = False
    values: dict[str, str] = field(default_factory=dict)


def get(room: Room, verb: str = "", **values: str) -> Address:
    return Address(room, verb, values=values)


def post(room: Room, verb: str = "", **values: str) -> Address:
    return Address(room, verb, post=True, values=values)


OPEN, MINE, OURS, THEIRS, PERSONS, HOUSE, NOWHERE = Room
LESSON, QUIZ, COURSE = {"lesson_id": "lesson"}, {"lesson_id": "quiz"}, {"slug": "course"}
MONTH = {"programme": "agencies", "month": "2026-01"}

ADDRESSES = {
    "": get(MINE),
    "what-if/": get(MINE),
    "what-if/plan/": post(MINE),
    "deals/": get(OURS, "deal.see"),
    "deals/new/": get(OURS, "deal.register"),
    "deals/<uuid:deal_id>/": get(THEIRS, "deal.see", deal_id="deal"),
    "deals/<uuid:deal_id>/lose/": post(THEIRS, "deal.lose", deal_id="deal"),
    "earnings/": get(OURS, "deal.see"),
    "earnings/lines.csv": get(OURS, "commission.see"),
    "earnings/lines/<uuid:line_id>/": get(THEIRS, "commission.see", line_id="line"),
    "earnings/lines/<uuid:line_id>/question/": post(THEIRS, "line.question", line_id="line"),
    "earnings/training/": get(MINE),
    "statements/": get(OURS, "statement.see"),
    "statements/<str:number>/": get(THEIRS, "statement.see", number="nothing"),
    "statements/<str:number>/pdf/": get(THEIRS, "statement.see", number="nothing"),
    "statements/<str:number>/csv/": get(THEIRS, "statement.see", number="nothing"),
    "payee/": get(OURS, "payee.see"),
    "payee/change/": get(OURS, "payee.edit"),
    "terms/": get(OURS, "terms.see"),
    "activity/": get(MINE),
    "training/": get(MINE),
    "training/catalogue/": get(MINE, "catalogue.see"),
    "training/wishes/": post(MINE),
    "training/history/": get(MINE),
    "training/courses/<slug:slug>/": get(MINE, "catalogue.see", **COURSE),
    "training/courses/<slug:slug>/start/": post(MINE, **COURSE),
    "training/courses/<slug:slug>/newer/": post(MINE, **COURSE),
    "training/paths/<slug:slug>/": get(MINE, "catalogue.see", slug="path"),
    "training/resources/<slug:slug>/": get(MINE, "catalogue.see", slug="resource"),
    "training/lessons/<uuid:lesson_id>/": get(MINE, "lesson.see", **LESSON),
    "training/lessons/<uuid:lesson_id>/complete/": post(MINE, **LESSON),
    "training/files/<uuid:file_id>/<str:name>": get(NOWHERE, file_id="nothing", name="x"),
    "training/quizzes/<uuid:lesson_id>/": get(MINE, **QUIZ),
    "training/quizzes/<uuid:lesson_id>/result/": get(MINE, **QUIZ),
    "training/lessons/<uuid:lesson_id>/done/": get(MINE, **LESSON),
    "search/": get(MINE),
    "team/": get(OURS, "member.invite"),
    "team/assign/": post(OURS, "learning.assign"),
    "team/invitations/": post(OURS, "member.invite"),
    "team/invitations/list/": post(OURS, "member.invite"),
    "team/invitations/<uuid:invitation_id>/withdraw/": post(THEIRS, "member.invite", invitation_id="invitation"),
    "team/members/<uuid:person_id>/remove/": post(THEIRS, "member.remove", person_id="colleague"),
    "team/members/<uuid:person_id>/role/": post(THEIRS, "member.change_role", person_id="colleague"),
    "notices/unsubscribe/<str:token>/": get(NOWHERE, token="x"),
    "notices/": get(MINE),
    "notices/read/": post(MINE),
    "notices/<uuid:notice_id>/": get(PERSONS, "notice.see", notice_id="notice"),
    "profile/": get(MINE),
    "profile/sessions/<int:session_id>/end/": post(PERSONS, "session.end", session_id="session"),
    "profile/sessions/end-others/": post(MINE),
    "profile/leave/": post(OURS, "partner.see"),
    "profile/tokens/": get(MINE),
    "profile/tokens/<uuid:token_id>/revoke/": post(PERSONS, "token.revoke", token_id="token"),
    "profile/notices/": get(MINE),
    "profile/notices/try-again/": post(MINE),
    "profile/data/": get(MINE),
    "profile/erase/": get(MINE),
    "welcome/": get(MINE),
    "welcome/first/": get(MINE),
    "invitations/<str:secret>/": get(OPEN, secret="secret"),
    "accounts/login/": get(OPEN),
    "accounts/login/code/": get(OPEN),
    "accounts/login/code/confirm/": get(OPEN),
    "accounts/logout/": get(MINE),
    "accounts/inactive/": get(OPEN),
    "accounts/signup/": get(OPEN),
    "accounts/reauthenticate/": get(MINE),
    "accounts/email/": get(MINE),
    "accounts/confirm-email/": get(OPEN),
    r"accounts/^confirm-email/(?P<key>[-:\w]+)/$": get(OPEN, key="x"),
    "accounts/password/change/": get(MINE),
    "accounts/password/set/": get(MINE),
    "accounts/password/reset/": get(OPEN),
    "accounts/password/reset/done/": get(OPEN),
    "accounts/password/reset/key/done/": get(OPEN),
    "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": get(OPEN, uidb36="1", key="x"),
    "accounts/2fa/": get(MINE),
    "accounts/2fa/authenticate/": get(MINE),
    "accounts/2fa/reauthenticate/": get(MINE),
    "accounts/2fa/totp/activate/": get(MINE),
    "accounts/2fa/totp/deactivate/": post(MINE),
    "accounts/2fa/recovery-codes/": get(MINE),
    "accounts/2fa/recovery-codes/generate/": get(MINE),
    "accounts/2fa/recovery-codes/download/": get(MINE),
    "accounts/2fa/webauthn/": get(MINE),
    "accounts/2fa/webauthn/add/": get(MINE),
    "accounts/2fa/webauthn/reauthenticate/": get(MINE),
    "accounts/2fa/webauthn/keys/<int:pk>/remove/": get(MINE, pk="1"),
    "accounts/2fa/webauthn/keys/<int:pk>/edit/": get(MINE, pk="1"),
    "accounts/2fa/webauthn/login/": get(MINE),
    "accounts/sessions/": get(MINE),
    "sign-in/<str:secret>/": get(NOWHERE, secret="x"),
    "demo/": get(NOWHERE),
    "demo/enter/": post(NOWHERE),
    "demo/stage/": get(NOWHERE),
    "demo/stage/refund/": post(NOWHERE),
    "demo/sales/": get(NOWHERE),
    "demo/mail/": get(NOWHERE),
    "certificates/": get(MINE),
    "certificates/<slug:serial>/": get(OPEN, "certificate.verify", serial="serial"),
    "certificates/<slug:serial>/certificate.pdf": get(PERSONS, serial="serial"),
    "worker.js": get(OPEN),
    "offline/": get(OPEN),
    "studio/today/": get(HOUSE, "deal.see_any"),
    "studio/today/first/": get(HOUSE, "deal.see_any"),
    "studio/today/news/": get(HOUSE, "deal.see_any"),
    "studio/deals/": get(HOUSE, "deal.see_any"),
    "studio/deals/<uuid:deal_id>/": get(HOUSE, "deal.see_any", deal_id="deal"),
    "studio/deals/<uuid:deal_id>/accept/": post(HOUSE, "deal.answer", deal_id="deal"),
    "studio/deals/<uuid:deal_id>/refuse/": post(HOUSE, "deal.answer", deal_id="deal"),
    "studio/deals/<uuid:deal_id>/win/": post(HOUSE, "deal.report", deal_id="deal"),
    "studio/deals/<uuid:deal_id>/lose/": post(HOUSE, "deal.lose", deal_id="deal"),
    "studio/deals/<uuid:deal_id>/claims/<uuid:claim_id>/grant/": post(
        HOUSE, "deal.answer", deal_id="deal", claim_id="nothing"
    ),
    "studio/deals/<uuid:deal_id>/claims/<uuid:claim_id>/refuse/": post(
        HOUSE, "deal.answer", deal_id="deal", claim_id="nothing"
    ),
    "studio/deals/matching/": get(HOUSE, "deal.match"),
    "studio/deals/matching/<uuid:report_id>/drop/": post(HOUSE, "deal.match", report_id="nothing"),
    "studio/partners/<slug:slug>/pin/": post(HOUSE, "tier.pin", slug="partner"),
    "studio/partners/<slug:slug>/unpin/": post(HOUSE, "tier.pin", slug="partner"),
    "studio/partners/": get(HOUSE, "studio.enter"),
    "studio/partners/<slug:slug>/": get(HOUSE, "partner.see_any", slug="partner"),
    "studio/partners/<slug:slug>/approve/": post(HOUSE, "promotion.approve", slug="partner"),
    "studio/certificates/<slug:serial>/revoke/": get(HOUSE, "certificate.revoke", serial="serial"),
    "studio/close/": get(HOUSE, "close.see"),
    "studio/close/start/": post(HOUSE, "close.run"),
    "studio/close/<slug:programme>/<str:month>/": get(HOUSE, "close.see", **MONTH),
    "studio/close/<slug:programme>/<str:month>/continue/": post(HOUSE, "close.run", **MONTH),
    "studio/close/<slug:programme>/<str:month>/seen/": post(HOUSE, "close.run", **MONTH),
    "studio/close/<slug:programme>/<str:month>/approve/": post(HOUSE, "close.approve", **MONTH),
    "studio/close/<slug:programme>/<str:month>/hand-over/": post(HOUSE, "payout.record", **MONTH),
    "studio/close/<slug:programme>/<str:month>/payments.csv": get(HOUSE, "payout.record", **MONTH),
    "studio/close/<slug:programme>/<str:month>/payments/": post(HOUSE, "payout.record", **MONTH),
    "studio/statements/<str:number>/": get(HOUSE, "statement.see", number="nothing"),
    "studio/statements/<str:number>/hold/": post(HOUSE, "close.run", number="nothing"),
    "studio/statements/<str:number>/again/": post(HOUSE, "close.run", number="nothing"),
    "studio/statements/<str:number>/seen/": post(HOUSE, "close.run", number="nothing"),
    "studio/statements/<str:number>/paid/": post(HOUSE, "payout.record", number="nothing"),
    "studio/statements/<str:number>/returned/": post(HOUSE, "payout.record", number="nothing"),
    "studio/payees/": get(HOUSE, "payee.check"),
    "studio/payees/check/": post(HOUSE, "payee.check"),
    "studio/terms/": get(HOUSE, "terms.publish"),
    "studio/lines/<uuid:line_id>/": get(HOUSE, "commission.see", line_id="line"),
    "studio/lines/<uuid:line_id>/questions/<uuid:question_id>/answer/": post(
        HOUSE, "line.answer", line_id="line", question_id="nothing"
    ),
    "studio/lines/<uuid:line_id>/correct/": post(HOUSE, "line.correct", line_id="line"),
    "studio/corrections/<uuid:correction_id>/confirm/": post(HOUSE, "line.correct", correction_id="nothing"),
    "studio/corrections/<uuid:correction_id>/drop/": post(HOUSE, "line.correct", correction_id="nothing"),
    "studio/mail/": get(HOUSE, "mail.see_failing"),
    "studio/staff/": get(HOUSE, "role.see"),
    "studio/staff/enter/": post(HOUSE, "role.grant"),
    "studio/staff/second-step/": get(HOUSE, "second_step.forget"),
    "studio/staff/<uuid:person_id>/": get(HOUSE, "role.see", person_id="staff"),
    "studio/staff/<uuid:person_id>/second-step/": get(HOUSE, "second_step.forget", person_id="staff"),
    "studio/staff/changes/<uuid:change_id>/confirm/": post(HOUSE, "role.grant", change_id="nothing"),
    "studio/staff/changes/<uuid:change_id>/decline/": post(HOUSE, "role.grant", change_id="nothing"),
    "style/": get(OPEN),
    "style/<slug:scene>/": get(NOWHERE, scene="nothing"),
}
NOT_THERE = (
    "earnings/lines.csv",
    "studio/corrections/",
    "studio/deals/matching/<",
    "studio/deals/<uuid:deal_id>/claims/",
    "statements/<",
    "studio/close/start/",
    "studio/close/<",
    "studio/statements/",
    "studio/payees/check/",
    "studio/staff/changes/",
    "training/courses/<slug:slug>/newer/",
    "accounts/2fa/totp/deactivate/",
    "accounts/2fa/recovery-codes/",
)
"""Beginnings of addresses of things that not everybody here has yet: whoever may is told so."""


def patterns(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    """Every address of a page; the API has a walk of its own."""
    for one in (resolver or get_resolver()).url_patterns:
        pattern = before + str(one.pattern)
        if isinstance(one, URLPattern):
            yield pattern
        elif isinstance(one, URLResolver) and not pattern.startswith("api/"):
            yield from patterns(one, pattern)


def test_no_address_is_left_out() -> None:
    assert set(patterns()) == set(ADDRESSES)


@pytest.fixture
def world(now: datetime) -> World:
    return a_world(now)


@pytest.fixture
def things(world: World, now: datetime) -> dict[str, str]:
    """What the addresses name: everything belongs to the owner of the small academy's partner, or to the house."""
    pass_modules(world.owner, world.course, now=now)
    courses = (a_course_draft(),)
    whole = Catalogue(
        courses=courses,
        paths=(PathDraft("path", "path", "Path", courses=("course",)),),
        resources=(ResourceDraft("resource", "resource", "Resource", url="https://example.com/"),),
    )
    assert publish_catalogue(whole, source="test", by=None, now=now).refused == ()
    module = world.course.modules[0]
    colleague = a_colleague(world.partner, now=now)
    invited = invite_member(world.partner, "new@example.com", role="member", by=world.owner, now=now)
    deal = register_deal(world.owner, client="Oak", product="automation", amount="10", expected_on=None, now=now)
    return {
        "lesson": str(world.course.lessons[module][0]),
        "quiz": str(world.course.quizzes[module]),
        "deal": str(deal.pk),
        "line": str(CommissionLine.objects.get(deal=win(world.partner, 100_000, at=now)).pk),
        "invitation": str(invited.id),
        "secret": invited.url.rstrip("/").rpartition("/")[2],
        "colleague": str(colleague.person_id),
        "notice": str(Notice.objects.filter(person_id=world.owner.person_id)[0].pk),
        "token": str(create_token(world.owner.person_id, by=world.owner, now=now).id),
        "serial": Certificate.objects.get().serial,
        "partner": Partner.objects.get(pk=world.partner).slug,
        "staff": str(a_staff_member("expert").pk),
        "nothing": str(UUID(int=7)),
    }


def everybody(world: World, things: dict[str, str], now: datetime) -> dict[str, tuple[Actor, Client]]:
    """Every sort of visitor, each with a browser."""
    people: dict[str, Person] = {
        "owner": Person.objects.get(pk=world.owner.person_id),
        "member": Person.objects.get(pk=a_colleague(world.partner, now=now).person_id),
        "freelancer elsewhere": a_member(partner=a_partner(kind="freelancer"), role="owner").person,
        "somebody without a partner": a_person(),
    }
    people |= {role: a_staff_member(role) for role in STAFF_ROLES}
    browsers = {who: (acting(person), signed_in(person)) for who, person in people.items()}
    session = browsers["owner"][1].cookies
    things["session"] = str(UserSession.objects.get(session_key=session[settings.SESSION_COOKIE_NAME].value).pk)
    return {"stranger": (ANYONE, Client()), **browsers}


def written(pattern: str, address: Address, things: dict[str, str]) -> str:
    """The address of a pattern, with the ids of what it is about."""
    for name, value in address.values.items():
        filled = things.get(value, value)
        pattern = re.sub(rf"<\w+:{name}>|\(\?P<{name}>[^)]+\)", filled, pattern)
    return "/" + pattern.replace("^", "").replace("$", "")


def expected(address: Address, actor: Actor, world: World) -> set[str]:
    """What somebody may be told: `in`, `login`, or the status of a refusal. Who may not is never in."""
    room, verb = address.room, address.verb
    if room is NOWHERE:
        return {"404"} if actor.is_somebody else {"404", "login"}
    if room is OPEN:
        return {"in"}
    if not actor.is_somebody:
        return {"login"}
    partner, person = actor.partner_id, actor.person_id
    match room:
        case Room.MINE:
            allowed, hidden = not verb or may(actor, verb, person_id=person), False
        case Room.OURS:
            allowed, hidden = may(actor, verb, partner_id=partner), partner is None
        case Room.THEIRS if actor.is_staff:
            # What the table lets the house do it does in the studio: a partner's own rooms may not be there for it.
            return {"in", "404"} if may(actor, verb, partner_id=world.partner) else {"403", "404"}
        case Room.THEIRS:
            allowed, hidden = may(actor, verb, partner_id=partner), partner != world.partner
        case Room.PERSONS:
            is_owner = person == world.owner.person_id
            if actor.is_staff and not (verb and may(actor, verb, person_id=world.owner.person_id)):
                return {"403", "404"}
            allowed, hidden = is_owner or actor.is_staff, not actor.is_staff and not is_owner
        case _:
            allowed, hidden = may(actor, verb), not actor.is_staff
    return {"404"} if hidden else {"in"} if allowed else {"403"}


def told(browser: Client, address: Address, path: str) -> str:
    """One visit, of which nothing stays."""
    cookies = {name: morsel.value for name, morsel in browser.cookies.items()}
    with transaction.atomic():
        answer = browser.post(path) if address.post else browser.get(path)
        transaction.set_rollback(True)
    browser.cookies.clear()
    browser.cookies.load(cookies)
    to = answer.headers.get("Location", "").partition("?")[0]
    if to == "/accounts/login/":
        return "login"
    return "in" if answer.status_code < 400 or answer.status_code in (409, 422) else str(answer.status_code)


def test_every_address_as_everybody(world: World, things: dict[str, str], now: datetime) -> None:
    wrong = []
    for who, (actor, browser) in everybody(world, things, now).items():
        for pattern, address in ADDRESSES.items():
            said = told(browser, address, written(pattern, address, things))
            wanted = expected(address, actor, world)
            if pattern.startswith(NOT_THERE) and wanted == {"in"}:
                wanted = {"in", "404"}
            if said not in wanted:
                wrong.append(f"{who}: {'POST' if address.post else 'GET'} {pattern} answered {said}, not {wanted}")
    assert wrong == []
