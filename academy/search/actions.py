"""Writing what can be found. Other chapters call these inside their own actions."""

from collections.abc import Iterable, Iterator
from itertools import islice
from uuid import UUID

from django.db import connection

from academy.journal.actions import action
from academy.search.rules import NewEntry, clean, configuration

AT_ONCE = 200

_PUT = """
    insert into search_entry (kind, thing, title, summary, text, url, language, audience, plain, words)
    select kind, thing, title, summary, text, url, language, audience, left(lower(unaccent(title)), 300),
           setweight(to_tsvector(config::regconfig, title), 'A')
             || setweight(to_tsvector(config::regconfig, summary), 'B')
             || setweight(to_tsvector(config::regconfig, text), 'D')
      from unnest(%s::text[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
                  %s::text[], %s::text[])
        as given (kind, thing, title, summary, text, url, language, audience, config)
    on conflict (kind, thing) do update
       set title = excluded.title, summary = excluded.summary, text = excluded.text, url = excluded.url,
           language = excluded.language, audience = excluded.audience, plain = excluded.plain,
           words = excluded.words
"""


@action
def put_entries(entries: Iterable[NewEntry]) -> int:
    """Make these things findable, or change what is found of them; returns how many.

    Holds few of them at a time. A thing may stand in `entries` once.
    """
    written = 0
    for batch in _batches(entries):
        columns = zip(*(_columns(entry) for entry in batch), strict=True)
        with connection.cursor() as cursor:
            cursor.execute(_PUT, [list(column) for column in columns])
        written += len(batch)
    return written


@action
def remove_entries(kind: str, things: Iterable[UUID]) -> int:
    """Make these things of one kind unfindable; returns how many were."""
    gone = list(things)
    if not gone:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("delete from search_entry where kind = %s and thing = any(%s)", [kind, gone])
        return int(cursor.rowcount)


def _batches(entries: Iterable[NewEntry]) -> Iterator[list[NewEntry]]:
    waiting = iter(entries)
    while batch := list(islice(waiting, AT_ONCE)):
        yield batch


def _columns(entry: NewEntry) -> tuple[object, ...]:
    return (
        entry.kind,
        entry.thing,
        clean(entry.title)[:300],
        clean(entry.summary),
        clean(entry.text),
        entry.url,
        entry.language,
        entry.audience,
        configuration(entry.language),
    )
