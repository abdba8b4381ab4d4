"""The catalogue as a table: a line for each course, path and resource."""

from collections.abc import Iterator

from academy.learning.catalog.queries import shown

LISTED = ("kind", "slug", "title", "minutes", "level", "language", "skills", "tags", "source", "source_id")


def listed() -> Iterator[tuple[str, ...]]:
    """What is offered, in the order of its kinds and names; several words in one cell are parted by "; "."""
    for item in shown().order_by("kind", "slug").iterator():
        yield (
            item.kind,
            item.slug,
            item.title,
            str(item.minutes),
            item.level,
            item.language,
            "; ".join(item.skills),
            "; ".join(item.tags),
            item.source,
            item.source_uid,
        )
