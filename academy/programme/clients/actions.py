"""Naming clients."""

from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from academy.core.errors import Refused
from academy.core.ids import uuid7
from academy.programme.clients.rules import LONGEST, key_of


def client_named(name: str) -> UUID:
    """The client of that name, made if nobody has sold to it before. Two at once get the same. Raises Refused."""
    name = " ".join(name.split())
    key = key_of(name)
    if not key or len(name) > LONGEST or "\x00" in name:
        sentence = _("Name the client, in at most %(most)d characters.") % {"most": LONGEST}
        raise Refused(sentence, fields={"client": sentence})
    with connection.cursor() as cursor:
        # A row that another transaction has just made is waited for and then found.
        cursor.execute(
            "insert into programme_client (id, name, key) values (%s, %s, %s) on conflict (key) do nothing",
            [uuid7(), name, key],
        )
        cursor.execute("select id from programme_client where key = %s", [key])
        found: UUID = cursor.fetchone()[0]
    return found
