"""Naming clients."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from academy.core.errors import Refused
from academy.core.ids import uuid7
from academy.programme.clients.rules import LONGEST, is_client, key_of


def client_named(name: str) -> UUID:
    """The client of that name, made if nobody has sold to it before. Two at once get the same. Raises Refused."""
    name, key = " ".join(name.split()), key_of(name)
    check_client(name)
    with connection.cursor() as cursor:
        # A row that another transaction has just made is waited for and then found.
        cursor.execute(
            "insert into programme_client (id, name, key) values (%s, %s, %s) on conflict (key) do nothing",
            [uuid7(), name, key],
        )
        cursor.execute("select id from programme_client where key = %s", [key])
        found: UUID = cursor.fetchone()[0]
    return found


def check_client(name: str) -> None:
    """Refuse a name that no client can have: none at all, or one too long."""
    if not is_client(name):
        sentence = _("Name the client, in at most %(most)d characters.") % {"most": LONGEST}
        raise Refused(sentence, fields={"client": sentence})


def clients_named(names: Iterable[str]) -> dict[str, UUID]:
    """The client of each of these names, by key (see `key_of`), for imports that have checked them."""
    shown: dict[str, str] = {}
    for name in names:
        shown.setdefault(key_of(name), " ".join(name.split()))
    keys = sorted(shown)  # always in one order, so that two imports never wait for each other
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into programme_client (id, name, key) select * from unnest(%s::uuid[], %s::text[], %s::text[])
            on conflict (key) do nothing
            """,
            [[uuid7() for _ in keys], [shown[key] for key in keys], keys],
        )
        cursor.execute("select key, id from programme_client where key = any(%s)", [keys])
        return dict(cursor.fetchall())
