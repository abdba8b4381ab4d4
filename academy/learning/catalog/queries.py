"""Reading the catalogue as everybody sees it: lists and names. What one person sees of a course is its outline."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from academy.core.errors import Refused, Text
from academy.core.pagination import Page, decode_cursor, encode_cursor, page
from academy.learning.catalog.models import Item, PathCourse
from academy.learning.catalog.rules import COURSE, PATH, RESOURCE, item_url
from academy.search import queries as search
from academy.search.rules import clean

KINDS = (COURSE, PATH, RESOURCE)
MOST_FOUND = 200


@dataclass(frozen=True, slots=True)
class Card:
    """An item as a list shows it."""

    id: UUID
    kind: str
    slug: str
    title: str
    summary: str
    minutes: int
    level: str
    family: str
    skills: list[str]
    tags: list[str]
    language: str

    @property
    def url(self) -> str:
        """Where it stands in the pages."""
        return item_url(self.kind, self.slug)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for in the catalogue; empty means all."""

    kind: str = ""
    q: str = ""
    skill: str = ""
    level: str = ""
    tag: str = ""
    language: str = ""


def shown() -> QuerySet[Item]:
    """Items that are not archived."""
    return Item.objects.filter(archived_at=None)


def items(wanted: Wanted, *, cursor: str | None = None, limit: int = 20) -> Page[Card]:
    """Items that fit, by title; with a search, the best first, at most 200. Two queries with a search, else one."""
    fitting = _narrowed(wanted)
    if wanted.q.strip():
        return _searched(wanted, fitting, cursor, limit)
    after = decode_cursor(cursor, 2)
    if after:
        title, slug = after
        fitting = fitting.filter(Q(title__gt=title) | Q(title=title, slug__gt=slug))
    rows = [_card(item) for item in fitting.order_by("title", "slug")[: limit + 1]]
    return page(rows, limit, lambda card: (card.title, card.slug))


def _narrowed(wanted: Wanted) -> QuerySet[Item]:
    fitting = shown()
    for column in ("kind", "level", "language"):
        if value := clean(getattr(wanted, column)):
            fitting = fitting.filter(**{column: value})
    if wanted.skill:
        fitting = fitting.filter(skills__contains=[clean(wanted.skill)])
    if wanted.tag:
        fitting = fitting.filter(tags__contains=[clean(wanted.tag)])
    return fitting


def _searched(wanted: Wanted, fitting: QuerySet[Item], cursor: str | None, limit: int) -> Page[Card]:
    """A cursor here counts the hits that were shown, since their order is that of the search."""
    after = decode_cursor(cursor, 1) or [0]
    start = after[0]
    if not isinstance(start, int) or not 0 <= start <= MOST_FOUND:
        raise Refused("This cursor is not one of ours. Ask again without it.", fields={"cursor": Text("Unknown.")})
    kinds = [wanted.kind] if wanted.kind else list(KINDS)
    hits = search.matching(wanted.q, staff=False, language=wanted.language or "en", limit=MOST_FOUND, kinds=kinds)
    cards = _in_order(fitting, hits)
    more = start + limit < len(cards)
    return Page(cards[start : start + limit], encode_cursor([start + limit]) if more else None)


def _in_order(fitting: QuerySet[Item], ids: Sequence[UUID]) -> list[Card]:
    order = {identity: place for place, identity in enumerate(ids)}
    return sorted((_card(item) for item in fitting.filter(id__in=ids)), key=lambda card: order[card.id])


def _card(item: Item) -> Card:
    names = Card.__dataclass_fields__
    return Card(**{name: getattr(item, name) for name in names})


def nearest(q: str, *, language: str = "en", limit: int = 2) -> list[Card]:
    """The items whose titles look most like what was asked, for when nothing was found."""
    hits = search.near(q, staff=False, language=language, limit=limit, kinds=list(KINDS))
    return _in_order(shown(), [hit.thing for hit in hits])


@dataclass(frozen=True, slots=True)
class Facets:
    """What the catalogue can be narrowed by: each value that some item has, in order."""

    skills: list[str]
    tags: list[str]
    levels: list[str]
    kinds: list[str]


_FACETS = """
    with items as (select kind, level, skills, tags from learning_item where archived_at is null)
    select array(select distinct one from items, unnest(skills) one order by one),
           array(select distinct one from items, unnest(tags) one order by one),
           array(select level from items where level <> '' group by level
                  order by array_position(array['beginner', 'intermediate', 'advanced'], level::text)),
           array(select kind from items group by kind order by kind)
"""


def facets() -> Facets:
    """The values by which lists can be narrowed. One query."""
    return Facets(*_rows(_FACETS, [])[0])


def courses_of_path(path: UUID) -> list[Card]:
    """A path's courses in order, archived ones left out."""
    return [_card(item) for item in shown().filter(in_paths__path=path).order_by("in_paths__position")]


def slugs_of_paths(paths: Sequence[UUID]) -> dict[UUID, list[str]]:
    """The courses of each of these paths in order, archived ones left out. One query, none without a path."""
    found: dict[UUID, list[str]] = {path: [] for path in paths}
    if found:
        places = PathCourse.objects.filter(path__in=paths, course__archived_at=None).order_by("position")
        for path, slug in places.values_list("path", "course__slug"):
            found[path].append(slug)
    return found


@dataclass(frozen=True, slots=True)
class ModuleName:
    """How a module is called in its course's newest edition, and where it is."""

    id: UUID
    title: str
    slug: str
    course_slug: str
    course_title: str


_TITLES = """
    select distinct on (m.id) m.id, coalesce(l.module_title, m.slug), m.slug, i.slug, i.title
      from learning_module m
      join learning_item i on i.id = m.course_id
      left join learning_editionlesson l on l.module_id = m.id
      left join learning_edition e on e.id = l.edition_id
     where m.id = any(%s)
     order by m.id, e.number desc nulls last
"""


def module_titles(modules: Sequence[UUID]) -> list[ModuleName]:
    """What these modules are called, the latest of each. One query."""
    return [ModuleName(*row) for row in _rows(_TITLES, [list(modules)])]


def _rows(sql: str, values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
