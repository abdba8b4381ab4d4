"""A running server seen from outside, and people with sessions, tokens and memberships."""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from websockets.sync.client import ClientConnection, connect

from academy.journal.models import Fact
from academy.live.hub import Hub
from academy.people.accounts.models import Person
from academy.people.partners.models import Membership, Partner
from academy.people.tokens.models import ApiToken
from academy.people.tokens.rules import hash_secret
from academy.server.root import Root

NOW = datetime(2026, 3, 4, tzinfo=UTC)


@dataclass
class Running:
    """A server in a thread of this process, on the tests' database."""

    root: Root
    port: int

    @property
    def hub(self) -> Hub:
        assert self.root.hub is not None
        return self.root.hub

    def open(self, address: str = "/live/", **options: Any) -> ClientConnection:
        """A socket; `options` are those of websockets."""
        opened: ClientConnection = connect(f"ws://localhost:{self.port}{address}", compression=None, **options)
        return opened

    def as_page(
        self, person: Person, after: int | None = None, *, notices: bool = False, **changed: Any
    ) -> ClientConnection:
        """A page of ours with the person's session; `notices`: it shows the bell."""
        options = {"origin": f"http://localhost:{self.port}", "additional_headers": cookie(person)} | changed
        return self.open("/live/?notices=1" if notices else _address(after), **options)

    def as_program(self, secret: str, after: int | None = None) -> ClientConnection:
        """A program with a bearer token."""
        return self.open(_address(after), subprotocols=["academy.v1", f"bearer.{secret}"])

    def wait(self, condition: Any, seconds: float = 5.0) -> None:
        """Until the server has come to something."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "the server did not come to it in time"
            time.sleep(0.005)


def _address(after: int | None) -> str:
    return "/live/" if after is None else f"/live/?after={after}"


def a_person(name: str = "anna", **changed: Any) -> Person:
    person = Person(email=f"{name}@example.com", name=name, joined_at=NOW, **changed)
    person.set_password("long enough to guess")
    person.save()
    return person


def a_partner(slug: str = "north") -> Partner:
    return Partner.objects.create(slug=slug, name=slug.title(), created_at=NOW)


def a_membership(person: Person, partner: Partner, role: str = "member") -> Membership:
    return Membership.objects.create(person=person, partner=partner, role=role, joined_at=NOW)


def a_session(person: Person) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    assert session.session_key is not None
    return session.session_key


def cookie(person: Person) -> dict[str, str]:
    return {"Cookie": f"csrftoken=x; sessionid={a_session(person)}"}


def a_token(person: Person, secret: str = "siso_secret", **changed: Any) -> ApiToken:
    return ApiToken.objects.create(person=person, secret_hash=hash_secret(secret), created_at=NOW, **changed)


def a_fact(
    kind: str,
    *,
    person: Person | UUID | None = None,
    partner: Partner | UUID | None = None,
    thing: UUID | None = None,
    recorded_at: datetime | None = None,
    **numbers: Any,
) -> int:
    """Enter a fact, past every reaction; its position."""
    at = recorded_at or datetime.now(UTC)
    fact = Fact.objects.create(
        kind=kind,
        person=getattr(person, "pk", person),
        partner=getattr(partner, "pk", partner),
        thing_kind="lesson" if thing else "",
        thing=thing,
        numbers=numbers,
        occurred_at=NOW,
        effective_at=at,
        recorded_at=at,
    )
    fact.refresh_from_db()
    assert fact.pos is not None
    return fact.pos


def announce(payload: str, channel: str = "live_ended") -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, %s)", [channel, payload])


def read(page: ClientConnection, seconds: float = 3.0) -> dict[str, Any]:
    """The next frame."""
    frame: dict[str, Any] = json.loads(page.recv(timeout=seconds))
    return frame


def hello(page: ClientConnection) -> int:
    """Read the greeting; its cursor."""
    frame = read(page)
    assert frame == {"cursor": frame["cursor"], "kind": "hello"}
    return int(frame["cursor"])


def cursors(page: ClientConnection, count: int) -> list[int]:
    return [read(page)["cursor"] for _ in range(count)]


def nothing_comes(page: ClientConnection, seconds: float = 0.15) -> bool:
    try:
        page.recv(timeout=seconds)
    except TimeoutError:
        return True
    return False
