"""/catalog: what there is to learn."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router

from academy.api.callers import caller_of, signed_in
from academy.api.lists import Cursor, Limit
from academy.api.operations import says
from academy.api.schemas.catalogue import Item, ItemKind, Items, Level
from academy.api.schemas.values import NO_NUL
from academy.learning.catalog.queries import Card, Wanted, items
from academy.people.permissions.access import allow

router = Router(tags=["Catalogue"], auth=signed_in)


@router.get(
    "/catalog/items",
    response=Items,
    operation_id="list_items",
    summary="The catalogue",
    openapi_extra=says("catalogue.see", 401, 403, 422),
)
def list_items(
    request: HttpRequest,
    kind: Annotated[ItemKind | None, Query()] = None,
    q: Annotated[
        str,
        Query(
            pattern=NO_NUL,
            max_length=200,
            description="Words to search for; the best comes first.",
            examples=["pricing"],
        ),
    ] = "",
    skill: Annotated[str, Query(pattern=NO_NUL, max_length=200, examples=["pricing"])] = "",
    level: Annotated[Level | None, Query()] = None,
    tag: Annotated[str, Query(pattern=NO_NUL, max_length=200)] = "",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Items:
    """Courses, paths and resources by title, narrowed by whatever is given."""
    allow(caller_of(request).actor, "catalogue.see")
    cut = items(Wanted(kind=kind or "", q=q, skill=skill, level=level or "", tag=tag), cursor=cursor, limit=limit)
    return Items(items=[_item(one) for one in cut.items], next=cut.next)


def _item(one: Card) -> Item:
    return Item(
        id=one.id,
        kind=ItemKind(one.kind),
        slug=one.slug,
        title=one.title,
        summary=one.summary,
        minutes=one.minutes,
        level=Level(one.level) if one.level else None,
        skills=one.skills,
        tags=one.tags,
    )
