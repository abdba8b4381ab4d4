"""Finding things: by their words in the entry's language, or by titles that look alike."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from academy.search.rules import START, STOP, clean, configuration, snippet_html

MOST_ASKED = 200  # characters of a search
MOST_RANKED = 2_000  # so many hits a language are ranked; a word that more entries share says little
ALIKE = 0.3  # how much of what was asked must stand in a title, from 0 to 1


@dataclass(frozen=True, slots=True)
class Found:
    """A thing that was found. `snippet` is safe HTML with its hits in <mark>; `near`: only its title is alike."""

    kind: str
    thing: UUID
    title: str
    url: str
    snippet: str
    language: str
    near: bool = False


_LANGUAGES = """
    with recursive used as (
        (select language from search_entry order by language limit 1)
        union all
        select (select e.language from search_entry e where e.language > used.language
                 order by e.language limit 1)
          from used where used.language is not null
    )
    select language from used where language is not null
"""

_HITS = """
    with asked as (
        select language, config::regconfig as config,
               websearch_to_tsquery(config::regconfig, %(text)s) as query
          from unnest(%(languages)s::text[], %(configs)s::text[]) as given (language, config)
    ), hits as (
        select e.id, e.words, a.language, a.config, a.query
          from asked a
         cross join lateral (
            select id, words from search_entry
             where words @@ a.query and language = a.language and (audience = 'everyone' or %(staff)s)
               and (%(kinds)s::text[] is null or kind = any(%(kinds)s))
             limit %(ranked)s
         ) as e
    ), best as (
        select id, config, query,
               ts_rank_cd(words, query, 1) * (case when language = %(language)s then 1 else 0.5 end) as rank
          from hits
         order by rank desc, id limit %(limit)s
    )
    select e.kind, e.thing, e.title, e.url,
           case when %(snippets)s then
               ts_headline(b.config, left(concat_ws(E'\\n', nullif(e.summary, ''), e.text), 50000),
                           b.query, %(marks)s)
           else '' end,
           e.language
      from best b join search_entry e on e.id = b.id
     order by b.rank desc, b.id
"""

_NEAR = """
    select kind, thing, title, url, left(summary, 200), language
      from search_entry
     where lower(unaccent(%(text)s)) <%% plain
       and (audience = 'everyone' or %(staff)s) and (%(kinds)s::text[] is null or kind = any(%(kinds)s))
     order by word_similarity(lower(unaccent(%(text)s)), plain)
                * (case when language = %(language)s then 1 else 0.5 end) desc, id
     limit %(limit)s
"""

_MARKS = f"StartSel={START}, StopSel={STOP}, MaxFragments=2, MinWords=8, MaxWords=20"


def find(
    text: str, *, staff: bool, language: str = "en", limit: int = 20, kinds: list[str] | None = None
) -> list[Found]:
    """What answers a search, best first; what is in the reader's language before the rest.

    Quotes, `or` and a minus mean what they mean elsewhere. Each entry is searched in its own language. Where no
    words fit, titles that look alike are given, marked `near`. `kinds` narrows it to courses, say.
    """
    found = _hits(text, staff=staff, language=language, limit=limit, kinds=kinds, snippets=True)
    return found or near(text, staff=staff, language=language, limit=limit, kinds=kinds)


def matching(text: str, *, staff: bool, language: str, limit: int, kinds: list[str] | None = None) -> list[UUID]:
    """Only which things answer a search by their words, best first: what `find` finds, without snippets."""
    found = _hits(text, staff=staff, language=language, limit=limit, kinds=kinds, snippets=False)
    return [hit.thing for hit in found]


def _hits(text: str, **values: Any) -> list[Found]:
    asked = clean(text)[:MOST_ASKED].strip()
    if not asked:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_LANGUAGES)
        used = [str(row[0]) for row in cursor.fetchall()]
        values |= {"text": asked, "languages": used, "configs": [configuration(one) for one in used]}
        cursor.execute(_HITS, {**values, "ranked": MOST_RANKED, "marks": _MARKS})
        return [_found(row) for row in cursor.fetchall()]


def near(
    text: str, *, staff: bool, language: str = "en", limit: int = 2, kinds: list[str] | None = None
) -> list[Found]:
    """Things whose title looks like what was asked, the most alike first."""
    asked = clean(text)[:MOST_ASKED].strip()
    values: dict[str, Any] = {"text": asked, "staff": staff, "language": language, "limit": limit, "kinds": kinds}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(ALIKE)])
        cursor.execute(_NEAR, values)
        return [_found(row, near=True) for row in cursor.fetchall()]


def _found(row: tuple[Any, ...], *, near: bool = False) -> Found:
    kind, thing, title, url, headline, language = row
    return Found(kind, thing, title, url, snippet_html(headline), language, near)
