"""What publishing a catalogue changes: the drafts beside what stands in the academy. Ids and digests, no database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from academy.learning.catalog.publishing.rules import (
    Line,
    attachment_keys,
    edition_digest,
    free_slug,
    item_columns,
    item_id,
    lines_of,
    minutes_of,
)
from academy.learning.catalog.rules import (
    COURSE,
    Catalogue,
    CourseDraft,
    ItemDraft,
    ModuleDraft,
    PathDraft,
    Problem,
    ResourceDraft,
    kind_of,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """An item as it stands in the academy; `edition` is a course's newest, as (id, number, digest)."""

    id: UUID
    slug: str
    columns: Mapping[str, Any]
    archived: bool
    edition: tuple[UUID, int, bytes] | None = None


@dataclass(frozen=True, slots=True)
class StandingModule:
    """A module as it stands."""

    course: UUID
    slug: str
    skills: list[str]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Everything that stands of one source, archived or not."""

    items: Mapping[str, Standing] = field(default_factory=dict)  # by uid
    slugs: frozenset[str] = frozenset()  # of every source
    needs: Mapping[UUID, list[UUID]] = field(default_factory=dict)  # a course's prerequisites
    courses: Mapping[UUID, list[UUID]] = field(default_factory=dict)  # a path's courses, in order
    modules: Mapping[UUID, StandingModule] = field(default_factory=dict)
    lessons: Mapping[UUID, set[UUID]] = field(default_factory=dict)  # by course: every lesson it ever had
    revisions: Mapping[tuple[UUID, bytes], UUID] = field(default_factory=dict)  # by lesson and digest
    files: Mapping[UUID, list[tuple[str, str, str]]] = field(default_factory=dict)  # a resource's


@dataclass(slots=True)
class Change:
    """What is to be written of one item. What is None or empty stays as it is."""

    draft: ItemDraft
    id: UUID
    slug: str
    columns: dict[str, Any]
    standing: Standing | None
    lines: list[Line] | None = None  # of a new edition
    digest: bytes = b""
    modules: dict[UUID, tuple[ModuleDraft, str]] = field(default_factory=dict)  # new or changed, with its slug
    needs: list[UUID] | None = None
    courses: list[UUID] | None = None
    files: bool = False

    def is_needed(self) -> bool:
        """Whether anything differs from what stands."""
        standing = self.standing
        differs = standing is None or standing.archived or dict(standing.columns) != self.columns
        relations = self.needs is not None or self.courses is not None or self.files
        return differs or relations or self.lines is not None or bool(self.modules)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written, item by item, and which items are to be archived."""

    changes: list[Change]
    archived: list[Standing]
    unchanged: int

    @property
    def added(self) -> int:
        """How many items are new."""
        return sum(change.standing is None for change in self.changes)


def known_besides(catalogue: Catalogue, shelf: Shelf) -> dict[str, tuple[str, ...]]:
    """Courses that stand, that the catalogue leaves alone and may refer to, with their prerequisites, by uid."""
    uids = {standing.id: uid for uid, standing in shelf.items.items()}
    return {
        uid: tuple(uids[need] for need in shelf.needs.get(standing.id, []) if need in uids)
        for uid, standing in shelf.items.items()
        if standing.columns["kind"] == COURSE and not standing.archived and not uid.startswith(catalogue.covers)
    }


def turned(catalogue: Catalogue, shelf: Shelf) -> list[Problem]:
    """Ids that stand for another kind of thing already."""
    found = []
    for item in catalogue.items():
        standing = shelf.items.get(item.uid)
        if standing and standing.columns["kind"] != kind_of(item):
            before, now = standing.columns["kind"], kind_of(item)
            found.append(item.place.problem(f"“{item.uid}” is a {before} already; a {now} needs another id.", "uid"))
    return found


def plan(source: str, catalogue: Catalogue, shelf: Shelf) -> Plan:
    """What publishing a catalogue without problems changes."""
    slugs = set(shelf.slugs)
    minutes = {uid: standing.columns["minutes"] for uid, standing in shelf.items.items()}
    minutes |= {item.uid: minutes_of(item) for item in catalogue.items()}
    changes = []
    for item in catalogue.items():
        standing = shelf.items.get(item.uid)
        slug = standing.slug if standing else free_slug(item.slug, source, slugs)
        slugs.add(slug)
        total = sum(minutes[uid] for uid in item.courses) if isinstance(item, PathDraft) else minutes[item.uid]
        columns = {**item_columns(item), "minutes": total}
        change = Change(item, item_id(source, item.uid), slug, columns, standing)
        _compare(source, change, shelf)
        if change.is_needed():
            changes.append(change)
    present = {item.uid for item in catalogue.items()}
    gone = [
        standing
        for uid, standing in shelf.items.items()
        if uid not in present and not standing.archived and uid.startswith(catalogue.covers)
    ]
    return Plan(changes, gone, len(catalogue.items()) - len(changes))


def _compare(source: str, change: Change, shelf: Shelf) -> None:
    item = change.draft
    if isinstance(item, CourseDraft):
        _compare_course(source, change, item, shelf)
    elif isinstance(item, PathDraft):
        courses = [item_id(source, uid) for uid in item.courses]
        change.courses = None if shelf.courses.get(change.id, []) == courses else courses
    else:
        files = item.attachments if isinstance(item, ResourceDraft) else ()
        change.files = sorted(shelf.files.get(change.id, [])) != sorted(attachment_keys(files))


def _compare_course(source: str, change: Change, course: CourseDraft, shelf: Shelf) -> None:
    lines = lines_of(source, course)
    change.digest = edition_digest(lines)
    newest = change.standing.edition if change.standing else None
    if newest is None or newest[2] != change.digest:
        change.lines = lines
    needs = [item_id(source, uid) for uid in course.prerequisites]
    change.needs = None if sorted(shelf.needs.get(change.id, [])) == sorted(needs) else needs
    slugs = {module.slug for module in shelf.modules.values() if module.course == change.id}
    for identity, module in {line.module_id: line.module for line in lines}.items():
        standing = shelf.modules.get(identity)
        slug = standing.slug if standing else free_slug(module.slug, source, slugs)
        slugs.add(slug)
        if standing is None or standing.skills != list(module.skills):
            change.modules[identity] = (module, slug)
