"""All SQL of the live stream, on connections of its own: the hub's work must not wait for a page's."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from django.db import connection as django_connection
from psycopg.conninfo import make_conninfo

from academy.journal.audiences import FACT, to_whom, told
from academy.live.rules import MOST_FACTS, Place, Seen
from academy.people.permissions.rules import OWNER, Actor, may

CHANNELS = ("journal", "live_notices", "live_ended", "access")
BATCH = 1000
PAGE = 500

HEAD = "select coalesce((select pos from journal_fact where pos is not null order by pos desc limit 1), 0)"
AFTER = f"select {FACT} from journal_fact where pos > %s order by pos limit {BATCH}"  # noqa: S608 - constants
SESSION = "select session_data from django_session where session_key = %s and expire_date > %s"
STANDING = f"p.id, p.is_active, p.password, p.roles, m.partner_id, m.role, ({HEAD}) head"
BY_HASH = f"""
    select {STANDING}, t.id, t.scopes
    from people_apitoken t join people_person p on p.id = t.person_id
        left join people_membership m on m.person_id = p.id and m.left_at is null
    where t.secret_hash = %s and t.revoked_at is null and (t.expires_at is null or t.expires_at > %s)
"""  # noqa: S608 - constants
PEOPLE = f"""
    select {STANDING}
    from people_person p left join people_membership m on m.person_id = p.id and m.left_at is null
    where p.id = any(%s)
"""  # noqa: S608 - constants
LIVING_SESSIONS = "select session_key from django_session where session_key = any(%s) and expire_date > %s"
LIVING_TOKENS = """
    select id from people_apitoken
    where id = any(%s) and revoked_at is null and (expires_at is null or expires_at > %s)
"""
NEXT_RECORDED = "select recorded_at from journal_fact where pos > %s order by pos limit 1"
VISIBLE = told("pos > %(after)s and pos <= %(until)s")


def conninfo() -> str:
    """Where Django's default database is, for connections that are not Django's."""
    given = django_connection.get_connection_params()
    kept = (
        "dbname",
        "user",
        "password",
        "host",
        "port",
        "sslmode",
        "sslrootcert",
        "sslcert",
        "sslkey",
        "options",
    )
    return make_conninfo(**{name: given[name] for name in kept if given.get(name)})


class Line:
    """One connection that is opened when first needed and again when it broke. Statements wait for each
    other.
    """

    def __init__(self, where: str, name: str) -> None:
        self.where = where
        self.name = name
        self._connection: psycopg.AsyncConnection[tuple[Any, ...]] | None = None
        self._turn = asyncio.Lock()

    async def rows(self, statement: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of one read; tried again once where the connection turns out to be dead."""
        async with self._turn:
            try:
                return await self._rows(statement, values)
            except psycopg.NotSupportedError:
                await self.close()  # a statement prepared before a migration changed its tables
            except psycopg.OperationalError:
                if self._connection is not None and not self._connection.closed:
                    raise
            return await self._rows(statement, values)

    async def _rows(self, statement: str, values: Sequence[Any] | dict[str, Any]) -> list[tuple[Any, ...]]:
        if self._connection is None or self._connection.closed:
            self._connection = await connect(self.where, self.name)
        answer = await self._connection.execute(statement, values, prepare=True, binary=True)
        return await answer.fetchall()

    async def close(self) -> None:
        """Let the server's side go."""
        if self._connection is not None:
            await self._connection.close()


async def connect(where: str, name: str) -> psycopg.AsyncConnection[tuple[Any, ...]]:
    """A connection in autocommit, named in pg_stat_activity; gives up after 10 seconds."""
    return await psycopg.AsyncConnection.connect(
        where, autocommit=True, connect_timeout=10, application_name=f"academy {name}"
    )


class Standing(NamedTuple):
    """What the database says of a person: whether it may be here, and where it stands.

    `mark` changes with the password, as does every session's right to be. `head` is the journal's end at reading.
    """

    person: UUID
    active: bool
    password: str
    mark: int
    actor: Actor
    place: Place
    head: int


def _standing(row: tuple[Any, ...]) -> Standing:
    person, active, password, roles, partner, role, head = row
    actor = Actor(person, frozenset(roles), partner, role)
    place = Place(partner, role == OWNER, may(actor, "journal.see"))
    return Standing(person, active, password, hash(password), actor, place, head)


async def head(line: Line) -> int:
    """The newest position that everybody can see."""
    rows = await line.rows(HEAD)
    return int(rows[0][0])


async def facts_after(line: Line, pos: int) -> list[Seen]:
    """At most BATCH facts in order, whoever may see them."""
    return [Seen(*row) for row in await line.rows(AFTER, (pos,))]


async def people(line: Line, wanted: Iterable[UUID]) -> dict[UUID, Standing]:
    """People with their open memberships; who is missing does not exist."""
    found = [_standing(row) for row in await line.rows(PEOPLE, (list(wanted),))]
    return {standing.person: standing for standing in found}


async def session_data(line: Line, key: str, now: datetime) -> str | None:
    """The signed contents of a session that has not ended."""
    rows = await line.rows(SESSION, (key, now))
    return rows[0][0] if rows else None


async def token(line: Line, secret_hash: bytes, now: datetime) -> tuple[UUID, frozenset[str], Standing] | None:
    """A bearer token's id and scopes while it may be used, and its person."""
    rows = await line.rows(BY_HASH, (secret_hash, now))
    return (rows[0][-2], frozenset(rows[0][-1]), _standing(rows[0][:-2])) if rows else None


async def living_keys(line: Line, keys: set[str], now: datetime) -> set[str]:
    """Those of `session:<key>` and `token:<id>` that have not ended."""
    named = [key.partition(":") for key in keys]
    sessions = [name for what, _, name in named if what == "session"]
    tokens = [UUID(name) for what, _, name in named if what == "token"]
    living = {f"session:{row[0]}" for row in await line.rows(LIVING_SESSIONS, (sessions, now))} if sessions else set()
    if tokens:
        living |= {f"token:{row[0]}" for row in await line.rows(LIVING_TOKENS, (tokens, now))}
    return living


def _visible(person: UUID, place: Place, after: int, until: int, limit: int) -> dict[str, Any]:
    whose = to_whom(person, place.partner, owner=place.owner, staff=place.staff)
    return {**whose, "after": after, "until": until, "limit": limit}


async def next_recorded(line: Line, after: int) -> datetime | None:
    """When the first fact after a cursor was recorded, whoever may see it."""
    rows = await line.rows(NEXT_RECORDED, (after,))
    return rows[0][0] if rows else None


async def count_visible(line: Line, person: UUID, place: Place, *, after: int, until: int) -> int:
    """How many facts somebody missed, counted up to one more than can be replayed."""
    wanted = _visible(person, place, after, until, MOST_FACTS + 1)
    rows = await line.rows(f"select count(*) from ({VISIBLE}) missed", wanted)  # noqa: S608 - a constant
    return int(rows[0][0])


async def replay(line: Line, person: UUID, place: Place, *, after: int, until: int) -> AsyncIterator[Seen]:
    """Every fact of a stretch of the journal that somebody may see, in order, read page by page."""
    while True:
        rows = await line.rows(VISIBLE, _visible(person, place, after, until, PAGE))
        for row in rows:
            yield Seen(*row)
        if len(rows) < PAGE:
            return
        after = rows[-1][0]
