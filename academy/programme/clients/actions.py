"""Naming clients."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from academy.core import reads
from academy.core.errors import Refused
from academy.core.ids import uuid7
from academy.programme.clients.rules import LONGEST, is_client, key_of


def client_named(name: str) -> UUID:
    """The client of that name, made if nobody has sold to it before. Two at once get the same. Raises Refused."""
    check_client(name)
    key = key_of(name)
    if known := _known(key):
        return known[0]
    with connection.cursor() as cursor:
        # A row that another transaction has just made is waited for and then found.
        cursor.execute(
            "insert into programme_client (id, key) values (%s, %s) on conflict (key) do nothing", [uuid7(), key]
        )
    return _known(key)[0]


def _known(key: str) -> list[UUID]:
    return [client for (client,) in reads.rows("select id from programme_client where key = %s", [key])]


def check_client(name: str) -> None:
    """Refuse a name that no client can have: none at all, or one too long."""
    if not is_client(name):
        sentence = _("Name the client, in at most %(most)d characters.") % {"most": LONGEST}
        raise Refused(sentence, fields={"client": sentence})


def clients_named(names: Iterable[str]) -> dict[str, UUID]:
    """The client of each of these names, by key (see `key_of`), for imports that have checked them."""
    keys = sorted(
        {key_of(name) for name in names}
    )  # always in one order, so that two imports never wait for each other
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into programme_client (id, key) select * from unnest(%s::uuid[], %s::text[])
            on conflict (key) do nothing
            """,
            [[uuid7() for _ in keys], keys],
        )
        cursor.execute("select key, id from programme_client where key = any(%s)", [keys])
        return dict(cursor.fetchall())
